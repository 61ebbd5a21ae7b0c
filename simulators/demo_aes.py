"""The cryptograms of suite ``demo-aes``, as cards and security modules compute them (card-security-demo.md)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from .keys import CpuMasters

PURPOSES = ("int", "ext", "mac")
TRANSPORT_VERSION = 0
TRANSPORT = {"int": b"\xa0" * 16, "ext": b"\xa1" * 16, "mac": b"\xa2" * 16}
BLOCK = 8
MAC_BYTES = 4


@dataclass(frozen=True)
class CardKeySet:
    """The three keys of one card, 16 bytes each."""

    int: bytes
    ext: bytes
    mac: bytes

    @classmethod
    def derive(cls, masters: dict[str, bytes], serial: bytes) -> CardKeySet:
        """Diversify the masters of one version for a card.

        :param masters: purpose -> 16 bytes.
        :param serial: 8 bytes BCD.
        """
        block = serial + bytes(0xFF - each for each in serial)
        return cls(*(encrypt(masters[purpose], block) for purpose in PURPOSES))

    @classmethod
    def transport(cls, serial: bytes) -> CardKeySet:
        """Return the public keys of a card that was never issued (version 0)."""
        return cls.derive(TRANSPORT, serial)

    def to_dict(self) -> dict[str, str]:
        """Return the keys as hexadecimal strings."""
        return {purpose: getattr(self, purpose).hex() for purpose in PURPOSES}

    @classmethod
    def from_dict(cls, saved: dict[str, str]) -> CardKeySet:
        """Make the keys that :meth:`to_dict` described."""
        return cls(*(bytes.fromhex(saved[purpose]) for purpose in PURPOSES))

    def internal(self, random: bytes) -> bytes:
        """Return the card's answer to 8 random bytes, 8 bytes."""
        return encrypt(self.int, random + bytes(8))[:BLOCK]

    def external(self, challenge: bytes) -> bytes:
        """Return what opens the card that gave this challenge, 8 bytes."""
        return encrypt(self.ext, challenge + bytes(8))[:BLOCK]

    def mac_of(self, challenge: bytes, header: bytes, data: bytes) -> bytes:
        """Return the MAC of a secure command, 4 bytes.

        :param header: CLA INS P1 P2 Lc; Lc counts data and MAC.
        """
        mac = CMAC(algorithms.AES(self.mac))
        mac.update(challenge + header + data)
        return mac.finalize()[:MAC_BYTES]

    def wrap(self, new: CardKeySet) -> bytes:
        """Return new keys under this card's MAC key, 48 bytes: the data of a key update."""
        return b"".join(encrypt(self.mac, getattr(new, purpose)) for purpose in PURPOSES)

    def unwrap(self, data: bytes) -> CardKeySet:
        """Return the keys in the data of a key update, 48 bytes."""
        return CardKeySet(*(decrypt(self.mac, data[start : start + 16]) for start in range(0, 48, 16)))

    def reconnect_command(self, deadline: bytes) -> bytes:
        """Return the reconnect command of a csg2015 card, 16 bytes.

        :param deadline: BCD YYMMDDhhmmss, 6 bytes.
        """
        return encrypt(self.mac, b"\x1c\x00" + deadline + b"\x80" + bytes(7))

    def reconnect_deadline(self, command: bytes) -> bytes | None:
        """Return the deadline in a reconnect command, 6 bytes; None when it is not one of this card."""
        plain = decrypt(self.mac, command)
        return plain[2:8] if plain[:2] == b"\x1c\x00" and plain[8:] == b"\x80" + bytes(7) else None


def keys_of(masters: CpuMasters, version: int, serial: bytes) -> CardKeySet | None:
    """Return the keys that a card of this version and serial must have; None when the version is not known.

    :param serial: 8 bytes BCD.
    """
    if version == TRANSPORT_VERSION:
        return CardKeySet.transport(serial)
    if version not in masters.versions:
        return None
    return CardKeySet.derive(masters.versions[version], serial)


def same(one: bytes, other: bytes) -> bool:
    """Compare two cryptograms without telling by time where they differ."""
    return hmac.compare_digest(one, other)


def encrypt(key: bytes, block: bytes) -> bytes:
    """AES of one block of 16 bytes."""
    # A single block: there is nothing for a mode to chain.
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return cipher.update(block) + cipher.finalize()


def decrypt(key: bytes, block: bytes) -> bytes:
    """The reverse of :func:`encrypt`."""
    cipher = Cipher(algorithms.AES(key), modes.ECB()).decryptor()
    return cipher.update(block) + cipher.finalize()
