"""What the customer takes home: paper, a code for the phone, or a voucher while Odoo is away."""

import base64
import re

import pytest
from playwright.sync_api import expect
from stack.processes import wait_until

from tests.kiosk.test_purchase import TAKES, ask_for, balance_of, page, put_in

__all__ = ["page"]


@pytest.fixture
def printer(world):
    """The receipt printer, in order and with nothing in its tray."""
    world.printer.mend()
    world.printer.take_slips()
    yield world.printer
    world.printer.mend()


def receipt(page, state, seconds=TAKES):
    """Wait for what became of the receipt."""
    expect(page.page.locator(f"[data-receipt={state}]")).to_be_visible(timeout=seconds * 1000)
    return page


def is_paper_told(page, words):
    """Wait until the page has heard of the printer's paper; the terminal asks every ten seconds."""
    page.reads(words, seconds=TAKES)
    return page


def test_the_receipt_is_printed_once_and_again_only_when_somebody_asks(page, world, customer, notes, printer):
    put_in(ask_for(page, "50.00"), notes, 5_000)
    page.sees("done", seconds=TAKES)
    receipt(page, "printed").reads("Please take your receipt.")
    assert [slip.is_cut for slip in printer.take_slips()] == [True]
    page.press("Receipt on my phone")
    image = page.page.locator(".o_kiosk_code_for_phone img")
    expect(image).to_be_visible()
    world.pull()
    expect(image).to_be_visible()
    page.press("Finish").sees("attract")
    world.insert(customer)
    page.choose().want("file").sees("file").reads("On the card. Put the card into your meter.")
    receipt(page.press("Print my last receipt"), "printed").fits()
    assert len(printer.take_slips()) == 1


def test_without_paper_it_is_told_before_the_money_and_the_receipt_is_a_code(page, world, customer, notes, printer):
    printer.set_paper("out")
    page.touch("[data-amount='50.00']").sees("confirm")
    is_paper_told(page, "There is no paper now")
    page.press("Pay with notes").sees("paying").reads("Please put in notes")
    put_in(page, notes, 5_000)
    receipt(page.sees("done", seconds=TAKES), "not_printed").reads("A-401", "Scan this code")
    picture = page.page.locator(".o_kiosk_code_for_phone img").get_attribute("src")
    assert picture.startswith("data:image/svg+xml;base64,")
    link = world.admin.call(
        "electricity.recharge", "search_read", [("account_no", "=", customer.customer_no)], ["name"]
    )
    assert not printer.take_slips() and link
    assert "<svg" in base64.b64decode(picture.partition(",")[2]).decode()


def stays_until(page, text, stir=None):
    """Somebody stands before the voucher, and touches the screen (or does ``stir``) now and then."""

    def reads():
        (stir or page.page.locator("#title-en").tap)()
        return text in page.page.locator("body").inner_text()

    wait_until(reads, 90, text)


def has_focus(page, name):
    """Wait until the key with this name on it is the one that Enter presses."""
    expect(page.page.get_by_role("button", name=name)).to_be_focused(timeout=60_000)


def test_a_voucher_is_taken_home_by_the_keypad_alone(page, world, customer, notes, printer):
    ask_for(page, "50.00")
    put_in(page, notes, 2_000)
    world.odoo.kill()
    page.page.goto(f"{world.terminal.url}/kiosk")
    body, help_page = page.page.locator("body"), page.page.locator("#help")
    has_focus(page, "No more notes")
    page.key("Enter")
    expect(body).to_contain_text("Your voucher is printed", timeout=TAKES * 1000)
    has_focus(page, "Finish")
    assert len(printer.take_slips()) == 1
    page.key("*")
    expect(help_page).to_contain_text("Help line: 95598")
    expect(help_page).to_contain_text("E2E1")
    page.key("Enter")
    expect(help_page).to_be_hidden()
    page.key("1")
    wait_until(lambda: len(printer.slips) == 1, TAKES, "the voucher to be printed again")
    page.key("Enter")
    has_focus(page, "My voucher again")
    page.key("1")
    expect(page.page.locator(".voucher .code")).to_be_visible(timeout=TAKES * 1000)
    world.odoo.start()
    stays_until(page, "Your money has arrived", lambda: page.key("5"))
    has_focus(page, "Finish")
    world.pull()
    page.key("Enter").sees("attract", seconds=90)
    assert balance_of(world, customer) == 20
    world.check_books(customer)


def test_while_odoo_is_away_the_customer_takes_a_voucher_home(page, world, customer, notes, printer):
    ask_for(page, "50.00")
    put_in(page, notes, 2_000)
    world.odoo.kill()
    page.press("No more notes")
    body = page.page.locator("body")
    expect(body).to_contain_text("Your money is safe", timeout=90_000)
    expect(body).to_contain_text("款项已安全收下")
    expect(body).to_contain_text("Your voucher is printed", timeout=30_000)
    expect(page.page.locator(".voucher .code")).to_be_visible()
    assert re.search(r"[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}", body.inner_text())
    assert len(printer.take_slips()) == 1
    expect(body).to_contain_text("Put away in")
    page.page.reload()
    expect(body).to_contain_text("Your money is safe", timeout=30_000)
    finish = page.page.get_by_role("button", name="Finish")
    finish.tap()
    again = page.page.get_by_role("button", name="My voucher again")
    again.tap(timeout=60_000)
    expect(page.page.locator(".voucher .code")).to_be_visible(timeout=30_000)
    world.odoo.start()
    stays_until(page, "Your money has arrived")
    assert not printer.take_slips(), "neither a reload nor another look prints anything"
    assert balance_of(world, customer) == 20
    world.pull()
    finish.tap()
    page.sees("attract", seconds=90)
    world.check_books(customer)
