"""A server that hangs, or does not take the money: whoever stands there is told in time, and takes paper home."""

from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Error, expect
from stack.postgres import query
from stack.processes import wait_until

from tests.kiosk.test_purchase import TAKES, ask_for, balance_of, in_box, page, put_in
from tests.kiosk.test_receipts import printer

__all__ = ["page", "printer"]

HANGS = 60
"""Seconds in which the page has to stop waiting for a server that hangs, with room for a slow machine."""


@pytest.fixture
def hangs(page):
    """Let calls of a name get lost on their way, as packets do; returns what was asked."""
    held = []

    def begin(call):
        page.page.route(f"**/electricity.kiosk/{call}", lambda route: held.append(route))
        return held

    yield begin
    page.page.unroute_all()


def breaks(page):
    """Let Odoo answer with an error of its own, whatever the terminal has stated."""
    error = {"code": 200, "message": "Odoo Server Error", "data": {"name": "builtins.ValueError", "message": "broken"}}
    answer = {"jsonrpc": "2.0", "id": 0, "error": error}
    page.page.route("**/electricity.kiosk/add_tender", lambda route: route.fulfill(json=answer))


def refuses(page, code):
    """Let Odoo answer with a refusal, whatever the terminal has stated."""
    answer = {"jsonrpc": "2.0", "id": 0, "result": {"ok": False, "code": code, "message": f"No ({code})."}}
    page.page.route("**/electricity.kiosk/add_tender", lambda route: route.fulfill(json=answer))


def has_voucher(page, printer, *texts):
    """Wait until the terminal's own page shows the sum and a voucher, and has printed it, once."""
    body = page.page.locator("body")
    expect(page.page.locator(".voucher .code")).to_be_visible(timeout=HANGS * 1000)
    for text in texts:
        expect(body).to_contain_text(text)
    expect(body).to_contain_text("Your voucher is printed", timeout=TAKES * 1000)
    assert len(printer.take_slips()) == 1


def brought(page):
    """What the page has told the terminal's own, by the address: the fragment, and the rest."""
    address = urlsplit(page.page.url)
    return address.fragment, parse_qs(address.query, keep_blank_values=True)


def goes_on(page, screen="attract"):
    """The customer has read it; the kiosk is there again, and takes up what is paid with the card that is in."""
    with suppress(Error):
        # It may have been put away by itself meanwhile.
        page.page.get_by_role("button", name="Finish").tap(timeout=5000)
    page.page.unroute_all()
    return page.sees(screen, seconds=3 * TAKES)


def test_notes_that_a_server_which_hangs_does_not_take_are_a_voucher_and_count(
    page, hangs, world, customer, notes, printer
):
    ask_for(page, "50.00")
    held = hangs("add_tender")
    put_in(page, notes, 5_000)
    has_voucher(page, printer, "¥50.00", "Your money has arrived")
    assert 1 < len(held) < 6, "it is asked again, and not for ever"
    goes_on(page, "done").ends("good")
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_a_card_whose_questions_are_lost_is_refused_with_a_code_and_a_late_answer_changes_nothing(
    kiosk, world, customer, notes
):
    world.insert(customer)
    page = kiosk().choose()
    held = []
    page.page.route("**/electricity.kiosk/quote", lambda route: held.append(route))
    page.want("buy").sees("reading").sees("refused", seconds=HANGS).reads("P-117")
    page.page.unroute_all()
    for route in held:
        with suppress(Error):
            route.continue_()
    page.sees("refused").press("Back").sees("services").want("buy").sees("amount")
    put_in(ask_for(page, "50.00"), notes, 5_000)
    page.sees("done", seconds=TAKES).ends("good")
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_a_purchase_that_began_unheard_takes_no_money_and_keeps_nobody_from_buying(page, world, customer, notes):
    def loses_the_answer(route):
        with suppress(Error):
            # The page has hung up by the time it would be told.
            route.fetch()

    page.page.route("**/electricity.kiosk/begin", loses_the_answer)
    page.touch("[data-amount='50.00']").sees("confirm").press("Pay with notes")
    page.sees("refused", seconds=HANGS).reads("P-117")
    page.page.unroute_all()
    assert [order["state"] for order in world.orders(customer)] == ["draft"], "however often it was asked"
    assert not notes.box
    page.press("Back").sees("services").want("buy").sees("amount")
    put_in(ask_for(page, "50.00"), notes, 5_000)
    page.sees("done", seconds=TAKES).ends("good")
    assert in_box(notes) == 5_000
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_notes_for_an_order_that_odoo_does_not_know_are_a_voucher_that_counts_once(
    page, world, customer, notes, printer
):
    ask_for(page, "50.00")
    (order,) = world.orders(customer)
    # As after a restored copy: neither the page nor the terminal can name an order that Odoo has.
    query(f"UPDATE electricity_recharge SET uuid = gen_random_uuid()::text WHERE id = {order['id']}", world.database)
    put_in(page, notes, 5_000)
    has_voucher(page, printer, "¥50.00", "could not be finished", "S-115")
    # A terminal of an earlier version knows no more than this very fragment.
    assert brought(page) == ("money", {"recharge": [order["uuid"]], "why": ["S-115"]})
    page.page.reload()
    expect(page.page.locator("body")).to_contain_text("S-115", timeout=TAKES * 1000)
    assert not printer.take_slips(), "it is printed once"
    checked = [check(world, order) for _time in range(2)]
    assert [window["result"] for window in checked] == ["unassigned"] * 2
    assert checked[0]["tender_id"] == checked[1]["tender_id"]
    assert balance_of(world, customer) == 0
    goes_on(page)


def test_notes_that_odoo_is_too_busy_for_are_a_voucher_and_their_card_is_written_later(
    page, world, customer, notes, printer
):
    ask_for(page, "50.00")
    refuses(page, "S-101")
    put_in(page, notes, 5_000)
    has_voucher(page, printer, "¥50.00", "could not be finished", "tell them the code below", "S-101")
    wait_until(lambda: balance_of(world, customer) == 50, TAKES, "the terminal to bring its statement")
    (order,) = world.orders(customer)
    assert check(world, order)["result"] == "balance"
    assert balance_of(world, customer) == 50
    goes_on(page, "done").ends("good")
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_notes_for_which_the_server_breaks_are_a_voucher_that_names_no_code(page, world, customer, notes, printer):
    ask_for(page, "50.00")
    breaks(page)
    put_in(page, notes, 5_000)
    has_voucher(page, printer, "¥50.00", "could not be finished", "call the help line.")
    assert brought(page)[1]["why"] == [""]
    expect(page.page.locator("body")).not_to_contain_text("code below")
    expect(page.page.locator("body")).not_to_contain_text("下方代码")
    wait_until(lambda: balance_of(world, customer) == 50, TAKES, "the terminal to bring its statement")
    world.pull()
    goes_on(page)


def check(world, order):
    """Check the voucher of an order as a clerk does who scans it."""
    (statement,) = world.terminal.api.call("cash/state", recharge=order["uuid"])["tenders"]
    (window,) = world.clerk.call("electricity.voucher.check", "create", [{"voucher": statement}])
    world.clerk.call("electricity.voucher.check", "action_check", [window])
    return world.clerk.call("electricity.voucher.check", "read", [window], ["result", "tender_id"])[0]
