"""Faults of a device that are armed by name, with parameters of a known type."""

from __future__ import annotations

from .faults import UnknownFault

Kinds = dict[str, dict[str, tuple[type, object, tuple | None]]]
"""kind -> {parameter: (type, default, allowed values or None)}; numbers are not negative."""


class ArmedFaults:
    """The armed faults of one device.

    :cvar KINDS: what can be armed.
    """

    KINDS: Kinds

    def __init__(self) -> None:
        self._armed: dict[str, dict[str, object]] = {}

    def arm(self, kind: str, **parameters: object) -> None:
        """Arm a fault.

        :raises UnknownFault: unknown kind or parameter, or a value that is not allowed.
        """
        if kind not in self.KINDS:
            raise UnknownFault(f"unknown fault {kind!r}, there are: {', '.join(self.KINDS)}")
        unknown = set(parameters) - set(self.KINDS[kind])
        if unknown:
            raise UnknownFault(f"fault {kind!r} has no parameter {', '.join(sorted(unknown))}")
        values = {name: default for name, (_type, default, _allowed) in self.KINDS[kind].items()}
        for name, value in parameters.items():
            wanted, _default, allowed = self.KINDS[kind][name]
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
