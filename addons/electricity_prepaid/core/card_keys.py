"""The software provider of card keys: for tests and demonstrations.

The masters lie in a private file::

    {"sle4442_demo": {"master": "64 hexadecimal digits"},
     "csg2015": {"versions": {"1": {"int": "32 digits", "ext": …, "mac": …}}, "current": 1, "destroyed": {}}}

The code (PSC) of a demo memory card is derived from a master and the card's serial (``docs/protocol``, "Card code
(PSC)"), the keys of a CPU card by the suite ``demo-aes``.
"""

import contextlib
import fcntl
import hashlib
import hmac
import os
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path

from .codes import K_VERSION_UNKNOWN
from .errors import Refusal
from .key_provider import CPU_DRIVERS, PSC_SIZES, KeyProvider, check_destroyable, next_version
from .key_suite_demo import KEY_SIZE, LARGEST_VERSION, PURPOSES, SoftKey
from .private_files import read_private, refuse, write_private

WARNING = (
    "DEMO CARD KEYS: the master keys of the cards lie in a file of this server, and the code of a memory card can be "
    "read off its contacts. Use this provider for tests and demonstrations only, never for cards that are worth money."
)

_MASTER_SIZE = 32


def _new_version():
    return {purpose: secrets.token_hex(KEY_SIZE) for purpose in PURPOSES}


def _new_entry(driver):
    if driver in PSC_SIZES:
        return {"master": secrets.token_hex(_MASTER_SIZE)}
    return {"versions": {"1": _new_version()}, "current": 1}


def _key(text, size):
    try:
        value = bytes.fromhex(text)
    except (TypeError, ValueError) as error:
        raise refuse("card key file holds a malformed key") from error
    if len(value) != size:
        raise refuse("card key file holds a key of a wrong length")
    return value


def _versions(entry):
    versions = entry["versions"]
    if not isinstance(versions, dict) or not all(isinstance(keys, dict) for keys in versions.values()):
        raise refuse("card key file holds a malformed key")
    read = {}
    for version, keys in versions.items():
        if not (version.isascii() and version.isdecimal() and 0 < int(version) <= LARGEST_VERSION):
            raise refuse("card key file holds a version that is none")
        if set(keys) != set(PURPOSES):
            raise refuse("card key file holds a version without all its keys")
        read[int(version)] = {purpose: SoftKey(_key(keys[purpose], KEY_SIZE)) for purpose in PURPOSES}
    current = entry.get("current")
    if read and current not in read:
        raise refuse("card key file names a current version that it does not hold")
    return read, current


@contextlib.contextmanager
def _changing(path):
    """Hold off every other process that changes key files of this folder."""
    descriptor = os.open(Path(path).parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@dataclass(frozen=True)
class SoftwareCardKeys(KeyProvider):
    """Masters in memory; none is ever shown in a representation.

    :param masters: ``{memory driver: bytes}``
    :param cpu: ``{CPU driver: ({version: {purpose: SoftKey}}, current version)}``
    """

    masters: dict
    cpu: dict = field(default_factory=dict)

    def __repr__(self):
        return f"SoftwareCardKeys({self.drivers()})"

    @property
    def warning(self):
        """That the keys are for demonstrations only."""
        return WARNING

    @classmethod
    def load(cls, path):
        """Read the file.

        :raise Refusal: T-107 with a ``reason``
        """
        masters, cpu = {}, {}
        for driver, entry in read_private(path).items():
            if not isinstance(entry, dict):
                raise refuse("card key file holds a malformed key")
            if "versions" in entry:
                cpu[driver] = _versions(entry)
            elif "destroyed" not in entry:
                masters[driver] = _key(entry.get("master"), _MASTER_SIZE)
        return cls(masters, cpu)

    @classmethod
    def provision(cls, path):
        """Make the file with new random master keys of every driver.

        :raise FileExistsError: keys are never overwritten: every card in the field would be lost
        """
        write_private(path, {driver: _new_entry(driver) for driver in sorted((*PSC_SIZES, *CPU_DRIVERS))}, False)
        return cls.load(path)

    @classmethod
    def complete(cls, path):
        """Make keys for the drivers that the file does not name. What it holds stays as it is.

        :return: the drivers that were added, sorted
        :raise Refusal: T-107
        """
        with _changing(path):
            content = read_private(path)
            cls.load(path)
            missing = sorted({*PSC_SIZES, *CPU_DRIVERS} - set(content))
            if missing:
                content.update((driver, _new_entry(driver)) for driver in missing)
                write_private(path, content, replace=True)
        return missing

    @classmethod
    def add_version(cls, path, driver):
        """Make a new version of a CPU driver's keys; cards that are issued from now on get it.

        :return: the new version; numbers of destroyed versions are not used again
        :raise Refusal: T-107, K-106 when the driver has no versions or its numbers are used up
        """
        with _changing(path):
            content = read_private(path)
            entry = _cpu_entry(content, driver)
            version = next_version([int(known) for known in (*entry["versions"], *entry.get("destroyed", {}))])
            entry["versions"][str(version)] = _new_version()
            entry["current"] = version
            write_private(path, content, replace=True)
        return version

    @classmethod
    def destroy(cls, path, driver, version=None):
        """Destroy keys for ever; the file keeps the record that there were some.

        :param version: of a CPU driver; None for the master of a memory driver
        :raise Refusal: T-107, K-106 when there are no such keys
        :raise ValueError: it is the current version and others are there
        """
        with _changing(path):
            content = read_private(path)
            record = {"at": int(time.time())}
            if driver in PSC_SIZES and version is None:
                if "master" not in content.get(driver, {}):
                    raise Refusal(K_VERSION_UNKNOWN)
                content[driver] = {"destroyed": record}
            else:
                entry = _cpu_entry(content, driver)
                check_destroyable(version, [int(known) for known in entry["versions"]], entry["current"])
                del entry["versions"][str(version)]
                entry.setdefault("destroyed", {})[str(version)] = record
            write_private(path, content, replace=True)

    def drivers(self):
        """Return the drivers for which there are keys, sorted."""
        return sorted([*self.masters, *(driver for driver, (versions, _) in self.cpu.items() if versions)])

    def versions(self, driver):
        """Return the key versions that exist for a CPU driver, sorted, without the public version 0."""
        return sorted(self.cpu.get(driver, ({}, None))[0])

    def current(self, driver):
        """Return the key version that new cards of a CPU driver get.

        :raise Refusal: K-106 there is none
        """
        versions, current = self.cpu.get(driver, ({}, None))
        if current not in versions:
            raise Refusal(K_VERSION_UNKNOWN)
        return current

    def _master(self, driver, version, purpose):
        keys = self.cpu.get(driver, ({}, None))[0].get(version)
        if keys is None:
            raise Refusal(K_VERSION_UNKNOWN, version=str(version))
        return keys[purpose]

    def _card_key(self, master, diversifier):
        return SoftKey(master.encrypt(diversifier))

    def _code_mac(self, driver, message):
        master = self.masters.get(driver)
        if master is None:
            raise refuse(f"no card key for driver {driver}")
        return hmac.new(master, message, hashlib.sha256).digest()


def _cpu_entry(content, driver):
    entry = content.get(driver)
    if driver not in CPU_DRIVERS or not isinstance(entry, dict) or "versions" not in entry:
        raise Refusal(K_VERSION_UNKNOWN)
    _versions(entry)
    return entry
