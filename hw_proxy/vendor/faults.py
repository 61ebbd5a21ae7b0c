"""What goes wrong with a library, by the codes of the catalogue (docs/protocol, section 5, family V)."""

from __future__ import annotations

MISSING, TIMEOUT, CRASHED, QUARANTINED = "V-101", "V-102", "V-103", "V-104"
NONSENSE, ERROR, STATE_MISSING, STAFF_ONLY = "V-105", "V-106", "V-107", "V-108"

#: Faults of the library itself, which count towards its quarantine; an error that it reports is its good right.
COUNTED = (TIMEOUT, CRASHED, NONSENSE)


class VendorError(Exception):
    """A library did not do what it was asked.

    :param code: code of the catalogue: V-1xx, or the one to which the description maps the library's error.
    :param text: why, for the log and for ``hw-proxy vendor check``.
    :param number: the library's own error number, when it reported one.
    """

    def __init__(self, code: str, text: str, number: int | None = None) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.number = number
