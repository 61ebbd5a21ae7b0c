"""What answers for the keys of the cards: one interface, whatever holds the masters.

A provider keeps masters by driver, version and purpose, makes the key of a card from them and uses it. It never hands
out a master. Which requests it may be asked for is decided by its caller (``docs/protocol``, "The key service").
"""

from abc import ABC, abstractmethod

from . import key_suite_demo as suite
from .codes import K_NOT_GENUINE, K_VERSION_UNKNOWN
from .errors import Refusal
from .private_files import refuse

#: Memory cards with a code, and its bytes: SLE4442 and SLE4428 data sheets.
PSC_SIZES = {"sle4442_demo": 3, "sle4428_demo": 2}
#: CPU cards with the suite ``demo-aes``.
CPU_DRIVERS = ("csg2015", "gdw1365")


def next_version(known):
    """Return the number of a new key version.

    :param known: the numbers that were ever used, those of destroyed versions too
    :raise Refusal: K-106 all are used up
    """
    version = max(known, default=suite.TRANSPORT) + 1
    if version > suite.LARGEST_VERSION:
        raise Refusal(K_VERSION_UNKNOWN, version=str(version))
    return version


def check_destroyable(version, versions, current):
    """Check that a version may be destroyed: the current one goes only as the last.

    :raise Refusal: K-106 there is no such version
    :raise ValueError: it is the current version and others are there
    """
    if version not in versions:
        raise Refusal(K_VERSION_UNKNOWN, version=str(version))
    if version == current and len(versions) > 1:
        raise ValueError("This is the current version: add a version first, or destroy the older ones before it.")


class KeyProvider(ABC):
    """Keys of cards.

    All methods but :meth:`drivers` may refuse with K-109 when what holds the keys is away.
    """

    @property
    @abstractmethod
    def warning(self):
        """What the operator must know about this provider, or the empty text."""

    @abstractmethod
    def drivers(self):
        """Return the drivers for which there are keys, sorted."""

    @abstractmethod
    def versions(self, driver):
        """Return the key versions that exist for a CPU driver, sorted, without the public version 0."""

    @abstractmethod
    def current(self, driver):
        """Return the key version that new cards of a CPU driver get.

        :raise Refusal: K-106 there is none
        """

    @abstractmethod
    def _master(self, driver, version, purpose):
        """Return a key with ``encrypt(block)``: the master of a version from 1 on.

        :raise Refusal: K-106
        """

    @abstractmethod
    def _card_key(self, master, diversifier):
        """Return the key of a card, with ``encrypt(block)`` and ``cmac(message)``.

        :param master: of :meth:`_master`, or a public one
        :param diversifier: 16 bytes
        """

    @abstractmethod
    def _code_mac(self, driver, message):
        """Return HMAC-SHA-256 under the master of a memory driver, 32 bytes.

        :raise Refusal: T-107 there is none
        """

    def _find(self, driver, version, purpose):
        if driver not in CPU_DRIVERS:
            raise Refusal(K_VERSION_UNKNOWN, version=str(version))
        if version == suite.TRANSPORT:
            return suite.transport_key(purpose)
        return self._master(driver, version, purpose)

    def _key(self, driver, version, purpose, serial):
        return self._card_key(self._find(driver, version, purpose), suite.diversifier(serial))

    def psc(self, driver, serial):
        """Return the code of a memory card.

        :param driver: one of :data:`PSC_SIZES`
        :param serial: card serial number, 12 digits
        :return: 3 bytes (SLE4442) or 2 (SLE4428)
        :raise Refusal: T-107 there is no master key for this driver, K-109
        """
        if driver not in PSC_SIZES:
            raise refuse(f"no card key for driver {driver}")
        return self._code_mac(driver, b"PSC" + bytes.fromhex(serial))[: PSC_SIZES[driver]]

    def authenticate(self, driver, version, serial, internal, answer, challenge):
        """Check that a card is genuine, and return what opens it for writing.

        :param driver: one of :data:`CPU_DRIVERS`
        :param version: of the keys on the card; 0: the public transport keys
        :param serial: 16 digits
        :param internal: the challenge that the card was given, 8 bytes
        :param answer: what it answered, 8 bytes
        :param challenge: the card's own, 8 bytes
        :return: 8 bytes
        :raise Refusal: K-105, K-106, K-109
        """
        if not suite.card_is_genuine(self._key(driver, version, suite.INTERNAL, serial), internal, answer):
            raise Refusal(K_NOT_GENUINE)
        return suite.external_cryptogram(self._key(driver, version, suite.EXTERNAL, serial), challenge)

    def mac(self, driver, version, serial, challenge, header, data):
        """Return the MAC of a secure update, 4 bytes.

        :param challenge: the card's, 8 bytes
        :param header: CLA INS P1 P2 Lc
        :param data: the bytes of the command
        :raise Refusal: K-106, K-109
        """
        return suite.update_mac(self._key(driver, version, suite.MAC, serial), challenge, header, data)

    def key_update(self, driver, version, serial, challenge, new):
        """Return the WRITE KEY command that gives a card the keys of another version.

        :param version: of the keys on the card
        :param challenge: the card's, 8 bytes
        :param new: version of the keys that it gets
        :raise Refusal: K-106, K-109
        """
        # The three new keys of this one card pass through memory: the command carries them, encrypted.
        values = [self._find(driver, new, purpose).encrypt(suite.diversifier(serial)) for purpose in suite.PURPOSES]
        key = self._key(driver, version, suite.MAC, serial)
        return suite.key_update(key, challenge, new, values)

    def reconnect(self, driver, version, serial, deadline):
        """Return the encrypted reconnect command of a card, 16 bytes.

        :param version: of the keys that the card has when the meter reads it
        :param deadline: BCD YYMMDDhhmmss, 6 bytes
        :raise Refusal: K-106, K-109
        """
        return suite.reconnect(self._key(driver, version, suite.MAC, serial), deadline)
