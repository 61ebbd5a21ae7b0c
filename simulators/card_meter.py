"""What every card meter does alike: one insertion, a durable memory, consumption. The kind of card is a subclass's."""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from . import meter_codes as codes
from .acceptance import Decision
from .bcd import decode_bcd, encode_bcd
from .card import Card, CardPulled
from .meter_state import Balance


@dataclass(frozen=True)
class InsertResult:
    """What came of one insertion.

    ``credited``: quantity credited now, 0.01 kWh or 0.01 yuan; ``error``: meter error code or None; ``count`` /
    ``remaining``: the meter's afterwards; ``delta``: count on the card minus count in the meter, None when it was not
    compared; ``wrote_back``: the write-back area was written completely; ``display``: two languages, ``en`` and ``zh``.
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


class CardMeter(ABC):
    """One meter.

    :param meter_no: up to 12 digits.
    :param driver: kind of its cards.
    :param atr: answer to reset of the cards that it takes.
    :param path: JSON file that holds the meter's memory; None keeps it in this object only.
    :param clock: local time.
    """

    STATE: type[Balance]

    def __init__(
        self,
        meter_no: str,
        driver: str,
        atr: bytes,
        path: str | Path | None = None,
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        self.driver = driver
        self._atr = atr
        self._path = Path(path) if path else None
        self._clock = clock
        self.state = self.STATE(decode_bcd(encode_bcd(meter_no, 6)))
        if self._path and self._path.exists():
            saved = json.loads(self._path.read_text(encoding="utf-8"))
            self.state = self.STATE.from_dict({name: value for name, value in saved.items() if name != "driver"})
        self.last: InsertResult | None = None

    # -- the kind of card ----------------------------------------------------------------------------------------

    @abstractmethod
    def examine(self, card: Card) -> tuple[Decision, object]:
        """Read a powered card and decide; return the decision and what was read.

        :raises CardPulled: the card is gone.
        """

    @abstractmethod
    def learn(self, decision: Decision, content: object) -> None:
        """Take what an accepted card says beside the credit: owner, parameters, serial."""

    @abstractmethod
    def answer(self, card: Card) -> tuple[int | None, bool]:
        """Write back; return an error code or None, and whether the area is complete.

        :raises CardPulled: the card is gone.
        """

    @abstractmethod
    def amount(self, quantity: int, language: str) -> str:
        """Return a quantity as the display shows it, with its unit; the language is ``en`` or ``zh``."""

    # -- what people do ------------------------------------------------------------------------------------------

    @property
    def credits(self) -> list[tuple[int, int]]:
        """Every credit since the meter was made: (count, quantity)."""
        return list(self.state.credits)

    def insert(self, card: Card, pull_after_byte: int | None = None, inside: bool = False) -> InsertResult:
        """Put a card in and take it out again when the meter is done.

        :param pull_after_byte: pull it in the write-back, after this many bytes of it.
        :param inside: then pull within the next byte, which stays FF, instead of before it.
        """
        card.insert()
        if pull_after_byte is not None:
            card.faults.arm("pull", bytes=pull_after_byte, inside=inside)
        try:
            self.last = self._run(card)
        finally:
            card.power_off()
            if pull_after_byte is not None:
                card.faults.disarm("pull")
        return self.last

    def consume(self, kwh: Decimal | int | str) -> Decimal:
        """Use energy.

        :param kwh: wanted, rounded to 0.01 kWh.
        :return: kWh that really flowed; less when the relay tripped.
        """
        wanted = int((Decimal(kwh) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        if wanted < 0:
            raise ValueError("consumption cannot be negative")
        used = self._draw(wanted) if self.state.voltage else 0
        self.save()
        return Decimal(used) / 100

    def save(self) -> None:
        """Write the memory to its file, whole or not at all."""
        if self._path is None:
            return
        temporary = self._path.with_suffix(".new")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump({"driver": self.driver, **self.state.to_dict()}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path)

    # -- one insertion -------------------------------------------------------------------------------------------

    def _draw(self, energy: int) -> int:
        return self.state.consume(energy)

    def _run(self, card: Card) -> InsertResult:
        if not self.state.voltage:
            return self._result(Decision(error=codes.UNDER_VOLTAGE))
        if card.faults.is_silent() or card.power_on() != self._atr:
            return self._result(Decision(error=codes.CARD_RESET))
        try:
            decision, content = self.examine(card)
        except CardPulled:
            return self._result(Decision(error=codes.PULLED_EARLY))
        # The credit is durable before the first byte of the write-back: a card pulled then looks never inserted.
        self._apply(decision, content)
        self.save()
        if not decision.write_back:
            return self._result(decision)
        try:
            return self._result(decision, *self.answer(card))
        except CardPulled:
            return self._result(decision, codes.PULLED_EARLY)

    def _apply(self, decision: Decision, content: object) -> None:
        state = self.state
        if decision.error is not None and decision.error != codes.OVER_HOARD:
            state.illegal_inserts = min(state.illegal_inserts + 1, state.MOST_ILLEGAL_INSERTS)
        if not decision.write_back:
            return
        if decision.delta == 1 and decision.error is None:
            state.opened = True
            state.credit(state.count + 1, decision.credit)
        self.learn(decision, content)
        state.reconnect()

    def _result(self, decision: Decision, late_error: int | None = None, wrote_back: bool = False) -> InsertResult:
        error = late_error or decision.error
        return InsertResult(
            credited=decision.credit,
            error=error,
            count=self.state.count,
            remaining=self.state.remaining,
            delta=decision.delta,
            wrote_back=wrote_back,
            display=self._display(error, decision.credit),
        )

    def _display(self, error: int | None, credited: int) -> dict[str, str]:
        if error is not None:
            return {language: f"Err-{error:02d} {words}" for language, words in codes.WORDS[error].items()}
        left = self.state.remaining - self.state.over_used
        english, chinese = self.amount(left, "en"), self.amount(left, "zh")
        if not credited:
            return {"en": f"Card read, remaining {english}", "zh": f"读卡成功，剩余 {chinese}"}
        return {
            "en": f"Accepted +{self.amount(credited, 'en')}, remaining {english}",
            "zh": f"读卡成功 +{self.amount(credited, 'zh')}，剩余 {chinese}",
        }
