"""Paid, and not on the card yet: the same card is asked for and taken at any moment; nobody goes without paper."""

from stack.processes import wait_until

from tests.kiosk.test_purchase import TAKES, ask_for, balance_of, page, put_in
from tests.kiosk.test_receipts import printer, receipt

__all__ = ["page", "printer"]


def paid_without_its_card(page, world, notes):
    """Take the card out while notes go in, and pay the rest."""
    put_in(ask_for(page, "100.00"), notes, 5_000).reads("$ 50.00")
    world.pull()
    page.reads("Please put your card back in meanwhile.")
    put_in(page, notes, 5_000)
    return page.sees("put_back", seconds=TAKES).reads("$ 100.00 are paid and safe", "C-202")


def test_a_card_that_leaves_while_notes_go_in_is_asked_for_and_no_other_is_taken(page, world, notes, customer):
    paid_without_its_card(page, world, notes)
    stranger = world.customer()
    world.insert(stranger)
    page.reads("This is another card", "C-203", seconds=TAKES)
    world.clear_slots()
    world.insert(customer)
    page.sees("done", seconds=TAKES).ends("good")
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_a_card_of_nobody_is_another_card_and_the_own_one_is_still_asked_for(page, world, notes, customer):
    paid_without_its_card(page, world, notes)
    world.bench.blank_card("388888888883")
    world.bench.insert("388888888883", 0)
    page.reads("This is another card", "C-203", seconds=TAKES)
    world.clear_slots()
    world.insert(customer)
    page.sees("done", seconds=TAKES).ends("good")
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_what_the_server_hears_of_the_own_card_meanwhile_is_told_when_it_is_put_back(page, world, notes, customer):
    ask_for(page, "50.00")
    page.page.route("**/electricity.kiosk/confirm", lambda route: route.abort())
    put_in(page, notes, 5_000)
    page.ends("bad", seconds=4 * TAKES)
    wait_until(lambda: [each["state"] for each in world.orders(customer)] == ["written"], TAKES, "its terminal's word")
    world.pull()
    world.insert(customer)
    page.ends("good").reads("Your card is written")
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_a_card_that_names_nobody_while_notes_go_in_ends_nothing(page, world, notes, customer):
    put_in(ask_for(page, "50.00"), notes, 2_000).reads("$ 20.00")
    world.pull()
    world.bench.blank_card("388888888882")
    world.bench.insert("388888888882", 0)
    page.reads("Please take this card out and put your own in again.", "C-102", seconds=TAKES)
    world.pull()
    world.insert(customer)
    put_in(page, notes, 5_000)
    page.sees("done", seconds=TAKES).ends("good")
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_who_goes_without_the_card_takes_the_receipt_for_the_money(page, world, notes, customer, printer):
    paid_without_its_card(page, world, notes)
    page.press("Finish without the card").sees("done").ends("bad").reads("$ 100.00 that you paid", "C-202")
    receipt(page, "printed").reads("Please take your receipt.")
    assert len(printer.take_slips()) == 1
    world.insert(customer)
    page.sees("writing", seconds=TAKES).sees("done", seconds=TAKES).ends("good")
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_a_card_that_is_pulled_while_it_is_written_is_written_when_it_is_put_back(page, world, notes, customer):
    world.bench.fault(customer.serial, "pull", bytes=10)
    put_in(ask_for(page, "50.00"), notes, 5_000)
    page.sees("done", seconds=TAKES).ends("bad").reads("C-202", "Put the same card back in")
    world.bench.clear_faults(customer.serial)
    world.clear_slots()
    world.insert(customer)
    page.ends("good").reads("Your card is written")
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_a_terminal_that_is_away_is_said_and_what_was_wished_for_meanwhile_is_done(page, world, notes, customer):
    ask_for(page, "50.00")
    put_in(page, notes, 2_000).reads("$ 20.00")
    world.terminal.process.kill()
    page.reads("The kiosk does not answer at the moment", "$ 20.00").press("No more notes")
    world.terminal.revive()
    page.sees("kept", seconds=2 * TAKES).reads("$ 20.00")
    world.check_books(customer)


def test_who_waits_a_minute_for_a_terminal_hears_where_the_money_is(page, world, notes, customer):
    ask_for(page, "50.00")
    put_in(page, notes, 2_000).reads("$ 20.00")
    world.terminal.process.kill()
    page.sees("refused", seconds=3 * TAKES).reads("P-115", "$ 20.00 that you paid are on record and safe.")
    world.terminal.revive()

    def is_recorded():
        domain = [("account_no", "=", customer.customer_no)]
        return [order["paid_amount"] for order in world.admin.call("electricity.recharge", "search_read", domain)] == [
            20
        ]

    wait_until(is_recorded, 2 * TAKES, "the statement of the terminal that was away")


def test_who_takes_the_card_out_before_the_first_note_leaves_no_open_acceptor(page, world, notes, customer):
    ask_for(page, "50.00")
    world.pull()
    page.sees("attract", seconds=TAKES)
    (order,) = world.orders(customer)
    assert order["state"] == "cancelled"
    assert world.terminal.api.call("cash/state", recharge=order["uuid"])["state"] == "closed"


def test_an_order_that_begins_after_its_customer_has_left_is_nobodys(page, world, notes, customer):
    held = []
    page.page.route("**/electricity.kiosk/begin", lambda route: held.append(route))
    page.touch("[data-amount='50.00']").sees("confirm")
    with page.page.expect_request("**/electricity.kiosk/begin"):
        page.press("Pay with notes")
    page.sees("reading")
    world.pull()
    world.insert(world.customer())
    held[0].continue_()
    page.sees("attract").reads("Your card is in: touch your language").choose().want("buy").sees("amount")

    def is_ended():
        return [order["state"] for order in world.orders(customer)] == ["cancelled"]

    wait_until(is_ended, TAKES, "the late order to be ended")
    page.sees("amount")


def test_money_for_one_customers_purchase_is_not_taken_from_the_next_one(page, world, notes, customer, printer):
    put_in(ask_for(page, "50.00"), notes, 2_000).reads("$ 20.00")
    world.pull()
    world.insert(world.customer())
    receipt(page.sees("kept", seconds=TAKES).reads("$ 20.00"), "printed")
    assert balance_of(world, customer) == 20
    assert len(printer.take_slips()) == 1
