"""What can be made to go wrong in the note acceptor, by name."""

from __future__ import annotations

from ..faults import UnknownFault

# kind -> {parameter: (type, default, allowed values or None)}
KINDS: dict[str, dict[str, tuple[type, object, tuple | None]]] = {
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
        "at": (str, "escrow", ("accepting", "escrow", "stacking", "sensor", "acked")),
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


class NoteFaults:
    """The armed faults. One that has struck is disarmed; ``slow`` and ``silent`` last until they are cleared."""

    def __init__(self) -> None:
        self._armed: dict[str, dict[str, object]] = {}

    def arm(self, kind: str, **parameters: object) -> None:
        """Arm a fault.

        :raises UnknownFault: unknown kind or parameter, or a value that is not allowed.
        """
        if kind not in KINDS:
            raise UnknownFault(f"unknown fault {kind!r}, there are: {', '.join(KINDS)}")
        unknown = set(parameters) - set(KINDS[kind])
        if unknown:
            raise UnknownFault(f"fault {kind!r} has no parameter {', '.join(sorted(unknown))}")
        values = {name: default for name, (_type, default, _allowed) in KINDS[kind].items()}
        for name, value in parameters.items():
            wanted, _default, allowed = KINDS[kind][name]
            number = wanted is float and isinstance(value, int) and not isinstance(value, bool)
            if not number and type(value) is not wanted:
                raise UnknownFault(f"{name} must be of the type {wanted.__name__}")
            if allowed is not None and value not in allowed:
                raise UnknownFault(f"{name} must be one of {', '.join(allowed)}")
            if wanted in (int, float) and value < 0:
                raise UnknownFault(f"{name} must not be negative")
            values[name] = value
        self._armed[kind] = values

    def clear(self) -> None:
        """Disarm everything."""
        self._armed.clear()

    def armed(self) -> dict[str, dict[str, object]]:
        """Return what is armed, by kind."""
        return {kind: dict(values) for kind, values in self._armed.items()}

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
