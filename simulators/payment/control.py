"""The page of phone and card terminal, and the control interface, on 127.0.0.1 only."""

from __future__ import annotations

from pathlib import Path

from ..json_server import JsonServer
from .books import Books
from .claims import Refused
from .faults import KINDS, OPERATIONS, UnknownFault

DEFAULT_PORT = 8274
_PAGE = Path(__file__).with_name("page")
_TYPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("kind", "reference", "code"), str),
    "operation": (str, type(None)),
    "times": (int, type(None)),
    "late": bool,
}


class ControlServer(JsonServer):
    """Plays customers and banks, and arms faults.

    :param port: 0 takes a free one
    """

    files = {
        **{name: _PAGE / name for name in ("index.html", "payment.js", "words.js", "payment.css")},
        # The pages of all simulators look alike.
        **{name: _PAGE.parents[1] / "page" / name for name in ("bench.css", "page.js")},
    }
    types = _TYPES
    bad_requests = (UnknownFault,)
    refusals = (Refused,)

    def __init__(self, books: Books, port: int = DEFAULT_PORT) -> None:
        super().__init__(port)
        self._books = books
        books.page_url = f"http://127.0.0.1:{self.port}"
        self.actions = {
            "scan": books.scan,
            "pay": books.pay,
            "refuse": books.refuse,
            "insert": books.insert,
            "pin": books.enter_pin,
            "settle-refund": books.refunds.settle,
            "refuse-refund": books.refunds.refuse,
            "fault": lambda **members: {"armed": books.faults.arm(**members)},
            "clear-faults": books.faults.clear,
            "release": lambda: {"released": books.notices.release()},
            "reset": books.reset,
        }

    def read(self, parts: list[str]) -> object | None:
        """Return everything, or what faults there are."""
        if parts == ["books"]:
            return self._books.show()
        if parts == ["faults"]:
            return {"kinds": KINDS, "operations": OPERATIONS, "armed": self._books.faults.armed()}
        return None
