"""What can be made to go wrong with a call, for the next calls or for one serial."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field

from . import codes

OPERATIONS = (
    "QueryCustomer",
    "QueryArrears",
    "SubmitPayment",
    "QueryPayment",
    "ReversePayment",
    "ListCustomerChanges",
    "Reconcile",
)
_BOOKINGS = ("SubmitPayment", "ReversePayment")
# Kind -> its parameters with their defaults. ``booked``: the call does its work before it goes wrong.
KINDS: dict[str, dict[str, object]] = {
    "slow": {"seconds": 5.0},
    "timeout_before": {"seconds": 600.0},
    "timeout_after": {"seconds": 600.0},
    "late": {"minutes": 5.0, "seconds": 600.0},
    "reset": {"booked": False},
    "http_500": {"booked": False},
    "html": {"booked": False},
    "truncated": {"booked": True},
    "wrong_encoding": {"booked": True},
    "duplicate_answer": {"booked": True},
    "two_envelopes": {"booked": True},
    "other_serial": {"booked": True},
    "entity_bomb": {"booked": True},
    "external_entity": {"booked": True},
    "huge": {"booked": True, "bytes": 64 * 1024 * 1024},
    "unreadable_file": {"file": 1, "numbered": True},
    "answer": {"booked": False, "code": codes.FAILED},
    "fault": {"booked": False, "code": codes.DATABASE},
    "certificate_expired": {},
    "certificate_other_host": {},
    "certificate_stranger": {},
}
# Kind -> the only operations that it can befall.
_ONLY = {"late": _BOOKINGS, "unreadable_file": ("ListCustomerChanges",)}
CERTIFICATES = {
    "certificate_expired": "expired",
    "certificate_other_host": "other_host",
    "certificate_stranger": "stranger",
}


class UnknownFault(ValueError):
    """There is no fault of this kind, or it has no such parameter."""


@dataclass
class Fault:
    """One armed fault.

    :param operation: only this one, or None for all
    :param serial: only the call with this serial (a reversal's own), or None
    :param account: only calls about this account, or None
    :param times: how many calls meet it, or None until it is cleared
    """

    id: int
    kind: str
    operation: str | None = None
    serial: str | None = None
    account: str | None = None
    times: int | None = 1
    parameters: dict[str, object] = field(default_factory=dict)

    def meets(self, operation: str, serial: str, account: str) -> bool:
        """Tell whether a call meets this fault."""
        return (
            self.operation in (None, operation)
            and self.serial in (None, serial)
            and self.account in (None, account)
            and operation in _ONLY.get(self.kind, OPERATIONS)
        )

    def to_json(self) -> dict:
        """Return the fault for the page."""
        return dict(vars(self))


class Faults:
    """The faults of one service."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._released = threading.Event()

    def arm(
        self,
        kind: str,
        operation: str | None = None,
        serial: str | None = None,
        account: str | None = None,
        times: int | None = 1,
        **parameters: object,
    ) -> dict:
        """Arm a fault.

        :param times: None: until it is cleared
        :raises UnknownFault: kind, operation or parameter is unknown, or of a wrong type
        """
        if kind not in KINDS:
            raise UnknownFault(f"there is no fault {kind}; there are {', '.join(KINDS)}")
        if operation is not None and operation not in OPERATIONS:
            raise UnknownFault(f"there is no operation {operation}; there are {', '.join(OPERATIONS)}")
        if kind in CERTIFICATES and (operation or serial or account):
            raise UnknownFault("a certificate is shown before the call is known: no operation, serial or account")
        if operation is not None and operation not in _ONLY.get(kind, OPERATIONS):
            raise UnknownFault(f"{kind} befalls only {' and '.join(_ONLY[kind])}")
        if times is not None and times < 1:
            raise UnknownFault("times is at least 1, or null")
        fault = Fault(next(self._numbers), kind, operation, serial, account, times, _complete(kind, parameters))
        with self._lock:
            self._armed.append(fault)
        return fault.to_json()

    def clear(self, fault: int | None = None) -> None:
        """Disarm one fault or all, and let calls that are held go on.

        :param fault: its id
        """
        with self._lock:
            self._armed = [each for each in self._armed if fault not in (None, each.id)]
            if fault is None:
                self._released.set()
                self._released = threading.Event()

    def armed(self) -> list[dict]:
        """Return what is armed."""
        with self._lock:
            return [each.to_json() for each in self._armed]

    def take(self, operation: str, serial: str, account: str) -> Fault | None:
        """Return the fault that a call meets, and count it off."""
        with self._lock:
            for each in self._armed:
                if each.kind not in CERTIFICATES and each.meets(operation, serial, account):
                    return self._count(each)
        return None

    def take_certificate(self) -> str:
        """Return which certificate the next connection is shown: ``good`` or one that is wrong."""
        with self._lock:
            for each in self._armed:
                if each.kind in CERTIFICATES:
                    return CERTIFICATES[self._count(each).kind]
        return "good"

    def hold(self, seconds: float) -> None:
        """Wait, until the faults are cleared at the latest."""
        self._released.wait(seconds)

    def _count(self, fault: Fault) -> Fault:
        if fault.times is not None:
            fault.times -= 1
            if not fault.times:
                self._armed.remove(fault)
        return fault


def _complete(kind: str, parameters: dict[str, object]) -> dict[str, object]:
    """Return the parameters with defaults.

    :raises UnknownFault: an unknown one, or one of a wrong type
    """
    known = KINDS[kind]
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise UnknownFault(f"{kind} has no {', '.join(unknown)}")
    for name, value in parameters.items():
        default = known[name]
        # JSON writes a whole number of seconds without a point.
        wanted = (int, float) if type(default) in (int, float) else (type(default),)
        fits = type(value) in wanted
        if not fits:
            raise UnknownFault(f"{name} has the wrong type")
    if parameters.get("code") and parameters["code"] not in codes.WORDS:
        raise UnknownFault(f"there is no result code {parameters['code']}")
    return {**known, **parameters}
