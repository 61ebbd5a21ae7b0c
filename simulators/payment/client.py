"""Talks to a running gateway's control interface, for tests and the demo in other processes."""

from __future__ import annotations

from ..client import BenchClient

DEFAULT_URL = "http://127.0.0.1:8274"


class PaymentClient(BenchClient):
    """The control interface as methods; it raises what :class:`simulators.client.BenchClient` raises.

    :param url: address of the page
    :param timeout: seconds for one call
    """

    name = "payment gateway"
    starter = "python -m simulators payment"

    def __init__(self, url: str = DEFAULT_URL, timeout: float = 30.0) -> None:
        super().__init__(url, timeout)

    def books(self) -> dict:
        """Return payments, the newest first, events and faults."""
        return self._call("/api/books")

    def waiting(self, method: str | None = None) -> dict | None:
        """Return the newest payment that waits for its customer, or None.

        :param method: ``qr`` or ``card_present``
        """
        payments = self.books()["payments"]
        return next((p for p in payments if p["state"] == "waiting" and method in (None, p["method"])), None)

    def pay(self, reference: str, late: bool = False) -> None:
        """Let the customer pay; ``late``: although it is over."""
        self.do("pay", reference=reference, late=late)

    def settle(self, reference: str) -> None:
        """Let a refund that is pending, or was refused, be paid back after all."""
        self.do("settle-refund", reference=reference)

    def fault(self, kind: str, **members: object) -> dict:
        """Arm a fault for the next payment or call, or ``times=N``; ``operation`` narrows a time-out."""
        return self._call("/api/fault", {"kind": kind, **members})["armed"]

    def clear_faults(self) -> None:
        """Disarm all faults; calls that are held go on."""
        self.do("clear-faults")

    def reset(self) -> None:
        """Forget all payments and faults."""
        self.do("reset")
