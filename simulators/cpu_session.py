"""The side of a CPU card that holds the masters: a meter, or the utility's card preparation."""

from __future__ import annotations

import os

from .card import ApduCard
from .cpu_kinds import CARD_FILE, CARD_FILE_SIZE, DF01, KEY_VERSION_OFFSET, MF
from .demo_aes import BLOCK, MAC_BYTES, CardKeySet, keys_of, same
from .keys import CpuMasters

CHUNK = 129  # a tariff set goes in two parts


class CommandRefused(Exception):
    """The card answered with an error.

    :param status: its two status bytes.
    """

    def __init__(self, command: str, status: bytes) -> None:
        super().__init__(f"{command}: the card answered {status.hex().upper()}")
        self.status = status


class NotGenuine(Exception):
    """The card does not prove that it has its keys, or nobody knows keys of its version."""


class CpuSession:
    """A conversation with a powered card.

    :param card: the card.
    :param masters: of its kind.
    """

    def __init__(self, card: ApduCard, masters: CpuMasters) -> None:
        self._card = card
        self._masters = masters
        self.keys: CardKeySet | None = None
        self.card_file = b""

    def begin(self) -> bytes:
        """Read the card file in the MF and select the application; return the card file."""
        self._send("select MF", bytes.fromhex("00A4000002") + MF.to_bytes(2, "big"))
        self.card_file = self.read(CARD_FILE, CARD_FILE_SIZE)
        self._send("select DF01", bytes.fromhex("00A4000002") + DF01.to_bytes(2, "big"))
        return self.card_file

    def read(self, sfi: int, size: int) -> bytes:
        """Read a file from its beginning."""
        data = b""
        while len(data) < size:
            length = min(CHUNK, size - len(data))
            data += self._send("read", bytes([0x00, 0xB0, 0x80 | sfi, len(data), length]))
        return data

    def authenticate(self) -> None:
        """Let the card prove itself, then prove ourselves.

        :raises NotGenuine: unknown key version, or a wrong answer.
        :raises CommandRefused: the card does not take our cryptogram.
        """
        serial, version = self.card_file[:8], self.card_file[KEY_VERSION_OFFSET]
        keys = keys_of(self._masters, version, serial)
        if keys is None:
            raise NotGenuine(f"nobody knows keys of version {version}")
        random = os.urandom(BLOCK)
        answer = self._send("internal authentication", bytes.fromhex("0088000108") + random + bytes([BLOCK]))
        if not same(answer, keys.internal(random)):
            raise NotGenuine("the card's answer is wrong")
        self._send("external authentication", bytes.fromhex("0082000208") + keys.external(self._challenge()))
        self.keys = keys

    def update(self, sfi: int, data: bytes) -> None:
        """Write a file from its beginning, in parts of at most 129 bytes, each with its own MAC."""
        for offset in range(0, len(data), CHUNK):
            part = data[offset : offset + CHUNK]
            self._secure("update", bytes([0x04, 0xD6, 0x80 | sfi, offset]), part)

    def give_keys(self) -> None:
        """Give the card keys of the current version; it must be authenticated again afterwards."""
        version = self._masters.current
        new = CardKeySet.derive(self._masters.versions[version], self.card_file[:8])
        self._secure("write key", bytes([0x84, 0xD4, 0x01, version]), self.keys.wrap(new))
        self.keys = None

    def _secure(self, name: str, head: bytes, data: bytes) -> None:
        header = head + bytes([len(data) + MAC_BYTES])
        self._send(name, header + data + self.keys.mac_of(self._challenge(), header, data))

    def _challenge(self) -> bytes:
        return self._send("challenge", bytes.fromhex("0084000008"))

    def _send(self, name: str, apdu: bytes) -> bytes:
        answer = self._card.transmit(apdu)
        if answer[-2:] != b"\x90\x00":
            raise CommandRefused(name, answer[-2:])
        return answer[:-2]
