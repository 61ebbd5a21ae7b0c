"""The seam between a card and whatever carries its commands, with the ways in which it fails."""

from __future__ import annotations

from typing import Protocol


class CardError(Exception):
    """A command to the card failed.

    :param code: code of the catalogue.
    """

    code = "C-206"


class CardGone(CardError):
    """The card, its reader or the card service left, or the card lost its power: this insertion is over.

    :param code: ``C-202`` for the card, ``P-107`` for the reader, ``P-108`` for the service.
    """

    def __init__(self, message: str, code: str = "C-202") -> None:
        super().__init__(message)
        self.code = code


class CardSilent(CardError):
    """No answer, or a broken one, while the card may still be there: the same command may be sent again."""


class CardRefused(CardError):
    """The reader or the card answered with an error status: the same command may be sent again.

    :param status: SW1 SW2.
    """

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status:04x}")
        self.status = status


class CardUnknown(CardError):
    """No driver knows this chip."""

    code = "C-101"


class CardForeign(CardError):
    """A chip that a driver knows, with other files than its layout has."""

    code = "C-103"


class CardBusy(CardError):
    """Another program holds the card."""

    code = "P-113"


class Connection(Protocol):
    """One insertion of one card, held from its first to its last command.

    ``last_status``: SW1 SW2 of the last command in hex, none when it was not answered; whoever wants to know whether
    there was one since may set it to none.
    """

    atr: bytes
    last_status: str | None

    def transmit(self, command: bytes) -> bytes:
        """Answer with its two status bytes.

        :raises CardGone: the insertion is over.
        :raises CardSilent: no answer.
        """

    def check(self) -> None:
        """Make sure, without waiting, that it is still the same insertion.

        :raises CardGone: it is over.
        """

    def settle(self) -> None:
        """Like :meth:`check`, after the time that a removal needs to be noticed.

        :raises CardGone: it is over.
        """

    def release(self) -> None:
        """Let another program use the card until :meth:`retake`; nothing may be sent meanwhile. Never fails."""

    def retake(self) -> None:
        """Take the card back.

        :raises CardGone: it is not the same insertion any more.
        """

    def close(self) -> None:
        """Let the card go; never fails."""
