"""The acceptor that the configuration names."""

from __future__ import annotations

from hw_proxy.config import Notes
from hw_proxy.notes.acceptor import Acceptor
from hw_proxy.notes.denominations import parse
from hw_proxy.notes.id003 import Id003Acceptor

NAME = "note acceptor"


def make(settings: Notes) -> Acceptor | None:
    """The acceptor of ``[notes]``, not started; none when none is configured."""
    if not settings.device:
        return None
    return Id003Acceptor(NAME, settings.device, parse(settings.denominations))
