"""The journal on a real disk that is full or read-only, and clocks that jump."""

import os
import resource
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from hw_proxy import audit
from hw_proxy.clock import Clock
from hw_proxy.errors import JournalError, Refusal
from tests.hw_proxy.support import Bench


def test_a_full_and_a_read_only_disk_refuse_and_never_corrupt(tmp_path):
    done = subprocess.run(
        [
            "unshare",
            "--mount",
            *([] if os.geteuid() == 0 else ["--map-root-user"]),
            sys.executable,
            "-m",
            "tests.hw_proxy.disk_trial",
            tmp_path,
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "fine\n"), done.stderr[-3000:]


@contextmanager
def no_file_may_grow_beyond(size):
    """As on a disk with a quota: the kernel refuses to make files larger."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_journal_that_may_not_grow_refuses_and_stays_whole(bench):
    bench.write()
    log = bench.config.journal_file(bench.identity.pairing.terminal).with_suffix(".sqlite-wal")
    with no_file_may_grow_beyond(log.stat().st_size), pytest.raises(JournalError):
        bench.terminal.journal.put("large", "x" * 200_000)
    assert "P-110" in bench.terminal.problems()
    with pytest.raises(Refusal):
        bench.terminal.jobs.write(*bench.order(op="rewrite"))
    bench.terminal.journal.mend()
    assert bench.write(op="rewrite")["outcome"] == "written"
    assert audit.problems(bench.terminal.journal) == []


class Wall:
    """A wall clock that can be set."""

    def __init__(self):
        self.offset = 0.0

    def __call__(self):
        return time.time() + self.offset


@pytest.mark.parametrize("jump", [-10 * 365 * 86400, -3600, 3600, 10 * 365 * 86400])
def test_a_wall_clock_that_jumps_changes_nothing_once_odoo_has_told_the_time(tmp_path, jump):
    wall = Wall()
    clock = Clock(wall=wall)
    clock.trust(int(time.time() * 1000), clock.ticks(), clock.ticks())
    bench = Bench(tmp_path, clock=clock)
    first = bench.write()
    wall.offset = jump
    second = bench.write(op="rewrite")
    assert (first["outcome"], second["outcome"]) == ("written", "written")
    assert abs(second["iat"] - time.time()) < 10
    again = bench.reopen()
    assert again.write(op="rewrite")["outcome"] == "written"
    assert audit.problems(again.terminal.journal) == []
    again.close()


@pytest.mark.parametrize("jump", [-10 * 365 * 86400, 10 * 365 * 86400])
def test_a_wrong_wall_clock_without_signed_time_writes_nothing_but_keeps_its_receipts(tmp_path, jump):
    wall = Wall()
    clock = Clock(wall=wall)
    clock.trust(int(time.time() * 1000), clock.ticks(), clock.ticks())
    bench = Bench(tmp_path, clock=clock)
    bench.write()
    wall.offset = jump
    # As after a reboot: the offset to Odoo's time is gone.
    bench.close()
    again = Bench(tmp_path, bench.card, bench.config, bench.odoo, bench.identity, Clock(wall=wall, max_age=-1))
    with pytest.raises(Refusal) as refusal:
        again.terminal.jobs.write(*again.order(op="rewrite"))
    assert refusal.value.code == "P-109"
    assert len(again.terminal.receipts(0)) == 1
    # A clock far in the future must not make young, unacknowledged receipts look old.
    again.terminal.journal.prune(int(wall() * 1000))
    assert len(again.terminal.receipts(0)) == 1
    again.close()
