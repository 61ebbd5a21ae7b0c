"""Faults on demand: what goes wrong between a card and whatever holds it."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, fields


class UnknownFault(ValueError):
    """The kind of fault, or one of its parameters, does not exist."""


@dataclass
class FaultState:
    """What is armed now; every field at its default means a card without faults.

    ``pull_after_bytes``: EEPROM bytes that are still written completely before the card is pulled (None: not armed);
    ``pull_inside_byte``: the byte after those is erased (FF) but not written; ``pull_at_apdu``: commands until the
    pull, 1 = the next one; ``pull_in_present``: pulled while the code is compared, so that one try is spent;
    ``silent_seconds`` / ``silent_apdus``: how long, and for how many commands, the card does not answer;
    ``slow_seconds``: added to every command; ``wrong_reads`` / ``wrong_address`` / ``wrong_mask``: reads still to be
    falsified, which address (None: the first byte of the read) and the bits that are flipped;
    ``lost_writes``: write commands still to be confirmed without being carried out.
    """

    pull_after_bytes: int | None = None
    pull_inside_byte: bool = False
    pull_at_apdu: int | None = None
    pull_in_present: bool = False
    silent_seconds: float = 0.0
    silent_apdus: int = 0
    slow_seconds: float = 0.0
    wrong_reads: int = 0
    wrong_address: int | None = None
    wrong_mask: int = 0x01
    lost_writes: int = 0


# kind -> (parameter of the kind, type, default, field of FaultState)
KINDS: dict[str, tuple[tuple[str, type, object, str], ...]] = {
    "pull": (("bytes", int, 0, "pull_after_bytes"), ("inside", bool, False, "pull_inside_byte")),
    "pull_at_apdu": (("apdu", int, 1, "pull_at_apdu"),),
    "pull_in_present": (("on", bool, True, "pull_in_present"),),
    "silent": (("seconds", float, 5.0, "silent_seconds"), ("apdus", int, 1, "silent_apdus")),
    "slow": (("seconds", float, 0.2, "slow_seconds"),),
    "wrong_read": (
        ("reads", int, 1, "wrong_reads"),
        ("address", int, None, "wrong_address"),
        ("mask", int, 0x01, "wrong_mask"),
    ),
    "lost_write": (("writes", int, 1, "lost_writes"),),
}


class Faults:
    """The faults armed on one card. Counting starts when a fault is armed; a fault that has struck is disarmed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state = FaultState()

    def arm(self, kind: str, **parameters: object) -> None:
        """Arm a fault.

        :param kind: a key of :data:`KINDS`.
        :param parameters: as :data:`KINDS` lists them; what is missing takes the default there.
        :raises UnknownFault: unknown kind or parameter, or a value of the wrong type or below zero.
        """
        if kind not in KINDS:
            raise UnknownFault(f"unknown fault {kind!r}, there are: {', '.join(KINDS)}")
        wanted = {name: (cast, default, field) for name, cast, default, field in KINDS[kind]}
        unknown = set(parameters) - set(wanted)
        if unknown:
            raise UnknownFault(f"fault {kind!r} has no parameter {', '.join(sorted(unknown))}")
        values = {}
        for name, (cast, default, field) in wanted.items():
            values[field] = _convert(name, cast, parameters.get(name, default))
        with self._lock:
            for field, value in values.items():
                setattr(self._state, field, value)

    def disarm(self, kind: str) -> None:
        """Take one kind of fault back.

        :raises UnknownFault: unknown kind.
        """
        if kind not in KINDS:
            raise UnknownFault(f"unknown fault {kind!r}, there are: {', '.join(KINDS)}")
        defaults = FaultState()
        with self._lock:
            for _name, _cast, _default, field in KINDS[kind]:
                setattr(self._state, field, getattr(defaults, field))

    def clear(self) -> None:
        """Disarm everything."""
        with self._lock:
            self._state = FaultState()

    def armed(self) -> dict[str, object]:
        """Return the fields of :class:`FaultState` that differ from their defaults."""
        with self._lock:
            current = asdict(self._state)
        return {f.name: current[f.name] for f in fields(FaultState) if current[f.name] != f.default}

    def take_byte(self) -> str | None:
        """Count one EEPROM byte that is about to be written.

        :return: None to go on, ``"before"`` when the card is pulled before this byte, ``"inside"`` when it is pulled
            between erasing and writing it.
        """
        with self._lock:
            state = self._state
            if state.pull_after_bytes is None:
                return None
            if state.pull_after_bytes > 0:
                state.pull_after_bytes -= 1
                return None
            where = "inside" if state.pull_inside_byte else "before"
            state.pull_after_bytes, state.pull_inside_byte = None, False
            return where

    def take_apdu(self) -> bool:
        """Count one command; return True when the card is pulled at this one."""
        with self._lock:
            state = self._state
            if state.pull_at_apdu is None:
                return False
            state.pull_at_apdu -= 1
            if state.pull_at_apdu > 0:
                return False
            state.pull_at_apdu = None
            return True

    def take_present(self) -> bool:
        """Return True when the card is pulled while it compares the code."""
        with self._lock:
            strikes, self._state.pull_in_present = self._state.pull_in_present, False
            return strikes

    def take_delay(self) -> float:
        """Return the seconds by which the answer to this command is late."""
        with self._lock:
            state = self._state
            delay = state.slow_seconds
            if state.silent_apdus > 0:
                state.silent_apdus -= 1
                delay += state.silent_seconds
                if state.silent_apdus == 0:
                    state.silent_seconds = 0.0
            return delay

    def is_silent(self) -> bool:
        """Return True while the card does not answer (a meter gives up on it at once)."""
        with self._lock:
            return self._state.silent_apdus > 0

    def falsify(self, address: int, data: bytes) -> bytes:
        """Return ``data``, read from ``address``, with the armed bits flipped."""
        with self._lock:
            state = self._state
            if not state.wrong_reads or not data:
                return data
            index = 0 if state.wrong_address is None else state.wrong_address - address
            if not 0 <= index < len(data):
                return data
            state.wrong_reads -= 1
            changed = bytearray(data)
            changed[index] ^= state.wrong_mask
            return bytes(changed)

    def take_lost_write(self) -> bool:
        """Return True when this write command is confirmed without being carried out."""
        with self._lock:
            if not self._state.lost_writes:
                return False
            self._state.lost_writes -= 1
            return True


def _convert(name: str, cast: type, value: object) -> object:
    if value is None:
        return None
    if cast is bool:
        if not isinstance(value, bool):
            raise UnknownFault(f"{name} must be true or false")
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or (cast is int and not isinstance(value, int)):
        raise UnknownFault(f"{name} must be a number ({cast.__name__})")
    if value < 0:
        raise UnknownFault(f"{name} must not be negative")
    return cast(value)
