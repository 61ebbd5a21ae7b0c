"""May this meter take this card? The rules as one table, apart from the chip and its faults."""

from __future__ import annotations

from dataclasses import dataclass

from . import meter_codes as codes
from .layout import (
    BLANK,
    CARD_OPEN,
    CARD_PURCHASE,
    CARD_REPLACEMENT,
    EMPTY,
    FLAG_TAKE_PARAMETERS,
    GOOD,
    CardImage,
)
from .meter_state import Balance, MeterState


@dataclass(frozen=True)
class Row:
    """What the meter does for one difference of counts and one state of the write-back area."""

    error: int | None = None
    credit: bool = False
    parameters: bool = False
    remember: bool = False
    check_serial: bool = False


# (difference of counts: -1 below, 0, 1, 2 or more; write-back empty) -> what the meter does.
# It writes back in every row.
TABLE: dict[tuple[int, bool], Row] = {
    (-1, True): Row(remember=True),
    (-1, False): Row(remember=True),
    (0, True): Row(parameters=True, remember=True),
    (0, False): Row(check_serial=True),
    (1, True): Row(credit=True, parameters=True, remember=True),
    (1, False): Row(error=codes.WRITE_BACK_NOT_EMPTY),
    (2, True): Row(error=codes.PURCHASE_COUNT),
    (2, False): Row(error=codes.PURCHASE_COUNT),
}


@dataclass(frozen=True)
class Decision:
    """What to do with a card: an error to show, a quantity to credit, and whether the card is written."""

    error: int | None = None
    credit: int = 0
    parameters: bool = False
    remember: bool = False
    write_back: bool = False
    delta: int | None = None


def identity_error(image: CardImage) -> int | None:
    """Is the application there at all? Looked at before the card's code is presented."""
    if image.identity_state == BLANK:
        return codes.NOT_ISSUED
    return None if image.identity_state == GOOD else codes.FILE_FORMAT


def decide(state: MeterState, image: CardImage) -> Decision:
    """Apply the rules, in their order, to an authenticated card.

    :param state: the meter's memory; it is not changed.
    :param image: the card, its identity already found good.
    """
    refusal = _frame_error(image) or _owner_error(state, image)
    if refusal is not None:
        return Decision(error=refusal)
    return by_table(
        state,
        count=image.purchase.count,
        quantity=image.purchase.energy,
        write_back_empty=image.write_back_state == EMPTY,
        serial=image.identity.serial,
        flagged=bool(image.purchase.flags & FLAG_TAKE_PARAMETERS),
    )


def by_table(
    state: Balance, *, count: int, quantity: int, write_back_empty: bool, serial: str, flagged: bool
) -> Decision:
    """Look up what follows from the counts, for a card that is this meter's.

    :param quantity: of the purchase, in 0.01 of the meter's unit.
    :param flagged: the card asks the meter to take its parameters.
    """
    delta = count - state.count
    row = TABLE[max(-1, min(delta, 2)), write_back_empty]
    if row.check_serial and is_other_serial(state, serial):
        return Decision(error=codes.CARD_SERIAL, delta=delta)
    if row.credit and not state.has_room_for(quantity):
        return Decision(error=codes.OVER_HOARD, write_back=True, delta=delta)
    return Decision(
        error=row.error,
        credit=quantity if row.credit else 0,
        parameters=row.parameters and flagged,
        remember=row.remember,
        write_back=True,
        delta=delta,
    )


def unopened_error(card_type: int, count: int) -> int | None:
    """Say why a meter that is not opened refuses a card of a known type; it takes only the first open card."""
    if card_type == CARD_PURCHASE:
        return codes.PURCHASE_UNOPENED
    if card_type == CARD_REPLACEMENT:
        return codes.REPLACEMENT_UNOPENED
    return codes.PURCHASE_COUNT if count != 1 else None


def is_other_serial(state: Balance, serial: str) -> bool:
    """Return True when an opened meter remembers another card."""
    return state.opened and serial != state.serial


def _frame_error(image: CardImage) -> int | None:
    if image.contract_state == BLANK or image.purchase_state == BLANK:
        return codes.NOT_ISSUED
    if image.contract_state != GOOD or image.purchase_state != GOOD:
        return codes.FILE_FORMAT
    # Contract and purchase of different generations are the halves of a torn issue.
    return codes.FILE_FORMAT if image.contract.issue != image.purchase.issue else None


def _owner_error(state: MeterState, image: CardImage) -> int | None:
    contract = image.contract
    if contract.meter_no != state.meter_no:
        return codes.METER_NO
    if contract.card_type not in (CARD_OPEN, CARD_PURCHASE, CARD_REPLACEMENT):
        return codes.CARD_TYPE
    if not state.opened:
        return unopened_error(contract.card_type, image.purchase.count)
    if contract.customer_no != state.customer_no:
        return codes.CUSTOMER_NO
    return codes.CARD_SERIAL if _superseded(state, image) else None


def _superseded(state: MeterState, image: CardImage) -> bool:
    """A purchase card must be the remembered one; an open or replacement card with another serial must be newer."""
    if image.contract.issue < state.issue:
        return True
    if not is_other_serial(state, image.identity.serial):
        return False
    return image.contract.card_type == CARD_PURCHASE or image.contract.issue == state.issue
