"""What a failed call says to whoever sets up the connection: one code for each thing that can be repaired."""

import re

from . import codes
from .cis_secrets import NotReleased

_CODES = {
    "timeout": codes.M_NO_ANSWER,
    "connection": codes.M_LINE_BROKEN,
    "tls": codes.M_TLS,
    "http": codes.M_SERVER_ERROR,
    "unreadable": codes.M_NOT_OUR_INTERFACE,
    "unsafe": codes.M_UNSAFE_ANSWER,
    "too_large": codes.M_UNSAFE_ANSWER,
    "fault": codes.M_SERVER_ERROR,
    "mismatch": codes.M_NOT_OUR_INTERFACE,
    "circuit": codes.M_PAUSED,
    "invalid": codes.M_NOT_OUR_INTERFACE,
    "configuration": codes.M_SET_UP,
    "unsendable": codes.M_UNSENDABLE,
}
_ANSWERED = ("unreadable", "invalid", "mismatch", "unsafe", "too_large")
_CREDENTIALS = re.compile(r"\b(401|403)\b|FailedAuthentication|FailedCheck|Security|MessageExpired")
_OTHER_SERVICE = re.compile(r"\b4\d\d\b")


def code_of(failure):
    """Return the code that explains a failure.

    :param failure: :class:`~.cis_types.Unreachable`
    """
    if isinstance(failure, NotReleased):
        return codes.M_NOT_RELEASED
    if failure.kind in ("http", "fault"):
        if _CREDENTIALS.search(failure.detail):
            return codes.M_CREDENTIALS
        if failure.kind == "http" and _OTHER_SERVICE.search(failure.detail):
            return codes.M_NOT_OUR_INTERFACE
    return _CODES.get(failure.kind, codes.M_LINE_BROKEN)


def code_of_page(failure):
    """Return the code that explains why a page of a list did not come, to whoever waits for it.

    :param failure: :class:`~.cis_types.Unreachable`
    """
    return codes.M_PAGE_UNREADABLE if failure.kind in _ANSWERED else code_of(failure)
