"""The security module in the terminal's second slot (docs/protocol/card-security-demo.md, "Security module")."""

from __future__ import annotations

import fnmatch
import logging
import threading
from collections.abc import Callable

from smartcard import scard

from hw_proxy.bounded import TooLate, bounded
from hw_proxy.cards.cpu_commands import CpuCommands
from hw_proxy.cards.transport import CardError, CardGone, CardRefused, CardUnknown, Connection
from hw_proxy.devices.pcsc import PcscSlot
from hw_proxy.key_client import KeyRefused, KeySession

logger = logging.getLogger(__name__)

ATR = bytes.fromhex("3b680000454c53414d444501")
PATIENCE = 5.0
_DRIVERS = {"gdw1365": 0x01, "csg2015": 0x02}
_CODES = {0x6985: "K-107", 0x6A88: "K-106", 0x6982: "K-105"}
TRANSPORT_VERSION = 0


def connect(pattern: str) -> Connection:
    """Take the module out of the first reader whose name fits.

    :param pattern: of the reader's PC/SC name.
    :raises CardError: there is none, it is empty, or another card is in it.
    """
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    if result != scard.SCARD_S_SUCCESS:
        raise CardError("the card service does not answer")
    try:
        result, names = scard.SCardListReaders(context, [])
    finally:
        scard.SCardReleaseContext(context)
    fitting = [name for name in names or [] if fnmatch.fnmatchcase(name, pattern)]
    if result != scard.SCARD_S_SUCCESS or not fitting:
        raise CardError(f"no reader {pattern}")
    connection = PcscSlot(fitting[0]).connect()
    if connection.atr != ATR:
        connection.close()
        raise CardUnknown(f"not a security module: {connection.atr.hex()}")
    return connection


class SecurityModule:
    """The module, shared by all readers of the terminal.

    :param connector: takes the module; raises :class:`~hw_proxy.cards.transport.CardError`.
    """

    def __init__(self, connector: Callable[[], Connection]) -> None:
        self._connector = connector
        self._lock = threading.Lock()
        self._connection: Connection | None = None

    def uses_left(self) -> int:
        """Answers that the module will still give.

        :raises KeyRefused: K-107.
        """
        return int.from_bytes(self._exchange(bytes.fromhex("80f000000c"), 12)[8:], "big")

    def authenticate(self, driver: int, version: int, data: bytes) -> bytes:
        """X for ``S R A C``.

        :raises KeyRefused: K-105 to K-107.
        """
        return self._exchange(bytes([0x80, 0x20, driver, version, len(data)]) + data + b"\x08", 8)

    def mac(self, driver: int, version: int, data: bytes) -> bytes:
        """The MAC for ``S C header data``.

        :raises KeyRefused: K-106, K-107.
        """
        return self._exchange(bytes([0x80, 0x22, driver, version, len(data)]) + data + b"\x04", 4)

    def close(self) -> None:
        """Let the module go."""
        with self._lock:
            self._drop()

    def _exchange(self, command: bytes, size: int) -> bytes:
        try:
            return bounded(lambda: self._transmit(command, size), PATIENCE)
        except CardRefused as error:
            raise KeyRefused(_CODES.get(error.status, "K-107"), str(error)) from error
        except (CardError, TooLate) as error:
            raise KeyRefused("K-107", str(error)) from error

    def _transmit(self, command: bytes, size: int) -> bytes:
        # A call that hangs keeps the lock, so those after it give up too, and none reaches the module behind its back.
        with self._lock:
            if self._connection is not None:
                try:
                    return CpuCommands(self._connection).command(command, size)
                except CardGone as error:
                    # The card service was restarted, or the module was taken out and put back.
                    logger.warning("the security module is taken anew: %s", error)
                    self._drop()
            self._connection = self._connector()
            try:
                return CpuCommands(self._connection).command(command, size)
            except CardGone:
                self._drop()
                raise

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class SamKeys(KeySession):
    """Keys of the module in this terminal.

    A card that gets its first keys gets everything of the central service, which alone has transport keys and key
    updates; so does a card with keys of a version that the module does not have yet.

    :param central: the central service.
    """

    def __init__(self, attempt: str, driver: str, serial: str, module: SecurityModule, central: KeySession) -> None:
        super().__init__(attempt, driver, serial)
        self._module = module
        self._central = central
        self._by_central = False

    def authenticate(self, version: int, answer: bytes, challenge: bytes) -> bytes:
        """The cryptogram of the external authentication."""
        self._by_central = self._by_central or version == TRANSPORT_VERSION
        if not self._by_central:
            data = bytes.fromhex(self.serial) + self.random + answer + challenge
            try:
                return self._module.authenticate(self._number(), version, data)
            except KeyRefused as error:
                if error.code != "K-106":
                    raise
                logger.info("the security module lacks version %d: the central service is asked", version)
                self._by_central = True
        return self._central.authenticate(version, answer, challenge)

    def mac(self, version: int, challenge: bytes, header: bytes, data: bytes) -> bytes:
        """The MAC of one secure update."""
        if self._by_central:
            return self._central.mac(version, challenge, header, data)
        return self._module.mac(self._number(), version, bytes.fromhex(self.serial) + challenge + header + data)

    def update_key(self, version: int, challenge: bytes) -> tuple[bytes, int]:
        """The WRITE KEY command and the new key version."""
        self._by_central = True
        return self._central.update_key(version, challenge)

    def _number(self) -> int:
        number = _DRIVERS.get(self.driver)
        if number is None:
            raise KeyRefused("K-106", f"the module has no keys for {self.driver}")
        return number
