"""Arrears at the counter, by the keyboard, with a real marketing system: shown, paid, taken back."""

import pytest
from playwright.sync_api import expect
from stack.processes import wait_until

pytestmark = pytest.mark.browser

BOX = ".o_ec_arrears"
BILLS = [
    {"receivable_id": "B{account}-1", "month": "2026-01", "amount": 12000, "late_fee": 150, "status": "open"},
    {"receivable_id": "B{account}-2", "month": "2026-02", "amount": 9000, "late_fee": 0, "status": "open"},
    {"receivable_id": "B{account}-3", "month": "2025-11", "amount": 500, "late_fee": 0, "status": "disputed"},
]


@pytest.fixture
def connection(world, marketing):
    """The company's connection, for one test; the other tests sell without one."""
    values = {"name": "Marketing", "url": marketing.url, "username": marketing.username, "secret_name": "DEMO"}
    made = world.admin.call("electricity.cis.connection", "create", [values])[0]
    yield made
    marketing.client.clear_faults()
    world.admin.call("electricity.cis.connection", "write", [made], {"active": False})


@pytest.fixture
def debtor(world, marketing, connection, customer):
    """A customer who owes two bills and disputes a third."""
    bills = [{**bill, "receivable_id": bill["receivable_id"].format(account=customer.customer_no)} for bill in BILLS]
    marketing.client.put_customers(
        {
            "account_no": customer.customer_no,
            "name": f"Customer {customer.customer_no}",
            "address": "1 Minzu Avenue",
            "meter_no": customer.meter_no,
            "card_no": customer.serial,
            "last_count": 1,
            "bills": bills,
        }
    )
    return customer


def bills_of(world, customer):
    domain = [("electricity_account_id", "=", customer.account_id)]
    return {
        bill["month"]: bill["state"]
        for bill in world.admin.call("electricity.arrear", "search_read", domain, ["month", "state"])
    }


def test_arrears_are_paid_by_the_keyboard_alone_and_then_energy_is_sold(world, debtor, counter):
    world.bench.insert(debtor.serial, 0)
    counter.is_in("customer").shows("216.50", BOX).shows("1.50", BOX).shows("2026-01", BOX).shows("as of", BOX)
    counter.picture("arrears")
    counter.press("F10").is_in("bills").shows("211.50", ".o_ec_sale").offers("payBills")
    counter.picture("bills")
    counter.enter().is_in("paying").offers("tender").type("220").shows("8.50", ".o_ec_change").enter()
    counter.is_in("result").shows("The arrears are paid").shows("2026-02", ".o_ec_sale").offers("print")
    counter.picture("arrears-paid")
    counter.enter().is_in("idle")
    assert counter.prints == 1
    assert bills_of(world, debtor) == {"2026-01": "paid", "2026-02": "paid", "2025-11": "disputed"}
    (order,) = world.orders(debtor)
    assert (order["op"], order["state"], order["amount"]) == ("arrears", "written", 211.5)
    counter.enter().is_in("customer").shows("211.50", BOX)
    counter.sell("100").is_in("result").shows("The card is written")
    world.carry(debtor)
    world.check_books(debtor)


def test_one_bill_is_left_out_with_arrows_and_space(world, debtor, counter):
    world.bench.insert(debtor.serial, 0)
    counter.is_in("customer").shows("216.50", BOX).press("F10").is_in("bills")
    counter.press("ArrowDown").press("ArrowDown").press(" ").shows("121.50", ".o_ec_primary")
    counter.enter().is_in("paying").offers("tender").enter().is_in("result")
    assert bills_of(world, debtor) == {"2026-01": "paid", "2026-02": "open", "2025-11": "disputed"}


def test_escape_leaves_the_bills_and_nothing_is_paid(world, debtor, counter):
    world.bench.insert(debtor.serial, 0)
    counter.is_in("customer").shows("216.50", BOX).press("F10").is_in("bills").press("Escape").is_in("customer")
    assert world.orders(debtor) == []


def test_what_changed_meanwhile_is_shown_afresh_before_money_is_taken(world, marketing, debtor, counter):
    world.bench.insert(debtor.serial, 0)
    counter.is_in("customer").shows("216.50", BOX).press("F10").is_in("bills")
    number = debtor.customer_no
    bill = {"receivable_id": f"B{number}-1", "month": "2026-01", "amount": 12000, "late_fee": 180, "status": "open"}
    marketing.client.put_customers({"account_no": number, "bills": [bill]})
    domain = [("electricity_account_id", "=", debtor.account_id)]
    terminal = world.admin.call("electricity.terminal", "search", [])[0]
    world.clerk.call("electricity.recharge", "lookup", terminal, number)
    counter.enter().is_in("bills").shows("M-302").shows("211.80", ".o_ec_primary")
    assert world.admin.call("electricity.tender", "search_count", domain) == 0
    counter.enter().is_in("paying").offers("tender").enter().is_in("result")


def test_silence_is_said_at_once_and_nothing_is_sold(world, marketing, debtor, counter):
    marketing.client.fault("reset", times=None)
    world.bench.insert(debtor.serial, 0)
    counter.is_in("customer").shows("does not answer", BOX).shows("M-101").shows("does not answer", ".o_ec_bar")
    counter.picture("marketing-down")
    counter.press("F10").shows("M-306").is_in("customer")
    assert world.orders(debtor) == []
    marketing.client.clear_faults()
    counter.press("*").shows("216.50", BOX).is_in("customer").type("20").offers("begin")


def test_an_answer_that_arrives_while_an_amount_is_typed_takes_no_digit(world, debtor, counter):
    world.bench.insert(debtor.serial, 0)
    counter.is_in("customer").shows("216.50", BOX).type("20").offers("begin")
    with counter.page.expect_response(lambda response: response.url.endswith("/lookup")):
        counter.press("*")
    counter.offers("begin").type("0")
    expect(counter.page.locator("#o_ec_amount")).to_have_value("200")


def test_the_policy_sells_without_arrears_and_says_so(world, marketing, connection, debtor, counter):
    world.admin.call("electricity.cis.connection", "write", [connection], {"policy": "sell_and_queue"})
    marketing.client.fault("reset", times=None)
    world.bench.insert(debtor.serial, 0)
    counter.is_in("customer").shows("M-305", BOX)
    counter.picture("sold-without-arrears")
    counter.sell("20").is_in("result").shows("The card is written")
    world.carry(debtor)


def test_a_customer_without_a_card_pays_by_the_search(world, debtor, counter):
    counter.press("/").type(debtor.customer_no).shows(debtor.customer_no, ".o_ec_search .o_ec_row").press("Enter")
    counter.shows("Purchases", ".o_ec_search").press("F10").is_in("bills").shows("211.50", ".o_ec_primary")
    counter.enter().is_in("paying").offers("tender").enter().is_in("result").shows("The arrears are paid")


def test_two_supervisors_take_a_payment_back_and_the_marketing_system_frees_the_money(world, debtor, visit):
    # Not the supervisor, whose shift another test opens on the screen.
    world.terminal.counter(world.second_supervisor).open_shift("100.00")
    counter = visit("second-supervisor").is_in("idle")
    world.bench.insert(debtor.serial, 0)
    counter.is_in("customer").shows("216.50", BOX).press("F10").is_in("bills").offers("payBills").enter()
    counter.is_in("paying").offers("tender").enter().is_in("result")
    counter.page.click("[data-offer=reverse]")
    counter.page.click(".modal-footer .btn-primary")
    counter.is_in("result").shows("Waits for a second supervisor").picture("arrears-proposed")
    (order,) = world.orders(debtor)
    assert (order["state"], bills_of(world, debtor)["2026-01"]) == ("written", "paid")
    approve = world.supervisor.sale("reverse_arrears", order["uuid"], "Compared with the receipt")
    assert approve["ok"], approve
    wait_until(lambda: world.orders(debtor)[0]["state"] == "reversed", 120, "the marketing system to take it back")
    assert bills_of(world, debtor)["2026-01"] == "open"
    world.check_books(debtor, final=False)


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768), (1280, 720)])
@pytest.mark.parametrize("lang", ["en_US", "zh_CN"])
def test_it_fits_the_screen_in_both_languages(world, debtor, visit, width, height, lang):
    language = world.admin.call("res.lang", "search", [("code", "=", lang)], context={"active_test": False})
    wizard = world.admin.call("base.language.install", "create", [{"lang_ids": [(6, 0, language)]}])[0]
    world.admin.call("base.language.install", "lang_install", [wizard])
    world.admin.call("res.users", "write", [world.clerk.uid], {"lang": lang})
    try:
        counter = visit(width=width, height=height).is_in("idle")
        world.bench.insert(debtor.serial, 0)
        counter.is_in("customer").shows("216.50", BOX)
        assert not counter.overflow()
        counter.picture(f"arrears-{width}-{lang}")
        counter.press("F10").is_in("bills")
        assert not counter.overflow()
        assert counter.cut_off(".o_ec_bill") == []
        counter.picture(f"bills-{width}-{lang}")
        counter.press("Escape").is_in("customer")
    finally:
        world.admin.call("res.users", "write", [world.clerk.uid], {"lang": "en_US"})
