"""What the service needs of a card driver, whatever kind of card it drives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar

from hw_proxy.cards.transport import Connection
from hw_proxy.key_client import KeySession
from hw_proxy.orders import Order
from hw_proxy.tokens import digest


@dataclass(frozen=True)
class Reading:
    """A whole card as read.

    ``memory``: the driver's image; ``tries``: presentations of the code that are left (3 where there is no code);
    ``protection``: the chip's protection bits, or none when they were not read.
    """

    memory: bytes
    tries: int
    protection: bytes | None = None

    @property
    def digest(self) -> str:
        """Hash of the image."""
        return digest(self.memory)

    def as_claim(self) -> dict[str, object]:
        """``before`` or ``after`` of a receipt."""
        return {"memory": self.memory.hex(), "tries": self.tries, "digest": self.digest}


@dataclass(frozen=True)
class Step:
    """One write that is repeated as a whole when it fails.

    ``what``: name for the log; ``offset``: first byte, in the chip's memory or in the file; ``file``: SFI of a
    processor card's file, 0 where there are no files.
    """

    what: str
    offset: int
    data: bytes = field(repr=False)
    file: int = 0


@dataclass(frozen=True)
class Access:
    """What opens a card for one order: the code that came sealed with it, and the key service."""

    order: Order
    code: bytes | None = field(default=None, repr=False)
    keys: KeySession | None = field(default=None, repr=False)


class WriteStopped(Exception):
    """The writing must end here and nothing be tried again; the card is then read back.

    :param code: why, for the receipt.
    :param fault: the last command had no clear answer, so the card may be on its way out.
    """

    def __init__(self, code: str, fault: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.fault = fault


class CardDriver(ABC):
    """One card layout on one insertion.

    Whatever talks to the card raises :class:`~hw_proxy.cards.transport.CardError`.
    """

    id: ClassVar[str]
    version: ClassVar[str]
    code_length: ClassVar[int] = 0
    """Bytes of the code in an order's sealed part; 0: orders carry none."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @abstractmethod
    def start(self) -> None:
        """Prepare a card that has just been inserted. Never presents a code."""

    @abstractmethod
    def read(self, full: bool = False, unlocked: bool = False) -> Reading:
        """The whole image.

        :param full: read also what only a snapshot wants (protection bits).
        :param unlocked: :meth:`unlock` succeeded in this attempt, so the tries are known and need no command.
        """

    @abstractmethod
    def accepts(self, order: Order) -> bool:
        """Whether this driver can carry out the order's operation in the form it has; never touches the card."""

    @abstractmethod
    def matches(self, memory: bytes, order: Order) -> bool:
        """Whether serial, issue number and count are those of the order."""

    @abstractmethod
    def refusal(self, reading: Reading, order: Order) -> str | None:
        """Code that forbids to unlock this card for an order (tries used up, blocked), or none."""

    @abstractmethod
    def plan(self, memory: bytes, order: Order) -> list[Step]:
        """The writes of an order, the last of which commits; may read what is not part of the image."""

    @abstractmethod
    def expected(self, memory: bytes, order: Order, steps: list[Step]) -> bytes:
        """The image after all the writes."""

    @abstractmethod
    def unlock(self, access: Access, memory: bytes) -> None:
        """Present the code, or authenticate: once, never again whatever the answer.

        :param memory: the image as just read.
        :raises WriteStopped: the card or the key service refused, or whether the card took it is not known.
        """

    @abstractmethod
    def write(self, step: Step, access: Access) -> None:
        """Write once. The caller repeats it after :class:`~hw_proxy.cards.transport.CardSilent` and
        :class:`~hw_proxy.cards.transport.CardRefused`.

        :raises WriteStopped: nothing may be tried again.
        """

    def companions_written(self, order: Order) -> bool:
        """Whether what the order writes beside the image is on the card, read back."""
        return True
