"""What can be made to go wrong, by name, for the next payments or calls."""

from __future__ import annotations

import itertools
import threading
from dataclasses import asdict, dataclass, field

OPERATIONS = ("create", "query", "close", "refund", "refund_query")
KINDS = {
    "notice_lost": "the notice is never sent",
    "notice_twice": "the notice is sent two times at once",
    "notice_late": "the notice waits until it is released",
    "notice_first": "the customer pays at once, and the notice is there before the answer to create",
    "notice_signature": "the notice has a wrong signature",
    "other_amount": "one yuan less is taken",
    "other_currency": "another currency is taken",
    "timeout_before": "a call does not arrive, and is not answered",
    "timeout_after": "a call is carried out, and not answered",
    "paid_after_close": "a payment that was closed is paid after all",
    "refund_slow": "a refund stays pending until it is settled",
    "refund_refused": "a refund is refused",
    "refund_twice": "the call for a refund arrives two times",
    "refund_other_amount": "one yuan less is paid back",
}
TIMEOUTS = ("timeout_before", "timeout_after")


class UnknownFault(ValueError):
    """There is no fault of this kind, or no such operation."""


@dataclass
class Fault:
    """One armed fault.

    :param times: how often; None: until it is cleared
    :param operation: of a time-out; None: any
    """

    id: int
    kind: str
    times: int | None = 1
    operation: str | None = None
    parameters: dict = field(default_factory=dict)


class Faults:
    """The armed ones. Calls that are held go on when they are cleared."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[Fault] = []
        self._ids = itertools.count(1)
        self._release = threading.Event()

    def arm(self, kind: str, times: int | None = 1, operation: str | None = None) -> dict:
        """Arm a fault.

        :raises UnknownFault: no such kind or operation
        """
        if kind not in KINDS or (operation and (operation not in OPERATIONS or kind not in TIMEOUTS)):
            raise UnknownFault(f"there is no fault {kind} of {operation or 'a payment'}")
        with self._lock:
            fault = Fault(next(self._ids), kind, times, operation)
            self._armed.append(fault)
        return asdict(fault)

    def take(self, kind: str, operation: str | None = None) -> bool:
        """Use up one fault of a kind."""
        with self._lock:
            for fault in self._armed:
                if fault.kind == kind and fault.operation in (None, operation):
                    if fault.times is not None:
                        fault.times -= 1
                        if not fault.times:
                            self._armed.remove(fault)
                    return True
        return False

    def hold(self, seconds: float) -> None:
        """Wait, at most until all faults are cleared."""
        with self._lock:
            release = self._release
        release.wait(seconds)

    def armed(self) -> list[dict]:
        """Return what is armed."""
        with self._lock:
            return [asdict(fault) for fault in self._armed]

    def clear(self) -> None:
        """Disarm everything, and let held calls go."""
        with self._lock:
            self._armed.clear()
            self._release.set()
            self._release = threading.Event()
