"""Takes the pictures of cash boxes in docs/img; run by hand: ``script/test tests/kiosk/box_pictures.py``.

Look at each before it is committed.
"""

import pytest
from stack.odoo import run
from stack.paths import ROOT

from tests.browser.counter_page import CounterPage
from tests.kiosk.conftest import MODULES, SETUP

IMAGES = ROOT / "docs" / "img"
SIZE = {"width": 1440, "height": 900}
DATA = """
import time, uuid
from datetime import timedelta
from odoo import fields
from odoo.addons.electricity_prepaid.core.tenders import TenderStatement

company = env.company
company.name = "Yongjiang Power Supply"
company.currency_id = env.ref("base.CNY")
env["ir.module.module"].search([("name", "in", ("electricity_prepaid", "kiosk_hw"))])._update_translations(["zh_CN"])
groups = {"technician": "electricity_prepaid.group_technician", "cash": "kiosk_hw.group_cash_box",
          "cash2": "kiosk_hw.group_cash_box", "supervisor": "electricity_prepaid.group_supervisor"}
names = {"technician": "Tom Technician", "cash": "Carl Cash", "cash2": "Carla Cash", "supervisor": "Susan Supervisor"}
users = {}
for login, group in groups.items():
    users[login] = env["res.users"].with_context(no_reset_password=True).create({
        "name": names[login], "login": login, "password": login, "tz": "Asia/Shanghai",
        "group_ids": [(6, 0, env.ref(group).ids)]})
advances = env["account.account"].search([("code", "=", "220390")], limit=1)
losses = env["account.account"].create({"name": "Cash shortages", "code": "660190", "account_type": "expense"})
product = env["product.product"].search([("property_account_income_id", "=", advances.id)], limit=1)
suspense = env["account.account"].search([("code", "=", "109990")], limit=1)
seqs = {}

def kiosk(number, name):
    journal = env["account.journal"].create({
        "name": name, "code": f"KB{number}", "type": "cash",
        "profit_account_id": suspense.id, "loss_account_id": suspense.id})
    method = env["pos.payment.method"].create({"name": name, "journal_id": journal.id})
    terminal = env["electricity.terminal"].create({"name": name, "code": f"K0{number}", "takes_notes": True})
    config = env["pos.config"].create({
        "name": name, "electricity_terminal_id": terminal.id, "payment_method_ids": [(6, 0, method.ids)],
        "kiosk_advance_product_id": product.id})
    config.open_kiosk_session()
    return terminal

def put_in(terminal, notes, uncertain=()):
    key = (terminal.id, terminal.box_session())
    seqs[key] = seqs.get(key, 0) + 1
    jti = str(uuid.uuid4())
    doubtful = tuple((each, int(time.time() * 1000)) for each in uncertain)
    signed = TenderStatement(jti, int(time.time()), str(uuid.uuid4()), terminal.box_session(), seqs[key],
        tuple(notes.items()), sum(a * b for a, b in notes.items()), doubtful)
    env["electricity.recharge"].browse()._take_statement(terminal, signed, jti, pushed=True)

def out(terminal):
    box = terminal.cash_box_id
    box.put_in_at = fields.Datetime.now() - timedelta(days=6)
    box.with_user(users["technician"]).action_take_out()
    box.leaving_at = fields.Datetime.now() - timedelta(minutes=2)
    box.with_user(users["technician"]).action_out()
    terminal.invalidate_recordset()
    return box

hall, market, station = kiosk(1, "Service Hall"), kiosk(2, "Market"), kiosk(3, "Station")
put_in(hall, {10000: 12, 5000: 7, 2000: 3, 1000: 8, 500: 4, 100: 9}, uncertain=(5000, 5000))
put_in(market, {10000: 31, 5000: 11, 1000: 4})
put_in(station, {10000: 4, 5000: 2})
out(hall)
box = out(market)
box.with_user(users["cash"]).confirm_count({"10000": 30, "5000": 11, "1000": 4})
put_in(hall, {10000: 2, 2000: 1})
put_in(market, {5000: 5})
env.cr.commit()
"""
LANGUAGES = [("en_US", ""), ("zh_CN", "-zh")]


@pytest.fixture(scope="module")
def office(odoo_database, odoo_factory):
    """An Odoo with three kiosks: one box to count, one short, all with notes in the machine."""
    database = odoo_database(MODULES, assets=True)
    run("shell", f"--database={database}", "--no-http", stdin='env.ref("base.CNY").active = True\n' + SETUP)
    run("shell", f"--database={database}", "--no-http", stdin=DATA)
    return odoo_factory(database), database


@pytest.fixture
def visit(office, browser):
    """Log in: ``visit(login, language)`` → the page."""
    odoo, database = office
    contexts = []

    def start(login, language):
        script = f'env["res.users"].search([("login", "=", "{login}")]).lang = "{language}"\nenv.cr.commit()\n'
        run("shell", f"--database={database}", "--no-http", stdin=script)
        contexts.append(browser.new_context(viewport=SIZE, timezone_id="Asia/Shanghai"))
        counter = CounterPage(contexts[-1].new_page(), odoo.url)
        counter.log_in(login)
        return counter.page

    yield start
    for context in contexts:
        context.close()


def show(page, office, action, row=None):
    """Open an action, and perhaps the first row that reads so."""
    page.goto(f"{office[0].url}/odoo/action-kiosk_hw.{action}")
    page.wait_for_selector(".o_data_row, .o_view_nocontent")
    if row:
        page.locator(".o_data_row", has_text=row).first.locator("td[name=name], td.o_list_many2one").first.click()
        page.wait_for_selector(".o_form_view")
    page.wait_for_timeout(800)


@pytest.mark.parametrize("language,ending", LANGUAGES)
def test_pictures(visit, office, language, ending):
    page = visit("supervisor", language)
    show(page, office, "cash_box_action_now")
    page.screenshot(path=IMAGES / f"box-now{ending}.png")
    show(page, office, "cash_box_action_to_do")
    page.screenshot(path=IMAGES / f"box-to-do{ending}.png")
    show(page, office, "cash_box_action_to_do", "K02")
    page.screenshot(path=IMAGES / f"box-short{ending}.png")
    show(page, office, "cash_box_note_action")
    page.screenshot(path=IMAGES / f"box-notes{ending}.png")
    page = visit("technician", language)
    page.goto(f"{office[0].url}/odoo/action-electricity_prepaid.action_terminal")
    page.locator(".o_data_row", has_text="K03").first.locator("td[name=name]").click()
    page.wait_for_selector(".o_form_view")
    page.wait_for_timeout(800)
    page.screenshot(path=IMAGES / f"box-terminal{ending}.png")
    page = visit("cash", language)
    show(page, office, "cash_box_action_to_do", "K01")
    page.screenshot(path=IMAGES / f"box-to-count{ending}.png")
    page.locator("button[name=action_count]:visible").first.click()
    page.wait_for_selector(".modal .o_data_row")
    for row, pieces in enumerate((12, 8, 3, 8)):
        page.locator(".modal .o_data_row td[name=pieces]").nth(row).click()
        page.locator(".modal td[name=pieces] input").fill(str(pieces))
        page.keyboard.press("Tab")
    page.wait_for_timeout(500)
    page.screenshot(path=IMAGES / f"box-count{ending}.png")
    page = visit("cash2", language)
    show(page, office, "cash_box_action_to_do", "K02")
    found = page.url.rstrip("/").rpartition("/")[2]
    for paper, width, height in (("roll", 330, 900), ("a5", 620, 874)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{office[0].url}/report/html/kiosk_hw.cash_box_slip/{found}?paper={paper}")
        page.screenshot(path=IMAGES / f"box-slip-{paper}{ending}.png", full_page=True)
