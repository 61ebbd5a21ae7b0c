"""Every screen with all that it can ever have to say: it fits, upright and lying, in both languages."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.kiosk.fullest import STATES, Fullest
from tests.kiosk.layout import wrong_with

UPRIGHT, LYING = (1080, 1920), (1920, 1080)
PAGE = Path(__file__).parents[2] / "addons/kiosk_hw/static/src/kiosk.js"
HELPED = {
    "services, nothing works": ("T-105", "No money has been taken yet"),
    "amount": ("For how much would you like to buy?", "No money has been taken yet"),
    "paying": ("A-106", "is counted and safe"),
    "done, not written": ("C-202", "on record and safe"),
}
"""What help says of some states: the code of the screen or its title, and where the money is."""


@pytest.mark.parametrize("language", ["en_US", "zh_CN"])
@pytest.mark.parametrize("size", [UPRIGHT, LYING], ids=["upright", "lying"])
def test_every_screen_fits_with_all_that_it_can_say(kiosk, size, language):
    page = kiosk(*size)
    full = Fullest(page)
    full.speak(language)
    wrong = {}
    for state in STATES:
        full.show(state)
        wrong[state] = wrong_with(page.page)
    assert {state: found for state, found in wrong.items() if found} == {}


def test_no_screen_is_forgotten():
    (table,) = re.findall(r"const SCREENS = \{(.*?)\}", PAGE.read_text(), flags=re.DOTALL)
    assert set(re.findall(r"(\w+):", table)) | {"attract"} == {state["screen"] for state in STATES.values()}


@pytest.mark.parametrize("size", [UPRIGHT, LYING], ids=["upright", "lying"])
def test_help_says_what_to_tell_and_where_the_money_is(kiosk, size):
    page = kiosk(*size)
    full = Fullest(page)
    full.speak("en_US")
    dialog = page.page.locator("[role=dialog]")
    for state, texts in HELPED.items():
        full.show(state)
        page.touch(".o_kiosk_help")
        for text in (*texts, "Help line: 95598", "E2E1"):
            expect(dialog).to_contain_text(text)
        page.fits().press("Close")
        expect(dialog).to_have_count(0)


def test_help_ends_with_its_screen_and_hides_no_countdown(kiosk):
    page = kiosk()
    full = Fullest(page)
    full.speak("en_US")
    dialog = page.page.locator("[role=dialog]")
    full.show("amount")
    page.touch(".o_kiosk_help")
    expect(dialog).to_be_visible()
    full.time_left(15)
    page.reads("This visit ends in").fits().press("I need more time")
    expect(dialog).to_be_visible()
    full.time_left(1)
    page.sees("attract")
    expect(page.page.locator("[aria-modal]")).to_have_count(0)


def test_the_picture_of_the_card_moves_as_the_card_is_to(kiosk):
    page = kiosk()
    full = Fullest(page)
    page.page.emulate_media(reduced_motion="no-preference")
    how = "({ animationName, animationDirection }) => [animationName, animationDirection]"
    for state, direction in {"card": "normal", "identify": "normal", "put_back": "normal", "take": "reverse"}.items():
        full.show(state)
        moves = page.page.evaluate(f"({how})(getComputedStyle(document.querySelector('.o_kiosk_moving')))")
        assert moves == ["o_kiosk_card_in", direction], state
