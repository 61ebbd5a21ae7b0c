"""Drivers of processor cards: reading is free, every write needs authentication and a MAC of the key service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hw_proxy.cards import cpu_layout
from hw_proxy.cards.cpu_commands import (
    APPLICATION,
    BLOCKED,
    LARGEST_UPDATE,
    MF,
    NO_FILE,
    NOT_AUTHENTICATED,
    WRONG_MAC,
    CpuCommands,
    chunks,
    tries_left,
)
from hw_proxy.cards.cpu_layout import CARD, KEY_VERSION, PARAMETERS, WALLET, WRITE_BACK, CpuLayout
from hw_proxy.cards.driver import Access, CardDriver, Reading, Step, WriteStopped
from hw_proxy.cards.transport import CardRefused, CardSilent, Connection
from hw_proxy.key_client import KeyRefused, KeySession
from hw_proxy.orders import ImageWrite, Order

_MAC_SIZE = 4
_SECURE_UPDATE = bytes.fromhex("04d6")
_WRITE_KEY = bytes.fromhex("84d401")


@dataclass(frozen=True)
class Directory:
    """What a processor card shows to anybody.

    ``card``: its card file, or none when there is none of ours; ``application``: whether DF01 is there; ``sixth``:
    whether that holds a file 06.
    """

    card: bytes | None
    application: bool
    sixth: bool

    def __str__(self) -> str:
        found = ["card file"] * (self.card is not None) + ["DF01"] * self.application + ["file 06"] * self.sixth
        return ", ".join(found) or "no files of ours"


def look(connection: Connection) -> Directory:
    """Which of our files a card has, by SELECT and READ BINARY only. DF01 stays selected.

    :raises CardError: it does not answer.
    """
    commands = CpuCommands(connection)

    def has(ask) -> bytes | None:
        try:
            return ask() or b""
        except CardRefused:
            return None

    if has(lambda: commands.select(MF)) is None:
        return Directory(None, False, False)
    card = has(lambda: commands.read(cpu_layout.CARD_SFI, cpu_layout.CARD_SIZE))
    if card is not None and not cpu_layout.is_card_file(card):
        card = None
    if has(lambda: commands.select(APPLICATION)) is None:
        return Directory(card, False, False)
    return Directory(card, True, has(lambda: commands.read(6, 1)) is not None)


class CpuDriver(CardDriver):
    """One kind of processor card on one insertion.

    The card file is read once per insertion: only WRITE KEY changes it, and another card is another insertion.

    :param directory: what :func:`look` has just found.
    """

    layout: ClassVar[CpuLayout]
    atrs: ClassVar[frozenset[bytes]]

    def __init__(self, connection: Connection, directory: Directory) -> None:
        super().__init__(connection)
        self._commands = CpuCommands(connection)
        self._card = directory.card
        self._blocked = False

    @classmethod
    def declines(cls, directory: Directory) -> str | None:
        """Why a card with these files is not of this kind, for the log; none when it is."""
        if directory.card is None:
            return "no card file"
        if not directory.application:
            return "no application DF01"
        if directory.sixth != (cls.layout.write_back_sfi == 6):
            return "a file 06" if directory.sixth else "no file 06"
        return None

    def start(self) -> None:
        """Nothing: :func:`look` has selected the application."""

    # -- reading -------------------------------------------------------------------------------------------------

    def read(self, full: bool = False, unlocked: bool = False) -> Reading:
        """Card file, parameters, wallet and write-back."""
        if self._card is None:
            self._commands.select(MF)
            card = self._commands.read(cpu_layout.CARD_SFI, cpu_layout.CARD_SIZE)
            self._commands.select(APPLICATION)
            self._card = card
        layout = self.layout
        memory = (
            self._card
            + self._commands.read(cpu_layout.PARAMETERS_SFI, cpu_layout.PARAMETERS_SIZE)
            + self._commands.read(cpu_layout.WALLET_SFI, cpu_layout.WALLET_SIZE)
            + self._commands.read(layout.write_back_sfi, layout.write_back_size)
        )
        return Reading(memory, 0 if self._blocked else 3, b"" if full else None)

    def companions_written(self, order: Order) -> bool:
        """Whether tariff sets and reconnect command are on the card, read back."""
        return all(self._commands.read(sfi, len(data)) == data for sfi, data in order.write.files.items())

    # -- judging -------------------------------------------------------------------------------------------------

    def accepts(self, order: Order) -> bool:
        """Any operation, as a whole image and companions of the right sizes."""
        write, wanted = order.write, self.layout.companions
        if not isinstance(write, ImageWrite) or len(write.image) != self.layout.size:
            return False
        return all(wanted.get(sfi) == len(data) for sfi, data in write.files.items())

    def matches(self, memory: bytes, order: Order) -> bool:
        """Whether serial and count are the order's, and the order keeps the card's identity.

        Only the key version may change, and only upwards. A count that cannot be read is 0 in the order.
        """
        image = cpu_layout.decode(self.layout, memory)
        wanted = order.write.image
        return (
            image.serial == order.card_serial
            and order.expect_count in (image.count, 0)
            and wanted[:KEY_VERSION] == memory[:KEY_VERSION]
            and wanted[KEY_VERSION] >= memory[KEY_VERSION]
            and wanted[KEY_VERSION + 1 : CARD.stop] == memory[KEY_VERSION + 1 : CARD.stop]
        )

    def refusal(self, reading: Reading, order: Order) -> str | None:
        """K-108 once the card has said that its keys are blocked."""
        return None if reading.tries else "K-108"

    # -- writing -------------------------------------------------------------------------------------------------

    def plan(self, memory: bytes, order: Order) -> list[Step]:
        """The files in their order (docs/protocol/card-layout-cpu.md), without those that already hold their bytes.

        Something stands until the end that keeps the meter from crediting: a write-back that is not empty, or
        parameters that are no frame.
        """
        wanted, sfi = order.write.image, self.layout.write_back_sfi
        parameters = _steps("parameters", cpu_layout.PARAMETERS_SFI, memory[PARAMETERS], wanted[PARAMETERS])
        wallet = _steps("wallet", cpu_layout.WALLET_SFI, memory[WALLET], wanted[WALLET])
        back = _steps("write-back", sfi, memory[WRITE_BACK], wanted[WRITE_BACK])
        companions = [
            step
            for file, data in sorted(order.write.files.items())
            for step in _steps(f"file {file:02}", file, b"", data)
        ]
        if any(wanted[WRITE_BACK]):
            return [*companions, *back, *wallet, *parameters]
        if not any(wanted[PARAMETERS]):
            return [*companions, *parameters, *wallet, *back]
        if not any(memory[WRITE_BACK]) and cpu_layout.decode(self.layout, memory).parameters != "good":
            return [*companions, *wallet, *parameters]
        return [*parameters, *wallet, *companions, *back]

    def expected(self, memory: bytes, order: Order, steps: list[Step]) -> bytes:
        """The order's image."""
        return order.write.image

    def unlock(self, access: Access, memory: bytes) -> None:
        """Mutual authentication; at the first issue after the keys were changed, which needs it too."""
        version, wanted = memory[KEY_VERSION], access.order.write.image[KEY_VERSION]
        try:
            self._authenticate(_keys(access), version)
            if wanted != version:
                self._update_key(_keys(access), version, wanted)
                self._authenticate(_keys(access), wanted)
        except KeyRefused as error:
            raise WriteStopped(error.code) from error
        except CardRefused as error:
            self._stop(error)
            raise WriteStopped("C-206", fault=True) from error
        except CardSilent as error:
            # Whether the card compared a cryptogram is not known, and it counts them: nothing is sent again.
            raise WriteStopped("C-206", fault=True) from error

    def _authenticate(self, keys: KeySession, version: int) -> None:
        answer = self._commands.internal_authenticate(keys.random)
        cryptogram = keys.authenticate(version, answer, self._commands.challenge())
        self._commands.external_authenticate(cryptogram)

    def _update_key(self, keys: KeySession, version: int, wanted: int) -> None:
        command, made = keys.update_key(version, self._commands.challenge())
        if made != wanted or command[:4] != _WRITE_KEY + bytes([wanted]):
            raise KeyRefused("K-106", f"a command for version {made}, the order says {wanted}")
        self._card = None
        self._commands.command(command)

    def write(self, step: Step, access: Access) -> None:
        """One secure update, under a new challenge."""
        version = access.order.write.image[KEY_VERSION]
        length = len(step.data) + _MAC_SIZE
        header = _SECURE_UPDATE + bytes([0x80 | step.file, step.offset, length])
        challenge = self._commands.challenge()
        try:
            mac = _keys(access).mac(version, challenge, header, step.data)
            self._commands.command(header + step.data + mac)
        except KeyRefused as error:
            raise WriteStopped(error.code) from error
        except CardRefused as error:
            self._stop(error)
            raise

    def _stop(self, error: CardRefused) -> None:
        """End the writing after an answer that the card counts, or that another try cannot change.

        :raises WriteStopped: it is such an answer.
        """
        tries = tries_left(error.status)
        if error.status == BLOCKED or tries == 0:
            self._blocked = True
            raise WriteStopped("K-108") from error
        if error.status == WRONG_MAC or tries is not None:
            raise WriteStopped("C-207") from error
        if error.status in (NOT_AUTHENTICATED, NO_FILE):
            raise WriteStopped("C-204") from error


def _steps(what: str, sfi: int, present: bytes, wanted: bytes) -> list[Step]:
    if present == wanted:
        return []
    parts = chunks(len(wanted), LARGEST_UPDATE)
    return [Step(what, offset, wanted[offset : offset + length], sfi) for offset, length in parts]


def _keys(access: Access) -> KeySession:
    if access.keys is None:
        raise KeyRefused("K-101", "this terminal has no key client")
    return access.keys
