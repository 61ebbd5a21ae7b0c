"""The provider for a hardware security module: PKCS#11 (OASIS, "Cryptographic Token Interface").

The masters are secret keys of a token, marked sensitive and not extractable. Their labels:

====================================  ==============================================================
``<CPU driver>/<version>/<purpose>``  AES-128; ``purpose`` is ``int``, ``ext`` or ``mac``
``<memory driver>/psc``               generic secret, 32 bytes, for HMAC-SHA-256
``<driver>/destroyed/<version>``      a data object: such keys were here and are gone
====================================  ==============================================================

The current version is the highest. The key of a card is derived inside the token (CKM_AES_ECB_ENCRYPT_DATA) for each
use and destroyed after it.
"""

import contextlib
import os
import threading
from dataclasses import dataclass, field

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.exceptions import PinExpired, PinIncorrect, PinLocked, PKCS11Error, TokenNotPresent

from .codes import K_PROVIDER, K_VERSION_UNKNOWN
from .errors import Refusal
from .key_provider import CPU_DRIVERS, PSC_SIZES, KeyProvider, check_destroyable, next_version
from .key_suite_demo import KEY_SIZE, PURPOSES, SoftKey
from .private_files import read_private_bytes, refuse

_DESTROYED = "destroyed"
_CODE = "psc"
_CODE_MASTER_SIZE = 32
_HIDDEN = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
_MASTER = {**_HIDDEN, Attribute.PRIVATE: True, Attribute.MODIFIABLE: False}
_PIN_REFUSED = (PinIncorrect, PinLocked, PinExpired)

_lock = threading.RLock()
_ready = {}


def read_pin(path):
    """Read the token's PIN from a private file: its first line.

    :raise Refusal: T-107 with a ``reason``
    """
    try:
        pin = read_private_bytes(path).decode().partition("\n")[0].strip()
    except UnicodeDecodeError as error:
        raise refuse("PIN file is not text") from error
    if not pin:
        raise refuse("PIN file is empty")
    return pin


def _module(path, anew):
    """Return the loaded module, initialised in this process: a fork must not use its parent's state.

    :param anew: forget what the module knows, so that it looks for its tokens again
    """
    module = pkcs11.lib(path)
    if anew or _ready.get(path) != os.getpid():
        _ready.pop(path, None)
        with contextlib.suppress(PKCS11Error):
            module.finalize()
        module.initialize()
        _ready[path] = os.getpid()
    return module


@dataclass(frozen=True)
class _Master:
    """A master in the token, by its label."""

    keys: "Pkcs11CardKeys" = field(repr=False)
    label: str

    def encrypt(self, block):
        """Return a block encrypted, 16 bytes."""
        return self.keys.run(
            lambda session: self.keys.find(session, self.label).encrypt(block, mechanism=Mechanism.AES_ECB)
        )


@dataclass(frozen=True)
class _CardKey:
    """The key of one card; it exists in the token only while it is used."""

    master: _Master
    diversifier: bytes = field(repr=False)

    def _use(self, work):
        def derived(session):
            key = self.master.keys.find(session, self.master.label).derive_key(
                KeyType.AES,
                KEY_SIZE * 8,
                capabilities=MechanismFlag.ENCRYPT | MechanismFlag.SIGN,
                mechanism=Mechanism.AES_ECB_ENCRYPT_DATA,
                mechanism_param=self.diversifier,
                template=_HIDDEN,
            )
            try:
                return work(key)
            finally:
                key.destroy()

        return self.master.keys.run(derived)

    def encrypt(self, block):
        """Return a block encrypted, 16 bytes."""
        return self._use(lambda key: key.encrypt(block, mechanism=Mechanism.AES_ECB))

    def cmac(self, message):
        """Return the CMAC of a message, 16 bytes."""
        return self._use(lambda key: key.sign(message, mechanism=Mechanism.AES_CMAC))


class Pkcs11CardKeys(KeyProvider):
    """Masters in a token.

    :param module: path of the PKCS#11 module, a shared library
    :param token: label of the token
    :param pin: function that returns the PIN; called when a session is opened, so that a changed PIN is noticed
    :param refused: the :class:`~.refused_pin.RefusedPin` that keeps a wrong PIN from being tried again, by any process
    """

    warning = ""

    def __init__(self, module, token, pin, refused):
        self._path = module
        self._token = token
        self._pin = pin
        self._refused = refused
        self._session = None
        self._pid = None

    def __repr__(self):
        return f"Pkcs11CardKeys({self._path!r}, {self._token!r})"

    def run(self, work):
        """Run work in a session with the token. A session that has broken is opened once more.

        :param work: function of the session
        :raise Refusal: K-109 with a ``reason``, T-107 when PIN or the file about refused ones cannot be read
        """
        with _lock:
            for anew in (False, True):
                try:
                    return work(self._open(anew))
                except PKCS11Error as error:
                    self._session, failure = None, error
                    if isinstance(error, _PIN_REFUSED):
                        break
            raise self._away(failure) from failure

    def _away(self, error):
        return Refusal(K_PROVIDER, reason=f"token {self._token}: {type(error).__name__}")

    def _open(self, anew):
        if self._session is None or self._pid != os.getpid():
            pin = self._pin()
            with self._refused.trying(f"{self._path} {self._token}", pin, _PIN_REFUSED):
                token = _module(self._path, anew).get_token(token_label=self._token)
                self._session = token.open(rw=True, user_pin=pin)
            self._pid = os.getpid()
        elif self._session.token.slot.get_token().label != self._token:
            # A token that was pulled may look like one without keys: ask before every use.
            raise TokenNotPresent
        return self._session

    def find(self, session, label):
        """Return the key with a label.

        :raise Refusal: K-106 there is none
        """
        query = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: label, Attribute.TOKEN: True}
        for key in session.get_objects(query):
            return key
        raise Refusal(K_VERSION_UNKNOWN, version=label)

    @staticmethod
    def _labels(session, kind):
        query = {Attribute.CLASS: kind, Attribute.TOKEN: True}
        return [str(found[Attribute.LABEL]).split("/") for found in session.get_objects(query)]

    def _existing(self, session):
        """Return ``{driver: set of versions}``; memory drivers have version 0."""
        existing, parts = {}, {}
        for label in self._labels(session, ObjectClass.SECRET_KEY):
            if len(label) == 2 and label[0] in PSC_SIZES and label[1] == _CODE:
                existing[label[0]] = {0}
            elif len(label) == 3 and label[0] in CPU_DRIVERS and label[1].isdecimal() and label[2] in PURPOSES:
                parts.setdefault((label[0], int(label[1])), set()).add(label[2])
        for (driver, version), purposes in parts.items():
            # A version that was only half made before a power cut is none.
            if purposes == set(PURPOSES):
                existing.setdefault(driver, set()).add(version)
        return existing

    def _used_numbers(self, session, driver):
        labels = self._labels(session, ObjectClass.SECRET_KEY) + self._labels(session, ObjectClass.DATA)
        numbers = [label[1:] for label in labels if label[0] == driver]
        return {int(text) for parts in numbers for text in parts if text.isdecimal()}

    def drivers(self):
        """Return the drivers for which there are keys, sorted."""
        return sorted(self.run(self._existing))

    def versions(self, driver):
        """Return the key versions that exist for a CPU driver, sorted, without the public version 0."""
        if driver not in CPU_DRIVERS:
            return []
        return sorted(self.run(self._existing).get(driver, ()))

    def current(self, driver):
        """Return the key version that new cards of a CPU driver get: the highest.

        :raise Refusal: K-106 there is none
        """
        versions = self.versions(driver)
        if not versions:
            raise Refusal(K_VERSION_UNKNOWN)
        return versions[-1]

    def _master(self, driver, version, purpose):
        return _Master(self, f"{driver}/{version}/{purpose}")

    def _card_key(self, master, diversifier):
        if isinstance(master, SoftKey):
            return SoftKey(master.encrypt(diversifier))
        return _CardKey(master, diversifier)

    def _code_mac(self, driver, message):
        def work(session):
            try:
                key = self.find(session, f"{driver}/{_CODE}")
            except Refusal as error:
                raise refuse(f"no card key for driver {driver}") from error
            return key.sign(message, mechanism=Mechanism.SHA256_HMAC)

        return self.run(work)

    # -- what the operator does ------------------------------------------------------------------------------------

    def complete(self):
        """Make keys for the drivers that the token has none for, and never had.

        :return: the drivers that were added, sorted
        :raise Refusal: K-109
        """

        def work(session):
            gone = {label[0] for label in self._labels(session, ObjectClass.DATA) if label[1:2] == [_DESTROYED]}
            missing = sorted({*PSC_SIZES, *CPU_DRIVERS} - set(self._existing(session)) - gone)
            for driver in missing:
                if driver in PSC_SIZES:
                    self._generate(session, f"{driver}/{_CODE}", KeyType.GENERIC_SECRET, _CODE_MASTER_SIZE)
                else:
                    self._generate_version(session, driver)
            return missing

        return self.run(work)

    def add_version(self, driver):
        """Make a new version of a CPU driver's keys; cards that are issued from now on get it.

        :return: the new version
        :raise Refusal: K-106 no CPU driver, or its numbers are used up; K-109
        """
        if driver not in CPU_DRIVERS:
            raise Refusal(K_VERSION_UNKNOWN)
        return self.run(lambda session: self._generate_version(session, driver))

    def _generate_version(self, session, driver):
        version = next_version(self._used_numbers(session, driver))
        for purpose in PURPOSES:
            self._generate(session, f"{driver}/{version}/{purpose}", KeyType.AES, KEY_SIZE)
        return version

    @staticmethod
    def _generate(session, label, key_type, size):
        uses = MechanismFlag.ENCRYPT | MechanismFlag.DERIVE if key_type == KeyType.AES else MechanismFlag.SIGN
        session.generate_key(key_type, size * 8, store=True, label=label, capabilities=uses, template=_MASTER)

    def destroy(self, driver, version=None):
        """Destroy keys in the token for ever; a data object keeps the record that there were some.

        :param version: of a CPU driver; None for the master of a memory driver
        :raise Refusal: K-106 when there are no such keys, K-109
        :raise ValueError: it is the current version and others are there
        """

        def work(session):
            wanted = {f"{driver}/{version}/{purpose}" for purpose in PURPOSES} if version else {f"{driver}/{_CODE}"}
            there = {"/".join(label) for label in self._labels(session, ObjectClass.SECRET_KEY)} & wanted
            versions = self._existing(session).get(driver, set())
            # What a power cut left of a version is destroyed like a whole one.
            check_destroyable(
                version or 0, versions | ({version or 0} if there else set()), max(versions, default=None)
            )
            self._keep_record(session, f"{driver}/{_DESTROYED}/{version or 0}")
            for label in there:
                self.find(session, label).destroy()

        return self.run(work)

    def _keep_record(self, session, label):
        """Leave a data object, before the keys go: their number must not be lost in between."""
        if label.split("/") in self._labels(session, ObjectClass.DATA):
            return
        marks = {Attribute.CLASS: ObjectClass.DATA, Attribute.TOKEN: True, Attribute.PRIVATE: True}
        session.create_object({**marks, Attribute.LABEL: label, Attribute.VALUE: b""})
