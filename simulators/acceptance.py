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
from .meter_state import MAX_ENERGY, MeterState


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
    """What to do with a card: an error to show, energy to credit, and whether the card is written."""

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
    delta = image.purchase.count - state.count
    row = TABLE[max(-1, min(delta, 2)), image.write_back_state == EMPTY]
    if row.check_serial and _other_serial(state, image):
        return Decision(error=codes.CARD_SERIAL, delta=delta)
    if row.credit and not _room_for(state, image.purchase.energy):
        return Decision(error=codes.OVER_HOARD, write_back=True, delta=delta)
    return Decision(
        error=row.error,
        credit=image.purchase.energy if row.credit else 0,
        parameters=row.parameters and bool(image.purchase.flags & FLAG_TAKE_PARAMETERS),
        remember=row.remember,
        write_back=True,
        delta=delta,
    )


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
        return _unopened_error(image)
    if contract.customer_no != state.customer_no:
        return codes.CUSTOMER_NO
    return codes.CARD_SERIAL if _superseded(state, image) else None


def _unopened_error(image: CardImage) -> int | None:
    if image.contract.card_type == CARD_PURCHASE:
        return codes.PURCHASE_UNOPENED
    if image.contract.card_type == CARD_REPLACEMENT:
        return codes.REPLACEMENT_UNOPENED
    return codes.PURCHASE_COUNT if image.purchase.count != 1 else None


def _superseded(state: MeterState, image: CardImage) -> bool:
    """A purchase card must be the remembered one; an open or replacement card with another serial must be newer."""
    if image.contract.issue < state.issue:
        return True
    if not _other_serial(state, image):
        return False
    return image.contract.card_type == CARD_PURCHASE or image.contract.issue == state.issue


def _other_serial(state: MeterState, image: CardImage) -> bool:
    return state.opened and image.identity.serial != state.serial


def _room_for(state: MeterState, energy: int) -> bool:
    total = state.remaining - state.over_used + energy
    return total <= MAX_ENERGY and (state.hoard_limit == 0 or total <= state.hoard_limit)
