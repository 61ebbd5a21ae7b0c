"""A CPU purchase card, State Grid or Southern Grid type: files, keys, commands (docs/protocol/card-layout-cpu.md).

Files are read freely and written by secure updates only, after an external authentication, each with a MAC over the
card's challenge (docs/protocol/card-security-demo.md).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from .bcd import decode_bcd, encode_bcd
from .card import ApduCard
from .cpu_kinds import CARD_FILE, CARD_FILE_SIZE, DF01, KEY_VERSION_OFFSET, KINDS, MF, Kind
from .demo_aes import BLOCK, MAC_BYTES, CardKeySet, same

OK = b"\x90\x00"
WRONG_LENGTH = b"\x67\x00"
NOT_AUTHENTICATED = b"\x69\x82"
BLOCKED = b"\x69\x83"
NO_CHALLENGE = b"\x69\x84"
NOT_SATISFIED = b"\x69\x85"
WRONG_MAC = b"\x69\x88"
NO_FILE = b"\x6a\x82"
WRONG_PARAMETERS = b"\x6a\x86"
OUT_OF_RANGE = b"\x6b\x00"
UNKNOWN_INSTRUCTION = b"\x6d\x00"
UNKNOWN_CLASS = b"\x6e\x00"

TRIES = 6
_KEYS_BYTES = 48
# The crypto of one command; EEPROM pages of 32 bytes that are erased and written in 3 ms together.
_CRYPTO_SECONDS = 0.002
_PAGE_BYTES = 32


class CpuCard(ApduCard):
    """One card.

    :param kind: which of the two.
    :param serial: up to 16 digits.
    :param keys: the card's keys; None for the public transport keys.
    :param version: version of the keys, 0 = transport.
    :param issuer: 0 to 65535.
    :param atr: answer to reset when it is not that of the kind.
    :param write_times: spend the time of cells and crypto.
    """

    ERASE_SECONDS = WRITE_SECONDS = 0.0015 / _PAGE_BYTES

    def __init__(
        self,
        kind: Kind,
        serial: str,
        keys: CardKeySet | None = None,
        version: int = 0,
        issuer: int = 1,
        atr: bytes | None = None,
        write_times: bool = False,
    ) -> None:
        super().__init__(write_times)
        number = encode_bcd(serial, 8)
        self.kind = kind
        self._atr = kind.atr if atr is None else bytes(atr)
        self._keys = keys or CardKeySet.transport(number)
        head = number + issuer.to_bytes(2, "big") + bytes([version])
        self._files = {
            (MF, CARD_FILE): bytearray(head.ljust(CARD_FILE_SIZE, b"\0")),
            **{(DF01, sfi): bytearray(size) for sfi, size in kind.files().items()},
        }
        self._places = kind.places()
        self.external_tries = TRIES
        self.mac_tries = TRIES
        self._folder = MF
        self._challenge: bytes | None = None
        self._authenticated = False
        self._commands: dict[tuple[int, int], Callable[[bytes, bytes | None], bytes]] = {
            (0x00, 0xA4): self._select,
            (0x00, 0xB0): self._read_binary,
            (0x00, 0x84): self._get_challenge,
            (0x00, 0x88): self._internal,
            (0x00, 0x82): self._external,
            (0x04, 0xD6): self._update_binary,
            (0x84, 0xD4): self._write_key,
        }

    # -- what is on it -------------------------------------------------------------------------------------------

    def atr(self) -> bytes:
        """Return the answer to reset."""
        return self._atr

    @property
    def serial(self) -> str:
        """The serial, 16 digits."""
        return decode_bcd(bytes(self._files[MF, CARD_FILE][:8]))

    @property
    def key_version(self) -> int:
        """Version of the keys, 0 = transport."""
        return self._files[MF, CARD_FILE][KEY_VERSION_OFFSET]

    @property
    def blocked(self) -> bool:
        """True when the card's keys are blocked for ever."""
        return 0 in (self.external_tries, self.mac_tries)

    def content(self, sfi: int) -> bytes:
        """Return a file as it is, past all faults (for tests and displays, not for readers).

        :raises KeyError: there is no such file.
        """
        return bytes(self._files[MF if sfi == CARD_FILE else DF01, sfi])

    def image(self) -> bytes:
        """Return what snapshots call ``memory``: card file, parameters, wallet, write-back."""
        return b"".join(self.content(sfi) for sfi in self._places)

    def preset(self, sfi: int, data: bytes) -> None:
        """Put a file's bytes there without any command (for arranging states in tests)."""
        cells = self._files[MF if sfi == CARD_FILE else DF01, sfi]
        if len(data) != len(cells):
            raise ValueError(f"file {sfi:02X} has {len(cells)} bytes")
        cells[:] = data
        self.changed()

    def forget(self) -> None:
        """Forget the selected application, the challenge and the external authentication."""
        self._folder = MF
        self._challenge = None
        self._authenticated = False

    # -- commands ------------------------------------------------------------------------------------------------

    def transmit(self, apdu: bytes) -> bytes:
        """Carry out one command; a challenge is spent by it, whatever it is."""
        self.meet_command()
        self.check_contact()
        challenge, self._challenge = self._challenge, None
        if len(apdu) < 5:
            return WRONG_LENGTH
        command = self._commands.get((apdu[0], apdu[1]))
        if command is not None:
            return command(apdu, challenge)
        known = {instruction for _class, instruction in self._commands}
        return UNKNOWN_CLASS if apdu[1] in known else UNKNOWN_INSTRUCTION

    def _select(self, apdu: bytes, _challenge: bytes | None) -> bytes:
        if apdu[2:4] != b"\0\0":
            return WRONG_PARAMETERS
        if len(apdu) != 7 or apdu[4] != 2:
            return WRONG_LENGTH
        folder = int.from_bytes(apdu[5:7], "big")
        if folder not in (MF, DF01):
            return NO_FILE
        self._folder = folder
        self._authenticated = False
        return OK

    def _read_binary(self, apdu: bytes, _challenge: bytes | None) -> bytes:
        if len(apdu) != 5:
            return WRONG_LENGTH
        cells = self._file(apdu[2])
        if cells is None:
            return NO_FILE
        offset, length = apdu[3], apdu[4] or 256
        if offset + length > len(cells):
            return OUT_OF_RANGE
        # Addresses of the fault are those of the image; companions lie beyond it.
        place = self._places.get(apdu[2] & 0x1F, 0x100 * (apdu[2] & 0x1F))
        return self.faults.falsify(place + offset, bytes(cells[offset : offset + length])) + OK

    def _get_challenge(self, apdu: bytes, _challenge: bytes | None) -> bytes:
        if len(apdu) != 5 or apdu[4] != BLOCK:
            return WRONG_LENGTH
        self._challenge = os.urandom(BLOCK)
        return self._challenge + OK

    def _internal(self, apdu: bytes, _challenge: bytes | None) -> bytes:
        if apdu[2:4] != b"\x00\x01":
            return WRONG_PARAMETERS
        if len(apdu) != 14 or apdu[4] != BLOCK or apdu[13] != BLOCK:
            return WRONG_LENGTH
        self._compute()
        return self._keys.internal(apdu[5:13]) + OK

    def _external(self, apdu: bytes, challenge: bytes | None) -> bytes:
        if apdu[2:4] != b"\x00\x02":
            return WRONG_PARAMETERS
        if len(apdu) != 13 or apdu[4] != BLOCK:
            return WRONG_LENGTH
        if self.external_tries == 0:
            return BLOCKED
        if challenge is None:
            return NO_CHALLENGE
        self._authenticated = False
        # The try is spent before the comparison: whoever pulls the card in between gains nothing.
        self.external_tries -= 1
        self.changed()
        if self.faults.take_present():
            self.tear()
        self._compute()
        if not same(self._keys.external(challenge), apdu[5:13]):
            return bytes([0x63, 0xC0 | self.external_tries])
        self.external_tries = TRIES
        self._authenticated = True
        self.changed()
        return OK

    def _update_binary(self, apdu: bytes, challenge: bytes | None) -> bytes:
        if len(apdu) <= 5 + MAC_BYTES or apdu[4] != len(apdu) - 5:
            return WRONG_LENGTH
        cells = self._file(apdu[2])
        if cells is None or self._folder == MF:
            return NO_FILE
        data = apdu[5:-MAC_BYTES]
        if apdu[3] + len(data) > len(cells):
            return OUT_OF_RANGE
        refusal = self._check_mac(apdu, challenge)
        if refusal is not None:
            return refusal
        if self.faults.take_lost_write():
            return OK
        start = time.monotonic()
        try:
            for offset, value in enumerate(data, apdu[3]):
                start = self.program(cells, offset, value, start)
        finally:
            self.changed()
        return OK

    def _write_key(self, apdu: bytes, challenge: bytes | None) -> bytes:
        version = apdu[3]
        if apdu[2] != 0x01 or version == 0:
            return WRONG_PARAMETERS
        if len(apdu) != 5 + _KEYS_BYTES + MAC_BYTES or apdu[4] != len(apdu) - 5:
            return WRONG_LENGTH
        refusal = self._check_mac(apdu, challenge)
        if refusal is not None:
            return refusal
        # Into spare cells, then switched at once: a card that is pulled here keeps its old keys.
        spare, start = bytearray(_KEYS_BYTES), time.monotonic()
        for offset, value in enumerate(apdu[5:-MAC_BYTES]):
            start = self.program(spare, offset, value, start)
        self._keys = self._keys.unwrap(bytes(spare))
        self._files[MF, CARD_FILE][KEY_VERSION_OFFSET] = version
        self._authenticated = False
        self.changed()
        return OK

    # -- inside --------------------------------------------------------------------------------------------------

    def _file(self, p1: int) -> bytearray | None:
        return self._files.get((self._folder, p1 & 0x1F)) if p1 & 0xE0 == 0x80 else None

    def _check_mac(self, apdu: bytes, challenge: bytes | None) -> bytes | None:
        """Return why a secure command is refused, None when it is right."""
        if not self._authenticated:
            return NOT_AUTHENTICATED
        if self.mac_tries == 0:
            return BLOCKED
        if challenge is None:
            return NO_CHALLENGE
        self._compute()
        if same(self._keys.mac_of(challenge, apdu[:5], apdu[5:-MAC_BYTES]), apdu[-MAC_BYTES:]):
            self.mac_tries = TRIES
            return None
        self.mac_tries -= 1
        self.changed()
        return WRONG_MAC

    def _compute(self) -> None:
        self.spend(time.monotonic() + _CRYPTO_SECONDS)

    # -- durable form --------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, object]:
        """Return what survives without power, as JSON-ready values."""
        return {
            "kind": self.kind.driver,
            "atr": self._atr.hex(),
            "files": {f"{folder:04X}/{sfi:02X}": bytes(cells).hex() for (folder, sfi), cells in self._files.items()},
            "keys": self._keys.to_dict(),
            "external_tries": self.external_tries,
            "mac_tries": self.mac_tries,
        }

    @classmethod
    def from_dict(cls, saved: dict, write_times: bool = False) -> CpuCard:
        """Make the card that :meth:`to_dict` described."""
        keys = CardKeySet.from_dict(saved["keys"])
        card = cls(KINDS[saved["kind"]], "0", keys, atr=bytes.fromhex(saved["atr"]), write_times=write_times)
        for place, cells in saved["files"].items():
            folder, sfi = (int(part, 16) for part in place.split("/"))
            card._files[folder, sfi][:] = bytes.fromhex(cells)
        card.external_tries, card.mac_tries = saved["external_tries"], saved["mac_tries"]
        return card
