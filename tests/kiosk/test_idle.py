"""Nobody goes on: every question ends by itself, says so before, and leaves the next customer an empty kiosk."""

import pytest
from playwright.sync_api import expect

from tests.kiosk.test_purchase import TAKES
from tests.kiosk.test_put_back import paid_without_its_card

WARNING = 20
"""Seconds before the end from which on the countdown is shown."""
SERVICES, CARD = 60, 60
"""Seconds that these screens wait."""
TEN_TIMES = """
const {setInterval} = window;
window.setInterval = (task, every, ...more) => setInterval(task, every === 1000 ? every / 10 : every, ...more);
"""
"""The seconds of a visit pass ten times as fast, those of the terminal and of everything else do not."""


@pytest.fixture
def page(kiosk, world, customer):
    """A kiosk in a hurry, with the card in: the question for the amount."""
    world.insert(customer)
    return kiosk(script=TEN_TIMES).choose().want("buy").sees("amount")


def countdown(page):
    return page.page.locator(".o_kiosk_countdown")


def passes(page, seconds):
    """Let so many seconds pass on the page's clock."""
    page.page.clock.run_for(seconds * 1000)
    return page


def is_warned_of_the_end(page, limit):
    """Wait as long as a screen does without a word, and hear of its end."""
    passes(page, limit - WARNING - 2)
    expect(countdown(page)).to_have_count(0)
    expect(countdown(passes(page, 3))).to_contain_text("This visit ends in")
    return page


def ends_by_itself(page, screen):
    """Wait until nobody goes on with a screen, hear of its end, and see what comes then."""
    expect(countdown(page)).to_contain_text("This visit ends in", timeout=TAKES * 1000)
    return page.sees(screen, seconds=TAKES)


def test_a_visit_without_a_card_is_warned_and_a_touch_gives_more_time(kiosk):
    page = kiosk(clock=True)
    is_warned_of_the_end(page.choose(), SERVICES)
    page.press("I need more time").sees("services")
    expect(countdown(page)).to_have_count(0)
    passes(is_warned_of_the_end(page, SERVICES), WARNING).sees("attract")
    is_warned_of_the_end(page.choose().want("buy").sees("card"), CARD)
    page.page.keyboard.press("5")
    expect(countdown(page)).to_have_count(0)
    passes(page.sees("card"), CARD).sees("attract")


def test_a_card_that_is_forgotten_is_asked_to_be_taken(page, world, customer):
    ends_by_itself(page, "take")
    world.pull()
    page.sees("attract")
    expect(page.page.locator(".o_kiosk")).not_to_contain_text(customer.customer_no[-4:])


def test_money_whose_card_does_not_come_back_stays_the_customers(page, world, notes, customer):
    paid_without_its_card(page, world, notes)
    ends_by_itself(page, "done").reads("$ 100.00 that you paid", "C-202")
    ends_by_itself(page, "attract")
    world.insert(customer)
    page.choose().want("rewrite").sees("done", seconds=TAKES).ends("good")
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_an_order_that_nobody_pays_is_ended(page, world, customer, phone):
    page.touch("[data-amount='50.00']").sees("confirm").press("Pay").sees("choose_payment")
    ends_by_itself(page, "take")
    assert [order["state"] for order in world.orders(customer)] == ["cancelled"]
    assert not phone.books()["payments"]
