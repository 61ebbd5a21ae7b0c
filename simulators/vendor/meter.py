"""The makers' meters: the acceptance rules of every card meter, for cards that only their library can read."""

from __future__ import annotations

from dataclasses import replace

from .. import meter_codes as codes
from ..acceptance import by_table, is_other_serial, unopened_error
from ..card import CardPulled
from ..layout import CARD_OPEN, CARD_PURCHASE, CARD_REPLACEMENT
from ..meter_state import MeterState
from ..sle4442 import Sle4442
from .cards import CODE, RECORD, Maker, Record, make_card, pack, read_card


class MakerMeter:
    """One meter. Quantities in the maker's unit, hundredths.

    :param maker: whose cards it takes.
    :param meter_no: 12 digits.
    """

    def __init__(self, maker: Maker, meter_no: str) -> None:
        self.maker = maker
        self.state = MeterState(meter_no)
        self.last_error: int | None = None

    @property
    def credits(self) -> list[tuple[int, int]]:
        """Every credit: (count, or total on cards without one; quantity)."""
        return list(self.state.credits)

    def insert(self, chip: Sle4442, pulled: bool = False, pull_after_byte: int | None = None) -> int:
        """Put a card in and take it out again.

        :param pulled: take it out before the meter has written back, but after it has decided.
        :param pull_after_byte: pull it in the write-back, after this many bytes of the record.
        :return: what was credited.
        """
        chip.insert()
        if pull_after_byte is not None:
            chip.faults.arm("pull", bytes=pull_after_byte)
        try:
            return self._run(chip, pulled)
        finally:
            chip.power_off()
            chip.remove()
            if pull_after_byte is not None:
                chip.faults.disarm("pull")

    def _run(self, chip: Sle4442, pulled: bool) -> int:
        chip.power_on()
        record = read_card(self.maker, chip)
        self.last_error, credited = codes.FILE_FORMAT, 0
        if record is not None:
            self.last_error = self._owner_error(record)
            if self.last_error is None:
                credited = self._take(record)
                if not pulled and self.last_error not in (codes.CARD_SERIAL,):
                    self._write_back(chip, record)
        return credited

    def _owner_error(self, record: Record) -> int | None:
        state = self.state
        if record.meter != state.meter_no:
            return codes.METER_NO
        if record.kind not in (CARD_OPEN, CARD_PURCHASE, CARD_REPLACEMENT):
            return codes.NOT_ISSUED if record.kind == 0 else codes.CARD_TYPE
        if not state.opened:
            return unopened_error(record.kind, 1 if self.maker.cumulative else record.count)
        if record.customer != state.customer_no:
            return codes.CUSTOMER_NO
        if record.kind == CARD_PURCHASE and is_other_serial(state, record.serial):
            return codes.CARD_SERIAL
        return None

    def _take(self, record: Record) -> int:
        """Decide by the counts, credit, remember; return what was credited."""
        state = self.state
        if self.maker.cumulative:
            # A total is a fence like a count: what the meter has not had yet is what it lacks.
            quantity = record.total - state.total_bought
            count, mark = state.count + (quantity > 0), record.total
        else:
            quantity, count, mark = record.quantity, record.count, record.count
        decision = by_table(
            state,
            count=count,
            quantity=quantity,
            write_back_empty=not record.back,
            serial=record.serial,
            flagged=False,
        )
        self.last_error = decision.error
        if decision.credit:
            state.opened, state.customer_no = True, record.customer
            state.credit(count, decision.credit)
            state.credits[-1] = (mark, decision.credit)
        if decision.remember:
            state.serial = record.serial
        return decision.credit

    def _write_back(self, chip: Sle4442, record: Record) -> None:
        after = replace(record, back=True, meter_count=self.state.count, remaining=self.state.remaining)
        try:
            chip.present(CODE)
            chip.write(RECORD, pack(self.maker, after))
        except CardPulled:
            self.last_error = codes.PULLED_EARLY


def issue(maker: Maker, serial: str, customer: str, meter: MakerMeter, quantity: int = 10_000) -> Sle4442:
    """An open card with count 1 that its meter has taken.

    :param quantity: of the first purchase.
    """
    record = Record(serial, customer, meter.state.meter_no, CARD_OPEN, 1, quantity, quantity)
    chip = make_card(maker, record)
    meter.insert(chip)
    return chip
