"""The circuit breaker of a connection: after failures in a row nobody waits for the same silence again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half_open"
TOLERATED = 3
"""Failures in a row that open the circuit."""
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=5)
LONG = ("list_customer_changes", "reconcile")
"""Operations that may take a minute: none of them tries whether an open circuit may close again."""
PROBE = timedelta(seconds=45)
"""For so long nobody else tries while one probes: longer than any call takes that may probe. Then the next one may."""

_SILENT = frozenset({"timeout", "connection", "tls", "http", "unreadable", "unsafe", "too_large"})
_PRESENT = frozenset({"fault", "mismatch", "invalid"})


@dataclass(frozen=True)
class Circuit:
    """State of a circuit.

    :param state: of :data:`CLOSED`, :data:`OPEN`, :data:`HALF_OPEN`
    :param failures: in a row
    :param until: not before this moment somebody tries again; None while closed
    """

    state: str = CLOSED
    failures: int = 0
    until: datetime | None = None


def counts(kind):
    """Tell whether a failure says that the marketing system is away.

    One that answers in its own way to one message (a fault, another serial, content that cannot be right) is there, and
    what is wrong at our side says nothing about it.

    :param kind: of ``Unreachable``
    """
    return kind in _SILENT


def is_there(kind):
    """Tell whether a failure says that the marketing system is there: it answered, though not as it should.

    :param kind: of ``Unreachable``
    """
    return kind in _PRESENT


def refuses(circuit, now):
    """Tell whether no call may be made at a moment."""
    return circuit.state != CLOSED and circuit.until is not None and circuit.until > now


def probing(circuit, now):
    """Return the state that the one call stores which tries whether an open circuit may close again."""
    return Circuit(HALF_OPEN, circuit.failures, now + PROBE)


def after_failure(circuit, kind, now):
    """Return the state after a failure.

    :param kind: of ``Unreachable``
    """
    if is_there(kind):
        return Circuit()
    if not counts(kind):
        # No probe was made: the next one may.
        return Circuit(OPEN, circuit.failures, now) if circuit.state == HALF_OPEN else circuit
    failures = circuit.failures + 1
    if failures < TOLERATED:
        return Circuit(CLOSED, failures)
    pause = min(FIRST_PAUSE * 2 ** min(failures - TOLERATED, 10), LONGEST_PAUSE)
    return Circuit(OPEN, failures, now + pause)
