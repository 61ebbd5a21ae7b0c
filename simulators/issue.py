"""The utility's card preparation: blank, open, purchase and replacement cards, without any point of sale."""

from __future__ import annotations

from . import layout
from .keys import MasterKey
from .memory_chip import MemoryChip
from .meter import InsertResult, Meter
from .sle4442 import Sle4442


class PreparationFailed(Exception):
    """The card took the code or a write not as a card in this state does."""


def prepared_card(
    serial: str, keys: MasterKey, issuer: int = 1, write_times: bool = False, make: type[MemoryChip] = Sle4442
) -> MemoryChip:
    """Make a blank card: identity written and protected, code changed to its own, contract and purchases still FF.

    :param serial: up to 12 digits.
    :param issuer: 0 to 65535.
    :param make: the chip: called without arguments it is one from the factory.
    """
    chip = make()
    _authenticate(chip, make.FACTORY_PSC)
    chip.write(layout.IDENTITY, layout.pack_identity(layout.Identity(serial.zfill(12), issuer)))
    # A blank card has an empty write-back: the opening write then commits with its last purchase byte.
    chip.write(layout.WRITE_BACK, b"\x00")
    chip.seal(keys.psc(serial))
    chip.power_off()
    chip.write_times = write_times
    return chip


def open_card(
    serial: str,
    contract: layout.Contract,
    purchase: layout.Purchase,
    keys: MasterKey,
    issuer: int = 1,
    write_times: bool = False,
    make: type[MemoryChip] = Sle4442,
) -> MemoryChip:
    """Make a card that was written for a contract and not inserted yet: write-back empty, purchase in both blocks."""
    chip = prepared_card(serial, keys, issuer, make=make)
    _authenticate(chip, keys.psc(serial))
    chip.write(layout.CONTRACT, layout.pack_contract(contract))
    for place in (layout.PURCHASE_A, layout.PURCHASE_B):
        chip.write(place, layout.pack_purchase(purchase))
    chip.power_off()
    chip.write_times = write_times
    return chip


def write_purchase(chip: MemoryChip, purchase: layout.Purchase, keys: MasterKey) -> None:
    """Write a purchase in the order of docs/protocol: non-current block, other block, state byte of the write-back.

    :raises sle4442.CardPulled: the card was pulled in between.
    """
    chip.insert()
    chip.power_on()
    image = layout.parse(chip.read(0, layout.WRITE_BACK + 26))
    _authenticate(chip, keys.psc(image.identity.serial))
    _state, _purchase, current = layout.parse_purchases(chip.image())
    block = layout.pack_purchase(purchase)
    first = layout.PURCHASE_A if current == layout.PURCHASE_B else layout.PURCHASE_B
    second = layout.PURCHASE_A if first == layout.PURCHASE_B else layout.PURCHASE_B
    chip.write(first, block)
    chip.write(second, block)
    chip.write(layout.WRITE_BACK, b"\x00")
    chip.power_off()


def issue(
    serial: str,
    customer_no: str,
    meter: Meter,
    keys: MasterKey,
    energy: int = 10_000,
    alarm1: int = 20,
    alarm2: int = 5,
    hoard_limit: int = 0,
    issuer: int = 1,
    write_times: bool = False,
    make: type[MemoryChip] = Sle4442,
) -> tuple[MemoryChip, InsertResult]:
    """Open an account: an open card with count 1, already carried to its meter, so its write-back is valid.

    :param meter: a meter that is not opened yet.
    :param energy: first purchase and ``hoard_limit`` in 0.01 kWh, alarms in kWh.
    :return: the card and what the meter said to it.
    """
    chip = open_card(
        serial,
        layout.Contract(customer_no.zfill(12), meter.state.meter_no, layout.CARD_OPEN, 1),
        layout.Purchase(1, energy, alarm1, alarm2, hoard_limit, 1, layout.FLAG_TAKE_PARAMETERS),
        keys,
        issuer,
        write_times,
        make,
    )
    return chip, meter.insert(chip)


def _authenticate(chip: MemoryChip, psc: bytes) -> None:
    chip.insert()
    chip.power_on()
    if not chip.unlock(psc):
        raise PreparationFailed("the card refused its code")
