"""What a driver of a processor card asks of the keys, wherever they are (docs/protocol/key-service.md)."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod


class KeyRefused(Exception):
    """The keys were refused, or cannot be reached.

    :param code: ``K-101`` to ``K-109``, or another code of the catalogue with which the service refused.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


class KeySession(ABC):
    """The keys of one attempt on one card. Every question raises :class:`KeyRefused`.

    :param attempt: the order's ``jti``.
    :param driver: such as ``csg2015``.
    :param serial: of the card, 16 digits.
    """

    def __init__(self, attempt: str, driver: str, serial: str) -> None:
        self.attempt = attempt
        self.driver = driver
        self.serial = serial

    @property
    def random(self) -> bytes:
        """What the card must answer in the internal authentication, 8 bytes; bound to the attempt."""
        return hashlib.sha256(b"internal" + self.attempt.encode("ascii")).digest()[:8]

    @abstractmethod
    def authenticate(self, version: int, answer: bytes, challenge: bytes) -> bytes:
        """The cryptogram of the external authentication, 8 bytes.

        :param version: key version of the card.
        :param answer: the card's answer to :attr:`random`, 8 bytes.
        :param challenge: of the card, 8 bytes.
        """

    @abstractmethod
    def mac(self, version: int, challenge: bytes, header: bytes, data: bytes) -> bytes:
        """The MAC of one secure update, 4 bytes.

        :param header: ``CLA INS P1 P2 Lc``; Lc counts data and MAC.
        """

    @abstractmethod
    def update_key(self, version: int, challenge: bytes) -> tuple[bytes, int]:
        """The whole WRITE KEY command, and the key version that the card has afterwards."""
