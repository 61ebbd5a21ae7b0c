"""The demo page in a real browser: what its buttons do, and that both languages have every word."""

from __future__ import annotations

import shutil
import threading

import pytest
from playwright.sync_api import expect, sync_playwright

from simulators.bench import Workbench
from simulators.server import BenchServer
from simulators.vpcd import VpcdSlot

pytestmark = pytest.mark.browser

SERIAL, CUSTOMER, METER = "000000000123", "000000004567", "000000008901"


@pytest.fixture
def bench(tmp_path, card_keys):
    made = Workbench(tmp_path, card_keys, [VpcdSlot(1)], notes=tmp_path / "note-acceptor")
    made.issue(SERIAL, CUSTOMER, METER, "100")
    yield made
    made.close()


@pytest.fixture
def page(bench):
    server = BenchServer(bench, 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    problems: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-US")
        opened.on("pageerror", lambda error: problems.append(str(error)))
        opened.on("console", lambda message: problems.append(message.text) if _is_problem(message) else None)
        opened.goto(f"http://127.0.0.1:{server.port}/")
        yield opened
        browser.close()
    server.shutdown()
    thread.join()
    server.server_close()
    assert problems == []


def _is_problem(message) -> bool:
    # The browser itself reports every refused request; the page tells it to the person.
    return message.type == "error" and "409 (Conflict)" not in message.text


def test_a_card_goes_into_the_reader_out_of_it_and_to_the_meter(page, bench):
    page.get_by_role("button", name="Insert", exact=True).click()
    expect(page.get_by_text("in reader 1")).to_be_visible()
    assert bench.slot_of(SERIAL) == 0
    page.get_by_role("button", name="Pull the card out").click()
    expect(page.get_by_text("in hand")).to_be_visible()
    page.get_by_role("button", name="Use 50 kWh").click()
    expect(page.locator(".lcd-number")).to_have_text("50.00kWh")
    page.get_by_role("button", name="Carry to the meter").click()
    expect(page.locator(".visit.good")).to_contain_text("Card read, remaining 50.00 kWh")


def test_a_fault_is_armed_shown_in_words_and_taken_back(page, bench):
    page.get_by_label("Let something go wrong…").select_option("pull_commit")
    expect(page.get_by_text("pulled after 40 more bytes, inside the next")).to_be_visible()
    assert bench.card(SERIAL).faults.armed() == {"pull_after_bytes": 40, "pull_inside_byte": True}
    page.get_by_role("button", name="Remove faults").click()
    expect(page.get_by_label("Let something go wrong…")).to_be_visible()
    assert bench.card(SERIAL).faults.armed() == {}


def test_a_refusal_is_said_on_the_page_without_breaking_it(page):
    page.evaluate("act('insert', { card: '999' })")
    expect(page.get_by_role("alert")).to_have_text("there is no card 999")


def test_money_cards_and_meters_speak_of_money(page, bench):
    bench.issue("124", "000000004568", "000000008902", "60.50", driver="csg2015")
    expect(page.get_by_text("opening card · Southern Grid CPU card")).to_be_visible()
    expect(page.get_by_text("¥60.50").first).to_be_visible()
    expect(page.get_by_text("¥0.5483 / kWh")).to_be_visible()
    page.get_by_label("Let something go wrong…").nth(0).select_option("pull_commit")
    expect(page.get_by_text("pulled after 102 more bytes, inside the next")).to_be_visible()
    page.get_by_role("button", name="Use 10 kWh").nth(1).click()
    expect(page.locator(".lcd-number").nth(1)).to_have_text("55.02yuan")


def test_a_blank_card_of_any_kind_is_made_on_the_page(page, bench):
    page.get_by_label("Kind of card").select_option("gdw1365")
    page.get_by_label("Card", exact=True).fill("77")
    page.get_by_role("button", name="Make").click()
    expect(page.get_by_text("Blank card · State Grid CPU card")).to_be_visible()
    assert bench.driver_of("0000000000000077") == "gdw1365"
    page.get_by_label("Kind of card").select_option("sam")
    page.get_by_label("Card", exact=True).fill("1")
    page.get_by_role("button", name="Make").click()
    expect(page.get_by_text("Uses left")).to_be_visible()


def test_notes_are_put_in_and_the_acceptor_fails_and_is_mended(page, bench):
    acceptor = bench.notes.acceptor
    page.get_by_role("button", name="Put in a note of ¥20").click()
    expect(page.get_by_text("At the slit")).to_be_visible()
    assert list(acceptor.waiting) == [2_000]
    page.get_by_label("Let the note acceptor fail").select_option("power_sensor")
    expect(page.get_by_text("⚠ Power loss")).to_be_visible()
    assert acceptor.faults.armed() == {"power_loss": {"at": "sensor", "slips": False, "forgets": False}}
    page.get_by_role("button", name="Unplug it").click()
    expect(page.get_by_text("unplugged", exact=True)).to_be_visible()
    page.get_by_role("button", name="Mend it").click()
    expect(page.get_by_text("unplugged", exact=True)).to_be_hidden()
    acceptor.box[10_000] = 2
    page.get_by_role("button", name="Take the cash box out").click()
    expect(page.get_by_role("alert")).to_have_text("Taken out: 2 × ¥100.")
    page.get_by_role("button", name="Put the cash box back").click()
    expect(page.get_by_text("empty", exact=True)).to_be_visible()
    assert bench.notes.show()["box_is_in"]


def test_both_languages_have_the_same_words_and_the_page_speaks_them(page):
    keys = page.evaluate(
        """() => {
            const names = (words) => Object.entries(words).flatMap(([name, value]) =>
                typeof value === "object" ? Object.keys(value).map((inner) => `${name}.${inner}`) : [name]).sort();
            return [names(WORDS.en), names(WORDS.zh)];
        }"""
    )
    assert keys[0] == keys[1]
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("button", name="拿到电表插卡")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator(".visit")).to_contain_text("读卡成功")
