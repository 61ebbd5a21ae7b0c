"""The link to the virtual reader, spoken to by a stand-in for vpcd's end of it."""

from __future__ import annotations

import socket
import struct
import time

import pytest

from simulators.sle4442 import Sle4442
from simulators.vpcd import SlotBusy, VpcdSlot

SELECT = bytes.fromhex("FFA400000106")


class Reader:
    """vpcd's end: listens (or connects), sends length and body apart as vpcd does."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(5)
        self.port = self.listener.getsockname()[1]
        self.link: socket.socket | None = None

    def accept(self) -> None:
        self.link = self.listener.accept()[0]
        self.link.settimeout(5)

    def send(self, message: bytes) -> None:
        self.link.sendall(struct.pack(">H", len(message)))
        self.link.sendall(message)

    def ask(self, message: bytes) -> bytes:
        self.send(message)
        return self.receive()

    def receive(self) -> bytes:
        length = self._exactly(2)
        return self._exactly(struct.unpack(">H", length)[0]) if length else b""

    def _exactly(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            chunk = self.link.recv(length - len(data))
            if not chunk:
                return b""
            data += chunk
        return data

    def close(self) -> None:
        self.listener.close()
        if self.link is not None:
            self.link.close()


@pytest.fixture
def reader():
    end = Reader()
    yield end
    end.close()


@pytest.fixture
def slot(reader):
    place = VpcdSlot(reader.port, out_seconds=0)
    yield place
    place.pull()


def test_card_answers_reset_and_commands(reader, slot):
    slot.insert(Sle4442())
    reader.accept()
    reader.send(b"\x01")
    assert reader.ask(b"\x04") == bytes.fromhex("3B04A2131091")
    assert slot.wait_seen(1)
    assert reader.ask(SELECT) == b"\x90\x00"
    assert slot.apdus == 1
    assert slot.connected


def test_pull_closes_the_link_and_powers_the_card_off(reader, slot):
    chip = Sle4442()
    slot.insert(chip)
    reader.accept()
    reader.send(b"\x01")
    reader.ask(SELECT)
    assert slot.pull() is chip
    assert reader.receive() == b""
    assert (chip.powered, slot.card, slot.connected) == (False, None, False)
    assert slot.pull() is None


def test_power_off_takes_the_presented_code_away(reader, slot):
    slot.insert(Sle4442())
    reader.accept()
    reader.send(b"\x01")
    reader.ask(SELECT)
    assert reader.ask(bytes.fromhex("FF20000003FFFFFF")) == b"\x90\x07"
    reader.send(b"\x00")
    reader.send(b"\x01")
    reader.ask(SELECT)
    assert reader.ask(bytes.fromhex("FFD0004001AA")) == b"\x69\x82"


def test_second_card_in_an_occupied_slot_is_refused(slot):
    slot.insert(Sle4442())
    with pytest.raises(SlotBusy):
        slot.insert(Sle4442())


def test_link_is_built_again_after_the_reader_restarted(reader, slot):
    chip = Sle4442()
    slot.insert(chip)
    reader.accept()
    reader.send(b"\x01")
    reader.ask(SELECT)
    reader.link.close()
    reader.accept()
    assert reader.ask(b"\x04") == chip.atr()
    assert not chip.authenticated


def test_card_waits_for_a_reader_that_is_not_there_yet():
    late = Reader()
    late.listener.close()
    slot = VpcdSlot(late.port)
    try:
        slot.insert(Sle4442())
        time.sleep(0.1)
        late.listener = socket.create_server(("127.0.0.1", late.port))
        late.listener.settimeout(5)
        late.accept()
        assert late.ask(b"\x04")
    finally:
        slot.pull()
        late.close()


def test_fault_in_a_write_pulls_the_card_out_of_the_slot(reader, slot):
    chip = Sle4442()
    slot.insert(chip)
    reader.accept()
    reader.send(b"\x01")
    reader.ask(SELECT)
    reader.ask(bytes.fromhex("FF20000003FFFFFF"))
    chip.faults.arm("pull", bytes=2, inside=True)
    assert reader.ask(bytes.fromhex("FFD000400401020304")) == b""
    assert slot.wait_empty(2)
    assert chip.image()[0x40:0x44] == bytes.fromhex("0102FFFF")
    slot.insert(chip)
    reader.accept()
    assert reader.ask(b"\x04") == chip.atr()


def test_silent_card_answers_late_and_can_be_pulled_meanwhile(reader, slot):
    chip = Sle4442()
    slot.insert(chip)
    reader.accept()
    chip.faults.arm("silent", seconds=0.3)
    start = time.monotonic()
    assert reader.ask(SELECT) == b"\x90\x00"
    assert time.monotonic() - start >= 0.3
    chip.faults.arm("silent", seconds=60)
    reader.send(SELECT)
    time.sleep(0.05)
    start = time.monotonic()
    slot.pull()
    assert time.monotonic() - start < 1


def test_command_does_not_wait_for_a_delayed_acknowledgement(reader, slot):
    slot.insert(Sle4442())
    reader.accept()
    reader.ask(SELECT)
    start = time.monotonic()
    for _ in range(20):
        reader.ask(bytes.fromhex("FFB1000004"))
    assert (time.monotonic() - start) / 20 < 0.020


def test_card_stays_out_long_enough_for_the_reader_to_notice(reader):
    slot = VpcdSlot(reader.port, out_seconds=0.3)
    try:
        slot.insert(Sle4442())
        reader.accept()
        slot.pull()
        start = time.monotonic()
        slot.insert(Sle4442())
        reader.accept()
        assert time.monotonic() - start >= 0.25
    finally:
        slot.pull()


def test_reversed_mode_listens_only_while_a_card_is_in():
    probe = socket.create_server(("127.0.0.1", 0))
    port = probe.getsockname()[1]
    probe.close()
    slot = VpcdSlot(port, reversed_mode=True)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
    end = Reader()
    try:
        slot.insert(Sle4442())
        end.link = _connect_soon(port)
        assert end.ask(b"\x04") == bytes.fromhex("3B04A2131091")
    finally:
        slot.pull()
        end.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_two_slots_hold_two_cards(reader):
    other = Reader()
    slots = [VpcdSlot(reader.port), VpcdSlot(other.port)]
    try:
        for slot, end, value in zip(slots, (reader, other), (b"\x01", b"\x02"), strict=True):
            slot.insert(Sle4442(memory=value * 256))
            end.accept()
        assert reader.ask(b"\x04")[2:] == b"\x01" * 4
        assert other.ask(b"\x04")[2:] == b"\x02" * 4
    finally:
        for slot in slots:
            slot.pull()
        other.close()


def _connect_soon(port: int) -> socket.socket:
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=5)
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise AssertionError("the slot does not listen")
