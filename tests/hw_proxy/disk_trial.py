"""A terminal on a small disk of its own that fills up and becomes read-only; started by test_disk.py.

Runs in a mount namespace: ``python -m tests.hw_proxy.disk_trial FOLDER``. Ends with 0 and ``fine`` when every step was
as it must be.
"""

import subprocess
import sys
import time
from pathlib import Path

from hw_proxy import audit
from hw_proxy.config import Config, Limits
from hw_proxy.errors import Refusal
from hw_proxy.journal import Journal
from hw_proxy.monitor import Monitor
from tests.hw_proxy.support import Bench

SIZE = 2_000_000


def mount(folder, options):
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)


def refused(bench):
    """Code by which a write is refused, or that its job ends with."""
    order, sealed = bench.order(op="rewrite")
    try:
        job = bench.terminal.jobs.write(order, sealed)
        end = time.monotonic() + 5
        while time.monotonic() < end:
            if bench.terminal.jobs.state(job)["state"] == "done":
                return None
            time.sleep(0.01)
    except Refusal as refusal:
        return refusal.code
    return "running"


def expect(found, wanted, what):
    if found != wanted:
        raise SystemExit(f"{what}: {found!r}, not {wanted!r}")


def whole(path):
    with Journal.open_read_only(path) as journal:
        expect(audit.problems(journal), [], "the journal")
        return journal.head()[0]


def fill(folder):
    """Write until not a byte is free."""
    with open(folder / "filler", "wb", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


def full_disk(folder):
    mount(folder, f"size={SIZE}")
    # The limit of free bytes is out of the way: the disk itself must be what refuses.
    bench = Bench(folder, config=Config(data_dir=folder, limits=Limits(min_free_bytes=1)))
    monitor = Monitor(bench.terminal)
    expect(bench.write()["outcome"], "written", "with room")
    image = bytes(bench.card.memory)
    fill(folder)
    # The journal's own log may have room left for some entries.
    codes = [refused(bench) for _number in range(200)]
    expect(codes[-1], "P-110", "a write on a full disk")
    expect("P-110" in bench.terminal.problems(), True, "problems on a full disk")
    stored = codes.count(None)
    monitor.look()
    (folder / "filler").unlink()
    end = time.monotonic() + 5
    while "P-110" in bench.terminal.problems() and time.monotonic() < end:
        monitor.look()
        time.sleep(0.1)
    expect(bench.terminal.problems(), [], "problems after room was made")
    expect(bench.write(op="rewrite")["outcome"], "written", "after room was made")
    expect(bytes(bench.card.memory), image, "the card")
    bench.close()
    expect(whole(bench.config.journal_file(bench.identity.pairing.terminal)), stored + 2, "receipts")


def full_between_intent_and_outcome(folder):
    mount(folder, f"size={SIZE}")
    bench = Bench(folder, config=Config(data_dir=folder, limits=Limits(min_free_bytes=1)))
    path = bench.config.journal_file(bench.identity.pairing.terminal)
    bench.card.trouble = lambda command: fill(folder) if command[1] == 0xD0 else None
    # Room for the intent, none for more.
    order, sealed = bench.order()
    job = bench.terminal.jobs.write(order, sealed)
    time.sleep(2.5)
    state = bench.terminal.jobs.state(job)
    if state["state"] == "running":
        expect("P-110" in bench.terminal.problems(), True, "problems while the outcome waits")
    bench.card.trouble = lambda command: None
    (folder / "filler").unlink()
    expect(bench.wait(job)["outcome"], "written", "an outcome that waited for room")
    bench.close()
    expect(whole(path), 1, "receipts")


def read_only_disk(folder):
    mount(folder, f"size={SIZE}")
    bench = Bench(folder, config=Config(data_dir=folder, limits=Limits(min_free_bytes=1)))
    expect(bench.write()["outcome"], "written", "with a good disk")
    image = bytes(bench.card.memory)
    # A mount over the folder: what is open stays writable, which is why the folder's own state has to be looked at.
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
    expect("P-110" in bench.terminal.problems(), True, "problems on a read-only disk")
    expect(refused(bench), "P-110", "a write on a read-only disk")
    expect(bytes(bench.card.memory), image, "the card")
    subprocess.run(["umount", folder], check=True)
    expect(bench.terminal.problems(), [], "problems after the disk came back")
    expect(bench.write(op="rewrite")["outcome"], "written", "after the disk came back")
    bench.close()
    expect(whole(bench.config.journal_file(bench.identity.pairing.terminal)), 2, "receipts")


def main():
    base = Path(sys.argv[1])
    for trial in (full_disk, full_between_intent_and_outcome, read_only_disk):
        folder = base / trial.__name__
        folder.mkdir()
        trial(folder)
    sys.stdout.write("fine\n")


if __name__ == "__main__":
    main()
