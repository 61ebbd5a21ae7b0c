"""Bench ``card``: a purchase through hw_proxy's interface, beside the same APDUs sent by pyscard directly.

One pair of figures for each family of cards. The simulated cards spend the data sheets' times, of their cells and of
their line. A processor card's keys come from a security module in the second reader, whose commands belong to the
purchase; the central service would add the network's time to ours and to no APDU.
"""

import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from stack.databases import drop_database, install_database
from stack.pcsc import PcscDaemon
from stack.processes import Stack
from stack.world import World

from bench.figures import Figure, paired
from bench.replay import Bare, line_time
from simulators.sam_family import SAM_DRIVER

DATABASE = "prepaid_bench"
WARM_UP = 1
AMOUNT = "100.00"
LIMIT = 1.15
MODULE = "1".zfill(16)


@dataclass(frozen=True)
class Family:
    """Cards of one driver.

    ``least``: APDUs that a purchase cannot do without; ``cpu``: a processor card.
    """

    least: int
    cpu: bool = False


# Memory cards. Snapshot: 256 bytes in two reads, error counter, protection bits. Write: the image and the counter once
# more (what was quoted must still be there), code, two purchase blocks, the write-back's state, the image read back.
# An AT24 has neither code nor counter nor protection.
_CODED = Family((2 + 1 + 1) + (2 + 1) + 1 + 3 + 2)
_BARE = Family(2 + 2 + 3 + 2)
# Processor cards. Snapshot: three files (the card file was read when the card came). Write: these once more, mutual
# authentication in three commands, wallet and write-back each under a challenge, three files read back. Module: one
# authentication, two MACs.
_CPU = Family(3 + 3 + 3 + 2 * 2 + 3 + (1 + 2), cpu=True)
FAMILIES = {"sle4442_demo": _CODED, "sle4428_demo": _CODED, "at24_demo": _BARE, "gdw1365": _CPU, "csg2015": _CPU}


def measure(runs):
    """Return the figures of each family: time of a purchase, and its number of APDUs.

    :param int runs: number of purchases per family
    """
    install_database(DATABASE, ["electricity_prepaid"])
    figures = []
    try:
        with tempfile.TemporaryDirectory() as folder, Stack() as stack:
            ours, bare = (PcscDaemon(Path(folder) / name) for name in ("ours", "bare"))
            world = World(stack, Path(folder), DATABASE, stack.start(ours), terminals=1, write_times=True)
            # pyscard, in this process, meets the second daemon only.
            os.environ.update(stack.start(bare).client_environment())
            replay = Bare(bare.port, world.bench.blank_card(MODULE, SAM_DRIVER).to_dict(), world.bench)
            for driver, family in FAMILIES.items():
                figures += _family(world, replay, driver, family, runs)
            replay.close()
    finally:
        drop_database(DATABASE)
    return figures


def _family(world, replay, driver, family, runs):
    if family.cpu and world.terminal.sam_slot is None:
        world.bench.insert(MODULE, 1)
        world.terminal.use_security_module(1)
    customer = world.customer(driver=driver)
    # The first purchase of a processor card brings its tariff and makes the opening card a purchase card.
    purchases = [_purchase(world, replay, customer) for _number in range(runs + WARM_UP)][WARM_UP:]
    apdus, least = purchases[-1][2], family.least
    name, note = f"card.{driver}", "the least that reads, compares, writes, verifies"
    return [
        paired(name, [purchase[:2] for purchase in purchases], "the same APDUs by pyscard", LIMIT),
        Figure(f"{name}.apdus", apdus, least, round(apdus / least, 3), "APDUs", note),
    ]


def _purchase(world, replay, customer):
    """Sell once through the interface, then repeat its APDUs on a twin of the card in another reader.

    :return: seconds through hw_proxy, seconds directly, number of APDUs
    """
    chip = world.bench.card(customer.serial)
    twin = chip.to_dict()
    sent = []
    for number, slot in enumerate(world.bench.slots):
        slot.on_apdu = _recorder(sent, number, customer.driver)
    world.insert(customer)
    counter = world.terminal.counter()
    order = counter.begin(AMOUNT)
    counter.pay_cash(order["due"])
    nonce = counter.expect(counter.odoo.sale("new_nonce", counter.terminal_id))["nonce"]
    before = len(sent)
    begin = time.perf_counter()
    snapshot = counter.api.call("snapshot", nonce=nonce)["snapshot"]
    reading = time.perf_counter() - begin
    authorized = counter.authorize(snapshot)
    with counter.api.events() as events:
        begin = time.perf_counter()
        receipt = _write(counter.api, authorized, events)
        writing = time.perf_counter() - begin
    for slot in world.bench.slots:
        slot.on_apdu = None
    counter.confirm(receipt)
    world.pull()
    directly = replay.run(customer.driver, type(chip), twin, sent, before, chip.image())
    world.carry(customer)
    return reading + writing, directly, len(sent) - before


def _recorder(sent, number, driver):
    def record(command, answer):
        sent.append((number, command, answer))
        line_time(driver, command, answer)

    return record


def _write(api, authorized, events):
    """Let the terminal write and return the receipt. Its event brings it, as it does to the browser.

    :param events: lines of an open event stream
    """
    job = api.call("write", order=authorized["write_order"], sealed=authorized["sealed"])["job"]
    for line in events:
        if line.startswith("data:") and job in line:
            told = json.loads(line[5:])
            if told["state"] == "done":
                return told["receipt"]
    raise RuntimeError("the event stream ended before the write")
