"""Who the customer is, without a card and without a touch screen: keypad, codes before the scanner, two terminals."""

import pytest
from playwright.sync_api import expect
from stack.addon import load
from stack.processes import wait_until

from tests.browser.counter_page import CounterPage
from tests.kiosk.test_purchase import TAKES, balance_of, in_box, only_the_terminal_knows, put_in

PHONE = "138-0000-4711"


@pytest.fixture
def without_card(world, customer):
    """The company asks for digits of the phone number beside an account number, and this customer has one."""
    company = world.admin.call("res.company", "search", [])[0]
    world.admin.call("res.company", "write", [company], {"kiosk_account_check": "phone"})
    (config,) = world.admin.call("pos.config", "search", [("name", "=", "Kiosk 1")])
    world.admin.call("pos.config", "write", [config], {"kiosk_scanner": True})
    (account,) = world.admin.call("electricity.account", "read", [customer.account_id], ["partner_id"])
    world.admin.call("res.partner", "write", [account["partner_id"][0]], {"phone": PHONE})
    yield customer
    world.admin.call("res.company", "write", [company], {"kiosk_account_check": False})
    world.admin.call("pos.config", "write", [config], {"kiosk_scanner": False})


@pytest.fixture
def debtor(world, marketing, without_card):
    """This customer owes two bills; the company is connected for one test."""
    values = {"name": "Marketing", "url": marketing.url, "username": marketing.username, "secret_name": "DEMO"}
    made = world.admin.call("electricity.cis.connection", "create", [values])[0]
    number = without_card.customer_no
    bills = [("2026-01", 12000, 150), ("2026-02", 9000, 0)]
    marketing.client.put_customers(
        {
            "account_no": number,
            "name": f"Customer {number}",
            "address": "1 Minzu Avenue",
            "meter_no": without_card.meter_no,
            "card_no": without_card.serial,
            "last_count": 1,
            "bills": [
                {
                    "receivable_id": f"B{number}-{month}",
                    "month": month,
                    "amount": cents,
                    "late_fee": fee,
                    "status": "open",
                }
                for month, cents, fee in bills
            ],
        }
    )
    yield without_card
    world.admin.call("electricity.cis.connection", "write", [made], {"active": False})


@pytest.fixture
def desk(world, browser):
    """The counter in a browser, at the terminal that the kiosk is not."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = CounterPage(context.new_page(), world.odoo.url)
    page.log_in("clerk")
    yield page.open()
    context.close()
    assert not page.errors


def keys(page, *names):
    """Press keys of the keypad, one after the other."""
    for name in names:
        page.page.keyboard.press(name)
    return page


def scanner_types(page, text):
    """Type at a scanner's pace, however busy this machine is."""
    press = "key => document.body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}))"
    page.page.evaluate(f"names => names.forEach({press})", [*text, "Enter"])
    return page


def has_focus(page, text):
    """Wait until the control with this text has the focus."""
    expect(page.page.locator("button:focus")).to_contain_text(text)
    return page


def printed(world, name):
    """What the QR code of an issued customer code says."""
    load()
    from prepaid_addon.core import customer_codes, keyring

    return customer_codes.issue(keyring.load(world.keyring), name)


def test_a_whole_purchase_by_the_keypad_alone(kiosk, world, customer, notes):
    page = has_focus(kiosk(), "中文")
    keys(page, "2").sees("services")
    keys(has_focus(page, "Buy electricity"), "*").reads("Help line")
    keys(page, "Escape")
    expect(page.page.locator("[role=dialog]")).to_have_count(0)
    keys(page, "Enter").sees("card")
    keys(has_focus(page, "Back"), "Escape").sees("services")
    keys(page, "1").sees("card")
    world.insert(customer)
    page.sees("amount").reads("C****", customer.meter_no[-4:], "Not known at this moment")
    keys(page, "5", "7", "Backspace", "0")
    expect(page.page.locator(".o_kiosk_typed")).to_have_text("$ 50.00")
    keys(page, "Enter").sees("confirm")
    keys(has_focus(page, "Pay"), "Enter").sees("paying").reads("Please put in notes")
    put_in(page, notes, 5_000)
    page.sees("done", seconds=TAKES).ends("good")
    keys(has_focus(page, "Finish"), "Enter").sees("take")
    assert world.carry(customer).accepted
    page.sees("attract")
    world.check_books(customer)


def test_arrears_by_account_number_and_the_keypad_alone(kiosk, world, debtor, notes):
    page = keys(kiosk(), "2").sees("services")
    keys(page, "2").sees("identify")
    keys(page, *debtor.customer_no, "Enter").reads("last four digits")
    keys(page, *"0000", "Enter").reads("K-151", "Which account")
    keys(page, *debtor.customer_no, "Enter").reads("last four digits")
    keys(page, *"4711", "Enter").sees("bills").reads("2026-01", "$ 211.50", debtor.customer_no[-4:])
    assert debtor.customer_no not in page.page.locator(".o_kiosk").inner_text()
    keys(has_focus(page, "All 2 bills"), "ArrowDown")
    keys(has_focus(page, "The oldest bill"), "Enter").sees("paying").reads("Please put in notes")
    put_in(page, notes, 10_000, 5_000)
    page.sees("done", seconds=TAKES).ends("good").reads("Your bills are paid", "$ 121.50", "$ 28.50")
    keys(page, "Enter").sees("attract")
    (order,) = world.orders(debtor)
    assert (order["op"], order["state"], order["amount"]) == ("arrears", "written", 121.5)
    assert balance_of(world, debtor) == 28.5
    world.check_books(debtor)
    # Who comes next begins with nothing.
    keys(page, "2").sees("services")
    keys(page, "2").sees("identify")
    expect(page.page.locator(".o_kiosk_typed")).to_have_text("–––– –––– ––––")


def pays_the_oldest_bill(kiosk, world, debtor):
    """Be identified by number and touch the oldest bill of the two; the kiosk waits for notes."""
    page = keys(kiosk().choose().want("arrears").sees("identify"), *debtor.customer_no, "Enter")
    page.reads("last four digits")
    keys(page, *"4711", "Enter").sees("bills").touch("[data-bills='1']")
    return page.sees("paying").reads("Please put in notes")


@pytest.mark.parametrize("service", ["arrears", "rewrite", "buy"])
def test_bills_that_only_the_terminal_knows_to_be_paid_are_not_paid_again(kiosk, world, debtor, notes, service):
    page = pays_the_oldest_bill(kiosk, world, debtor)
    with only_the_terminal_knows(world, page, debtor, lambda: put_in(page, notes, 10_000, 5_000)):
        page.sees("attract", seconds=TAKES).choose()
        world.insert(debtor)
        page.want(service).sees("done", seconds=TAKES).ends("good")
        page.reads("Your bills are paid", "$ 121.50", "$ 28.50")
    assert [(each["op"], each["state"]) for each in world.orders(debtor)] == [("arrears", "written")]
    world.check_books(debtor)


def test_who_comes_back_with_the_number_alone_hears_that_the_bills_are_paid(kiosk, world, debtor, notes):
    page = pays_the_oldest_bill(kiosk, world, debtor)
    with only_the_terminal_knows(world, page, debtor, lambda: put_in(page, notes, 10_000, 5_000)):
        page.sees("attract", seconds=TAKES).choose().want("arrears").sees("identify")
        keys(page, *debtor.customer_no, "Enter").reads("last four digits")
        keys(page, *"4711", "Enter").sees("done", seconds=TAKES).ends("good").reads("Your bills are paid", "$ 28.50")
    world.check_books(debtor)


def test_a_purchase_that_only_the_terminal_knows_to_be_paid_comes_before_bills(kiosk, world, debtor, notes):
    world.insert(debtor)
    page = kiosk().choose().want("buy").sees("amount").touch("[data-amount='50.00']").sees("confirm")
    page.press("Pay with notes").sees("paying").reads("Please put in notes")

    def put():
        put_in(page, notes, 5_000)
        world.pull()

    with only_the_terminal_knows(world, page, debtor, put):
        page.sees("attract", seconds=TAKES).choose()
        world.insert(debtor)
        page.want("arrears").sees("bills").reads("S-103")
        page.press("Back").want("buy").sees("done", seconds=TAKES).ends("good").reads("Your card is written")
    assert [(each["op"], each["state"]) for each in world.orders(debtor)] == [("purchase", "written")]
    assert world.carry(debtor).accepted
    world.check_books(debtor)


def test_what_is_owed_stands_beside_the_meter_before_an_amount_is_chosen(kiosk, world, debtor):
    world.insert(debtor)
    kiosk().choose().want("buy").sees("amount").reads("What is owed", "$ 211.50 · As of")


def test_bills_of_who_has_gone_with_the_card_are_not_paid_by_the_next_one(kiosk, world, debtor, notes):
    world.insert(debtor)
    page = kiosk().choose().want("arrears").sees("bills").touch("[data-bills='1']")
    put_in(page.sees("paying").reads("Please put in notes"), notes, 2_000).reads("$ 20.00")
    world.pull()
    world.insert(world.customer())
    page.sees("kept", seconds=TAKES).reads("No bill was paid", "$ 20.00")
    assert balance_of(world, debtor) == 20
    assert in_box(notes) == 2_000


def test_a_customer_code_before_a_scanner_that_types_opens_the_file(kiosk, world, without_card):
    world.clerk.call("electricity.account", "action_issue_customer_code", [without_card.account_id])
    issued = [("electricity_account_id", "=", without_card.account_id)]
    (code,) = world.admin.call("electricity.customer.code", "search_read", issued, ["uuid"])
    page = kiosk().choose().want("file").sees("identify").reads("customer code")
    for told in ("K-151", "K-151", "K-154"):
        # Nobody types a number that is not taken any more.
        keys(page, *"799999999999", "Enter").reads("last four digits")
        keys(page, *"0000", "Enter").reads(told, "insert your purchase card" if told == "K-154" else "Which account")
    expect(page.page.locator(".o_kiosk_pad, .o_kiosk_typed")).to_have_count(0)
    scanner_types(page, printed(world, code["uuid"])).sees("file").reads("C****", without_card.customer_no[-4:])
    page.press("Finish").sees("attract")


def test_what_was_begun_at_another_terminal_is_finished_here(kiosk, world, customer, notes):
    world.insert(customer, slot=1)
    counter = world.terminals[1].counter()
    counter.begin("100.00")
    counter.pay_cash("50.00")
    world.pull(slot=1)
    world.insert(customer)
    page = kiosk().choose().want("buy").sees("elsewhere").reads("$ 100.00", "$ 50.00")
    page.press("Finish it here").sees("paying").reads("From your balance: $ 50.00", "Still to be paid")
    page.reads("Please put in notes")
    put_in(page, notes, 5_000)
    page.sees("done", seconds=TAKES).ends("good")
    assert [order["state"] for order in world.orders(customer)] == ["cancelled", "written"]
    assert world.carry(customer).accepted
    world.check_books(customer)
    assert in_box(notes) == 5_000


def test_what_was_begun_at_the_kiosk_is_finished_at_a_counter(kiosk, desk, world, customer, notes):
    world.insert(customer)
    first = kiosk().choose().want("buy").sees("amount")
    first.touch("[data-amount='50.00']").sees("confirm").press("Pay with notes").reads("Please put in notes")
    put_in(first, notes, 2_000)
    first.page.close()
    (order,) = world.orders(customer)
    world.terminal.api.call("cash/confirm", recharge=order["uuid"])
    wait_until(lambda: balance_of(world, customer) == 20, TAKES, "the terminal to state its notes")
    world.pull()
    world.insert(customer, slot=1)
    desk.is_in("paying").offers("finishHere").shows("20.00 paid", ".o_ec_sale").shows("30.00", ".o_ec_sum")
    desk.picture("elsewhere")
    desk.enter().offers("tender").shows("30.00", ".o_ec_primary").enter().is_in("result")
    assert [order["state"] for order in world.orders(customer)] == ["cancelled", "written"]
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_a_payment_that_nobody_ends_is_waited_for(kiosk, world, customer, notes):
    world.insert(customer)
    first = kiosk().choose().want("buy").sees("amount")
    first.touch("[data-amount='50.00']").sees("confirm").press("Pay with notes").reads("Please put in notes")
    put_in(first, notes, 2_000)
    first.page.close()
    (order,) = world.orders(customer)
    # Its customer has gone on at a counter: it is nothing that this kiosk would take up again.
    world.clerk.call("electricity.recharge", "cancel", order["uuid"], False)
    page = kiosk().choose().want("buy").sees("amount")
    page.touch("[data-amount='50.00']").sees("confirm").press("Pay with notes").sees("paying")
    page.reads("the payment before yours", "Cancel")
    # As its minute without notes would end it.
    world.terminal.api.call("cash/confirm", recharge=order["uuid"])
    page.reads("Please put in notes", "Cancel").press("Cancel").sees("services", seconds=TAKES)
    assert balance_of(world, customer) == 20
    world.check_books(customer)
