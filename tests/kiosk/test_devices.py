"""What does not work is not offered, and everything else goes on: a scanner, a terminal that may not sell."""

import os

import pytest
from playwright.sync_api import expect
from stack.postgres import query

from tests.kiosk.test_identity import without_card
from tests.kiosk.test_purchase import TAKES

__all__ = ["without_card"]


class ScannerLine:
    """A scanner at a serial line, which can be unplugged.

    :param path: where its device is
    """

    def __init__(self, path):
        self.path, self.master = path, None

    def plug(self):
        self.master, slave = os.openpty()
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(slave))
        os.close(slave)

    def unplug(self):
        self.path.unlink(missing_ok=True)
        if self.master is not None:
            os.close(self.master)
        self.master = None


@pytest.fixture
def scanner(world, without_card, tmp_path):
    """A scanner at the kiosk's serial line, plugged in."""
    line = ScannerLine(tmp_path / "scanner")
    line.plug()
    before = world.terminal.extra
    world.terminal.use(f'{before}[pos]\nenabled = true\n[scanner]\ndevice = "{line.path}"\n')
    yield line
    line.unplug()
    world.pcsc.start()
    world.terminal.use(before)


@pytest.fixture
def no_numbers(world, without_card):
    """Nobody is known by an account number here."""
    company = world.admin.call("res.company", "search", [])[0]
    world.admin.call("res.company", "write", [company], {"kiosk_account_check": False})


def is_heard(page, text):
    """Wait until a screen says something that the terminal has told."""
    return page.reads(text, seconds=TAKES)


def test_a_scanner_that_is_unplugged_is_not_offered_until_it_is_back(kiosk, scanner):
    page = is_heard(kiosk().choose().want("file").sees("identify"), "before the scanner")
    scanner.unplug()
    ways = page.page.locator(".o_kiosk_ways")
    expect(ways).not_to_contain_text("scanner", timeout=TAKES * 1000)
    expect(ways).to_contain_text("Type the account number")
    scanner.plug()
    is_heard(page, "before the scanner")


def test_where_only_codes_are_taken_and_the_scanner_is_away_the_card_is_asked_for(kiosk, world, scanner, no_numbers):
    page = is_heard(kiosk().choose().want("file").sees("identify"), "before the scanner")
    page.press("Back").sees("services")
    file = page.page.locator("[data-service=file]")
    world.pcsc.kill()
    expect(page.page.locator("[data-service=rewrite]")).to_contain_text("P-108", timeout=TAKES * 1000)
    expect(file).to_be_enabled()
    scanner.unplug()
    expect(file).to_contain_text("T-310", timeout=TAKES * 1000)
    expect(file).to_be_disabled()
    world.restart_pcsc()
    expect(file).to_be_enabled(timeout=TAKES * 1000)
    page.want("file").sees("card")


def test_a_terminal_that_may_sell_no_more_shows_files_and_settles_what_is_paid(kiosk, world, customer):
    def piles_up(route):
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "problems": ["T-105"]})

    world.insert(customer)
    page = kiosk()
    page.page.route("**/v1/events", lambda route: route.abort())
    page.page.route("**/v1/status", piles_up)
    page.page.reload()
    page.sees("attract", seconds=3 * TAKES).choose()
    expect(page.page.locator("[data-service=buy]")).to_contain_text("T-105", timeout=TAKES * 1000)
    expect(page.page.locator("[data-service=buy]")).to_be_disabled()
    page.want("file").sees("file").reads("C****").press("Finish").sees("take")
    world.pull()
    page.sees("attract")
    world.insert(customer)
    page.choose().want("rewrite").ends("plain").reads("Nothing is to be written")
    page.page.unroute_all(behavior="ignoreErrors")


def test_a_page_that_began_while_its_terminal_was_quarantined_goes_on_when_it_is_released(kiosk, world):
    terminal = world.terminal
    query(f"UPDATE electricity_terminal SET state = 'quarantined' WHERE id = {terminal.id}", world.database)
    try:
        page = kiosk().reads("T-102")
    finally:
        (reason,) = world.admin.call(
            "electricity.terminal.reason", "create", [{"terminal_id": terminal.id, "reason": "a test"}]
        )
        world.admin.call("electricity.terminal.reason", "action_reactivate", [reason])
    page.reads("Touch to begin", seconds=3 * TAKES).choose().want("file").sees("card")
