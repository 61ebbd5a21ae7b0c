"""A browser that begins anew, the card still in: what was begun is finished, what has ended is told, on paper once."""

import contextlib

from tests.kiosk.test_purchase import TAKES, ask_for, page, put_in
from tests.kiosk.test_receipts import printer, receipt

__all__ = ["page", "printer"]


@contextlib.contextmanager
def dies_at(page, call):
    """The browser dies before the server hears this call, and begins anew after the context."""
    url = page.page.url
    pattern = f"**/electricity.kiosk/{call}"
    with page.page.expect_request(pattern, timeout=TAKES * 1000):
        page.page.route(pattern, lambda _route: None)
        yield
    page.page.goto("about:blank")
    page.page.unroute(pattern)
    page.page.goto(url)


def is_told_once(page, printer):
    receipt(page, "printed")
    assert len(printer.take_slips()) == 1
    return page


def test_what_is_paid_is_written_and_told_in_the_customers_language(kiosk, world, customer, notes, printer):
    world.insert(customer)
    page = kiosk().choose("zh_CN").want("buy").sees("amount").touch("[data-amount='50.00']").sees("confirm")
    page.touch(".o_kiosk_primary").sees("paying")
    with dies_at(page, "authorize"):
        put_in(page, notes, 5_000)
        page.sees("writing", seconds=TAKES)
    page.sees("done", seconds=2 * TAKES).ends("good").reads("写卡成功")
    is_told_once(page, printer)
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_what_was_written_meanwhile_is_told_and_printed_once(page, world, customer, notes, printer):
    ask_for(page, "50.00")
    with dies_at(page, "receipt"):
        put_in(page, notes, 5_000)
        page.sees("done", seconds=TAKES)
    page.sees("done", seconds=2 * TAKES).ends("good").reads("Your card is written")
    is_told_once(page, printer)
    page.page.reload()
    page.sees("done", seconds=2 * TAKES)
    receipt(page, "printed")
    assert not printer.take_slips(), "it is the same print"
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_what_was_kept_is_told_and_printed(page, world, customer, notes, printer):
    put_in(ask_for(page, "50.00"), notes, 2_000)
    with dies_at(page, "receipt"):
        page.press("No more notes").sees("kept", seconds=TAKES)
    is_told_once(page.sees("kept", seconds=2 * TAKES).reads("$ 20.00"), printer)
    world.check_books(customer)


def test_the_next_card_hears_nothing_of_it(page, world, customer, notes, printer):
    ask_for(page, "50.00")
    with (
        page.page.expect_response("**/electricity.kiosk/interrupted", timeout=2 * TAKES * 1000) as told,
        dies_at(page, "receipt"),
    ):
        put_in(page, notes, 5_000)
        page.sees("done", seconds=TAKES)
        page.page.goto("about:blank")
        world.pull()
        world.insert(world.customer())
    assert told.value.json()["result"]["ended"] is None
    page.sees("attract", seconds=TAKES).reads("Your card is in: touch your language")
    assert not printer.take_slips()
