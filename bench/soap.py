"""Bench ``soap``: the way to the marketing system, beside a plain zeep client with the same calls in the same run.

- The outbox drains: one cron worker of a real Odoo beside one process with nothing but zeep, then four beside four, by
  turns.
- A hundred thousand queued messages drain in the memory that the first tenth took.
- The lookup's two questions, circuit and health included, beside the same by zeep one after the other. And, without a
  limit, all that Odoo does about a lookup: its locks, its rows, its commit.

The marketing system is the simulator, in a process of its own, the same for both.
"""

import json
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import psutil
import psycopg2
from stack.cis import CisProcess
from stack.databases import drop_database, install_database
from stack.odoo import OdooProcess, run
from stack.processes import Stack, wait_until

from bench import soap_raw
from bench.figures import Figure, paired

DATABASE = "prepaid_bench"
WHOLE = 30
"""Runs that stand for all the messages; fewer are that part of them."""
MESSAGES = 100_000
TURNS = 3
SLICE = 4000
ACCOUNTS = 2000
LOOKUPS = 60
LOOKUP_LIMIT = 1.20
DRAIN_LIMIT = 1.25
"""Time for a message; the other way round, at least 0.8 of the plain client's messages per second."""
DRAINS = ((1, "soap.drain", DRAIN_LIMIT), (4, "soap.drain4", None))
"""Callers on each side, and the limit. Many of them on one machine only compare processor time, the simulator's too:
shown without a limit, as a marketing system elsewhere takes none of it."""
RSS_LIMIT = 1.10
MARK = "BENCH "
OURS, THEIRS = "71", "72"
"""First digits of the accounts of the outbox, and of the plain client's."""


def measure(runs):
    """Return the figures of drain, memory and lookup.

    :param int runs: of 30 that stand for 100 000 messages
    """
    install_database(DATABASE, ["electricity_prepaid"])
    try:
        with tempfile.TemporaryDirectory() as folder, Stack() as stack:
            return _Bench(stack, Path(folder)).figures(MESSAGES * runs // WHOLE)
    finally:
        drop_database(DATABASE)


class _Bench:
    def __init__(self, stack, folder):
        self.cis = stack.start(CisProcess(folder / "cis"))
        self.stack, self.folder = stack, folder
        self.environment = {
            "ELECTRICITY_KEYRING": str(folder / "keyring.json"),
            "ELECTRICITY_CARD_KEYS": str(folder / "card-keys.json"),
            **self.cis.environment_of_odoo,
        }
        run("electricity_keys", "init", f"--database={DATABASE}", environment=self.environment)
        for first in (OURS, THEIRS):
            self.cis.client.put_customers(*map(_customer, [_account(first, number) for number in range(ACCOUNTS)]))
        self.settings = {"url": self.cis.url, "username": self.cis.username, "accounts": ACCOUNTS, "first": OURS}
        self._shell("prepare(env, settings)")
        self.queued = self.turn = 0
        self.books = psycopg2.connect(dbname=DATABASE)
        self.books.autocommit = True

    def figures(self, messages):
        asked, stored = json.loads(self._shell(f"lookups(env, settings, {LOOKUPS})"))
        drains = []
        for workers, name, limit in DRAINS:
            odoo = self._odoo(workers)
            with ProcessPoolExecutor(workers) as callers:
                # The first turn loads what the later ones have loaded.
                turns = [(self._drain(SLICE)[0], self._plain(callers, workers)) for _turn in range(TURNS + 1)][1:]
            note = f"a message by zeep alone, {workers} process{'es' * (workers > 1)} each"
            drains.append(paired(name, [(ours / SLICE, plain / SLICE) for ours, plain in turns], note, limit))
            odoo.stop()
        processes = psutil.Process(self._odoo(DRAINS[-1][0]).pid)
        _spent, sizes = self._drain(messages, lambda: _memory(processes))
        early, late = (statistics.median(part) for part in (sizes[len(sizes) // 10 : len(sizes) // 5], sizes[-5:]))
        note = f"of the workers after a tenth of {messages} messages"
        return [
            *drains,
            Figure("soap.memory", round(late, 1), round(early, 1), round(late / early, 3), "MB", note, RSS_LIMIT),
            paired("soap.lookup", asked, "its two questions by zeep", LOOKUP_LIMIT),
            paired("soap.stored", stored, "the same, for a lookup that is stored and committed", None),
        ]

    def _odoo(self, workers):
        options = ["--workers=1", f"--max-cron-threads={workers}", "--log-level=warn", "--limit-time-real-cron=86400"]
        return self.stack.start(OdooProcess(DATABASE, self.folder, environment=self.environment, options=options))

    def _drain(self, messages, sample=lambda: None):
        """Queue messages and wait until the marketing system has them all.

        Time runs from the first twentieth to the last: how soon a cron wakes and how it ends is not the drain's speed.

        :param sample: called meanwhile
        :return: seconds for as many messages at that speed, and the samples
        """
        before = self.queued
        self._shell(f"queue(env, settings, {before}, {messages})")
        self.queued += messages
        early, late = before + messages // 20, self.queued - messages // 20
        wait_until(lambda: self._settled() >= early, 120, "the outbox to begin", interval=0.02)
        begin, first = time.perf_counter(), self._settled()
        samples = []

        def reached(number):
            samples.append(sample())
            return self._settled() >= number

        wait_until(lambda: reached(late), 60 + messages, "the outbox to drain", interval=0.1)
        spent, last = time.perf_counter() - begin, self._settled()
        wait_until(lambda: reached(self.queued), 120, "the outbox to be empty", interval=0.1)
        return spent * messages / (last - first), samples

    def _settled(self):
        with self.books.cursor() as cursor:
            # By the index of what is not: counting what is done would cost more than doing it.
            cursor.execute("SELECT count(*) FROM electricity_cis_message WHERE state IN ('queued', 'unknown')")
            return self.queued - cursor.fetchone()[0]

    def _plain(self, callers, workers):
        share = SLICE // workers
        self.turn += 1
        access = (self.cis.url, self.cis.username, self.cis.password)
        work = [(*access, _payments(self.turn, range(each, ACCOUNTS, workers), share)) for each in range(workers)]
        list(callers.map(soap_raw.warm_up, work))
        begin = time.perf_counter()
        booked = sum(callers.map(soap_raw.submit, work))
        spent = time.perf_counter() - begin
        if booked != share * workers:
            raise RuntimeError(f"only {booked} of {share * workers} payments were booked")
        return spent

    def _shell(self, call):
        program = f"from bench.soap_odoo import *\nsettings = {self.settings!r}\n{call}\n"
        output = run("shell", f"--database={DATABASE}", "--no-http", stdin=program, environment=self.environment).stdout
        return next((line.split(MARK, 1)[1] for line in output.splitlines() if MARK in line), "")


def _account(first, number):
    return f"{first}{number:010d}"


def _customer(account_no):
    return {"account_no": account_no, "name": "Bench", "regime": "remote"}


def _payments(turn, accounts, count):
    """Return what one caller submits: each account's count rises from turn to turn.

    :param accounts: numbers of the accounts that are this caller's
    """
    return [
        {
            "serial": f"Z{turn:04d}{accounts[0]:04d}{number:012d}",
            "account_no": _account(THEIRS, accounts[number % len(accounts)]),
            "count": turn * 100 + number // len(accounts),
        }
        for number in range(count)
    ]


def _memory(parent):
    """Return the megabytes of the largest of a server's processes."""
    sizes = []
    for process in parent.children(recursive=True):
        try:
            sizes.append(process.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
    return max(sizes, default=0) / 2**20
