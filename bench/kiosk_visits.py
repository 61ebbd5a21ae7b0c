"""How soon a kiosk shows what the person before it waits for: a real browser, Odoo, terminal and reader; card and note
acceptor are simulated, and the card spends the data sheet's times.
"""

import os
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright
from stack.databases import ACCOUNTS, drop_database, install_database
from stack.pcsc import PcscDaemon
from stack.processes import Stack, wait_until

from bench.figures import Figure
from simulators.notes.acceptor import IDLE
from tests.browser.conftest import CHROMIUM
from tests.kiosk.conftest import MODULES, kiosk_world
from tests.kiosk.kiosk_page import KioskBrowser

DATABASE = "prepaid_bench"
VISITS = 50
NOTE = 10_000
AIMS = {
    "kiosk.amount": (1.0, "card in the reader to the amount"),
    "kiosk.written": (3.0, "last note in to card written"),
}
"""Seconds that are aimed at; shown, without a limit."""


def measure(part):
    """Return the figures: the 95th percentile of many visits beside the aim.

    :param float part: of :data:`VISITS`
    """
    install_database(DATABASE, MODULES, assets=True, script=ACCOUNTS)
    try:
        with tempfile.TemporaryDirectory() as name, Stack() as stack, sync_playwright() as playwright:
            folder = Path(name)
            pcsc = stack.start(PcscDaemon(folder / "pcsc"))
            os.environ.update(pcsc.client_environment())
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            with kiosk_world(stack, folder, DATABASE, pcsc, write_times=True) as world:
                page = chromium.new_context(viewport={"width": 1080, "height": 1920}, has_touch=True).new_page()
                kiosk = KioskBrowser(page, world.terminal.url).start()
                # The first visit loads what the later ones have loaded.
                visits = [_visit(world, kiosk) for _number in range(max(5, round(VISITS * part)) + 1)][1:]
            chromium.close()
    finally:
        drop_database(DATABASE)
    return [_figure(name, [visit[name] for visit in visits]) for name in AIMS]


def _visit(world, kiosk):
    """Buy once with one note; return the seconds of both waits."""
    customer, acceptor = world.customer(), world.note_acceptor
    kiosk.choose().want("buy").sees("card")
    begin = time.perf_counter()
    world.bench.insert(customer.serial, 0)
    kiosk.sees("amount")
    amount = time.perf_counter() - begin
    kiosk.touch("[data-amount='100.00']").sees("confirm").press("Pay with notes").sees("paying")
    wait_until(lambda: acceptor.status == IDLE, 30, "the acceptor to open")
    before = acceptor.box[NOTE]
    acceptor.insert(NOTE)
    wait_until(lambda: acceptor.box[NOTE] > before, 30, "the note", interval=0.005)
    begin = time.perf_counter()
    kiosk.sees("done", seconds=60)
    written = time.perf_counter() - begin
    kiosk.press("Finish").sees("take")
    world.pull()
    kiosk.sees("attract")
    if not world.carry(customer).accepted:
        raise RuntimeError("the meter did not take the card")
    return {"kiosk.amount": amount, "kiosk.written": written}


def _figure(name, times):
    aim, note = AIMS[name]
    times = sorted(times)
    found = times[min(len(times) - 1, -(-95 * len(times) // 100) - 1)]
    middle = times[len(times) // 2]
    note = f"{note}: p95 of {len(times)}, median {middle * 1000:.0f}; the aim is {aim:g} s"
    return Figure(name, round(found * 1000), aim * 1000, round(found / aim, 3), "ms", note)
