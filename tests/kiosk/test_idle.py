"""Nobody goes on: every question ends by itself, says so before, and leaves the next customer an empty kiosk."""

import pytest
from playwright.sync_api import expect

from tests.kiosk.test_purchase import TAKES
from tests.kiosk.test_put_back import paid_without_its_card

TEN_TIMES = """
const {setInterval} = window;
window.setInterval = (task, every, ...more) => setInterval(task, every === 1000 ? every / 10 : every, ...more);
"""
"""The seconds of a visit pass ten times as fast, those of the terminal and of everything else do not."""
WHEN_WARNED = """
act => new Promise(done => {
    const look = setInterval(() => {
        const warning = document.querySelector(".o_kiosk_countdown");
        if (warning) {
            clearInterval(look);
            act === "touch"
                ? document.querySelector(".o_kiosk_dialog .o_kiosk_primary").click()
                : document.body.dispatchEvent(new KeyboardEvent("keydown", {key: act, bubbles: true}));
            done(warning.innerText);
        }
    }, 20);
})
"""
"""Somebody who asks for more time as soon as there is little left; the two seconds may be short for this machine."""


@pytest.fixture
def page(kiosk, world, customer):
    """A kiosk in a hurry, with the card in: the question for the amount."""
    world.insert(customer)
    return kiosk(script=TEN_TIMES).choose().want("buy").sees("amount")


def countdown(page):
    return page.page.locator(".o_kiosk_countdown")


def asks_for_more_time(page, act):
    """Wait until the end is announced, then ask for more time: by a touch of the button, or any key."""
    assert "This visit ends in" in page.page.evaluate(WHEN_WARNED, act)
    expect(countdown(page)).to_have_count(0)
    return page


def ends_by_itself(page, screen):
    """Wait until nobody goes on with a screen, hear of its end, and see what comes then."""
    expect(countdown(page)).to_contain_text("This visit ends in", timeout=TAKES * 1000)
    return page.sees(screen, seconds=TAKES)


def test_a_visit_without_a_card_is_warned_and_a_touch_gives_more_time(kiosk):
    page = kiosk(script=TEN_TIMES).choose()
    ends_by_itself(asks_for_more_time(page, "touch").sees("services"), "attract")
    page.choose().want("buy").sees("card")
    ends_by_itself(asks_for_more_time(page, "5").sees("card"), "attract")


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
