"""Takes the pictures of payouts in docs/img; run by hand: ``script/test tests/kiosk/payout_pictures.py``.

Look at each before it is committed.
"""

import pytest
from stack.databases import ACCOUNTS
from stack.odoo import run
from stack.paths import ROOT

from tests.browser.counter_page import CounterPage
from tests.kiosk.conftest import MODULES, SETUP
from tests.kiosk.fleet_pictures import LANGUAGES

IMAGES = ROOT / "docs" / "img"
SIZE = {"width": 1280, "height": 800}
DATA = """
import uuid
company = env.company
company.name = "Yongjiang Power Supply"
company.currency_id = env.ref("base.CNY")
env["ir.module.module"].search([("name", "in", ("electricity_prepaid", "kiosk_hw"))])._update_translations(["zh_CN"])
users = env["res.users"].with_context(no_reset_password=True)
def user(login, name, *groups):
    return users.create({"name": name, "login": login, "password": login, "tz": "Asia/Shanghai",
        "group_ids": [(4, env.ref("electricity_prepaid." + group).id) for group in groups]})
clerk, supervisor = user("clerk", "Li Na", "group_clerk"), user("supervisor", "Wang Fang", "group_supervisor")
provider = env["payment.provider"].search([("code", "=", "electricity_gateway")], limit=1)
provider.write({"electricity_gateway_url": "http://127.0.0.1:9/gateway", "electricity_gateway_merchant": "m",
    "electricity_gateway_secret": "demo", "state": "test"})
terminal = env["electricity.terminal"].create({"name": "Kiosk 1", "code": "K01"})
counter = env["electricity.terminal"].create({"name": "Counter 1", "code": "C01"})
env["electricity.cash.session"].open_at(counter, clerk, 50000)
def account(number, name, *paid):
    partner = env["res.partner"].create({"name": name})
    values = {"name": number, "partner_id": partner.id, "supply_address": "12 Minzu Avenue"}
    found = env["electricity.account"].create(values)
    found.sudo().state = "active"
    for amount in paid:
        transaction = env["payment.transaction"].create({"provider_id": provider.id, "reference": uuid.uuid4().hex,
            "payment_method_id": env.ref("payment.payment_method_unknown").id, "amount": amount,
            "currency_id": company.currency_id.id, "partner_id": partner.id, "electricity_kind": "qr", "state": "done"})
        tender = env["electricity.tender"].create({"currency_id": company.currency_id.id, "uuid": str(uuid.uuid4()),
            "kind": "qr", "amount": amount, "received": amount, "electricity_account_id": found.id,
            "company_id": company.id, "terminal_id": terminal.id, "payment_transaction_id": transaction.id})
        found.book("tender", amount * 100, tender=tender)
    return found
first, second = account("450100000118", "Zhao Lei", 100, 200), account("450100000226", "Sun Mei", 50)
payouts = env["electricity.payout"]
def propose(who, which, amount, way="cash", **more):
    why = "Moves away, identity card seen"
    return payouts.browse(payouts.with_user(who).propose(which.with_user(who), amount, way, why, **more).id)
source = env["electricity.tender"].search([("electricity_account_id", "=", first.id)], limit=1)
for state in ("paid", "approved", "proposed", "sent", "refused"):
    if state in ("sent", "refused"):
        payout = propose(clerk, first, 40, "gateway", source_tender_id=source.id)
        payout.with_user(supervisor).action_approve()
        payout = payout.sudo()
        payout._lease("refund")
        if state == "refused":
            from odoo.addons.electricity_prepaid.core.gateway import RefundTold
            payout.hear(RefundTold(payout.reference, "refused", "R-1", reason="not_enough_funds"))
        continue
    payout = propose(clerk, second, 12.5)
    if state != "proposed":
        payout.with_user(supervisor).action_approve()
    if state == "paid":
        payout.with_user(clerk).action_pay_out()
env.cr.commit()
"""


@pytest.fixture(scope="module")
def office(odoo_database, odoo_factory):
    database = odoo_database(MODULES, assets=True, script=ACCOUNTS)
    run("shell", f"--database={database}", "--no-http", stdin='env.ref("base.CNY").active = True\n' + SETUP)
    run(
        "shell",
        f"--database={database}",
        "--no-http",
        stdin=DATA,
        environment={"ELECTRICITY_PAYMENT_SECRET_DEMO": "k" * 40},
    )
    return odoo_factory(database, environment={"ELECTRICITY_PAYMENT_SECRET_DEMO": "k" * 40}), database


@pytest.fixture
def visit(office, browser):
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


@pytest.mark.parametrize("language,ending", LANGUAGES)
def test_pictures(visit, office, language, ending):
    page = visit("supervisor", language)
    page.goto(f"{office[0].url}/odoo/action-electricity_prepaid.action_payout")
    page.wait_for_selector(".o_searchview_facet .o_facet_remove")
    page.locator(".o_searchview_facet .o_facet_remove").first.click()
    page.wait_for_timeout(800)
    page.screenshot(path=IMAGES / f"payout-list{ending}.png")
    page = visit("clerk", language)
    page.goto(f"{office[0].url}/odoo/action-electricity_prepaid.action_account")
    page.locator(".o_data_row", has_text="450100000118").first.locator("td[name=name]").first.click()
    page.locator("button[name=action_pay_out_balance]:visible").first.click()
    page.locator(".modal [name=way] input[type=radio]").nth(1).check()
    page.locator(".modal [name=source_tender_id] input").click()
    page.locator(".modal [name=source_tender_id] .o-autocomplete--dropdown-item").first.click()
    page.wait_for_timeout(800)
    page.screenshot(path=IMAGES / f"payout-window{ending}.png")
