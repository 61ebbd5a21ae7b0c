"""What can be made to go wrong in the receipt printer, by name."""

from __future__ import annotations

from ..faults import UnknownFault

# kind -> {parameter: default}; all are whole numbers
KINDS: dict[str, dict[str, int]] = {
    # The roll ends in the middle of a receipt, after so many rows of dots.
    "paper_out": {"rows": 100},
    # The knife does not move at the next cut.
    "cutter_jam": {},
    # The power goes in the middle of a receipt, after so many rows of dots.
    "power_loss": {"rows": 100},
    # It takes receipts and answers no question; or none that waits its turn.
    "silent": {},
    "no_turn": {},
}
LASTING = ("silent", "no_turn")


class PrinterFaults:
    """The armed faults. One that has struck is disarmed; those of :data:`LASTING` stay until they are cleared."""

    def __init__(self) -> None:
        self._armed: dict[str, dict[str, int]] = {}

    def arm(self, kind: str, **parameters: int) -> None:
        """Arm a fault.

        :raises UnknownFault: unknown kind or parameter, or a value that is not allowed.
        """
        if kind not in KINDS:
            raise UnknownFault(f"unknown fault {kind!r}, there are: {', '.join(KINDS)}")
        unknown = set(parameters) - set(KINDS[kind])
        if unknown:
            raise UnknownFault(f"fault {kind!r} has no parameter {', '.join(sorted(unknown))}")
        for name, value in parameters.items():
            if type(value) is not int or value < 0:
                raise UnknownFault(f"{name} must be a whole number, not negative")
        self._armed[kind] = {**KINDS[kind], **parameters}

    def clear(self) -> None:
        """Disarm everything."""
        self._armed.clear()

    def armed(self) -> dict[str, dict[str, int]]:
        """Return what is armed, by kind."""
        return {kind: dict(values) for kind, values in self._armed.items()}

    def holds(self, kind: str) -> bool:
        """Return whether a fault that lasts is armed."""
        return kind in self._armed

    def strike(self, kind: str, rows: int | None = None) -> bool:
        """Return whether a fault strikes here, and disarm it.

        :param rows: rows of dots of this receipt that are on paper, for faults that wait for some.
        """
        armed = self._armed.get(kind)
        if armed is None or (rows is not None and rows < armed["rows"]):
            return False
        del self._armed[kind]
        return True
