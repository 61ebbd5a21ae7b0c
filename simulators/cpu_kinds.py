"""What the two kinds of CPU card differ in (docs/protocol/card-layout-cpu.md)."""

from __future__ import annotations

from dataclasses import dataclass

MF, DF01 = 0x3F00, 0xDF01

CARD_FILE = 0x15
CARD_FILE_SIZE = 16
KEY_VERSION_OFFSET = 10

PARAMETERS, WALLET, CURRENT_TARIFF, BACKUP_TARIFF = 0x01, 0x02, 0x03, 0x04
PARAMETERS_SIZE, WALLET_SIZE = 45, 8


@dataclass(frozen=True)
class Ladder:
    """Where a ladder lies in a tariff set: 6 thresholds, 7 prices, then the settlement days."""

    offset: int
    days: int

    @property
    def prices(self) -> int:
        """Offset of the prices."""
        return self.offset + 24

    @property
    def settlement(self) -> int:
        """Offset of the settlement days."""
        return self.prices + 28


@dataclass(frozen=True)
class Kind:
    """One kind of card.

    :param driver: its name in docs/protocol.
    :param atr: answer to reset.
    :param command: command byte of the parameters file.
    :param write_back: SFI of the write-back.
    :param write_back_size: its bytes.
    :param reconnect: SFI of the reconnect command, None when the kind has none.
    :param tariff_size: bytes of a tariff set.
    :param rates: number of rates.
    :param ladders: where its ladders are; the first is in force.
    :param ladder_switch: offset of the set's own switch time.
    """

    driver: str
    atr: bytes
    command: int
    write_back: int
    write_back_size: int
    reconnect: int | None
    tariff_size: int
    rates: int
    ladders: tuple[Ladder, ...]
    ladder_switch: int

    def files(self) -> dict[int, int]:
        """Return SFI -> bytes of the files under DF01."""
        sizes = {
            PARAMETERS: PARAMETERS_SIZE,
            WALLET: WALLET_SIZE,
            CURRENT_TARIFF: self.tariff_size,
            BACKUP_TARIFF: self.tariff_size,
            self.write_back: self.write_back_size,
        }
        return sizes if self.reconnect is None else {**sizes, self.reconnect: 16}

    def places(self) -> dict[int, int]:
        """Return SFI -> offset in what snapshots call ``memory``, in its order."""
        wallet = CARD_FILE_SIZE + PARAMETERS_SIZE
        return {CARD_FILE: 0, PARAMETERS: CARD_FILE_SIZE, WALLET: wallet, self.write_back: wallet + WALLET_SIZE}

    @property
    def image_size(self) -> int:
        """Bytes of what snapshots call ``memory``."""
        return CARD_FILE_SIZE + PARAMETERS_SIZE + WALLET_SIZE + self.write_back_size


GDW1365 = Kind(
    driver="gdw1365",
    atr=bytes.fromhex("3B680000") + b"GDW1365\x01",
    command=0x01,
    write_back=0x05,
    write_back_size=49,
    reconnect=None,
    tariff_size=258,
    rates=32,
    ladders=(Ladder(132, 4),),
    ladder_switch=196,
)
CSG2015 = Kind(
    driver="csg2015",
    atr=bytes.fromhex("3B680000") + b"CSG2015\x01",
    command=0x03,
    write_back=0x06,
    write_back_size=50,
    reconnect=0x05,
    tariff_size=199,
    rates=12,
    ladders=(Ladder(52, 6), Ladder(122, 6)),
    ladder_switch=192,
)
KINDS = {kind.driver: kind for kind in (GDW1365, CSG2015)}
