"""Takes the pictures of the documentation from a demo with new data: the counter's here, then kiosk, fleet and boxes.

``script/pictures`` runs it. Each picture has the name under which the documentation shows it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from stack.demo import Demo
from stack.odoo import run
from stack.paths import ROOT
from stack.processes import Stack

from simulators.client import BenchClient
from tests.browser.conftest import CHROMIUM
from tests.browser.counter_page import CounterPage
from tests.kiosk.fleet_pictures import FleetPhotographer
from tests.kiosk.pictures import KioskPhotographer

SMALL, LARGE, WIDE, LIST = (1280, 720), (1440, 900), (1366, 800), (1440, 420)
LI_WEI, WANG_FANG, NING_BO, TANG_LI = "000000000101", "000000000102", "000000000113", "0000000000000109"
METER = "200000000101"
"""Of Li Wei."""
BLANK, APPLICANT = "000000000301", "100000000112"
CHINESE = """
env["res.users"].search([("login", "=", "clerk")]).write({"lang": "zh_CN", "name": "陈静"})
account = env["electricity.account"].search([("name", "=", "100000000101")])
account.partner_id.name = "李伟"
account.supply_address = "民族大道12号3栋502室"
env.cr.commit()
"""


class Photographer:
    """The demo, its cards, and a browser that is photographed.

    :param demo: started
    :param browser: Chromium
    :param folder: where the pictures go
    """

    def __init__(self, demo: Demo, browser: Browser, folder: Path):
        self.demo = demo
        self.browser = browser
        self.folder = folder
        self.bench = BenchClient(demo.simulators.url)

    @contextmanager
    def visit(self, login: str) -> Iterator[CounterPage]:
        """Yield the counter, with the user's shift open and an empty reader."""
        context = self.browser.new_context(viewport=_size(SMALL), timezone_id="Asia/Shanghai")
        counter = CounterPage(context.new_page(), self.demo.odoo.url)
        counter.log_in(login)
        rests = '[data-phase="idle"][data-busy=""], [data-phase="unfinished"][data-busy=""]'
        counter.open().page.wait_for_selector(rests)
        if counter.page.locator('[data-phase="unfinished"]').count():
            # A sale that was left open greets whoever comes.
            counter.press("Escape").is_in("idle")
        if counter.page.locator('[data-step="openShift"]').count():
            counter.enter().page.wait_for_selector("#o_ec_opening")
            counter.type("0").press("Enter").page.wait_for_selector(".modal", state="detached")
        yield counter
        context.close()

    def put_in(self, serial: str, counter: CounterPage) -> CounterPage:
        """Put a card into the reader and wait for its customer and the last answer about him."""
        self.bench.do("insert", card=serial)
        counter.is_in("customer")
        counter.page.wait_for_selector('.o_ec_arrears[data-marketing="up"]')
        return counter

    def take(self, name: str, counter: CounterPage, size: tuple[int, int] = SMALL) -> None:
        """Take one picture, when what moves has come to rest."""
        counter.page.set_viewport_size(_size(size))
        counter.page.wait_for_timeout(600)
        counter.page.screenshot(path=self.folder / f"{name}.png")
        counter.page.set_viewport_size(_size(SMALL))

    # -- what is photographed --------------------------------------------------------------------------------------

    def sale(self, counter: CounterPage) -> None:
        """A sale from the amount to the result, and the card's way to the meter."""
        self.put_in(LI_WEI, counter).press("F2").offers("begin")
        self.take("counter-sale", counter)
        counter.enter().is_in("paying").offers("tender").type("150")
        self.bench.do("fault", card=LI_WEI, kind="slow", seconds=0.4)
        counter.enter().page.wait_for_selector('[data-phase="writing"] .o_ec_step_now:nth-child(3)', timeout=60_000)
        counter.page.screenshot(path=self.folder / "counter-write.png")
        self.bench.do("clear-faults", card=LI_WEI)
        counter.is_in("result", 60)
        self.take("counter-result", counter)
        counter.press("Escape").is_in("idle")
        self.bench.do("pull")
        self.bench.do("carry", card=LI_WEI, meter=METER)

    def arrears(self, counter: CounterPage) -> None:
        """What is owed, and the choice of bills."""
        self.put_in(WANG_FANG, counter)
        self.take("counter-arrears", counter)
        counter.press("F10").is_in("bills")
        self.take("counter-bills", counter)
        counter.press("Escape").is_in("customer").press("Escape")
        self.bench.do("pull")

    def pulled(self, counter: CounterPage) -> None:
        """Two cards that are pulled while they are written, and the next customer."""
        for serial, key, name in ((NING_BO, "F3", None), (WANG_FANG, "F1", "counter-pulled")):
            self.put_in(serial, counter).press(key).offers("begin").enter().is_in("paying").offers("tender")
            self.bench.do("fault", card=serial, kind="pull", bytes=10)
            counter.enter().is_in("unfinished", 60)
            if name:
                self.take(name, counter, LARGE)
            counter.press("Escape").is_in("idle")
        self.put_in(LI_WEI, counter).type("100").offers("begin")
        self.take("counter", counter, LARGE)
        self.bench.do("pull")

    def supervisor(self, counter: CounterPage) -> None:
        """A money card, a new account, and the list of unfinished recharges."""
        self.put_in(TANG_LI, counter).press("F2").offers("begin")
        self.take("counter-money", counter, WIDE)
        self.bench.do("pull")
        counter.is_in("idle")
        self.bench.do("insert", card=BLANK)
        counter.is_in("customer").press("F8").page.wait_for_selector("#o_ec_account")
        counter.type(APPLICANT).shows(APPLICANT, ".o_ec_operation .o_ec_row").enter()
        counter.page.wait_for_selector("#o_ec_first")
        counter.type("100").shows("kWh", ".o_ec_operation")
        self.take("counter-open", counter, WIDE)
        self.bench.do("pull")
        counter.page.goto(f"{self.demo.odoo.url}/odoo/action-electricity_prepaid.action_recharge_unfinished")
        counter.page.wait_for_selector(".o_data_row")
        self.take("unfinished", counter, LIST)

    def chinese(self, counter: CounterPage) -> None:
        """The sale and its result for a Chinese clerk."""
        self.put_in(LI_WEI, counter).press("F2").offers("begin")
        self.take("counter-sale-zh", counter)
        counter.enter().is_in("paying").offers("tender").type("150").enter().is_in("result", 60)
        self.take("counter-result-zh", counter)


def _size(size: tuple[int, int]) -> dict[str, int]:
    return {"width": size[0], "height": size[1]}


def main() -> int:
    """Command line of script/pictures; returns its exit status."""
    parser = argparse.ArgumentParser(prog="script/pictures", description="Take the pictures of the documentation anew.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "img", help="where they go")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    # Not the demo that somebody may have open.
    demo = Demo(f"prepaid_demo_pictures_{os.getpid()}")
    try:
        with Stack() as stack, sync_playwright() as playwright:
            demo.discard()
            demo.prepare()
            demo.start(stack)
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            photographer = Photographer(demo, browser, folder)
            with photographer.visit("clerk") as counter:
                photographer.sale(counter)
                photographer.arrears(counter)
                photographer.pulled(counter)
            with photographer.visit("supervisor") as counter:
                photographer.supervisor(counter)
            run("shell", f"--database={demo.name}", "--no-http", stdin=CHINESE)
            with photographer.visit("clerk") as counter:
                photographer.chinese(counter)
            KioskPhotographer(demo, browser, folder).take_all()
            FleetPhotographer(demo, browser, folder).take_all()
            browser.close()
    finally:
        demo.discard()
        demo.stop_postgres()
    return 0


if __name__ == "__main__":
    sys.exit(main())
