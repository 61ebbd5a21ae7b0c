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

from .bcd import decode_bcd, encode_bcd
from .card import Card
from .card_meter import CardMeter, InsertResult
from .families import MEMORY_DRIVER, Family, make_families
from .keys import CardKeys
from .meter_state import NORMAL
from .notes.bench import NotesBench
from .printer.bench import PrinterBench
from .vpcd import VpcdSlot

_NAME = re.compile(r"[A-Za-z0-9-]{1,32}\Z")


class BenchError(Exception):
    """The bench cannot do this: no such card, meter or slot, or not now."""


class Workbench:
    """Slots, cards and meters. Cards and meters survive a restart; slots start empty.

    :param directory: where the state is kept; made when missing.
    :param keys: masters of the cards.
    :param slots: card slots of the virtual reader.
    :param write_times: cards spend the data sheet's EEPROM times.
    :param notes: link to the note acceptor's terminal; none: there is no acceptor.
    :param printer: TCP port of the receipt printer, 0 for a free one; none: there is no printer.
    """

    def __init__(
        self,
        directory: str | Path,
        keys: CardKeys,
        slots: list[VpcdSlot] | None = None,
        write_times: bool = False,
        notes: str | Path | None = None,
        printer: int | None = None,
    ) -> None:
        self.keys = keys
        self.slots = [VpcdSlot()] if slots is None else slots
        self.cards: dict[str, Card] = {}
        self.meters: dict[str, CardMeter] = {}
        self.families = make_families(keys)
        self.events: deque[dict] = deque(maxlen=60)
        self._directory = Path(directory)
        self._write_times = write_times
        self._card_drivers: dict[str, str] = {}
        self._lock = threading.RLock()
        self.notes = NotesBench(notes, self._note) if notes else None
        self.printer = PrinterBench(printer, self._note) if printer is not None else None
        self._load()

    # -- what is on the bench ------------------------------------------------------------------------------------

    def add_card(self, name: str, card: Card, driver: str = MEMORY_DRIVER) -> Card:
        """Put a new card on the bench.

        :param name: letters, digits and dashes; the serial for a prepared card.
        :param driver: its kind.
        """
        with self._lock:
            if not _NAME.match(name):
                raise BenchError("a card's name is 1 to 32 letters, digits or dashes")
            if name in self.cards:
                raise BenchError(f"there is a card {name} already")
            self._adopt(name, card, self.family(driver).driver)
            self._save_card(name)
            return card

    def add_meter(self, meter_no: str, driver: str = MEMORY_DRIVER) -> CardMeter:
        """Put a new meter, not opened, on the bench."""
        with self._lock, _refusing():
            number = decode_bcd(encode_bcd(meter_no, 6))
            if number in self.meters:
                raise BenchError(f"there is a meter {number} already")
            meter = self._make_meter(number, driver)
            meter.save()
            return meter

    def factory_card(self, name: str, driver: str = MEMORY_DRIVER) -> Card:
        """Put a card straight from the factory on the bench: no identity, the factory's code."""
        with self._lock, _refusing():
            return self.add_card(name, self.family(driver).factory(self._write_times), driver)

    def blank_card(self, serial: str, driver: str = MEMORY_DRIVER) -> Card:
        """Put a prepared card without a contract on the bench."""
        with self._lock, _refusing():
            family = self.family(driver)
            serial = serial.zfill(family.serial_digits)
            return self.add_card(serial, family.blank(serial, self._write_times), driver)

    def issue(
        self,
        serial: str,
        customer_no: str,
        meter_no: str,
        quantity: Decimal | int | str = 100,
        driver: str = MEMORY_DRIVER,
        **parameters: int,
    ) -> InsertResult:
        """Open an account: a card with count 1, in its meter already. The meter is made when it is not there.

        :param quantity: first purchase, in kWh or yuan as the driver's cards have it.
        :param parameters: of the driver's family, such as alarm1, alarm2, hoard_limit, issuer.
        """
        with self._lock, _refusing():
            family = self.family(driver)
            serial, meter_no = serial.zfill(family.serial_digits), meter_no.zfill(12)
            if serial in self.cards:
                raise BenchError(f"there is a card {serial} already")
            meter = self.meters.get(meter_no)
            if meter and meter.state.opened:
                raise BenchError(f"meter {meter_no} is opened already")
            if meter and meter.driver != driver:
                raise BenchError(f"meter {meter_no} takes cards {meter.driver}")
            centi = _centi(quantity)
            meter = meter or self.add_meter(meter_no, driver)
            card, result = family.issue(serial, customer_no, meter, centi, self._write_times, **parameters)
            self.add_card(serial, card, driver)
            self._note(f"Card {serial} opened for meter {meter_no}", f"卡 {serial} 已为电表 {meter_no} 开户")
            return result

    def family(self, driver: str) -> Family:
        """Return the kind of card with this driver.

        :raises BenchError: there is none.
        """
        return _find(self.families, driver, "driver")

    def driver_of(self, name: str) -> str:
        """Return the driver of a card on the bench."""
        self.card(name)
        return self._card_drivers[name]

    def card(self, name: str) -> Card:
        """Return a card by its name.

        :raises BenchError: there is none.
        """
        return _find(self.cards, name, "card")

    def meter(self, meter_no: str) -> CardMeter:
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
            return self.meter(meter).consume(Decimal(_centi(kwh)) / 100)

    def set_meter(
        self,
        meter: str,
        voltage: bool | None = None,
        hoard_limit: int | None = None,
        overdraft_limit: int | None = None,
    ) -> None:
        """Change a meter's surroundings: supply voltage present; hoard and overdraft limit in 0.01 of its unit."""
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
            for slot in self.slots:
                slot.pull()
            for kind in ("cards", "meters"):
                shutil.rmtree(self._directory / kind, ignore_errors=True)
                saved = self._directory / "baseline" / kind
                if saved.is_dir():
                    shutil.copytree(saved, self._directory / kind)
            for known in (self.cards, self.meters, self._card_drivers):
                known.clear()
            self.events.clear()
            if self.notes is not None:
                self.notes.mend()
            self._load()

    def close(self) -> None:
        """Pull all cards out of the reader, and the plugs of note acceptor and printer."""
        for slot in self.slots:
            slot.pull()
        if self.notes is not None:
            self.notes.close()
        if self.printer is not None:
            self.printer.close()

    # -- looking -------------------------------------------------------------------------------------------------

    def show(self) -> dict[str, object]:
        """Return everything on the bench as JSON-ready values; quantities in 0.01 of their unit."""
        with self._lock:
            return {
                "slots": [self._show_slot(index) for index in range(len(self.slots))],
                "cards": [self.show_card(name) for name in sorted(self.cards)],
                "meters": [self.show_meter(number) for number in sorted(self.meters)],
                "notes": self.notes.show() if self.notes is not None else None,
                "printer": self.printer.show() if self.printer is not None else None,
                "events": list(self.events),
                "drivers": [
                    {"driver": family.driver, "unit": family.unit, "serial_digits": family.serial_digits}
                    for family in self.families.values()
                ],
            }

    def show_card(self, name: str) -> dict[str, object]:
        """Return one card, decoded."""
        card, family = self.card(name), self.family(self.driver_of(name))
        return {
            "name": name,
            "driver": family.driver,
            "unit": family.unit,
            "slot": self.slot_of(name),
            "faults": card.faults.armed(),
            **family.show(card),
        }

    def show_meter(self, meter_no: str) -> dict[str, object]:
        """Return one meter with its display and its last insertion."""
        meter = self.meter(meter_no)
        shown = meter.state.to_dict() | {"driver": meter.driver, "unit": meter.state.UNIT}
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
            saved = json.loads(path.read_text(encoding="utf-8"))
            driver = saved.pop("driver", MEMORY_DRIVER)
            self._adopt(path.stem, self.family(driver).restore(saved, self._write_times), driver)
        for path in sorted((self._directory / "meters").glob("*.json")):
            self._make_meter(path.stem, json.loads(path.read_text(encoding="utf-8")).get("driver", MEMORY_DRIVER))

    def _make_meter(self, number: str, driver: str) -> CardMeter:
        meter = self.family(driver).meter(number, self._directory / "meters" / f"{number}.json")
        self.meters[number] = meter
        return meter

    def _adopt(self, name: str, card: Card, driver: str) -> None:
        self.cards[name], self._card_drivers[name] = card, driver
        card.on_change = lambda: self._save_card(name)

    def _save_card(self, name: str) -> None:
        path = self._directory / "cards" / f"{name}.json"
        temporary = path.with_suffix(".new")
        saved = {"driver": self._card_drivers[name], **self.cards[name].to_dict()}
        temporary.write_text(json.dumps(saved, indent=1), encoding="utf-8")
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


def _centi(quantity: Decimal | int | str) -> int:
    value = Decimal(str(quantity)) * 100
    if not value.is_finite() or value != value.to_integral_value() or value < 0:
        raise ValueError(f"{quantity} must be a number with at most two decimals, not negative")
    return int(value)
