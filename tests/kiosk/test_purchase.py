"""A purchase with notes at the kiosk: real browser, Odoo, hw_proxy, virtual reader, and a note acceptor on a pty."""

import contextlib

import pytest
from playwright.sync_api import expect
from stack.processes import wait_until

TAKES = 30
WATCH_STEPS = """
() => {
    window.stepsSeen = [];
    const look = () => {
        const now = document.querySelector(".o_kiosk_steps > .o_kiosk_now");
        if (now) {
            const words = now.closest("main").querySelector("p").innerText;
            const said = [words, [...now.parentElement.children].indexOf(now)];
            if (String(window.stepsSeen.at(-1)) !== String(said)) {
                window.stepsSeen.push(said);
            }
        }
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
}
"""


@pytest.fixture
def page(kiosk, world, customer, notes):
    """A kiosk at which this customer has chosen to buy, with the card in: the question for the amount."""
    world.insert(customer)
    return kiosk().choose().want("buy").sees("amount")


def put_in(page, notes, *denominations):
    """Put notes in, one after the other, each when the one before is counted, and again when it came out; cents."""
    for denomination in denominations:
        wanted = in_box(notes) + denomination
        notes.insert(denomination)

        def is_counted(note=denomination, sum_of_all=wanted):
            if notes.out:
                notes.out.clear()
                notes.insert(note)
            return in_box(notes) >= sum_of_all

        wait_until(is_counted, TAKES, "the note")
    return page


def in_box(notes):
    return sum(denomination * count for denomination, count in notes.box.items())


def ask_for(page, amount):
    """Choose an amount and agree to what it buys."""
    page.touch(f"[data-amount='{amount}']").sees("confirm").reads("On the card", "kWh")
    return page.press("Pay with notes").sees("paying").reads("Please put in notes")


def balance_of(world, customer):
    return world.admin.call("electricity.account", "read", [customer.account_id], ["balance"])[0]["balance"]


def steps_of(world, screen):
    """The calls and the screens of the latest visit, once its page has told of a screen; else None."""
    (visit,) = world.admin.call("electricity.kiosk.visit", "search_read", [], ["uuid"], limit=1)
    names = ["source", "call", "detail"]
    steps = world.admin.call("electricity.kiosk.step", "search_read", [["visit_id", "=", visit["id"]]], names)
    said = [step["detail"] for step in steps if step["call"] == "screen"]
    calls = [step["call"] for step in steps if step["source"] == "server"]
    return {"server": calls, "page": said} if screen in said else None


def test_a_purchase_from_the_card_to_the_meter(page, world, customer, notes):
    ask_for(page, "100.00").reads("Notes taken: $ 1 · 5 · 10 · 20 · 50 · 100")
    put_in(page, notes, 5_000)
    page.reads("$ 50.00")
    page.page.evaluate(WATCH_STEPS)
    # Slow enough that each step is on the screen also while this machine is busy.
    world.bench.fault(customer.serial, "slow", seconds=0.1)
    put_in(page, notes, 5_000)
    page.sees("done", seconds=2 * TAKES).ends("good").reads("Your card is written", "kWh")
    world.bench.clear_faults(customer.serial)
    told = page.page.evaluate("window.stepsSeen")
    assert {text for text, _step in told} == {"Please leave the card in."}
    steps = [step for _text, step in told]
    assert len(steps) > 1 and steps == sorted(steps), "it goes forward: check, write, verify"
    page.reads("Please take your receipt.").press("Finish").sees("take").reads("your card and your receipt")
    assert dict(notes.box) == {5_000: 2}
    assert world.carry(customer).accepted
    page.sees("attract")
    world.check_books(customer)
    steps = wait_until(lambda: steps_of(world, "take"), TAKES, "what the page says of its screens")
    assert {"quote", "begin", "collect", "add_tender", "authorize", "confirm"} <= set(steps["server"])
    assert {"amount", "confirm", "paying", "writing", "done"} <= set(steps["page"])
    world.insert(customer)
    page.choose().want("buy").sees("amount").reads("Latest purchase", "$ 100.00 · In the meter")


def test_keys_make_any_amount_and_a_limit_is_said_before_money(page, world, customer):
    for key in "70000":
        page.touch(f"[data-key='{key}']")
    expect(page.page.locator(".o_kiosk_typed")).to_have_text("$ 70,000.00")
    page.press("Next").reads("No money was taken now", "S-106").sees("amount")
    assert not world.orders(customer)
    page.press("Delete").press("Delete").press("Delete").reads("On the card: ", "kWh. To be paid: $ 70.00.")
    page.press("Delete").press("Delete")
    expect(page.page.locator(".o_kiosk")).not_to_contain_text("To be paid")
    expect(page.page.get_by_role("button", name="Next")).to_be_disabled()


def test_what_the_last_note_is_too_much_stays_as_balance(page, world, customer, notes):
    ask_for(page, "50.00")
    put_in(page, notes, 2_000, 5_000)
    page.sees("done", seconds=TAKES).ends("good").reads("Your balance")
    assert balance_of(world, customer) >= 20
    world.carry(customer)
    world.check_books(customer)


def test_who_puts_nothing_in_may_leave(page, notes):
    ask_for(page, "50.00").reads("Cancel").press("Cancel").sees("services", seconds=TAKES)
    assert not notes.box


def test_too_little_is_the_customers_balance(page, world, customer, notes):
    ask_for(page, "50.00")
    put_in(page, notes, 2_000)
    page.press("No more notes").sees("kept", seconds=TAKES).reads("$ 20.00")
    assert balance_of(world, customer) == 20
    world.check_books(customer)


def test_a_browser_that_dies_between_two_notes_loses_none(page, kiosk, world, customer, notes):
    ask_for(page, "100.00")
    put_in(page, notes, 5_000)
    page.page.close()
    again = kiosk(screen="paying").reads("Please put in notes")
    expect(again.page.locator(".o_kiosk_paid")).to_have_text("$ 50.00")
    put_in(again, notes, 5_000)
    again.sees("done", seconds=TAKES).ends("good")
    assert world.carry(customer).accepted
    world.check_books(customer)


@contextlib.contextmanager
def only_the_terminal_knows(world, page, customer, put):
    """The browser dies, what ``put()`` puts in is stated by the terminal, which does not reach Odoo; a new page.

    Until the end of the context Odoo hears of the money from the page only.
    """
    url = page.page.url
    page.page.goto("about:blank")
    put()
    world.terminal.cut_off()
    try:
        assert balance_of(world, customer) == 0, "only the terminal knows of the money"
        page.page.goto(url)
        yield page
    finally:
        world.terminal.reconnect()


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("service", ["buy", "rewrite", None])
def test_a_browser_that_begins_anew_brings_what_the_terminal_has_stated_meanwhile(
    page, world, customer, notes, number, service
):
    ask_for(page, "100.00")

    def put():
        put_in(page, notes, *[5_000] * number)
        if service:
            world.pull()

    with only_the_terminal_knows(world, page, customer, put):
        if service:
            page.sees("attract", seconds=TAKES).choose().want(service).sees("card")
            world.insert(customer)
        if number == 1:
            page.sees("paying", seconds=TAKES)
            expect(page.page.locator(".o_kiosk_paid")).to_have_text("$ 50.00")
            put_in(page, notes, 5_000)
        page.sees("done", seconds=TAKES).ends("good")
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_a_terminal_that_dies_between_two_notes_loses_none(page, world, customer, notes):
    ask_for(page, "100.00")
    put_in(page, notes, 5_000)
    world.terminal.revive()
    page.reads("Please put in notes", "$ 50.00", seconds=TAKES)
    put_in(page, notes, 5_000)
    page.sees("done", seconds=2 * TAKES).ends("good")
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_a_jam_is_said_and_what_is_in_counts(page, world, customer, notes):
    ask_for(page, "100.00")
    put_in(page, notes, 5_000)
    notes.faults.arm("jam_acceptor", at="accepting")
    notes.insert(5_000)
    page.sees("kept", seconds=TAKES).reads("$ 50.00")
    assert balance_of(world, customer) == 50


def test_without_its_acceptor_the_kiosk_still_shows_files(kiosk, world, notes):
    page = kiosk().choose()
    world.note_line.unplug()
    page.reads("A-101", seconds=TAKES)
    assert page.page.locator("[data-service=buy]").is_disabled()
    assert page.page.locator("[data-service=file]").is_enabled()
    world.note_line.plug()
    expect(page.page.locator("[data-service=buy]")).to_be_enabled(timeout=TAKES * 1000)
