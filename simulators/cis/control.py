"""The control interface and the page of the marketing system, on 127.0.0.1 only."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

from ..json_server import BadRequest, JsonServer
from . import codes
from .customers import UnknownRecord
from .entries import Payment
from .faults import CERTIFICATES, KINDS, OPERATIONS, UnknownFault
from .payments import Refused
from .soap_server import SoapServer

DEFAULT_PORT = 8272
_PAGE = Path(__file__).with_name("page")
_TYPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("kind", "moment", "original_serial", "reason", "accounting_date", "batch", "month"), str),
    **dict.fromkeys(("account_no", "receivable_id"), str),
    **dict.fromkeys(("operation", "serial", "account", "operator"), (str, type(None))),
    **dict.fromkeys(("times", "fault"), (int, type(None))),
    **dict.fromkeys(("amount",), int),
    **dict.fromkeys(("everything", "is_open"), bool),
    "advance": (int, float),
    "customers": list,
    "payment": dict,
}


class ControlServer(JsonServer):
    """Shows one service's books and arms its faults.

    :param soap: the service
    :param port: 0 takes a free one
    """

    files = {
        **{name: _PAGE / name for name in ("index.html", "cis.js", "words.js", "cis.css")},
        # The pages of all simulators look alike.
        **{name: _PAGE.parents[1] / "page" / name for name in ("bench.css", "page.js")},
    }
    types = _TYPES
    bad_requests = (UnknownFault, UnknownRecord)
    refusals = (Refused, sqlite3.IntegrityError)
    most_bytes = 16 * 1024 * 1024

    def __init__(self, soap: SoapServer, port: int = DEFAULT_PORT) -> None:
        super().__init__(port)
        self._soap = soap
        self._books = soap.service.books
        self._faults = soap.service.faults
        self._fetches = 0
        soap.service.canary = f"http://127.0.0.1:{self.port}/api/canary"
        books = self._books
        self.actions = {
            "fault": self._arm,
            "clear-faults": self._faults.clear,
            "customers": self._put_customers,
            "bill": books.customers.put_bill,
            "now": self._set_now,
            "book-late": lambda everything=True: {"booked": books.book_late(everything)},
            "book-by-hand": lambda payment: {"booking": books.payments.book_by_hand(_payment(payment))},
            "reverse-by-hand": lambda **members: {"reversal": books.payments.reverse_by_hand(**members)},
            "remit": lambda operator=None: {"remitted": books.payments.remit(operator)},
            "open": lambda is_open: setattr(books, "is_open", is_open),
            "close-day": books.days.close,
            "open-day": books.days.open_again,
            "reset": self._reset,
        }

    def read(self, parts: list[str]) -> object | None:
        """Return the books, every record, what faults there are and which are armed, or the codes' words."""
        if parts == ["books"]:
            return {**self._books.show(), "faults": self._faults.armed(), "url": self._soap.url}
        if parts == ["records"]:
            return self._books.records()
        if parts == ["faults"]:
            return {"kinds": KINDS, "operations": OPERATIONS, "armed": self._faults.armed(), "fetches": self._fetches}
        if parts == ["words"]:
            return {"codes": codes.WORDS}
        if parts == ["canary"]:
            self._fetches += 1
            return {"fetched": self._fetches}
        return None

    def _arm(self, kind: str, **members: object) -> dict:
        armed = self._faults.arm(kind, **members)
        if kind in CERTIFICATES:
            self._soap.hang_up()
        return {"armed": armed}

    def _put_customers(self, customers: list) -> dict:
        if not all(isinstance(each, dict) and isinstance(each.get("account_no"), str) for each in customers):
            raise BadRequest("a customer is an object with an account_no")
        self._books.customers.put_all(customers)
        return {"customers": len(customers)}

    def _set_now(self, moment: str | None = None, advance: float | None = None) -> dict:
        """Set the utility's clock, let it go on by seconds, or, without either, return to the machine's time."""
        clock = self._books.clock
        if moment is not None:
            try:
                clock.set(datetime.fromisoformat(moment))
            except ValueError as error:
                raise BadRequest(f"{moment} is no moment") from error
        elif advance is not None:
            clock.advance(advance)
        else:
            clock.reset()
        self._books.book_late()
        return {"now": clock.now().isoformat()}

    def _reset(self) -> None:
        self._faults.clear()
        self._books.reset()
        self._fetches = 0


def _payment(values: dict) -> Payment:
    try:
        return Payment.from_json({"allocations": [], **values})
    except (KeyError, TypeError, ValueError) as error:
        raise BadRequest(f"this is no payment: {error}") from error
