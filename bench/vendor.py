"""Bench ``vendor``: a call of a maker's library in its own process, beside the same call by ctypes in this one.

Both read a simulated card in a simulated reader; through the process every command to the card crosses twice more. The
limit is what the process may add.
"""

import statistics
import tempfile
import time
from pathlib import Path

from bench.figures import Figure
from hw_proxy.vendor.description import load
from hw_proxy.vendor.library import Library
from hw_proxy.vendor.worker.native import NativeLibrary
from simulators.acs_reader import AcsReader
from simulators.vendor import build
from simulators.vendor.cards import HUALI, Record, make_card

WARM_UP = 5
LIMIT_MS = 5.0
CALLS = 10


def measure(runs):
    """Return the figures: what the process adds to a reading, and the reading itself.

    :param int runs: pairs of readings
    """
    chip = make_card(HUALI, Record("000000000777", "000000004567", "000000008901", 2, 4, 5000, 20_000, True, 4, 900))
    chip.insert()
    reader = AcsReader(chip)
    reader.power_on()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # The library's process has other rights than this one.
        folder.chmod(0o755)
        description = load(build("huali", folder))
        native = NativeLibrary(description.for_worker(), reader.transmit)
        native.call("init", {})
        library = Library(description)
        try:
            pairs = [_pair(library, native, reader.transmit) for _number in range(runs * CALLS + WARM_UP)][WARM_UP:]
        finally:
            library.stop()
    ours, direct = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
    added = statistics.median(mine - other for mine, other in pairs) * 1000
    note = f"direct call by ctypes {direct:.3g} ms; the limit is {LIMIT_MS:g} ms more"
    return [
        # The limit is a difference, not a ratio: figure and reference are what is added and what may be.
        Figure("vendor.added", round(added, 3), LIMIT_MS, round(added / LIMIT_MS, 3), "ms", note, 1.0),
        Figure("vendor", round(ours, 3), round(direct, 3), round(ours / direct, 3), "ms", "direct call by ctypes"),
    ]


def _pair(library, native, transmit):
    """Read the card through the process and directly; return the seconds of both."""
    begin = time.perf_counter()
    ours = library.call("read", {}, transmit)
    middle = time.perf_counter()
    direct = native.call("read", {})["values"]
    end = time.perf_counter()
    if ours != direct:
        raise RuntimeError("the process and the direct call read different cards")
    return middle - begin, end - middle
