"""Talks to a running marketing system's control interface, for tests and the demo in other processes."""

from __future__ import annotations

from ..client import BenchClient

DEFAULT_URL = "http://127.0.0.1:8272"


class CisClient(BenchClient):
    """The control interface as methods; it raises what :class:`simulators.client.BenchClient` raises.

    :param url: address of the page
    :param timeout: seconds for one call
    """

    name = "marketing system"
    starter = "python -m simulators cis"

    def __init__(self, url: str = DEFAULT_URL, timeout: float = 30.0) -> None:
        super().__init__(url, timeout)

    def books(self) -> dict:
        """Return customers with arrears, the last payments and reversals, days, late bookings, events and faults."""
        return self._call("/api/books")

    def records(self) -> dict:
        """Return every payment and reversal: ``{"payment": [...], "reversal": [...]}``."""
        return self._call("/api/records")

    def put_customers(self, *customers: dict) -> None:
        """Add or change customers: dictionaries with ``account_no``; money in cents, ``bills``, ``refusal`` …"""
        self.do("customers", customers=list(customers))

    def fault(self, kind: str, **members: object) -> dict:
        """Arm a fault for the next call, or ``times=N``; ``operation``, ``serial`` and ``account`` narrow it.

        ``times=None`` keeps it until :meth:`clear_faults`.

        :return: the fault, with its ``id``
        """
        return self._call("/api/fault", {"kind": kind, **members})["armed"]

    def armed(self) -> list[dict]:
        """Return the faults that are armed."""
        return self._call("/api/faults")["armed"]

    def fetches(self) -> int:
        """Return how often somebody followed the external entity of an answer."""
        return self._call("/api/faults")["fetches"]

    def clear_faults(self) -> None:
        """Disarm all faults; calls that are held go on."""
        self.do("clear-faults")

    def set_now(self, moment: str) -> None:
        """Set the utility's clock.

        :param moment: ISO 8601; without a zone in the utility's
        """
        self.do("now", moment=moment)

    def advance(self, seconds: float) -> None:
        """Let the utility's clock go on."""
        self.do("now", advance=seconds)

    def reset_now(self) -> None:
        """Return to the machine's time."""
        self.do("now")

    def book_late(self) -> int:
        """Book at once what a fault would have booked late; return how many."""
        return self.do("book-late", everything=True)["booked"]

    def reset(self) -> None:
        """Forget all books and faults."""
        self.do("reset")
