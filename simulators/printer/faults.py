"""What can be made to go wrong in the receipt printer, by name."""

from __future__ import annotations

from ..armed import ArmedFaults, Kinds

KINDS: Kinds = {
    # The roll ends in the middle of a receipt, after so many rows of dots.
    "paper_out": {"rows": (int, 100, None)},
    # The knife does not move at the next cut.
    "cutter_jam": {},
    # The power goes in the middle of a receipt, after so many rows of dots.
    "power_loss": {"rows": (int, 100, None)},
    # It takes receipts and answers no question; or none that waits its turn.
    "silent": {},
    "no_turn": {},
}
LASTING = ("silent", "no_turn")


class PrinterFaults(ArmedFaults):
    """The armed faults. One that has struck is disarmed; those of :data:`LASTING` stay until they are cleared."""

    KINDS = KINDS

    def holds(self, kind: str) -> bool:
        """Return whether a fault that lasts is armed."""
        return kind in self._armed

    def strike(self, kind: str, rows: int | None = None) -> bool:
        """Return whether a fault strikes here, and disarm it.

        :param rows: rows of dots of this receipt that are on paper, for faults that wait for some.
        """
        armed = self._armed.get(kind)
        if armed is None or (rows is not None and rows < int(str(armed["rows"]))):
            return False
        del self._armed[kind]
        return True
