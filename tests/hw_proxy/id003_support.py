"""An ID-003 acceptor and its driver: without a line for the rules, at a pseudo terminal for the thread."""

from __future__ import annotations

import threading
from collections import Counter

from stack.processes import wait_until

from hw_proxy.notes import codes
from hw_proxy.notes.acceptor import Kind, Position
from hw_proxy.notes.id003 import TRIES, Id003Acceptor
from hw_proxy.notes.id003_control import Control
from hw_proxy.notes.id003_frames import Command, Message
from simulators.notes.acceptor import NoteAcceptor
from simulators.notes.line import NoteLine

ALL = frozenset({100, 500, 1_000, 2_000, 5_000, 10_000})


class Ledger:
    """What a collector would write down by the events alone.

    ``counted``: pieces by cents that are in the box for certain; ``doubted``: notes, by cents, that are not certain.
    """

    def __init__(self):
        self.counted = Counter()
        self.doubted = []
        self.open_note = None
        self.events = []
        self.restarted = False

    def tell(self, event):
        self.events.append(event)
        if event.kind is Kind.ESCROW:
            self.open_note = event.denomination
        elif event.kind is Kind.STACKED or event.position is Position.STACKER:
            note, self.open_note = self.open_note, None
            assert event.denomination in (None, note)
            if note is not None:
                self.counted[note] += 1
        elif event.kind is Kind.RETURNED:
            assert event.denomination in (None, self.open_note)
            assert event.denomination is not None or self.restarted
            self.open_note = None
        elif event.kind in (Kind.READY, Kind.CLOSED) and self.open_note is not None:
            assert self.restarted, "a note was not told to its end"
            self.doubted.append(self.open_note)
            self.open_note = None
        elif event.code == codes.UNCERTAIN and self.open_note is not None:
            self.doubted.append(self.open_note)
            self.open_note = None

    def kinds(self):
        return [event.kind for event in self.events]

    def fault_codes(self):
        return [event.code for event in self.events if event.kind is Kind.FAULT]

    def agrees_with(self, box):
        """Whether every note is told to its end, and the box holds what was counted, and at most what is doubted."""
        if self.open_note is not None:
            return False
        more = Counter({cents: pieces for cents, pieces in box.items() if pieces})
        if self.counted - more:
            return False
        more.subtract(self.counted)
        return not (+more - Counter(self.doubted))


class Desk:
    """Control and acceptor hand in hand, without a line; one :meth:`poll` is one round of the driver."""

    def __init__(self, decide=True, table=None, **options):
        self.acceptor = NoteAcceptor(**options)
        self.control = Control(table)
        self.ledger = Ledger()
        self.decide = decide
        self._silent = 0

    def ask(self, message):
        answer = self.acceptor.answer(message.code, message.data)
        faults = self.acceptor.faults
        if answer is None or faults.count("lost") or faults.count("garbled"):
            return None
        return Message(*answer)

    def poll(self, rounds=1):
        for _round in range(rounds):
            self._poll()

    def _poll(self):
        answer = self.ask(Message(Command.STATUS_REQUEST))
        self._silent = 0 if answer is not None else self._silent + 1
        if answer is None:
            self._report(self.control.cut("silent") if self._silent == TRIES else [])
            return
        self._report(self.control.see(answer))
        for _number in range(8):
            wanted = self.control.next()
            if wanted is None or not self.control.answered(wanted, self.ask(wanted)):
                return

    def _report(self, events):
        for event in events:
            self.ledger.tell(event)
            if event.kind is Kind.ESCROW and self.decide is not None:
                (self.control.way.stack if self.decide else self.control.way.give_back)()

    def restart(self):
        """The service died and began anew; what was written down is still there."""
        self.control = Control()
        self.control.open(ALL)
        self.ledger.restarted = True
        self._silent = 0

    def opened(self, denominations=ALL):
        self.control.open(denominations)
        self.until(Kind.READY)
        self.ledger.events.clear()
        return self

    def until(self, kind, rounds=400):
        """Poll until an event of this kind was told."""
        for _round in range(rounds):
            if kind in self.ledger.kinds():
                return
            self._poll()
        raise AssertionError(f"no {kind}: {self.ledger.events}")

    def settle(self, rounds=60):
        """Poll long enough for everything to come to an end, resets of a fault included."""
        self.poll(rounds)


class Rig:
    """The real driver at a pseudo terminal. Notes are stacked as soon as they are told, unless ``decide`` says else."""

    def __init__(self, folder, decide=True, table=None):
        self.acceptor = NoteAcceptor()
        self.line = NoteLine(self.acceptor, folder / "note-acceptor")
        self.line.plug()
        self.ledger = Ledger()
        self.decide = decide
        self.lock = threading.Lock()
        self.driver = Id003Acceptor("notes", str(self.line.path), table, poll=0.005, answer=0.25, retry=0.02)

    def start(self, tell=None):
        self.driver.start(tell or self.tell)
        return self

    def tell(self, event):
        with self.lock:
            self.ledger.tell(event)
        if event.kind is Kind.ESCROW and self.decide is not None:
            (self.driver.stack if self.decide else self.driver.give_back)()

    def opened(self):
        self.driver.open(ALL)
        self.until(Kind.READY)
        with self.lock:
            self.ledger.events.clear()
        return self

    def until(self, kind, times=1):
        def seen():
            with self.lock:
                return self.ledger.kinds().count(kind) >= times

        wait_until(seen, 20, f"{kind}: {self.ledger.events}", interval=0.01)

    def close(self):
        self.driver.stop()
        self.line.close()


__all__ = ["ALL", "Desk", "Ledger", "Rig", "codes"]
