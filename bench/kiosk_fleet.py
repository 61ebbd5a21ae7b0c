"""Two hundred kiosks at one Odoo with two workers: heartbeats, the page's own question, and a sale a minute each.

All over HTTP, with real signatures; card, notes and the browser's drawing are left out. Any call that does not succeed
ends the bench.
"""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from bench.figures import Figure
from bench.kiosk_server import KioskServer

KIOSKS = 200
MINUTES = 3
WORKERS = ("--workers=2", "--max-cron-threads=1", "--log-level=warn", "--limit-time-real-cron=600")
HEARTBEAT = 20.0
"""Seconds between the heartbeats of a terminal that has nothing to bring."""
START = 15.0
"""Seconds between two questions of a page before which nobody stands."""
LIMIT = 1.0
SEED = 20261126


def measure(part):
    """Return the figures: the 95th percentile of ``authorize`` beside a second, and how late sales were.

    :param float part: of :data:`KIOSKS`
    """
    number, minutes = max(4, round(KIOSKS * part)), MINUTES if part >= 1 else 1
    with KioskServer(number, WORKERS) as server:
        kiosks = server.kiosks()
        with ThreadPoolExecutor(8) as doors:
            list(doors.map(lambda kiosk: kiosk.log_in(), kiosks))
        for kiosk in kiosks:
            kiosk.client.since()
        chance, begin = random.Random(SEED), time.monotonic() + 1
        with ThreadPoolExecutor(number) as street:
            plans = [chance.uniform(0, 60) for _kiosk in kiosks]
            lives = [street.submit(_live, *each, begin, minutes) for each in zip(kiosks, plans, strict=True)]
            sold = sum(life.result() for life in lives)
        spent = time.monotonic() - begin
        calls = [kiosk.client.since() for kiosk in kiosks]
    if sold != number * minutes:
        raise RuntimeError(f"{sold} sales instead of {number * minutes}")
    authorize = _p95([seconds for each in calls for seconds in each["authorize"]])
    whole = [sum(map(sum, each.values())) for each in calls]
    note = f"authorize, p95 of {sold} sales at {number} kiosks in {spent:.0f} s; beside 1 s"
    calls = sum(_count(each) for each in calls)
    load = f"seconds that a page waited for Odoo in a minute; beside 60 s; {calls} calls in all"
    return [
        Figure("kiosk.fleet", round(authorize * 1000), 1000.0, round(authorize, 3), "ms", note, LIMIT),
        Figure("kiosk.waits", round(sum(whole) / number / minutes, 2), 60.0, _ratio(whole, number, minutes), "s", load),
    ]


def _ratio(whole, number, minutes):
    return round(sum(whole) / number / minutes / 60, 4)


def _count(calls):
    return sum(map(len, calls.values()))


def _p95(times):
    times = sorted(times)
    return times[min(len(times) - 1, -(-95 * len(times) // 100) - 1)]


def _live(kiosk, sale_at, begin, minutes):
    """Live as a kiosk for some minutes; return the number of sales.

    :param float sale_at: second of each minute in which a customer comes
    """
    threading.current_thread().name = kiosk.terminal.uuid
    sales, beat, look, load = 0, sale_at % HEARTBEAT, sale_at % START, ((), ())
    while sales < minutes or time.monotonic() < begin + 60 * minutes:
        due = [(beat, "beat"), (look, "look")]
        if sales < minutes:
            due.append((60 * sales + sale_at, "sale"))
        at, what = min(due)
        time.sleep(max(0.0, begin + at - time.monotonic()))
        if what == "sale":
            receipt, statement = kiosk.sell()
            sales += 1
            # The terminal brings what the page has brought too, a moment later.
            load, beat = ((receipt,), (statement,)), time.monotonic() - begin + 0.2
        elif what == "beat":
            kiosk.beat(*load)
            load, beat = ((), ()), beat + HEARTBEAT
        else:
            kiosk.ask("start")
            look += START
    return sales
