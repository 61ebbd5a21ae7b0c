"""Readers of the PC/SC service, by the functions of the PC/SC workgroup's specification, part 5 (pyscard's ``scard``).

Each connection has a context of its own, because pcsc-lite lets one thread at a time use a context. It is exclusive and
held for the whole insertion: so a card that was taken out and put back, however quickly, fails its next command.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from smartcard import scard

from hw_proxy.cards.registry import CardRegistry
from hw_proxy.cards.transport import CardBusy, CardError, CardGone, CardSilent
from hw_proxy.devices.interface import Interface
from hw_proxy.devices.reader import Reader, ReaderStatus

logger = logging.getLogger(__name__)

_OK = scard.SCARD_S_SUCCESS
_SERVICE_GONE = {
    scard.SCARD_E_NO_SERVICE,
    scard.SCARD_E_SERVICE_STOPPED,
    scard.SCARD_E_INVALID_HANDLE,
    scard.SCARD_F_COMM_ERROR,
    scard.SCARD_F_INTERNAL_ERROR,
}
_READER_GONE = {scard.SCARD_E_READER_UNAVAILABLE, scard.SCARD_E_UNKNOWN_READER}
_CARD_GONE = {
    scard.SCARD_W_REMOVED_CARD,
    # Powered down, up or reset behind our back: the chip has forgotten the presented code.
    scard.SCARD_W_RESET_CARD,
    scard.SCARD_W_UNPOWERED_CARD,
    scard.SCARD_E_NO_SMARTCARD,
}
_PROTOCOLS = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
_WAIT_MS = 400
# Seconds; pcscd looks for a removed card every 400 ms where the reader does not report it by itself.
_SETTLE = 0.9
_LOOK = 0.05
# Seconds after which a card service that does not answer counts as down; it answers every 0.4 s otherwise.
_SILENCE = 1.4


def _events(context: int, reader: str) -> tuple[int, tuple[bool, int]]:
    """Whether a card is there, and how often one has come or gone (the upper half of the event state)."""
    result, states = scard.SCardGetStatusChange(context, 0, [(reader, scard.SCARD_STATE_UNAWARE)])
    if result != _OK:
        return result, (False, 0)
    return result, _essence(states[0][1])


def _essence(state: int) -> tuple[bool, int]:
    # The lower half also tells who uses the card, which is nobody's coming or going.
    return bool(state & scard.SCARD_STATE_PRESENT), (state >> 16) & 0xFFFF


def _failure(result: int, what: str) -> CardError:
    text = f"{what}: {scard.SCardGetErrorMessage(result)}"
    if result in _SERVICE_GONE:
        return CardGone(text, "P-108")
    if result in _READER_GONE:
        return CardGone(text, "P-107")
    if result in _CARD_GONE:
        return CardGone(text)
    if result == scard.SCARD_E_SHARING_VIOLATION:
        return CardBusy(text)
    return CardSilent(text)


class PcscConnection:
    """One insertion in a PC/SC reader."""

    def __init__(self, context: int, card: int, protocol: int, reader: str, atr: bytes, seen: tuple[bool, int]) -> None:
        self._context = context
        self._card = card
        self._header = scard.SCARD_PCI_T1 if protocol == scard.SCARD_PROTOCOL_T1 else scard.SCARD_PCI_T0
        self._reader = reader
        self._seen = seen
        self.atr = atr

    def transmit(self, command: bytes) -> bytes:
        """Answer with its two status bytes.

        :raises CardGone: the insertion is over.
        :raises CardSilent: no answer.
        """
        result, answer = scard.SCardTransmit(self._card, self._header, list(command))
        if result != _OK:
            raise _failure(result, "transmit")
        return bytes(byte & 0xFF for byte in answer)

    def check(self) -> None:
        """Make sure, without waiting, that it is still the same insertion.

        :raises CardGone: it is over.
        """
        result, events = _events(self._context, self._reader)
        if result != _OK:
            error = _failure(result, "status")
            raise error if isinstance(error, CardGone) else CardGone(str(error), "P-108")
        if events != self._seen:
            raise CardGone("the card was taken out")

    def settle(self) -> None:
        """Like :meth:`check`, after pcscd has had the time to notice that the card was taken out.

        :raises CardGone: it is over.
        """
        until = time.monotonic() + _SETTLE
        while time.monotonic() < until:
            self.check()
            time.sleep(_LOOK)
        self.check()

    def release(self) -> None:
        """Let another program use the card until :meth:`retake`."""
        result = scard.SCardDisconnect(self._card, scard.SCARD_LEAVE_CARD)
        if result != _OK:
            logger.debug("%s: release: %s", self._reader, scard.SCardGetErrorMessage(result))

    def retake(self) -> None:
        """Take the card back exclusively.

        :raises CardGone: it was taken out meanwhile, or whoever had it does not let it go.
        """
        until = time.monotonic() + _SETTLE
        while True:
            # A program that was killed holds the card until pcscd has noticed its death.
            result, card, protocol = scard.SCardConnect(
                self._context, self._reader, scard.SCARD_SHARE_EXCLUSIVE, _PROTOCOLS
            )
            if result != scard.SCARD_E_SHARING_VIOLATION or time.monotonic() > until:
                break
            time.sleep(_LOOK)
        if result != _OK:
            raise CardGone(f"retake: {scard.SCardGetErrorMessage(result)}")
        self._card = card
        self._header = scard.SCARD_PCI_T1 if protocol == scard.SCARD_PROTOCOL_T1 else scard.SCARD_PCI_T0
        self.check()

    def close(self) -> None:
        """Let the card go and power it down."""
        for result in (
            scard.SCardDisconnect(self._card, scard.SCARD_UNPOWER_CARD),
            scard.SCardReleaseContext(self._context),
        ):
            if result != _OK:
                logger.debug("%s: close: %s", self._reader, scard.SCardGetErrorMessage(result))


class PcscSlot:
    """A PC/SC reader by its name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def connect(self) -> PcscConnection:
        """Take the card exclusively.

        :raises CardError: no card, no answer to reset, or another program holds it.
        """
        result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
        if result != _OK:
            raise _failure(result, "context")
        result, seen = _events(context, self.name)
        if result == _OK:
            result, card, protocol = scard.SCardConnect(context, self.name, scard.SCARD_SHARE_EXCLUSIVE, _PROTOCOLS)
        if result == _OK:
            result, _name, _state, _protocol, atr = scard.SCardStatus(card)
            if result == _OK:
                return PcscConnection(context, card, protocol, self.name, bytes(byte & 0xFF for byte in atr), seen)
            scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
        scard.SCardReleaseContext(context)
        raise _failure(result, "connect")


class PcscInterface(Interface):
    """The PC/SC readers of this terminal; survives restarts of the card service.

    :param is_ours: tells by a reader's name whether this terminal may use it.
    """

    def __init__(
        self,
        registry: CardRegistry,
        changed: Callable[[ReaderStatus], None],
        is_ours: Callable[[str], bool] = lambda _name: True,
    ) -> None:
        super().__init__(registry, changed)
        self._is_ours = is_ours
        self._problem: str | None = "P-108"
        self._beat = time.monotonic()

    def problem(self) -> str | None:
        """``P-108`` while the card service is down, or does not answer."""
        return "P-108" if time.monotonic() - self._beat > _SILENCE else self._problem

    def watch(self) -> None:
        """Follow the service, and take it up again whenever it comes back."""
        while not self.stopping.is_set():
            self._beat = time.monotonic()
            result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
            if result == _OK:
                self._follow(context)
                scard.SCardReleaseContext(context)
            if self.stopping.is_set():
                return
            if self._problem is None:
                logger.warning("the card service (pcscd) went away")
            self._problem = "P-108"
            for reader in self.readers():
                reader.lost("P-108")
            self.stopping.wait(_WAIT_MS / 1000)

    def _follow(self, context: int) -> None:
        known: dict[str, int] = {}
        while not self.stopping.is_set():
            self._beat = time.monotonic()
            names = self._list(context)
            if names is None:
                return
            if self._problem is not None:
                logger.info("the card service (pcscd) is there, readers: %s", ", ".join(names) or "none")
                self._problem = None
            for name in set(known) - set(names):
                del known[name]
                self._reader(name).lost("P-107")
            if not names:
                self.stopping.wait(_WAIT_MS / 1000)
                continue
            if not self._changes(context, names, known):
                return
            for name in known:
                self._reader(name).tick()

    def _changes(self, context: int, names: list[str], known: dict[str, int]) -> bool:
        asked = [(name, known.get(name, scard.SCARD_STATE_UNAWARE)) for name in names]
        result, states = scard.SCardGetStatusChange(context, _WAIT_MS, asked)
        if result in (scard.SCARD_E_TIMEOUT, scard.SCARD_E_UNKNOWN_READER, scard.SCARD_E_READER_UNAVAILABLE):
            return True
        if result != _OK:
            return False
        for name, state, _atr in states:
            if not state & scard.SCARD_STATE_CHANGED:
                continue
            before = known.get(name)
            known[name] = state & ~scard.SCARD_STATE_CHANGED
            if before is None or _essence(before) != _essence(state):
                self._reader(name).seen(bool(state & scard.SCARD_STATE_PRESENT))
        return True

    def _list(self, context: int) -> list[str] | None:
        result, names = scard.SCardListReaders(context, [])
        if result == scard.SCARD_E_NO_READERS_AVAILABLE:
            return []
        return sorted(filter(self._is_ours, names)) if result == _OK else None

    def _reader(self, name: str) -> Reader:
        return self.reader(PcscSlot(name))
