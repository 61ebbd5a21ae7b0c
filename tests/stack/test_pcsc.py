"""The virtual reader: apart from the machine's, on the loopback address, and back after a crash."""

import re
import socket
import subprocess

import pytest
from smartcard.System import readers
from stack.processes import wait_until

pytestmark = pytest.mark.hardware


def listening():
    output = subprocess.run(["cat", "/proc/net/tcp"], capture_output=True, text=True, check=True).stdout
    rows = re.findall(r"^\s*\d+: ([0-9A-F]{8}):([0-9A-F]{4}) \S+ 0A", output, re.MULTILINE)
    return {int(port, 16): address for address, port in rows}


def test_two_virtual_readers_are_there(pcsc):
    assert [str(reader) for reader in readers()] == ["Virtual PCD 00 00", "Virtual PCD 00 01"]


def test_readers_listen_on_the_loopback_address_only(pcsc):
    addresses = listening()
    assert {addresses[pcsc.port], addresses[pcsc.port + 1]} == {"0100007F"}


def test_a_card_may_leave_without_a_word(pcsc):
    with socket.create_connection(("127.0.0.1", pcsc.port)):
        pass
    assert pcsc.is_running()


def test_it_is_back_after_a_crash(pcsc):
    pcsc.kill()
    assert not pcsc.is_running()
    pcsc.start()
    wait_until(readers, 5, "the readers")
