"""QR code and bank card at the kiosk: real browser, Odoo, hw_proxy and reader; the gateway is a real service, too."""

import pytest
from playwright.sync_api import expect
from stack.processes import wait_until

from tests.kiosk.test_identity import debtor, without_card
from tests.kiosk.test_purchase import TAKES, balance_of, put_in
from tests.kiosk.test_receipts import is_paper_told, printer, receipt

__all__ = ["debtor", "printer", "without_card"]

SECOND = 1000


@pytest.fixture
def page(kiosk, world, customer, phone):
    """A kiosk at which this customer is asked how to pay $ 100."""
    world.insert(customer)
    found = kiosk().choose().want("buy").sees("amount").touch("[data-amount='100.00']").sees("confirm")
    return found.press("Pay").sees("choose_payment")


def shown(phone, method="qr"):
    """The payment that the kiosk waits for."""
    return wait_until(lambda: phone.waiting(method), TAKES, "the payment to be ordered")


def scanned(page, phone):
    """Choose the QR code and open it on the phone; returns its reference."""
    page.touch("[data-way=qr]").sees("qr")
    expect(page.page.locator(".o_kiosk_qr img")).to_be_visible(timeout=TAKES * SECOND)
    return phone.do("scan", code=shown(phone)["code"])["reference"]


def tenders(world, customer):
    domain = [("electricity_account_id", "=", customer.account_id)]
    return world.admin.call("electricity.tender", "search_read", domain, ["kind", "amount"], order="id")


def paid_by(world, customer):
    return [(each["kind"], each["amount"]) for each in tenders(world, customer)]


def finish(page, world, customer):
    page.sees("done", seconds=2 * TAKES).ends("good")
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_a_purchase_by_qr_code(page, world, customer, phone):
    reference = scanned(page, phone)
    page.reads("$ 100.00", "Time left")
    phone.pay(reference)
    finish(page, world, customer)
    assert paid_by(world, customer) == [("qr", 100)]


def test_a_purchase_by_bank_card_whose_notice_is_lost(page, world, customer, phone):
    phone.fault("notice_lost")
    page.touch("[data-way=bank_card]").sees("bank_card").reads("card terminal")
    reference = shown(phone, "card_present")["reference"]
    for step in ("insert", "pin", "pay"):
        phone.do(step, reference=reference)
    finish(page, world, customer)
    assert paid_by(world, customer) == [("bank_card", 100)]


def test_bills_by_qr_code_without_paper(kiosk, world, debtor, phone, printer):
    printer.set_paper("out")
    world.insert(debtor)
    page = kiosk().choose().want("arrears").sees("bills")
    is_paper_told(page, "There is no paper now")
    page.touch("[data-bills='1']").sees("choose_payment").reads("$ 121.50")
    phone.pay(scanned(page, phone))
    page.sees("done", seconds=2 * TAKES).ends("good").reads("Your bills are paid", "$ 121.50")
    receipt(page, "not_printed").reads("A-401", "Scan this code")
    assert paid_by(world, debtor) == [("qr", 121.5)]
    assert [(each["op"], each["state"]) for each in world.orders(debtor)] == [("arrears", "written")]
    world.check_books(debtor)


def test_a_declined_card_costs_nothing_and_another_way_works(page, world, customer, phone):
    page.touch("[data-way=bank_card]").sees("bank_card")
    phone.do("refuse", reference=shown(phone, "card_present")["reference"])
    page.sees("choose_payment", seconds=TAKES).reads("A-309")
    phone.pay(scanned(page, phone))
    finish(page, world, customer)
    assert paid_by(world, customer) == [("qr", 100)]


def test_a_browser_that_dies_goes_on_with_the_same_payment(page, kiosk, world, customer, phone):
    reference = scanned(page, phone)
    page.page.close()
    again = kiosk(screen="qr")
    assert shown(phone)["reference"] == reference
    phone.pay(reference)
    finish(again, world, customer)
    assert len(phone.books()["payments"]) == 1


def test_an_answer_that_is_late_is_said_and_nothing_is_ordered_twice(page, world, customer, phone):
    phone.fault("timeout_after", operation="create")
    page.touch("[data-way=qr]").sees("qr").reads("We have not heard from the payment service", seconds=TAKES)
    phone.clear_faults()
    expect(page.page.locator(".o_kiosk_qr img")).to_be_visible(timeout=TAKES * SECOND)
    phone.pay(shown(phone)["reference"])
    finish(page, world, customer)
    assert len(phone.books()["payments"]) == 1


def test_what_is_paid_after_it_was_cancelled_is_the_customers_balance(page, world, customer, phone):
    reference = scanned(page, phone)
    page.press("Cancel").sees("choose_payment", seconds=TAKES).press("Do not buy").sees("services", seconds=TAKES)
    phone.pay(reference, late=True)
    wait_until(lambda: balance_of(world, customer) == 100, TAKES, "the late money")
    assert paid_by(world, customer) == [("qr", 100)]
    world.check_books(customer)


def test_who_pays_by_code_while_the_server_hangs_is_told_what_to_hold_on_to_and_has_paid(page, world, customer, phone):
    reference = scanned(page, phone)
    for call in ("pay_status", "receipt"):
        page.page.route(f"**/electricity.kiosk/{call}", lambda route: None)
    page.sees("unclear", seconds=2 * TAKES).reads("A-303", "Please note: R", "$ 100.00")
    phone.pay(reference)
    wait_until(lambda: paid_by(world, customer) == [("qr", 100)], TAKES, "the notice of the payment")
    page.page.unroute_all()
    page.press("Finish").sees("take")
    world.pull()
    page.sees("attract")
    world.insert(customer)
    page.choose().want("rewrite").ends("good")
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_notes_first_and_the_rest_by_qr_code(page, world, customer, phone, notes):
    page.touch("[data-way=notes]").sees("paying").reads("Please put in notes", seconds=TAKES)
    put_in(page, notes, 2_000)
    page.press("No more notes").sees("choose_payment", seconds=TAKES).reads("$ 20.00", "$ 80.00")
    phone.pay(scanned(page, phone))
    finish(page, world, customer)
    assert paid_by(world, customer) == [("terminal_cash", 20), ("qr", 80)]


def test_what_is_in_an_order_that_cannot_go_on_is_told_and_on_paper(page, world, customer, phone, notes, printer):
    page.touch("[data-way=notes]").sees("paying").reads("Please put in notes", seconds=TAKES)
    put_in(page, notes, 2_000)
    page.press("No more notes").sees("choose_payment", seconds=TAKES)
    terminal = [world.terminal.id]
    world.admin.call("electricity.terminal", "action_disable", terminal)
    try:
        page.touch("[data-way=qr]").sees("refused", seconds=TAKES)
    finally:
        reason = {"terminal_id": world.terminal.id, "reason": "It was disabled for a test."}
        wizard = world.admin.call("electricity.terminal.reason", "create", [reason])
        world.admin.call("electricity.terminal.reason", "action_reactivate", wizard)
    page.reads("T-103", "$ 20.00 that you paid are on record and safe")
    receipt(page, "printed")
    assert len(printer.take_slips()) == 1


def test_while_nobody_knows_how_a_payment_stands_it_is_on_paper_and_what_is_in_can_be_kept(
    page, world, customer, phone, notes, printer
):
    page.touch("[data-way=notes]").sees("paying").reads("Please put in notes", seconds=TAKES)
    put_in(page, notes, 2_000)
    page.press("No more notes").sees("choose_payment", seconds=TAKES)
    reference = scanned(page, phone)
    for operation in ("query", "close"):
        phone.fault("timeout_before", operation=operation, times=50)
    receipt(page.press("Cancel").sees("unclear", seconds=3 * TAKES), "printed").reads("$ 80.00", "A-303")
    assert len(printer.take_slips()) == 1
    receipt(page.press("Keep it as balance").sees("kept", seconds=TAKES), "printed").reads("$ 20.00")
    assert len(printer.take_slips()) == 1
    phone.clear_faults()
    phone.pay(reference)
    wait_until(lambda: balance_of(world, customer) == 100, TAKES, "what was paid after all")
    world.check_books(customer)


def test_a_phone_pays_with_odoos_own_demo_provider(kiosk, browser, world, customer, ways):
    ways.offer(ways.demo())
    world.insert(customer)
    page = kiosk().choose().want("buy").sees("amount").touch("[data-amount='50.00']").sees("confirm")
    page.press("Pay").sees("choose_payment").touch("[data-way=qr]").sees("qr")
    domain = [("state", "=", "pending"), ("provider_code", "=", "demo")]
    fields = ["gateway_code_url", "reference"]
    (payment,) = wait_until(
        lambda: world.admin.call("payment.transaction", "search_read", domain, fields), TAKES, "the payment"
    )
    phone = browser.new_page()
    try:
        phone.goto(payment["gateway_code_url"])
        assert customer.customer_no not in phone.content()
        phone.locator("#customer_input").fill("4242")
        phone.locator("[name=o_payment_submit_button]").click()
        finish(page, world, customer)
        phone.goto(payment["gateway_code_url"])
        expect(phone.locator(".o_kiosk_phone[data-state=done]")).to_be_visible()
    finally:
        phone.close()
        ways.offer(ways.qr, ways.bank_card)
    assert paid_by(world, customer) == [("qr", 50)]


def test_a_way_that_does_not_work_is_named_before_an_amount_is_chosen(kiosk, world, customer, phone, notes):
    page = kiosk().choose().reads("with: Banknotes · QR code · Bank card")
    notes.faults.arm("box_full")
    page.reads("with: QR code · Bank card", "Banknotes – the cash box is full (A-104)", seconds=TAKES)
    world.insert(customer)
    page.want("buy").sees("amount").reads("the cash box is full (A-104)")
    page.touch("[data-amount='100.00']").sees("confirm").reads("the cash box is full (A-104)")


def test_who_takes_the_card_out_before_paying_has_ended_the_visit(page, world, customer, phone):
    world.pull()
    page.sees("attract")
    assert not tenders(world, customer)
    world.insert(world.customer())
    page.reads("Your card is in: touch your language").choose().want("buy").sees("amount")
    page.touch("[data-amount='100.00']").sees("confirm").press("Pay").sees("choose_payment")
    scanned(page, phone)
    world.pull()
    page.sees("attract", seconds=TAKES)
    assert not phone.waiting("qr"), "the next one would pay for the purchase of who has gone"
