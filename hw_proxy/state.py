"""What Odoo told this terminal: epoch, state and origins. Kept in the journal's file, so that a restart knows it."""

from __future__ import annotations

import json
import logging
import threading

from hw_proxy.config_check import is_origin
from hw_proxy.errors import JournalError
from hw_proxy.journal import Journal
from hw_proxy.keys import Pairing

logger = logging.getLogger(__name__)

STATES = ("active", "quarantined", "disabled")


class OdooState:
    """The last that Odoo said.

    ``reachable``: whether the last call succeeded; ``last_sync``: ms of the last acknowledgement, by the terminal's
    clock; ``takes_trail``: whether it has asked for the trail in this service's life; ``journal_fault``: why Odoo's
    acknowledgement does not fit the journal, in words, or none.
    """

    def __init__(self, journal: Journal, pairing: Pairing) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._epoch = max(pairing.epoch, int(journal.get("epoch") or 0))
        self._state = journal.get("state") or "active"
        stored = journal.get("origins")
        self._origins = frozenset(json.loads(stored) if stored else pairing.origins)
        self.reachable = False
        self.last_sync: int | None = None
        self.takes_trail = False
        self.journal_fault: str | None = None

    @property
    def epoch(self) -> int:
        """The highest epoch ever seen."""
        with self._lock:
            return self._epoch

    @property
    def state(self) -> str:
        """``active``, ``quarantined`` or ``disabled``."""
        with self._lock:
            return self._state

    @property
    def origins(self) -> frozenset[str]:
        """Origins of the pages that Odoo lets talk to this terminal."""
        with self._lock:
            return self._origins

    def raise_epoch(self, epoch: int) -> None:
        """Remember an epoch from a genuine message; a lower one is never accepted again.

        :raises JournalError: it could not be stored; it is still held in memory.
        """
        with self._lock:
            if epoch <= self._epoch:
                return
            self._epoch = epoch
            self._journal.put("epoch", str(epoch))

    def take(self, state: str, origins: list[str]) -> None:
        """Remember what an acknowledgement says."""
        wanted = frozenset(origin for origin in origins if is_origin(origin))
        with self._lock:
            changed = (state, wanted) != (self._state, self._origins)
            self._state, self._origins = state, wanted
        if not changed:
            return
        logger.info("Odoo says: terminal %s, %d origins", state, len(wanted))
        try:
            self._journal.put("state", state)
            self._journal.put("origins", json.dumps(sorted(wanted)))
        except JournalError as error:
            logger.error("what Odoo said could not be stored: %s", error)
