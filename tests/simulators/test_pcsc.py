"""The simulated card through the real pcscd, its virtual reader and pyscard."""

from __future__ import annotations

import time

import pytest
from smartcard.CardConnection import CardConnection
from smartcard.Exceptions import CardConnectionException
from smartcard.scard import (
    SCARD_SCOPE_SYSTEM,
    SCARD_STATE_PRESENT,
    SCARD_STATE_UNAWARE,
    SCARD_UNPOWER_CARD,
    SCardEstablishContext,
    SCardGetStatusChange,
    SCardReleaseContext,
)
from smartcard.System import readers

from simulators import layout
from simulators.issue import issue
from simulators.layout import Purchase
from simulators.meter import Meter
from simulators.vpcd import VpcdSlot

pytestmark = pytest.mark.hardware

SERIAL, CUSTOMER, METER = "000000000123", "000000004567", "000000008901"
SELECT = "FFA400000106"


@pytest.fixture
def slots(pcsc):
    made = [VpcdSlot(pcsc.port), VpcdSlot(pcsc.port + 1)]
    yield made
    for slot in made:
        slot.pull()
    for index in range(2):
        _wait(lambda index=index: not _present(index))


@pytest.fixture
def connect(slots):
    connections = []

    def make(index: int = 0) -> CardConnection:
        assert _wait(lambda: _present(index)), "the reader does not see the card"
        connection = _reader(index).createConnection()
        connection.connect(disposition=SCARD_UNPOWER_CARD)
        connections.append(connection)
        return connection

    yield make
    for connection in connections:
        connection.disconnect()


def _reader(index: int):
    return next(reader for reader in readers() if str(reader).endswith(f"0{index}"))


def _present(index: int) -> bool:
    """Ask pcscd, not the card: connecting to look would power the card and hide what is tested."""
    _result, context = SCardEstablishContext(SCARD_SCOPE_SYSTEM)
    try:
        _result, states = SCardGetStatusChange(context, 0, [(str(_reader(index)), SCARD_STATE_UNAWARE)])
    finally:
        SCardReleaseContext(context)
    return bool(states and states[0][1] & SCARD_STATE_PRESENT)


def _wait(condition, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def _send(connection, command: str) -> str:
    data, sw1, sw2 = connection.transmit(list(bytes.fromhex(command)))
    return (bytes(data) + bytes([sw1, sw2])).hex().upper()


def test_a_whole_sale_through_the_reader_is_credited_once(keys, slots, connect):
    meter = Meter(METER, keys)
    chip, _opened = issue(SERIAL, CUSTOMER, meter, keys)
    slots[0].insert(chip)
    connection = connect()
    assert bytes(connection.getATR()) == bytes.fromhex("3B04A2131091")
    assert _send(connection, SELECT) == "9000"
    image = bytes.fromhex(_send(connection, "FFB0000000"))[:-2]
    assert layout.parse(image).write_back.count == 1
    assert _send(connection, "FFB1000004")[:2] == "07"
    assert _send(connection, "FF20000003" + keys.psc(SERIAL).hex()) == "9007"
    block = layout.pack_purchase(Purchase(2, 4_200)).hex()
    for command in (f"FFD0006014{block}", f"FFD0004014{block}", "FFD000800100"):
        assert _send(connection, command) == "9000"
    slots[0].pull()
    assert meter.insert(chip).credited == 4_200
    assert meter.insert(chip).credited == 0
    assert meter.credits == [(1, 10_000), (2, 4_200)]


def test_pull_in_a_write_reaches_the_program_as_an_error(keys, slots, connect):
    chip, _opened = issue(SERIAL, CUSTOMER, Meter(METER, keys), keys)
    slots[0].insert(chip)
    connection = connect()
    _send(connection, SELECT)
    _send(connection, "FF20000003" + keys.psc(SERIAL).hex())
    chip.faults.arm("pull", bytes=5, inside=True)
    with pytest.raises(CardConnectionException):
        _send(connection, "FFD0006014" + "11" * 20)
    assert chip.image()[0x60:0x66] == b"\x11" * 5 + b"\xff"
    assert slots[0].wait_empty(2)
    assert _wait(lambda: not _present(0))
    slots[0].insert(chip)
    again = connect()
    assert _send(again, SELECT) == "9000"
    assert _send(again, "FFD0006001AA") == "6982"


def test_two_readers_hold_two_cards(keys, slots, connect):
    for index, serial in enumerate(("000000000201", "000000000202")):
        chip, _opened = issue(serial, CUSTOMER, Meter(METER, keys), keys)
        slots[index].insert(chip)
    for index, serial in enumerate(("000000000201", "000000000202")):
        connection = connect(index)
        _send(connection, SELECT)
        assert _send(connection, "FFB0000906") == serial + "9000"


def test_commands_are_not_slowed_by_delayed_acknowledgements(keys, slots, connect):
    chip, _opened = issue(SERIAL, CUSTOMER, Meter(METER, keys), keys)
    slots[0].insert(chip)
    connection = connect()
    _send(connection, SELECT)
    start = time.monotonic()
    for _ in range(20):
        _send(connection, "FFB1000004")
    assert (time.monotonic() - start) / 20 < 0.02


def test_card_is_back_after_pcscd_was_restarted(keys, tmp_path, stack):
    """Seen from the link only: a PC/SC client keeps its old context, which is the client's business."""
    from stack.pcsc import PcscDaemon

    daemon = stack.start(PcscDaemon(tmp_path))
    chip, _opened = issue(SERIAL, CUSTOMER, Meter(METER, keys), keys)
    slot = VpcdSlot(daemon.port)
    try:
        slot.insert(chip)
        assert slot.wait_seen(10)
        daemon.kill()
        assert _wait(lambda: not slot.connected)
        daemon.start()
        assert slot.wait_seen(10)
    finally:
        slot.pull()
        daemon.stop()
