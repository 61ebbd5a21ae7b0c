"""The work bench: card slots, cards and meters of one simulated household, kept in a directory."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from . import issue as preparation
from . import layout
from .keys import MasterKey
from .meter import InsertResult, Meter
from .meter_state import NORMAL
from .sle4442 import Sle4442
from .vpcd import VpcdSlot

_NAME = re.compile(r"[A-Za-z0-9-]{1,32}\Z")


class BenchError(Exception):
    """The bench cannot do this: no such card, meter or slot, or not now."""


class Workbench:
    """Slots, cards and meters. Cards and meters survive a restart; slots start empty.

    :param directory: where the state is kept; made when missing.
    :param keys: master key of the cards.
    :param slots: card slots of the virtual reader.
    :param write_times: cards spend the data sheet's EEPROM times.
    """

    def __init__(
        self,
        directory: str | Path,
        keys: MasterKey,
        slots: list[VpcdSlot] | None = None,
        write_times: bool = False,
    ) -> None:
        self.keys = keys
        self.slots = [VpcdSlot()] if slots is None else slots
        self.cards: dict[str, Sle4442] = {}
        self.meters: dict[str, Meter] = {}
        self.events: deque[dict] = deque(maxlen=60)
        self._directory = Path(directory)
        self._write_times = write_times
        self._lock = threading.RLock()
        self._load()

    # -- what is on the bench ------------------------------------------------------------------------------------

    def add_card(self, name: str, chip: Sle4442) -> Sle4442:
        """Put a new card on the bench.

        :param name: letters, digits and dashes; the serial for a prepared card.
        """
        with self._lock:
            if not _NAME.match(name):
                raise BenchError("a card's name is 1 to 32 letters, digits or dashes")
            if name in self.cards:
                raise BenchError(f"there is a card {name} already")
            self._adopt(name, chip)
            self._save_card(name)
            return chip

    def add_meter(self, meter_no: str) -> Meter:
        """Put a new meter, not opened, on the bench."""
        with self._lock:
            meter = self._make_meter(meter_no)
            if meter.state.meter_no in self.meters:
                raise BenchError(f"there is a meter {meter.state.meter_no} already")
            self.meters[meter.state.meter_no] = meter
            meter.save()
            return meter

    def factory_card(self, name: str) -> Sle4442:
        """Put a card straight from the factory on the bench: no identity, code FF FF FF."""
        return self.add_card(name, Sle4442(write_times=self._write_times))

    def blank_card(self, serial: str) -> Sle4442:
        """Put a prepared card without a contract on the bench."""
        with self._lock, _refusing():
            serial = serial.zfill(12)
            chip = preparation.prepared_card(serial, self.keys, write_times=self._write_times)
            return self.add_card(serial, chip)

    def issue(
        self, serial: str, customer_no: str, meter_no: str, kwh: Decimal | int | str = 100, **parameters: int
    ) -> InsertResult:
        """Open an account: a card with count 1, in its meter already. The meter is made when it is not there.

        :param kwh: first purchase.
        :param parameters: alarm1, alarm2 (kWh), hoard_limit (0.01 kWh), issuer.
        """
        with self._lock, _refusing():
            serial, meter_no = serial.zfill(12), meter_no.zfill(12)
            if serial in self.cards:
                raise BenchError(f"there is a card {serial} already")
            if meter_no in self.meters and self.meters[meter_no].state.opened:
                raise BenchError(f"meter {meter_no} is opened already")
            meter = self.meters.get(meter_no) or self.add_meter(meter_no)
            chip, result = preparation.issue(
                serial,
                customer_no,
                meter,
                self.keys,
                _centi_kwh(kwh),
                write_times=self._write_times,
                **parameters,
            )
            self.add_card(serial, chip)
            self._note(f"Card {serial} opened for meter {meter_no}", f"卡 {serial} 已为电表 {meter_no} 开户")
            return result

    def card(self, name: str) -> Sle4442:
        """Return a card by its name.

        :raises BenchError: there is none.
        """
        return _find(self.cards, name, "card")

    def meter(self, meter_no: str) -> Meter:
        """Return a meter by its number, leading zeros optional.

        :raises BenchError: there is none.
        """
        return _find(self.meters, str(meter_no).zfill(12), "meter")

    def slot_of(self, name: str) -> int | None:
        """Return the slot in which a card is, None when it is in the hand."""
        chip = self.card(name)
        return next((index for index, slot in enumerate(self.slots) if slot.card is chip), None)

    # -- what hands do -------------------------------------------------------------------------------------------

    def insert(self, card: str, slot: int = 0) -> None:
        """Put a card into a slot of the reader."""
        with self._lock:
            chip, place = self.card(card), self._slot(slot)
            if self.slot_of(card) is not None:
                raise BenchError(f"card {card} is in a reader already")
            if place.card is not None:
                raise BenchError(f"slot {slot} holds a card already")
            place.insert(chip)
            self._note(f"Card {card} into reader {slot + 1}", f"卡 {card} 插入读卡器 {slot + 1}")

    def pull(self, slot: int = 0) -> str | None:
        """Pull the card out of a slot, whatever it is doing; return its name, None when the slot was empty."""
        with self._lock:
            chip = self._slot(slot).pull()
            name = next((name for name, known in self.cards.items() if known is chip), None)
            if name is not None:
                self._note(f"Card {name} out of reader {slot + 1}", f"卡 {name} 从读卡器 {slot + 1} 取出")
            return name

    def carry(self, card: str, meter: str, pull_after_byte: int | None = None, inside: bool = False) -> InsertResult:
        """Take a card (out of the reader, if it is there) to a meter, insert it there and take it back in the hand.

        :param pull_after_byte: pull it from the meter in the write-back, after this many bytes.
        :param inside: then within the next byte instead of before it.
        """
        with self._lock:
            chip, target = self.card(card), self.meter(meter)
            if pull_after_byte is not None and pull_after_byte < 0:
                raise BenchError("bytes are counted from 0")
            slot = self.slot_of(card)
            if slot is not None:
                self.pull(slot)
            result = target.insert(chip, pull_after_byte, inside)
            self._note(
                f"Card {card} in meter {target.state.meter_no}: {result.display['en']}",
                f"卡 {card} 插入电表 {target.state.meter_no}：{result.display['zh']}",
            )
            return result

    def fault(self, card: str, kind: str, **parameters: object) -> dict[str, object]:
        """Arm a fault of :data:`simulators.faults.KINDS` on a card; return what is armed now.

        :raises simulators.faults.UnknownFault: unknown kind or parameter.
        """
        faults = self.card(card).faults
        faults.arm(kind, **parameters)
        details = " ".join([kind, *(f"{name}={value}" for name, value in parameters.items())])
        self._note(f"Fault on card {card}: {details}", f"卡 {card} 设置故障：{details}")
        return faults.armed()

    def clear_faults(self, card: str) -> None:
        """Disarm every fault of a card."""
        self.card(card).faults.clear()

    def consume(self, meter: str, kwh: Decimal | int | str) -> Decimal:
        """Use energy at a meter; return the kWh that really flowed."""
        with self._lock, _refusing():
            return self.meter(meter).consume(Decimal(_centi_kwh(kwh)) / 100)

    def set_meter(
        self,
        meter: str,
        voltage: bool | None = None,
        hoard_limit: int | None = None,
        overdraft_limit: int | None = None,
    ) -> None:
        """Change a meter's surroundings: supply voltage present; hoard and overdraft limit in 0.01 kWh."""
        with self._lock:
            target = self.meter(meter)
            for field, value in (
                ("voltage", voltage),
                ("hoard_limit", hoard_limit),
                ("overdraft_limit", overdraft_limit),
            ):
                if value is None:
                    continue
                if value < 0:
                    raise BenchError(f"{field} must not be negative")
                setattr(target.state, field, value)
            target.save()

    # -- keeping -------------------------------------------------------------------------------------------------

    def save_baseline(self) -> None:
        """Remember everything as it is now; :meth:`reset` returns to it."""
        with self._lock:
            for kind in ("cards", "meters"):
                shutil.rmtree(self._directory / "baseline" / kind, ignore_errors=True)
                shutil.copytree(self._directory / kind, self._directory / "baseline" / kind)

    def reset(self) -> None:
        """Pull all cards and return to the baseline, or to an empty bench when there is none."""
        with self._lock:
            self.close()
            for kind in ("cards", "meters"):
                shutil.rmtree(self._directory / kind, ignore_errors=True)
                saved = self._directory / "baseline" / kind
                if saved.is_dir():
                    shutil.copytree(saved, self._directory / kind)
            self.cards.clear()
            self.meters.clear()
            self.events.clear()
            self._load()

    def close(self) -> None:
        """Pull all cards out of the reader."""
        for slot in self.slots:
            slot.pull()

    # -- looking -------------------------------------------------------------------------------------------------

    def show(self) -> dict[str, object]:
        """Return everything on the bench as JSON-ready values; energies in 0.01 kWh."""
        with self._lock:
            return {
                "slots": [self._show_slot(index) for index in range(len(self.slots))],
                "cards": [self.show_card(name) for name in sorted(self.cards)],
                "meters": [self.show_meter(number) for number in sorted(self.meters)],
                "events": list(self.events),
            }

    def show_card(self, name: str) -> dict[str, object]:
        """Return one card, decoded."""
        chip = self.card(name)
        image = layout.parse(chip.image())
        parts = {}
        for part in ("identity", "contract", "purchase", "write_back"):
            value = getattr(image, part)
            parts[part] = {"state": getattr(image, f"{part}_state"), **(asdict(value) if value else {})}
        return {
            "name": name,
            "slot": self.slot_of(name),
            "tries": {0x07: 3, 0x03: 2, 0x01: 1, 0x00: 0}[chip.counter],
            "memory": chip.image().hex(),
            "faults": chip.faults.armed(),
            **parts,
        }

    def show_meter(self, meter_no: str) -> dict[str, object]:
        """Return one meter with its display and its last insertion."""
        meter = self.meter(meter_no)
        shown = meter.state.to_dict()
        shown["balance_state"] = meter.state.balance_state() if meter.state.opened else NORMAL
        shown["last"] = asdict(meter.last) if meter.last else None
        return shown

    # -- inside --------------------------------------------------------------------------------------------------

    def _show_slot(self, index: int) -> dict[str, object]:
        slot = self.slots[index]
        name = next((name for name, chip in self.cards.items() if chip is slot.card), None)
        return {
            "index": index,
            "port": slot.port,
            "reversed": slot.reversed_mode,
            "card": name,
            "connected": slot.connected,
            "powered": bool(slot.card and slot.card.powered),
            "apdus": slot.apdus,
        }

    def _slot(self, index: int) -> VpcdSlot:
        if not 0 <= index < len(self.slots):
            raise BenchError(f"there is no slot {index}; slots are 0 to {len(self.slots) - 1}")
        return self.slots[index]

    def _load(self) -> None:
        for kind in ("cards", "meters"):
            (self._directory / kind).mkdir(parents=True, exist_ok=True)
        for path in sorted((self._directory / "cards").glob("*.json")):
            chip = Sle4442.from_dict(json.loads(path.read_text(encoding="utf-8")), self._write_times)
            self._adopt(path.stem, chip)
        for path in sorted((self._directory / "meters").glob("*.json")):
            self.meters[path.stem] = self._make_meter(path.stem)

    def _make_meter(self, meter_no: str) -> Meter:
        with _refusing():
            number = layout.decode_bcd(layout.encode_bcd(meter_no, 6))
        return Meter(number, self.keys, self._directory / "meters" / f"{number}.json")

    def _adopt(self, name: str, chip: Sle4442) -> None:
        self.cards[name] = chip
        chip.on_change = lambda: self._save_card(name)

    def _save_card(self, name: str) -> None:
        path = self._directory / "cards" / f"{name}.json"
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(self.cards[name].to_dict(), indent=1), encoding="utf-8")
        temporary.replace(path)

    def _note(self, english: str, chinese: str) -> None:
        self.events.appendleft({"at": datetime.now().strftime("%H:%M:%S"), "en": english, "zh": chinese})


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn a value that the formats refuse into an answer for the person at the bench."""
    try:
        yield
    except (ValueError, ArithmeticError) as error:
        raise BenchError(str(error) if isinstance(error, ValueError) else "not a number") from error


def _find(things: dict, name: str, kind: str) -> object:
    try:
        return things[name]
    except KeyError:
        raise BenchError(f"there is no {kind} {name}") from None


def _centi_kwh(kwh: Decimal | int | str) -> int:
    value = Decimal(str(kwh)) * 100
    if not value.is_finite() or value != value.to_integral_value() or value < 0:
        raise ValueError(f"{kwh} must be kWh with at most two decimals, not negative")
    return int(value)
