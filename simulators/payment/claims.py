"""What a merchant's call says, and the two ways in which it is not done."""

from __future__ import annotations


class Refused(ValueError):
    """It cannot be done with this payment now."""


class BadOrder(ValueError):
    """A call that is not as the contract has it; the text is the error's word."""


def text_of(claims: dict, name: str) -> str:
    """Return a text that a call has to have.

    :raises BadOrder: it has none
    """
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 256:
        raise BadOrder("malformed")
    return value
