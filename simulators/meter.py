"""A card meter: takes a card, decides by :mod:`simulators.acceptance`, credits durably, then writes back."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from . import layout
from . import meter_codes as codes
from .acceptance import Decision, decide, identity_error
from .keys import MasterKey
from .meter_state import MeterState
from .sle4442 import CardPulled, NotAuthenticated, Sle4442

_ATR = bytes.fromhex("3B04A2131091")
_READ_LENGTH = layout.WRITE_BACK + 26


@dataclass(frozen=True)
class InsertResult:
    """What came of one insertion.

    ``credited``: energy credited now, 0.01 kWh; ``error``: meter error code or None; ``count`` / ``remaining``: the
    meter's afterwards; ``delta``: count on the card minus count in the meter, None when it was not compared;
    ``wrote_back``: the write-back area was written completely; ``display``: two languages, ``en`` and ``zh``.
    """

    credited: int
    error: int | None
    count: int
    remaining: int
    delta: int | None
    wrote_back: bool
    display: dict[str, str]

    @property
    def accepted(self) -> bool:
        """True when the meter showed no error."""
        return self.error is None


class Meter:
    """One meter.

    :param meter_no: 12 digits.
    :param keys: master key of the cards.
    :param path: JSON file that holds the meter's memory; None keeps it in this object only.
    :param clock: local time for the write-back.
    """

    def __init__(
        self,
        meter_no: str,
        keys: MasterKey,
        path: str | Path | None = None,
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._keys = keys
        self._path = Path(path) if path else None
        self._clock = clock
        self.state = MeterState(layout.decode_bcd(layout.encode_bcd(meter_no, 6)))
        if self._path and self._path.exists():
            self.state = MeterState.from_dict(json.loads(self._path.read_text(encoding="utf-8")))
        self.last: InsertResult | None = None

    @property
    def credits(self) -> list[tuple[int, int]]:
        """Every credit since the meter was made: (count, energy in 0.01 kWh)."""
        return list(self.state.credits)

    def insert(self, chip: Sle4442, pull_after_byte: int | None = None, inside: bool = False) -> InsertResult:
        """Put a card in and take it out again when the meter is done.

        :param chip: the card.
        :param pull_after_byte: pull it in the write-back, after this many bytes of it (0 to 25).
        :param inside: then pull within the next byte, which stays FF, instead of before it.
        """
        chip.insert()
        if pull_after_byte is not None:
            chip.faults.arm("pull", bytes=pull_after_byte, inside=inside)
        try:
            self.last = self._run(chip)
        finally:
            chip.power_off()
            if pull_after_byte is not None:
                chip.faults.disarm("pull")
        return self.last

    def consume(self, kwh: Decimal | int | str) -> Decimal:
        """Use energy.

        :param kwh: wanted, rounded to 0.01 kWh.
        :return: kWh that really flowed; less when the relay tripped.
        """
        wanted = int((Decimal(kwh) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        if wanted < 0:
            raise ValueError("consumption cannot be negative")
        used = self.state.consume(wanted) if self.state.voltage else 0
        self.save()
        return Decimal(used) / 100

    def save(self) -> None:
        """Write the memory to its file, whole or not at all."""
        if self._path is None:
            return
        temporary = self._path.with_suffix(".new")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(self.state.to_dict(), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path)

    # -- one insertion -------------------------------------------------------------------------------------------

    def _run(self, chip: Sle4442) -> InsertResult:
        if not self.state.voltage:
            return self._result(Decision(error=codes.UNDER_VOLTAGE))
        if chip.faults.is_silent() or chip.power_on() != _ATR:
            return self._result(Decision(error=codes.CARD_RESET))
        try:
            image = layout.parse(chip.read(0, _READ_LENGTH))
            error = identity_error(image) or self._authenticate(chip, image.identity.serial)
        except CardPulled:
            return self._result(Decision(error=codes.PULLED_EARLY))
        decision = Decision(error=error) if error else decide(self.state, image)
        # The credit is durable before the first byte of the write-back: a card pulled then looks never inserted.
        self._apply(decision, image)
        self.save()
        if not decision.write_back:
            return self._result(decision)
        return self._result(decision, *self._write_back(chip))

    def _authenticate(self, chip: Sle4442, serial: str) -> int | None:
        # A card whose tries are partly used is not tried further: a meter must not lock a foreign card.
        if chip.counter != 0x07:
            return codes.CARD_LOCKED
        return None if chip.present(self._keys.psc(serial)) == 0x07 else codes.CARD_CODE

    def _apply(self, decision: Decision, image: layout.CardImage) -> None:
        state = self.state
        if decision.error is not None and decision.error != codes.OVER_HOARD:
            state.illegal_inserts = min(state.illegal_inserts + 1, 0xFFFF)
        if not decision.write_back:
            return
        if decision.credit or (decision.delta == 1 and decision.error is None):
            state.opened = True
            state.customer_no = image.contract.customer_no
            state.credit(image.purchase.count, decision.credit)
        if decision.parameters:
            state.alarm1, state.alarm2 = image.purchase.alarm1, image.purchase.alarm2
            state.hoard_limit = image.purchase.hoard_limit
        if decision.remember:
            state.serial, state.issue = image.identity.serial, image.contract.issue
        state.reconnect()

    def _write_back(self, chip: Sle4442) -> tuple[int | None, bool]:
        """Write the block in ascending order; return an error code or None, and whether it is complete."""
        state = self.state
        block = layout.pack_write_back(
            layout.WriteBack(
                state.count,
                state.remaining,
                state.total_bought,
                state.over_used,
                state.illegal_inserts,
                layout.encode_time(self._clock()),
            )
        )
        try:
            chip.write(layout.WRITE_BACK, block)
            complete = chip.read(layout.WRITE_BACK, len(block)) == block
        except CardPulled:
            return codes.PULLED_EARLY, False
        except NotAuthenticated:
            return codes.COMMUNICATION, False
        return (None if complete else codes.COMMUNICATION), complete

    def _result(self, decision: Decision, late_error: int | None = None, wrote_back: bool = False) -> InsertResult:
        error = late_error or decision.error
        return InsertResult(
            credited=decision.credit,
            error=error,
            count=self.state.count,
            remaining=self.state.remaining,
            delta=decision.delta,
            wrote_back=wrote_back,
            display=_display(error, decision.credit, self.state),
        )


def _display(error: int | None, credited: int, state: MeterState) -> dict[str, str]:
    left = f"{Decimal(state.remaining - state.over_used) / 100:,.2f} kWh"
    if error is not None:
        return {language: f"Err-{error:02d} {words}" for language, words in codes.WORDS[error].items()}
    if credited:
        energy = f"{Decimal(credited) / 100:,.2f} kWh"
        return {"en": f"Accepted +{energy}, remaining {left}", "zh": f"读卡成功 +{energy}，剩余 {left}"}
    return {"en": f"Card read, remaining {left}", "zh": f"读卡成功，剩余 {left}"}
