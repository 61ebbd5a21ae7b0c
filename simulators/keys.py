"""The key file of the demo cards: the masters from which every card's code or keys are derived.

One file serves Odoo and the simulators (docs/protocol: "Card code (PSC)", "Security of the demo CPU cards")::

    {"sle4442_demo": {"master": "64 hexadecimal digits"},
     "csg2015": {"versions": {"1": {"int": "32 digits", "ext": "32 digits", "mac": "32 digits"}}, "current": 1}}
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from pathlib import Path

from .bcd import encode_bcd


class KeyFileError(ValueError):
    """The key file is missing, unreadable or has another form, or does not know this driver."""


class MasterKey:
    """The master key of one kind of memory card.

    :param secret: 32 bytes.
    :param code_bytes: length of the code of this kind's chip: 3 for SLE4442, 2 for SLE4428.
    """

    def __init__(self, secret: bytes, code_bytes: int = 3) -> None:
        if len(secret) != 32:
            raise KeyFileError("the master key has 32 bytes (64 hexadecimal digits)")
        self._secret = bytes(secret)
        self._code_bytes = code_bytes

    def psc(self, serial: str) -> bytes:
        """Return the code of the card with this serial (12 digits)."""
        return hmac.new(self._secret, b"PSC" + encode_bcd(serial, 6), hashlib.sha256).digest()[: self._code_bytes]


@dataclass(frozen=True)
class CpuMasters:
    """The master keys of one kind of CPU card.

    :param versions: version (1 to 255) -> purpose (``int``, ``ext``, ``mac``) -> 16 bytes.
    :param current: the version that new cards get.
    """

    versions: dict[int, dict[str, bytes]]
    current: int

    def __post_init__(self) -> None:
        for version, keys in self.versions.items():
            lengths = {purpose: len(key) for purpose, key in keys.items()}
            if not 1 <= version <= 255 or lengths != {"int": 16, "ext": 16, "mac": 16}:
                raise KeyFileError("each version, 1 to 255, has the keys int, ext and mac of 16 bytes")
        if self.current not in self.versions:
            raise KeyFileError("the current version is not among the versions")


@dataclass(frozen=True)
class CardKeys:
    """All masters of a utility: by driver, of memory cards and of CPU cards."""

    memory: dict[str, bytes] = field(default_factory=dict)
    cpu: dict[str, CpuMasters] = field(default_factory=dict)

    @classmethod
    def load(cls, path: str | Path) -> CardKeys:
        """Read the key file. Entries of a form that is not known here are left alone: they are other programs'.

        :raises KeyFileError: missing, unreadable or of another form.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise KeyFileError(f"cannot read the key file {path}: {error.strerror}") from error
        except ValueError as error:
            raise KeyFileError(f"{path} is not JSON") from error
        try:
            memory = {driver: _master(entry) for driver, entry in content.items() if "master" in entry}
            cpu = {driver: _cpu_masters(entry) for driver, entry in content.items() if "versions" in entry}
        except KeyFileError:
            raise
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise KeyFileError(f'{path} must hold {{driver: {{"master": …}}}} or {{"versions": …}}') from error
        if not memory and not cpu:
            raise KeyFileError(f"{path} holds no master key of a card")
        return cls(memory, cpu)

    def master(self, driver: str, code_bytes: int = 3) -> MasterKey:
        """Return the master of a kind of memory card.

        :raises KeyFileError: the file has none.
        """
        if driver not in self.memory:
            raise KeyFileError(f"the key file has no master for {driver}")
        return MasterKey(self.memory[driver], code_bytes)

    def masters(self, driver: str) -> CpuMasters:
        """Return the masters of a kind of CPU card.

        :raises KeyFileError: the file has none.
        """
        if driver not in self.cpu:
            raise KeyFileError(f"the key file has no masters for {driver}")
        return self.cpu[driver]


def _master(entry: dict) -> bytes:
    secret = bytes.fromhex(entry["master"])
    if len(secret) != 32:
        raise KeyFileError("the master key has 32 bytes (64 hexadecimal digits)")
    return secret


def _cpu_masters(entry: dict) -> CpuMasters:
    versions = {
        int(version): {purpose: bytes.fromhex(key) for purpose, key in keys.items()}
        for version, keys in entry["versions"].items()
    }
    return CpuMasters(versions, int(entry["current"]))
