"""The link between a simulated card and pcscd's virtual reader (vsmartcard's vpcd).

Every message is a length of two bytes, big-endian, and that many bytes. A length of one is a control: 0 power off,
1 power on, 2 reset, 4 send the answer to reset; everything longer is a command for the card.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from .card import Card, CardPulled
from .reader_models import CardEnd, card_end

DEFAULT_PORT = 35963

_POWER_OFF, _POWER_ON, _RESET, _ATR = 0, 1, 2, 4
_RETRY_SECONDS = 0.05
# pcscd polls its readers every 0.4 s. A card that is back sooner was never away for it, which no hand can do at a
# real reader: the old connection goes on with the new card, or, once a client has met the gap, the reader stays empty.
OUT_SECONDS = 1.0
# Port -> when its last card left. Kept for the process, because the reader outlives the slot objects that serve it.
_left_at: dict[int, float] = {}


class SlotBusy(Exception):
    """There is a card in this slot already."""


class _LinkClosed(Exception):
    """The reader's side went away (pcscd ended or was restarted)."""


class VpcdSlot:
    """One card slot of the virtual reader. Inserting a card opens the link, pulling it closes the link.

    :param port: TCP port: the one on which vpcd listens, or (``reversed_mode``) on which we listen for it.
    :param host: vpcd's address, 127.0.0.1 unless a test knows better.
    :param reversed_mode: True when vpcd is configured to connect to us (some pcscd versions abort when we are gone).
    :param out_seconds: shortest time between a pull and the next contact, so that pcscd notices the pull.
    :param dialect: the reader that is imitated for memory chips, a key of :data:`simulators.reader_models.DIALECTS`;
        in force from the next card on.

    ``on_apdu``, when set, is told every command and its answer, status bytes included.
    """

    def __init__(
        self,
        port: int = DEFAULT_PORT,
        host: str = "127.0.0.1",
        reversed_mode: bool = False,
        out_seconds: float = OUT_SECONDS,
        dialect: str = "acs",
    ) -> None:
        self.port = port
        self.host = host
        self.reversed_mode = reversed_mode
        self.out_seconds = out_seconds
        self.dialect = dialect
        self.card: Card | None = None
        self.apdus = 0
        self.on_apdu: Callable[[bytes, bytes], None] | None = None
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._connected = threading.Event()
        self._seen = threading.Event()
        self._empty = threading.Event()
        self._empty.set()
        self._socket: socket.socket | None = None

    @property
    def connected(self) -> bool:
        """True while the virtual reader holds the link."""
        return self._connected.is_set()

    def insert(self, card: Card) -> None:
        """Put a card in; it reaches the reader as soon as that is there, and again after every restart of pcscd.

        :raises SlotBusy: there is a card already.
        """
        with self._lock:
            if self.card is not None:
                raise SlotBusy(f"slot {self.port} holds a card")
            self._join()
            card.insert()
            self.card = card
            self._stop = threading.Event()
            self._seen.clear()
            self._empty.clear()
            self._thread = threading.Thread(
                target=self._serve, args=(card, self._stop), name=f"vpcd-{self.port}", daemon=True
            )
            self._thread.start()

    def pull(self) -> Card | None:
        """Pull the card out, in the middle of whatever it does; return it, or None when the slot was empty."""
        with self._lock:
            card, self.card = self.card, None
            self._stop.set()
            if card is not None:
                card.remove()
            self._close_socket()
            self._join()
            if card is not None:
                _left_at[self.port] = time.monotonic()
            self._empty.set()
            return card

    def wait_seen(self, timeout: float = 10.0) -> bool:
        """Wait until the reader asked for the card's answer to reset; return False when it did not."""
        return self._seen.wait(timeout)

    def wait_empty(self, timeout: float = 10.0) -> bool:
        """Wait until the slot is empty, by hand or because a fault pulled the card; return False when it is not."""
        return self._empty.wait(timeout)

    # -- the slot's thread ---------------------------------------------------------------------------------------

    def _serve(self, card: Card, stop: threading.Event) -> None:
        if self.port in _left_at:
            stop.wait(max(0.0, _left_at[self.port] + self.out_seconds - time.monotonic()))
        try:
            while not stop.is_set():
                link = self._connect(stop)
                if link is None:
                    continue
                self._connected.set()
                try:
                    self._talk(link, card_end(card, self.dialect))
                except _LinkClosed:
                    # pcscd is gone: the card has no power, and the link is built again when it is back.
                    card.power_off()
                finally:
                    self._connected.clear()
                    self._seen.clear()
                    link.close()
        except CardPulled:
            if not stop.is_set():
                _left_at[self.port] = time.monotonic()
                self.card = None
                self._empty.set()

    def _connect(self, stop: threading.Event) -> socket.socket | None:
        try:
            link = self._accept() if self.reversed_mode else socket.create_connection((self.host, self.port), timeout=1)
        except OSError:
            stop.wait(_RETRY_SECONDS)
            return None
        link.settimeout(None)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = link
        if stop.is_set():
            link.close()
            return None
        return link

    def _accept(self) -> socket.socket:
        # Listen only while a card is in: a refused connection is how an empty slot looks to vpcd.
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self.host, self.port))
            listener.listen(1)
            listener.settimeout(_RETRY_SECONDS * 4)
            return listener.accept()[0]

    def _talk(self, link: socket.socket, reader: CardEnd) -> None:
        while True:
            message = _receive_message(link)
            if len(message) > 1:
                self.apdus += 1
                answer = reader.transmit(message)
                if self.on_apdu is not None:
                    self.on_apdu(message, answer)
                _send(link, answer)
            elif message == bytes([_ATR]):
                _send(link, reader.atr())
                self._seen.set()
            elif message == bytes([_POWER_OFF]):
                reader.power_off()
            elif message in (bytes([_POWER_ON]), bytes([_RESET])):
                reader.power_on()

    def _close_socket(self) -> None:
        link, self._socket = self._socket, None
        if link is not None:
            with suppress(OSError):  # the other side may have closed it first
                link.shutdown(socket.SHUT_RDWR)

    def _join(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join()


def _receive_message(link: socket.socket) -> bytes:
    (length,) = struct.unpack(">H", _receive(link, 2))
    return _receive(link, length)


def _receive(link: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        try:
            # vpcd sends length and body apart; a delayed acknowledgement would cost 40 ms between the two.
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            chunk = link.recv(length - len(data))
        except OSError as error:
            raise _LinkClosed from error
        if not chunk:
            raise _LinkClosed
        data += chunk
    return data


def _send(link: socket.socket, data: bytes) -> None:
    try:
        link.sendall(struct.pack(">H", len(data)) + data)
    except OSError as error:
        raise _LinkClosed from error
