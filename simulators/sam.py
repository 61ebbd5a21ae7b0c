"""The security module in a terminal's second slot (docs/protocol/card-security-demo.md, "Security module")."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .bcd import decode_bcd, encode_bcd
from .card import ApduCard
from .cpu_card import NOT_AUTHENTICATED, NOT_SATISFIED, OK, UNKNOWN_CLASS, UNKNOWN_INSTRUCTION, WRONG_LENGTH
from .cpu_kinds import CSG2015, GDW1365
from .demo_aes import BLOCK, MAC_BYTES, CardKeySet, keys_of, same
from .keys import CpuMasters

if TYPE_CHECKING:
    from .keys import CardKeys

ATR = bytes.fromhex("3B680000") + b"ELSAMDE\x01"
DRIVERS = {0x01: GDW1365.driver, 0x02: CSG2015.driver}
UNKNOWN_KEY = b"\x6a\x88"
WRONG_DATA = b"\x6a\x80"
DEFAULT_USES = 10_000


class Sam(ApduCard):
    """One module.

    Asking for its status costs nothing; every other command that it computes costs a use, also one that ends with a
    wrong card: an attacker's questions must not be free.

    :param masters: driver -> masters that it was given.
    :param number: its own number, up to 16 digits.
    :param uses: how many commands it still answers.
    """

    ERASE_SECONDS = WRITE_SECONDS = 0.0

    def __init__(self, masters: dict[str, CpuMasters], number: str = "1", uses: int = DEFAULT_USES) -> None:
        super().__init__()
        self._masters = masters
        self.number = decode_bcd(encode_bcd(number, 8))
        self.uses = uses
        self._commands: dict[int, Callable[[bytes], bytes]] = {
            0xF0: self._status,
            0x20: self._authenticate,
            0x22: self._mac,
        }

    @classmethod
    def of(cls, keys: CardKeys, number: str = "1", uses: int = DEFAULT_USES) -> Sam:
        """Make a module with all of a utility's masters of CPU cards."""
        return cls(dict(keys.cpu), number, uses)

    def atr(self) -> bytes:
        """Return the answer to reset."""
        return ATR

    def forget(self) -> None:
        """It keeps nothing between commands."""

    def transmit(self, apdu: bytes) -> bytes:
        """Carry out one command."""
        self.meet_command()
        self.check_contact()
        if len(apdu) < 5:
            return WRONG_LENGTH
        if apdu[0] != 0x80:
            return UNKNOWN_CLASS
        command = self._commands.get(apdu[1])
        return UNKNOWN_INSTRUCTION if command is None else command(apdu)

    def _status(self, apdu: bytes) -> bytes:
        if len(apdu) != 5 or apdu[4] != 12:
            return WRONG_LENGTH
        return encode_bcd(self.number, 8) + self.uses.to_bytes(4, "big") + OK

    def _authenticate(self, apdu: bytes) -> bytes:
        if len(apdu) != 6 + 4 * BLOCK or apdu[4] != 4 * BLOCK or apdu[-1] != BLOCK:
            return WRONG_LENGTH
        serial, random, answer, challenge = (apdu[start : start + BLOCK] for start in range(5, 37, BLOCK))
        keys = self._keys(apdu, serial)
        if isinstance(keys, bytes):
            return keys
        return keys.external(challenge) + OK if same(keys.internal(random), answer) else NOT_AUTHENTICATED

    def _mac(self, apdu: bytes) -> bytes:
        if len(apdu) < 6 + 2 * BLOCK + 6 or apdu[4] != len(apdu) - 6 or apdu[-1] != MAC_BYTES:
            return WRONG_LENGTH
        serial, challenge, header, data = apdu[5:13], apdu[13:21], apdu[21:26], apdu[26:-1]
        # Nothing but a secure UPDATE BINARY: the module gives no keys away.
        if header[:2] != b"\x04\xd6" or header[4] != len(data) + MAC_BYTES:
            return WRONG_DATA
        keys = self._keys(apdu, serial)
        return keys if isinstance(keys, bytes) else keys.mac_of(challenge, header, data) + OK

    def _keys(self, apdu: bytes, serial: bytes) -> CardKeySet | bytes:
        """Count the use and return the card's keys, or the status that says why there are none."""
        if self.uses == 0:
            return NOT_SATISFIED
        masters = self._masters.get(DRIVERS.get(apdu[2], ""))
        # Version 0 is that of cards which are not issued yet, and those are no business of a terminal's module.
        keys = keys_of(masters, apdu[3], serial) if masters and apdu[3] else None
        if keys is None:
            return UNKNOWN_KEY
        self.uses -= 1
        self.changed()
        return keys

    # -- durable form --------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, object]:
        """Return number and uses; the masters stay in the key file."""
        return {"number": self.number, "uses": self.uses}

    @classmethod
    def from_dict(cls, saved: dict, keys: CardKeys) -> Sam:
        """Make the module that :meth:`to_dict` described."""
        return cls.of(keys, saved["number"], saved["uses"])
