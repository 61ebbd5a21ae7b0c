"""What was printed, by name: written down before the first byte, so that nothing is printed twice unasked.

These rows are about paper, not about money, so they stand beside the chain of the journal and not in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from hw_proxy.journal import Journal
from hw_proxy.paper.codes import UNCERTAIN
from hw_proxy.pos.slip import NOT_PRINTED, UNKNOWN, SlipEnd

PRINTING = "printing"
_DAY = 86_400_000


@dataclass(frozen=True)
class Shown:
    """A voucher that was handed out. ``at`` in ms, ``prints``: how often it was printed or tried."""

    tender: str
    at: int
    prints: int
    done: bool


class PrintBook:
    """The rows of one journal. Every method raises :class:`hw_proxy.errors.JournalError` when it is not stored."""

    def __init__(self, journal: Journal, keep_days: int) -> None:
        self._journal = journal
        self._keep = keep_days * _DAY
        with journal.change():
            # Whatever was being printed when the service ended: nobody knows how far it came.
            ((interrupted,),) = journal.rows("SELECT COUNT(*) FROM prints WHERE state = ?", PRINTING)
            journal.rows("UPDATE prints SET state = ?, code = ? WHERE state = ?", UNKNOWN, UNCERTAIN, PRINTING)
            self._use(interrupted)
        self.printed: int = journal.rows("SELECT printed FROM paper")[0][0]
        """How many receipts have come onto paper, wholly or in part, since this journal began."""

    def begin(self, jti: str, now: int) -> bool:
        """Write down that a receipt is going to be printed.

        :param now: ms.
        :return: False when it has been before; then nothing may be printed.
        """
        journal = self._journal
        with journal.change():
            if journal.rows("SELECT 1 FROM prints WHERE jti = ?", jti):
                return False
            journal.rows("DELETE FROM prints WHERE at < ?", now - self._keep)
            journal.rows("INSERT INTO prints VALUES (?, ?, ?, NULL)", jti, now, PRINTING)
        return True

    def end(self, jti: str, end: SlipEnd) -> None:
        """Write down what became of it."""
        with self._journal.change():
            self._journal.rows("UPDATE prints SET state = ?, code = ? WHERE jti = ?", end.state, end.code, jti)
            self._use(end.state != NOT_PRINTED)
        self.printed += end.state != NOT_PRINTED

    def count(self) -> None:
        """Count a receipt that was printed for somebody who keeps its name himself."""
        self._use(1)
        self.printed += 1

    def _use(self, receipts: int) -> None:
        # Nothing is written for nothing: a service starts on a full disk, too.
        if receipts:
            self._journal.rows("UPDATE paper SET printed = printed + ?", int(receipts))

    def state(self, jti: str) -> tuple[str, str | None] | None:
        """State and code of a receipt; none when it was never printed here."""
        rows = self._journal.rows("SELECT state, code FROM prints WHERE jti = ?", jti)
        return rows[0] if rows else None

    # -- vouchers ------------------------------------------------------------------------------------------------

    def hand_out(self, tender: str, now: int) -> None:
        """Write down that a tender's voucher is shown; a repeat changes nothing."""
        self._journal.rows("INSERT INTO vouchers VALUES (?, ?, 0, 0) ON CONFLICT DO NOTHING", tender, now)

    def shown(self, since: int) -> list[Shown]:
        """Vouchers that were handed out since a time in ms and that nobody has put away, oldest first."""
        rows = self._journal.rows(
            "SELECT tender, at, prints, done FROM vouchers WHERE at >= ? AND NOT done ORDER BY at, tender", since
        )
        return [Shown(tender, at, prints, bool(done)) for tender, at, prints, done in rows]

    def handed_out(self, tender: str) -> Shown | None:
        """The voucher of a tender, if it was handed out."""
        rows = self._journal.rows("SELECT tender, at, prints, done FROM vouchers WHERE tender = ?", tender)
        return Shown(rows[0][0], rows[0][1], rows[0][2], bool(rows[0][3])) if rows else None

    def count_print(self, tender: str) -> int:
        """Count one more print of a voucher, before it is printed; its number, 1 for the first."""
        with self._journal.change():
            self._journal.rows("UPDATE vouchers SET prints = prints + 1 WHERE tender = ?", tender)
            return self._journal.rows("SELECT prints FROM vouchers WHERE tender = ?", tender)[0][0]

    def put_away_since(self, since: int) -> list[str]:
        """Tenders whose vouchers were handed out since a time in ms, and put away."""
        rows = self._journal.rows("SELECT tender FROM vouchers WHERE at >= ? AND done", since)
        return [tender for (tender,) in rows]

    def take_out(self, tender: str) -> None:
        """Show a voucher once more that was put away."""
        self._journal.rows("UPDATE vouchers SET done = 0 WHERE tender = ?", tender)

    def put_away(self) -> None:
        """Whoever stood before the vouchers has gone."""
        self._journal.rows("UPDATE vouchers SET done = 1 WHERE NOT done")
