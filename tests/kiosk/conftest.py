"""One utility with a kiosk and a counter, and one browser for all tests of the kiosk."""

from contextlib import contextmanager

import pytest
from playwright.sync_api import sync_playwright
from stack.cis import CisProcess
from stack.databases import ACCOUNTS
from stack.odoo import run
from stack.payment import PaymentProcess
from stack.world import World

from simulators.notes.acceptor import NoteAcceptor
from simulators.notes.line import NoteLine
from simulators.printer.device import ReceiptPrinter
from simulators.printer.line import PrinterLine
from tests.browser.conftest import CHROMIUM
from tests.kiosk.kiosk_page import KioskBrowser
from tests.kiosk.ways import Ways

MODULES = ["electricity_prepaid", "kiosk_hw", "payment_demo"]
KIOSK = "Kiosk 1"
PHONE = "95598"
SETUP = """
env["res.lang"]._activate_lang("zh_CN")
accounts = env["account.account"]
suspense = accounts.create({"name": "Cash differences", "code": "109990", "account_type": "asset_current"})
journal = env["account.journal"].create({
    "name": "Kiosk notes", "code": "KSK01", "type": "cash",
    "profit_account_id": suspense.id, "loss_account_id": suspense.id,
})
env["pos.payment.method"].create({"name": "Notes", "journal_id": journal.id})
advances = accounts.create({"name": "Customer advances", "code": "220390", "account_type": "liability_current"})
env["product.product"].create({
    "name": "Kiosk advance", "type": "service", "taxes_id": [(5,)], "property_account_income_id": advances.id,
})
env.cr.commit()
"""


@pytest.fixture(scope="session")
def marketing(stack, tmp_path_factory):
    """The utility's marketing system; nobody asks it before the company has a connection."""
    return stack.start(CisProcess(tmp_path_factory.mktemp("marketing") / "books"))


@pytest.fixture(scope="session")
def gateway(stack, tmp_path_factory):
    """The payment gateway; nobody asks it before a kiosk has ways to pay through it."""
    return stack.start(PaymentProcess(tmp_path_factory.mktemp("payment")))


@pytest.fixture(scope="session")
def world(stack, odoo_database, pcsc, marketing, gateway, tmp_path_factory):
    """A point of sale whose first terminal is a kiosk, and the second one a counter."""
    folder = tmp_path_factory.mktemp("world")
    database = odoo_database(MODULES, assets=True, script=ACCOUNTS)
    environment = marketing.environment_of_odoo | gateway.environment_of_odoo | {"ELECTRICITY_DEMO_PAYMENTS": "1"}
    with kiosk_world(stack, folder, database, pcsc, environment=environment) as made:
        yield made


@contextmanager
def kiosk_world(stack, folder, database, pcsc, **options):
    """Make a point of sale whose first terminal is a kiosk, and the second one a counter.

    :param database: a copied database with :data:`MODULES` and a chart of accounts
    :param options: of the :class:`World`
    """
    run("shell", f"--database={database}", "--no-http", stdin=SETUP)
    made = World(stack, folder, database, pcsc, terminals=2, **options)
    (method,) = made.admin.call("pos.payment.method", "search", [("name", "=", "Notes")])
    (product,) = made.admin.call("product.product", "search", [("name", "=", "Kiosk advance")])
    values = {
        "name": KIOSK,
        "electricity_terminal_id": made.terminal.id,
        "payment_method_ids": [(6, 0, [method])],
        "kiosk_advance_product_id": product,
    }
    texts = {"kiosk_phone": PHONE, "kiosk_place": "Service hall"}
    (config,) = made.admin.call("pos.config", "create", [values | texts])
    made.admin.call("pos.config", "write", [config], {"kiosk_place": "营业厅"}, context={"lang": "zh_CN"})
    made.admin.call("electricity.terminal", "write", [made.terminal.id], {"takes_notes": True})
    made.note_acceptor = NoteAcceptor()
    made.note_line = NoteLine(made.note_acceptor, folder / "note-acceptor")
    made.note_line.plug()
    made.printer = ReceiptPrinter()
    made.printer_line = PrinterLine(made.printer)
    made.terminal.use(
        f'[kiosk]\nenabled = true\nphone = "{PHONE}"\n[notes]\ndevice = "{folder / "note-acceptor"}"\n'
        f'[printer]\nkind = "network"\nhost = "127.0.0.1"\nport = {made.printer_line.port}\n'
    )
    try:
        yield made
    finally:
        made.note_line.close()
        made.printer_line.close()


@pytest.fixture(autouse=True)
def everything_runs(world):
    """A test that failed half-way may leave something killed or a card in: the next one must not fail for that."""
    yield
    for process in (world.pcsc, world.odoo):
        process.start()
    for terminal in world.terminals:
        if not terminal.process.is_running():
            terminal.revive()
    world.clear_slots()


@pytest.fixture(scope="session")
def browser():
    """Chromium without a window."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def kiosk(world, browser):
    """Start the kiosk's browser: ``kiosk(width=1080, height=1920, screen="attract")`` → KioskBrowser, at that screen.

    :param script: what the browser does before anything of a page
    Fails the test when a page had a JavaScript error.
    """
    opened = []

    def start(width=1080, height=1920, screen="attract", script=""):
        # What moves on the screen is drawn without a graphics card here, and costs the other tests their time.
        size = {"width": width, "height": height}
        context = browser.new_context(viewport=size, has_touch=True, reduced_motion="reduce")
        context.add_init_script(script)
        found = KioskBrowser(context.new_page(), world.terminal.url)
        opened.append((context, found))
        return found.start(screen)

    yield start
    for context, _found in opened:
        context.close()
    assert [error for _context, found in opened for error in found.errors] == []


@pytest.fixture
def customer(world):
    """A new customer whose card has been in its meter."""
    return world.customer()


@pytest.fixture
def notes(world):
    """The note acceptor, empty and without faults."""
    acceptor = world.note_acceptor
    acceptor.faults.clear()
    acceptor.power_on()
    acceptor.mend()
    acceptor.box.clear()
    acceptor.out.clear()
    # Notes that hands of the test before still hold to the slit.
    acceptor.waiting.clear()
    yield acceptor
    acceptor.faults.clear()
    acceptor.mend()


@pytest.fixture(scope="module")
def ways(world, gateway):
    """The kiosk offers QR code and bank card in this module."""
    made = Ways(world, gateway)
    made.offer(made.qr, made.bank_card)
    yield made
    made.offer()


@pytest.fixture
def phone(gateway, ways):
    """Customer's phone and card terminal; the gateway without payments and faults."""
    client = gateway.client
    client.reset()
    yield client
    client.clear_faults()
