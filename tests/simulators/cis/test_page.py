"""The page of the books in a real browser: what it shows, what its buttons do, and both languages."""

from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

from .conftest import ACCOUNT

pytestmark = pytest.mark.browser


@pytest.fixture
def page(cis):
    problems: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-US")
        opened.on("pageerror", lambda error: problems.append(str(error)))
        opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        opened.goto(f"http://127.0.0.1:{cis.control.port}/")
        yield opened
        browser.close()
    assert problems == []


def test_the_books_are_shown_as_they_become(page, cis, caller):
    customer = page.locator(f'[data-account="{ACCOUNT}"]')
    expect(customer).to_contain_text("¥91.50 with ¥1.50 late fee")
    expect(customer).to_contain_text("may buy")
    caller.pay(allocations=[("B-2026-01", "51.50")])
    caller.reverse()
    expect(page.get_by_text("reversed by REVERSAL-01")).to_be_visible()
    expect(page.locator("#payments")).to_contain_text("¥100.00")
    page.get_by_role("button", name="Forbid buying").click()
    expect(customer).to_contain_text("may not buy: 11209 card not inserted since the last purchase")
    assert caller.pay("SERIAL-0002").code == "11209"


def test_a_fault_is_armed_met_and_taken_back(page, cis, caller):
    page.get_by_label("What").select_option("answer")
    page.get_by_label("Result code").select_option("11211")
    page.get_by_label("In which call").select_option("SubmitPayment")
    page.get_by_role("button", name="Arm").click()
    expect(page.locator("#faults")).to_contain_text("SubmitPayment · 11211 · next call")
    assert caller.pay().code == "11211"
    expect(page.get_by_text("Nothing is armed.")).to_be_visible()
    expect(page.locator("#events")).to_contain_text("11211 count differs · Answer with a code")
    page.get_by_label("What").select_option("html")
    page.get_by_role("button", name="Arm").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("Nothing is armed.")).to_be_visible()
    assert cis.client.armed() == []


def test_midnight_comes_and_the_day_is_settled_at_a_click(page, cis):
    page.get_by_role("button", name="Next midnight").click()
    expect(page.locator(".time")).to_contain_text("2026-03-05 00:00")
    page.get_by_role("button", name="Close for settlement").click()
    expect(page.get_by_role("button", name="Open again")).to_be_visible()
    assert cis.client.books()["is_open"] is False
    page.get_by_role("button", name="Real time").click()
    expect(page.locator(".time")).not_to_contain_text("2026-03-05")


def test_both_languages_have_the_same_words_and_every_fault_has_a_name(page, cis):
    keys = page.evaluate(
        """() => {
            const names = (words) => Object.entries(words).flatMap(([name, value]) =>
                typeof value === "object" ? Object.keys(value).map((inner) => `${name}.${inner}`) : [name]).sort();
            return [names(WORDS.en), names(WORDS.zh), Object.keys(WORDS.en.fault_kinds).sort()];
        }"""
    )
    assert keys[0] == keys[1]
    kinds = cis.client._call("/api/faults")["kinds"]
    assert keys[2] == sorted(kinds)
    page.get_by_role("button", name="中文").click()
    expect(page.locator(f'[data-account="{ACCOUNT}"]')).to_contain_text("含违约金 ¥1.50")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
