"""The slip of a cash box at the kiosk's own printer: pressed in the office's browser, printed by the real terminal."""

import pytest
from playwright.sync_api import expect
from stack.odoo import run
from stack.processes import wait_until

from tests.browser.counter_page import CounterPage
from tests.kiosk.test_purchase import TAKES

LOGIN = "teller"
LONG = 30_000
COUNTED = """
import time
from datetime import timedelta
from odoo import fields
from odoo.exceptions import UserError

def press(step, *values):
    # A job may be at work with this terminal just now: whoever meets it presses again.
    for again in range(100):
        try:
            return step(*values)
        except UserError as error:
            if "S-101" not in str(error):
                raise
            env.cr.rollback()
            time.sleep(0.2)
    raise AssertionError("it stays busy")

teller = env["res.users"].search([("login", "=", {login!r})])
terminal = env["electricity.terminal"].browse({terminal})
box = terminal.cash_box_id.with_user(teller)
press(box.action_take_out)
env.cr.commit()
box.sudo().leaving_at = fields.Datetime.now() - timedelta(minutes=5)
env.cr.commit()
press(box.action_out)
env.cr.commit()
press(box.confirm_count, box.sudo()._recorded()[box.id])
env.cr.commit()
print("BOX", box.id)
"""


@pytest.fixture
def printer(world):
    """The receipt printer, in order and with nothing in its tray."""
    world.printer.mend()
    world.printer.take_slips()
    yield world.printer
    world.printer.mend()


@pytest.fixture
def box(world):
    """A cash box that was taken out and counted just now."""
    if not world.admin.call("res.users", "search", [("login", "=", LOGIN)]):
        group = world.admin.call("ir.model.data", "check_object_reference", "kiosk_hw", "group_cash_box")[1]
        values = {"name": LOGIN, "login": LOGIN, "password": LOGIN, "group_ids": [(6, 0, [group])]}
        world.admin.call("res.users", "create", [values])
    script = COUNTED.format(login=LOGIN, terminal=world.terminal.id)
    output = run("shell", f"--database={world.database}", "--no-http", stdin=script, environment=world.environment)
    (line,) = [each for each in output.stdout.splitlines() if "BOX " in each]
    return int(line.split("BOX ")[1])


@pytest.fixture
def office(world, browser, box):
    """The form of the box in the browser of whoever has counted it."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = CounterPage(context.new_page(), world.odoo.url)
    page.log_in(LOGIN)
    page.page.goto(f"{world.odoo.url}/odoo/electricity.cash.box/{box}")
    yield page.page
    context.close()
    assert page.errors == []


def prints(world, box):
    fields = ["state", "code"]
    rows = world.admin.call(
        "electricity.cash.box.print", "search_read", [("cash_box_id", "=", box)], fields, order="id"
    )
    return [(row["state"], row["code"]) for row in rows]


def slips_of(world, box):
    return world.admin.call("electricity.cash.box", "read", [box], ["slip_count"])[0]["slip_count"]


def test_the_kiosk_prints_the_slip_and_the_form_follows(world, office, printer, box):
    printer.faults.arm("power_loss")
    office.get_by_role("button", name="Print at the Terminal").click()
    expect(office.get_by_role("button", name="Withdraw the Print")).to_be_visible(timeout=LONG)
    expect(office.get_by_role("button", name="Print at the Terminal")).to_be_visible(timeout=2 * LONG)
    assert (prints(world, box), slips_of(world, box)) == ([("unknown", "A-403")], 0)
    printer.mend()
    printer.take_slips()
    wait_until(lambda: _printer_works(world), 2 * TAKES, "the terminal to tell that its printer works again")
    office.get_by_role("button", name="Print at the Terminal").click()
    expect(office.get_by_role("button", name="Copy at the Terminal")).to_be_visible(timeout=2 * LONG)
    assert (prints(world, box)[1:], slips_of(world, box)) == ([("printed", False)], 1)
    (slip,) = printer.take_slips()
    assert slip.is_cut


def _printer_works(world):
    domain = [("terminal_id", "=", world.terminal.id), ("kind", "=", "printer"), ("state", "=", "ready")]
    return world.admin.call("electricity.terminal.device", "search_count", domain)
