"""What can be made to go wrong in the note acceptor, by name."""

from __future__ import annotations

from ..armed import ArmedFaults, Kinds

KINDS: Kinds = {
    # A note gets stuck; hands free it with ``clear_jam``.
    "jam_acceptor": {"at": (str, "accepting", ("accepting", "stacking"))},
    "jam_stacker": {"at": (str, "before", ("before", "after"))},
    # The box says so when the acceptor comes to rest.
    "box_full": {},
    # A second note is pushed in behind; hands take it away with ``take_second``.
    "pause": {"at": (str, "accepting", ("accepting", "stacking"))},
    # The note is pulled out again on its way to the sensor.
    "cheated": {},
    "failure": {"code": (int, 0xA2, None)},
    # ``slips``: the note falls past the sensor while there is no power; ``forgets``: the device does not know of it.
    "power_loss": {
        "at": (str, "escrow", ("accepting", "escrow", "stacking", "sensor", "acked", "rejecting", "returning")),
        "slips": (bool, False, None),
        "forgets": (bool, False, None),
    },
    # Answers that are lost, damaged, sent twice; commands that are not heard.
    "lost": {"times": (int, 1, None)},
    "garbled": {"times": (int, 1, None)},
    "doubled": {"times": (int, 1, None)},
    "unheard": {"times": (int, 1, None)},
    "unheard_ack": {"times": (int, 1, None)},
    "slow": {"seconds": (float, 0.1, None)},
    "silent": {},
}


class NoteFaults(ArmedFaults):
    """The armed faults. One that has struck is disarmed; ``slow`` and ``silent`` last until they are cleared."""

    KINDS = KINDS

    def get(self, kind: str) -> dict[str, object] | None:
        """Return the parameters of a fault that lasts, None when it is not armed."""
        return self._armed.get(kind)

    def strike(self, kind: str, at: str | None = None) -> dict[str, object] | None:
        """Return the parameters of a fault that strikes here, and disarm it; None when it does not.

        :param at: the place in the note's way, for faults that have one.
        """
        armed = self._armed.get(kind)
        if armed is None or (at is not None and armed["at"] != at):
            return None
        return self._armed.pop(kind)

    def count(self, kind: str) -> bool:
        """Count one answer or command; return True when this one is struck."""
        armed = self._armed.get(kind)
        if armed is None:
            return False
        armed["times"] = int(str(armed["times"])) - 1
        if armed["times"] <= 0:
            del self._armed[kind]
        return True
