"""The terminal: its identity, its readers, its journal and its jobs, as the API and the pusher use them."""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout

from hw_proxy import __version__, audit, tokens
from hw_proxy.cards.transport import CardError, CardGone
from hw_proxy.clock import SIGNED, Clock
from hw_proxy.config import Config
from hw_proxy.device_report import report
from hw_proxy.devices.device import Device
from hw_proxy.devices.interface import Interface
from hw_proxy.devices.reader import Insertion, Reader, ReaderStatus
from hw_proxy.errors import JournalError, Refusal
from hw_proxy.events import Events
from hw_proxy.jobs import Jobs
from hw_proxy.journal import Journal
from hw_proxy.key_clients import KeyClients
from hw_proxy.keys import Identity
from hw_proxy.notes.cash import Cash
from hw_proxy.paper.desk import PrintDesk
from hw_proxy.paper.errands import Errands
from hw_proxy.receipts import ReceiptBook, claims_of
from hw_proxy.state import OdooState
from hw_proxy.trail import Trail

logger = logging.getLogger(__name__)

SNAPSHOT_TIMEOUT = 6.0
# Seconds; the card service looks every 0.4 s whether a card is there, and powering it up takes the rest.
SLIPPED = 1.2


class Terminal:
    """A paired terminal at work.

    :param interfaces: where readers come from; more may be added before the start.
    :param devices: everything else that is at the terminal, for its status.
    :raises JournalError: the journal cannot be opened.
    """

    def __init__(self, config: Config, identity: Identity, clock: Clock | None = None) -> None:
        self.config = config
        self.identity = identity
        self.clock = clock or Clock(max_age=config.limits.signed_time_max_age)
        self.events = Events()
        self.stopping = threading.Event()
        self.push_wanted = threading.Event()
        self.journal = Journal(config.journal_file(identity.pairing.terminal), identity.pairing.terminal)
        self.clock.restore(self.journal.get("clock"))
        self.odoo = OdooState(self.journal, identity.pairing)
        self.book = ReceiptBook(identity, self.journal, self.clock)
        self.trail = Trail(identity, self.journal, self.clock)
        self._damage = next(iter(audit.problems(self.journal)), None)
        if self._damage:
            logger.error("the journal is damaged, so nothing is sold: %s", self._damage)
        for stored in self.book.replay():
            logger.warning("attempt %s was interrupted: its outcome is unknown", stored.attempt)
        self.interfaces: list[Interface] = []
        self.devices: list[Device] = []
        self.keys = KeyClients(config, identity, self.clock)
        self.jobs = Jobs(self)
        self.cash = Cash(self)
        self.prints = PrintDesk(self)
        self.errands = Errands(self)
        self._last_read: tuple[str, str] | None = None

    # -- readers -------------------------------------------------------------------------------------------------

    def readers(self) -> list[Reader]:
        """All readers of all interfaces."""
        return [reader for interface in self.interfaces for reader in interface.readers()]

    def reader_changed(self, status: ReaderStatus) -> None:
        """Tell the listening pages; called by the interfaces."""
        self.events.publish("card", {"reader": status.name, "state": status.state, "ins": status.ins})
        self.events.publish("status", self.status())

    def device_changed(self, status: dict[str, object]) -> None:
        """Tell the listening pages; called by the devices beside the readers."""
        self.events.publish("device", status)

    def reader_of(self, insertion: str) -> Reader | None:
        """The reader that holds an insertion."""
        return next((reader for reader in self.readers() if reader.status.ins == insertion), None)

    def _choose(self, name: str | None) -> Reader:
        working = [interface for interface in self.interfaces if interface.problem() is None]
        if self.interfaces and not working:
            # A card service that is down or does not answer: nothing is begun that could only hang.
            raise Refusal(self.interfaces[0].problem() or "P-108")
        readers = [reader for interface in working for reader in interface.readers()]
        present = [reader for reader in readers if reader.status.state != "absent"]
        if name is not None:
            present = [reader for reader in present if reader.status.name == name]
        if not present:
            codes = [reader.status.code for reader in self.readers() if reader.status.code]
            raise Refusal("P-108" if "P-108" in codes else "P-107")
        return next((reader for reader in present if reader.status.state in ("card", "busy")), present[0])

    # -- questions -----------------------------------------------------------------------------------------------

    def status(self) -> dict[str, object]:
        """Answer of ``/v1/status``; touches neither card nor network."""
        kind, now = self.clock.stamp()
        try:
            counts = self.journal.counts()
            journal = {
                "seq": counts.seq,
                "unacknowledged": counts.unacknowledged,
                "unresolved": counts.unresolved,
            }
        except JournalError:
            journal = {"seq": 0, "unacknowledged": 0, "unresolved": 0}
        return {
            "terminal": self.identity.pairing.terminal,
            "version": __version__,
            "clock": {"kind": kind, "now": now},
            "readers": [reader.status.as_dict() for reader in self.readers()],
            "devices": [device.status() for device in self.devices],
            "journal": journal,
            "odoo": {"reachable": self.odoo.reachable, "last_sync": self.odoo.last_sync},
            "cash": self.cash.status(),
            "problems": self.problems(),
        }

    def device_report(self) -> list[dict[str, object]]:
        """Readers and all other devices, as a heartbeat tells them."""
        readers: list[dict[str, object]] = [
            {"kind": "reader", "name": status.name, "state": status.state, "code": status.code}
            for status in (reader.status for reader in self.readers())
        ]
        others = [device.status() for device in self.devices]
        for status in others:
            if status["kind"] == "printer":
                status["printed"] = self.prints.book.printed
        return report(readers + others)

    def problems(self) -> list[str]:
        """Codes of what keeps the terminal from selling."""
        codes = [code for code in (interface.problem() for interface in self.interfaces) if code]
        if not codes and not any(reader.status.state != "absent" for reader in self.readers()):
            codes.append("P-107")
        if self.clock.kind() != SIGNED:
            codes.append("P-109")
        if self.journal_problem() is not None:
            codes.append("P-110")
        limit = self.selling_problem()
        if limit is not None:
            codes.append(limit)
        return codes

    def journal_problem(self) -> str | None:
        """Why no write may begin, in words for the log; none when the journal is fine."""
        fault = self._damage or self.odoo.journal_fault or self.jobs.journal_fault or self.journal.fault
        if fault:
            return fault
        try:
            disk = os.statvfs(self.config.data_dir)
        except OSError as error:
            return str(error)
        if disk.f_flag & os.ST_RDONLY:
            return "the disk can only be read"
        free = disk.f_bavail * disk.f_frsize
        if free < self.config.limits.min_free_bytes:
            return f"{free} bytes are free"
        return None

    def selling_problem(self) -> str | None:
        """Code of what forbids selling: T-102, T-103 or T-105."""
        if self.odoo.state == "quarantined":
            return "T-102"
        if self.odoo.state == "disabled":
            return "T-103"
        try:
            unresolved = self.journal.counts().unresolved - self.jobs.running_intents()
        except JournalError:
            return None
        return "T-105" if unresolved >= self.config.limits.max_unresolved else None

    def receipts(self, after: int) -> list[str]:
        """Receipts that Odoo has not acknowledged, oldest first.

        :param after: leave out up to this sequence.
        :raises Refusal: P-110.
        """
        try:
            return [stored.token for stored in self.journal.waiting(after)]
        except JournalError as error:
            raise Refusal("P-110") from error

    # -- snapshot ------------------------------------------------------------------------------------------------

    def snapshot(self, nonce: str, name: str | None = None) -> str:
        """A signed reading of the card.

        :param nonce: from Odoo.
        :param name: which reader; none: the one with a card.
        :raises Refusal: no reader, no card, or it does not answer.
        """
        reader = self._choose(name)
        was_there = reader.status.state in ("card", "busy")
        try:
            return self._read_by(reader, nonce)
        except Refusal as refusal:
            # A contact that slipped is not a card that was taken out, and reading again changes nothing.
            if not (was_there and refusal.code == "C-201" and self._is_back(reader)):
                raise
        return self._read_by(reader, nonce)

    def _read_by(self, reader: Reader, nonce: str) -> str:
        future: Future[str] = reader.run(lambda insertion: self._read(reader, insertion, nonce))
        try:
            return future.result(SNAPSHOT_TIMEOUT)
        except FutureTimeout as error:
            future.cancel()
            raise Refusal("P-113") from error
        except CardError as error:
            raise Refusal("C-201" if isinstance(error, CardGone) and error.code == "C-202" else error.code) from error

    @staticmethod
    def _is_back(reader: Reader) -> bool:
        deadline = time.monotonic() + SLIPPED
        while reader.status.state != "card":
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _read(self, reader: Reader, insertion: Insertion | None, nonce: str) -> str:
        if insertion is None:
            raise Refusal(reader.status.code or "C-201")
        reading = insertion.driver.read(full=True)
        card = reading.as_claim()
        self._last_read = (insertion.id, str(card["digest"]))
        kind, now = self.clock.stamp()
        try:
            seq = self.journal.head()[0]
        except JournalError as error:
            raise Refusal("P-110") from error
        claims = {
            "iss": self.identity.pairing.terminal,
            "aud": self.identity.pairing.iss,
            "jti": str(uuid.uuid4()),
            "iat": now // 1000,
            "nonce": nonce,
            "ins": insertion.id,
            "seq": seq,
            "clk": kind,
            "reader": reader.status.name,
            "atr": insertion.connection.atr.hex(),
            "driver": insertion.driver.id,
            "card": {**card, "protection": (reading.protection or b"").hex()},
        }
        return tokens.sign(self.identity.keys.signing, "snapshot+jwt", claims)

    def card_of_visit(self) -> str | None:
        """What the card that lies in a reader holds, as a digest of its last reading; none: it was not read there.

        The card is not touched.
        """
        if self._last_read is None or self.reader_of(self._last_read[0]) is None:
            return None
        return self._last_read[1]

    def card_in_reader(self) -> str:
        """What the card in the reader holds, as a digest of a reading that is made now.

        :raises Refusal: no reader, no card, or it does not answer.
        """
        claims = claims_of(self.snapshot(""))
        return str(claims["card"]["digest"])

    # -- life ----------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """End the readers after the work that has begun, and close the journal."""
        self.stopping.set()
        self.push_wanted.set()
        for interface in self.interfaces:
            interface.stop()
        self.cash.stop()
        self.prints.stop()
        self.keys.close()
        self.journal.close()
