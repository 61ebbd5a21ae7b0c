"""A note acceptor that speaks ID-003, at a serial line. What it relies on: ``id003_frames``."""

from __future__ import annotations

import logging
import termios
import threading
import time
from collections import deque
from collections.abc import Callable

from hw_proxy.notes.acceptor import Event, Kind
from hw_proxy.notes.id003_control import Control
from hw_proxy.notes.id003_frames import Command, Message, Status, decode, encode
from hw_proxy.supervisor import Supervised

try:
    import serial
except ImportError:  # the optional package pyserial
    serial = None

AVAILABLE = serial is not None

logger = logging.getLogger(__name__)

BAUD = 9600
# Seconds between two questions; the protocol asks for 100 to 200 ms.
POLL = 0.15
# Seconds for one answer, which begins within 50 ms.
ANSWER = 0.3
# Seconds until an absent device is looked for again.
RETRY = 1.0
# Questions without a good answer after which the device counts as silent.
TRIES = 8
# What one round may send beside its question.
_ROUND = 8


class Line:
    """The serial line, one exchange at a time."""

    def __init__(self, device: str, answer: float) -> None:
        self._answer = answer
        # Two programs at one acceptor would each lose half of its answers.
        options = {"timeout": answer, "write_timeout": answer, "exclusive": True}
        try:
            self._port = serial.Serial(device, BAUD, parity=serial.PARITY_EVEN, **options)
        except termios.error:
            # A pseudo terminal has no parity, and may say so.
            logger.warning("%s: this line has no even parity", device)
            self._port = serial.Serial(device, BAUD, **options)

    def ask(self, message: Message) -> Message | None:
        """Send, and wait for the answer; none when there is none, or a damaged one.

        :raises OSError: the device is gone.
        """
        self._port.reset_input_buffer()
        self._port.write(encode(message))
        if message.code == Command.ACK:
            return None
        received = b""
        until = time.monotonic() + self._answer
        while time.monotonic() < until:
            received += self._port.read(max(1, self._port.in_waiting))
            found, received = decode(received)
            if found is not None:
                return found
        return None

    def close(self) -> None:
        """Let the device go."""
        self._port.close()


def probe(device: str) -> str | None:
    """What an acceptor says of itself, asked once without doing anything; none when it does not answer.

    :raises OSError: the device cannot be used; ``EAGAIN``: another program has it.
    """
    line = Line(device, ANSWER)
    try:
        for _try in range(TRIES):
            answer = line.ask(Message(Command.STATUS_REQUEST))
            if answer is not None and answer.code in set(Status):
                return Status(answer.code).name.lower().replace("_", " ")
    finally:
        line.close()
    return None


class Id003Acceptor:
    """One acceptor on a thread of its own. A device that is unplugged is found again when it comes back.

    :param name: for the log and the status.
    :param device: such as ``/dev/note-acceptor``.
    :param table: denomination code (61h …): cents; none: the device is asked.
    :param poll: seconds between two questions.
    :param answer: seconds for one answer.
    :param retry: seconds until an absent device is looked for again.
    """

    kind = "notes"

    def __init__(
        self,
        name: str,
        device: str,
        table: dict[int, int] | None = None,
        *,
        poll: float = POLL,
        answer: float = ANSWER,
        retry: float = RETRY,
    ) -> None:
        self.name = name
        self._device = device
        self._poll, self._answer, self._retry = poll, answer, retry
        self._control = Control(table)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._wake = threading.Event()
        # Told as soon as whoever listens has taken it: a failure there must not lose a note.
        self._untold: deque[Event] = deque()
        self._tell: Callable[[Event], None] = lambda event: None
        self._thread: Supervised | None = None

    # -- what the holder asks for --------------------------------------------------------------------------------

    def start(self, tell: Callable[[Event], None]) -> None:
        """Begin to serve the device.

        :param tell: called with each event, in order, on the acceptor's thread. A note is acknowledged to the device
            only after this has returned; when it raises, the same event comes again.
        """
        self._tell = tell
        self._thread = Supervised(self.name, self._run, self._stopping)
        self._thread.start()

    def open(self, denominations: frozenset[int]) -> None:
        """Take notes of these denominations (cents)."""
        with self._lock:
            self._control.open(denominations)
        self._wake.set()

    def close(self) -> None:
        """Take no more notes; one that is on its way is told to its end before CLOSED."""
        with self._lock:
            self._control.close()
        self._wake.set()

    def stack(self) -> None:
        """Put the note in escrow into the box."""
        with self._lock:
            if not self._control.way.stack():
                logger.warning("%s: there is no note to stack", self.name)
        self._wake.set()

    def give_back(self) -> None:
        """Give the note in escrow back."""
        with self._lock:
            if not self._control.way.give_back():
                logger.warning("%s: there is no note to give back", self.name)
        self._wake.set()

    def stop(self) -> None:
        """Close, and end the thread."""
        self.close()
        self._stopping.set()
        self._wake.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(self._answer * _ROUND + self._retry)

    def status(self) -> dict[str, object]:
        """For the terminal's status: ``state`` is ``starting``, ``ready``, ``closed``, ``busy`` or ``fault``."""
        with self._lock:
            return {
                "name": self.name,
                "kind": self.kind,
                "state": self._control.state(),
                "code": self._control.fault,
            }

    # -- the thread ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        if serial is None:
            logger.error("notes.device is set, but the package pyserial is missing")
            self._report(self._cut("the package pyserial is missing"))
            self._stopping.wait()
            return
        while not self._stopping.is_set():
            self._report([])
            try:
                line = Line(self._device, self._answer)
                try:
                    self._serve(line)
                finally:
                    line.close()
            except (OSError, termios.error) as error:
                self._report(self._cut(f"not there: {error}"))
                self._stopping.wait(self._retry)

    def _serve(self, line: Line) -> None:
        silent = 0
        while not self._stopping.is_set():
            answer = line.ask(Message(Command.STATUS_REQUEST))
            silent = 0 if answer is not None else silent + 1
            if answer is not None:
                with self._lock:
                    told = self._control.see(answer)
                self._report(told)
                self._act(line)
            elif silent == TRIES:
                self._report(self._cut(f"no good answer to {silent} questions"))
            self._wake.wait(self._poll)
            self._wake.clear()
        self._leave_closed(line)

    def _act(self, line: Line) -> None:
        for _number in range(_ROUND):
            with self._lock:
                wanted = self._control.next()
            if wanted is None:
                return
            answer = line.ask(wanted)
            with self._lock:
                if not self._control.answered(wanted, answer):
                    return

    def _leave_closed(self, line: Line) -> None:
        # Nobody would count what an acceptor takes after the end.
        line.ask(Message(Command.SET_INHIBIT, b"\x01"))

    def _cut(self, detail: str) -> list[Event]:
        with self._lock:
            return self._control.cut(detail)

    def _report(self, events: list[Event]) -> None:
        self._untold.extend(events)
        while self._untold:
            event = self._untold[0]
            level = logging.WARNING if event.kind is Kind.FAULT else logging.INFO
            logger.log(level, "%s: %s", self.name, _words(event))
            self._tell(event)
            self._untold.popleft()


def _words(event: Event) -> str:
    parts = [event.kind.value]
    if event.denomination is not None:
        parts.append(f"{event.denomination // 100}.{event.denomination % 100:02d}")
    if event.position is not None:
        parts.append(event.position.value)
    return " ".join([*parts, *(text for text in (event.code, event.detail) if text)])
