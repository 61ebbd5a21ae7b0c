"""Bench ``card``: a purchase through hw_proxy's interface, beside the same APDUs sent by pyscard directly.

The simulated card spends the data sheet's EEPROM times (2.5 ms erase and 2.5 ms write per byte).
"""

import json
import os
import tempfile
import time
from pathlib import Path

from stack.databases import drop_database, install_database
from stack.pcsc import PcscDaemon
from stack.processes import Stack, wait_until
from stack.terminal import READER
from stack.world import World

from bench.figures import Figure, paired
from simulators.sle4442 import Sle4442

DATABASE = "prepaid_bench"
WARM_UP = 1
AMOUNT = "100.00"
LIMIT = 1.15
# Snapshot: 256 bytes in two reads, error counter, protection bits. Write: the image and the counter once more (what was
# quoted must still be there), code, two purchase blocks, the write-back's state, and the image read back.
LEAST_APDUS = (2 + 1 + 1) + (2 + 1) + 1 + 3 + 2


def measure(runs):
    """Return the figures: time of a purchase, and its number of APDUs.

    :param int runs: number of purchases
    """
    install_database(DATABASE)
    try:
        with tempfile.TemporaryDirectory() as folder, Stack() as stack:
            pcsc = stack.start(PcscDaemon(Path(folder) / "pcsc"))
            os.environ.update(pcsc.client_environment())
            world = World(stack, Path(folder), DATABASE, pcsc, terminals=1)
            purchases = [_purchase(world) for _number in range(runs + WARM_UP)][WARM_UP:]
    finally:
        drop_database(DATABASE)
    pairs = [purchase[:2] for purchase in purchases]
    apdus = purchases[-1][2]
    ratio = round(apdus / LEAST_APDUS, 3)
    return [
        paired("card", pairs, "the same APDUs by pyscard", LIMIT),
        Figure("card.apdus", apdus, LEAST_APDUS, ratio, "APDUs", "the least that reads, compares, writes, verifies"),
    ]


def _purchase(world):
    """Sell once through the interface, then repeat its APDUs on a twin of the card in the other reader.

    :return: seconds through hw_proxy, seconds directly, number of APDUs
    """
    customer = world.customer()
    chip = world.bench.card(customer.serial)
    chip.write_times = True
    world.insert(customer)
    counter = world.terminal.counter()
    order = counter.begin(AMOUNT)
    counter.pay_cash(order["due"])
    twin = Sle4442.from_dict(chip.to_dict(), write_times=True)
    nonce = counter.expect(counter.odoo.sale("new_nonce", counter.terminal_id))["nonce"]
    apdus = []
    slot = world.bench.slots[0]
    slot.on_apdu = lambda command, _answer: apdus.append(command)
    begin = time.perf_counter()
    snapshot = counter.api.call("snapshot", nonce=nonce)["snapshot"]
    reading = time.perf_counter() - begin
    authorized = counter.authorize(snapshot)
    with counter.api.events() as events:
        begin = time.perf_counter()
        receipt = _write(counter.api, authorized, events)
        writing = time.perf_counter() - begin
    slot.on_apdu = None
    counter.confirm(receipt)
    world.pull()
    return reading + writing, _directly(world, twin, apdus), len(apdus)


def _write(api, authorized, events):
    """Let the terminal write. Its event tells the end, as it does the browser.

    :param events: lines of an open event stream
    """
    job = api.call("write", order=authorized["write_order"], sealed=authorized["sealed"])["job"]
    for line in events:
        if line.startswith("data:") and job in line and json.loads(line[5:])["state"] == "done":
            return api.call(f"jobs/{job}")["receipt"]
    raise RuntimeError("the event stream ended before the write")


def _directly(world, twin, apdus):
    """Send the APDUs to the twin by pyscard and return the seconds; the selection of the card type is not counted."""
    from smartcard.System import readers

    slot = world.bench.slots[1]
    slot.insert(twin)
    reader = next(each for each in readers() if str(each) == READER.format(1))
    connection = reader.createConnection()
    wait_until(lambda: _connected(connection), 10, "the twin in the second reader")
    connection.transmit(list(bytes.fromhex("ffa400000106")))
    begin = time.perf_counter()
    for apdu in apdus:
        connection.transmit(list(apdu))
    seconds = time.perf_counter() - begin
    connection.disconnect()
    slot.pull()
    if twin.image()[0x80] != 0:
        raise RuntimeError("the repeated purchase did not reach the twin card")
    return seconds


def _connected(connection):
    from smartcard.Exceptions import CardConnectionException, NoCardException

    try:
        connection.connect()
    except (NoCardException, CardConnectionException):
        return False
    return True
