"""The meter for the demo layout on memory cards: energy in 0.01 kWh (docs/protocol/card-layout-demo.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from . import layout
from . import meter_codes as codes
from .acceptance import Decision, decide, identity_error
from .bcd import encode_time
from .card import NotAuthenticated
from .card_meter import CardMeter, InsertResult
from .keys import MasterKey
from .memory_chip import MemoryChip
from .meter_state import MeterState
from .sle4442 import ATR

__all__ = ["InsertResult", "Meter"]
_READ_LENGTH = layout.WRITE_BACK + 26


class Meter(CardMeter):
    """One meter.

    :param meter_no: 12 digits.
    :param keys: master key of the cards.
    :param path: JSON file that holds the meter's memory; None keeps it in this object only.
    :param clock: local time for the write-back.
    :param atr: answer to reset of the chip that it takes.
    :param driver: kind of its cards.
    """

    STATE = MeterState

    def __init__(
        self,
        meter_no: str,
        keys: MasterKey,
        path: str | Path | None = None,
        clock: Callable[[], datetime] = datetime.now,
        atr: bytes = ATR,
        driver: str = "sle4442_demo",
    ) -> None:
        super().__init__(meter_no, driver, atr, path, clock)
        self._keys = keys

    def examine(self, card: MemoryChip) -> tuple[Decision, layout.CardImage]:
        """Read the image, present the code, decide by :mod:`simulators.acceptance`."""
        image = layout.parse(card.read(0, _READ_LENGTH))
        error = identity_error(image) or self._authenticate(card, image.identity.serial)
        return (Decision(error=error) if error else decide(self.state, image)), image

    def learn(self, decision: Decision, content: layout.CardImage) -> None:
        """Take owner, flagged parameters, serial and issue number."""
        state = self.state
        if decision.delta == 1 and decision.error is None:
            state.customer_no = content.contract.customer_no
        if decision.parameters:
            state.alarm1, state.alarm2 = content.purchase.alarm1, content.purchase.alarm2
            state.hoard_limit = content.purchase.hoard_limit
        if decision.remember:
            state.serial, state.issue = content.identity.serial, content.contract.issue

    def answer(self, card: MemoryChip) -> tuple[int | None, bool]:
        """Write the block in ascending order."""
        state = self.state
        block = layout.pack_write_back(
            layout.WriteBack(
                state.count,
                state.remaining,
                state.total_bought,
                state.over_used,
                state.illegal_inserts,
                encode_time(self._clock()),
            )
        )
        try:
            card.write(layout.WRITE_BACK, block)
        except NotAuthenticated:
            return codes.COMMUNICATION, False
        complete = card.read(layout.WRITE_BACK, len(block)) == block
        return (None if complete else codes.COMMUNICATION), complete

    def amount(self, quantity: int, language: str) -> str:
        """Return kWh."""
        return f"{Decimal(quantity) / 100:,.2f} kWh"

    def _authenticate(self, card: MemoryChip, serial: str) -> int | None:
        # A card whose tries are partly used is not tried further: a meter must not lock a foreign card.
        if not card.intact:
            return codes.CARD_LOCKED
        return None if card.unlock(self._keys.psc(serial)) else codes.CARD_CODE
