"""Vendor image v1: what a library says of a card, as canonical JSON (docs/protocol/vendor-image.md)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

from hw_proxy.vendor import faults
from hw_proxy.vendor.description import KINDS, Description
from hw_proxy.vendor.faults import VendorError

VERSION = 1
_U32 = 0xFFFFFFFF
_NUMBERS = ("count", "quantity", "total", "meter_count", "remaining")


@dataclass(frozen=True)
class VendorImage:
    """A card by its library alone.

    Quantities in 0.01 kWh or cents (``unit``); none: the library cannot tell. ``kind``: one of
    :data:`~hw_proxy.vendor.description.KINDS`; ``back``: whether the meter has answered, ``empty``, ``valid`` or
    ``damaged``.
    """

    serial: str
    unit: str
    customer: str = "0" * 12
    meter: str = "0" * 12
    kind: str = "blank"
    count: int | None = None
    quantity: int | None = None
    total: int | None = None
    back: str = "empty"
    meter_count: int | None = None
    remaining: int | None = None

    def encode(self) -> bytes:
        """Canonical JSON: ASCII, members sorted, no blanks."""
        return canonical({"v": VERSION, **asdict(self)})

    def purchased(self, count: int, quantity: int) -> VendorImage:
        """The image after a purchase or its re-write, which adds to the total only once."""
        again = self.count is not None and (self.count, self.quantity) == (count, quantity)
        added = 0 if again else quantity
        return replace(
            self,
            kind="purchase",
            count=None if self.count is None else count,
            quantity=None if self.quantity is None else quantity,
            total=None if self.total is None else self.total + added,
            back="empty",
            meter_count=None,
            remaining=None,
        )


def canonical(value: dict[str, object]) -> bytes:
    """JSON with one spelling only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def parse(memory: bytes) -> VendorImage:
    """The image in an order.

    :raises ValueError: it is none, or not in its canonical form.
    """
    values = json.loads(memory)
    if not isinstance(values, dict) or values.pop("v", None) != VERSION:
        raise ValueError("not a vendor image")
    try:
        image = VendorImage(**values)
    except TypeError as error:
        raise ValueError("not a vendor image") from error
    if image.encode() != bytes(memory):
        raise ValueError("not canonical")
    return image


def wrap(layout: str, memory: bytes) -> bytes:
    """The image of a card that our own driver read."""
    return canonical({"v": VERSION, "layout": layout, "memory": memory.hex()})


def unwrap(image: bytes) -> bytes:
    """What our own driver read."""
    return bytes.fromhex(json.loads(image)["memory"])


def from_answer(description: Description, values: dict[str, object]) -> VendorImage:
    """What ``read`` answered, checked.

    :raises VendorError: V-105: no library that reads its card rightly says this.
    """
    kind = values.get("kind", "purchase")
    if kind not in KINDS:
        raise VendorError(faults.NONSENSE, f"read: kind {kind!r}")
    image = VendorImage(
        serial=_digits(values, "serial", (12, 16)),
        unit=description.unit,
        customer=_digits(values, "customer", (12,), "0" * 12),
        meter=_digits(values, "meter", (12,), "0" * 12),
        kind="damaged" if _backup_differs(values) else kind,
        **{name: _number(values, name) for name in _NUMBERS},
    )
    if not description.count:
        image = replace(image, count=None)
    image = _meter_side(image, values)
    if image.back != "valid":
        image = replace(image, meter_count=None, remaining=None)
    return image


def _meter_side(image: VendorImage, values: dict[str, object]) -> VendorImage:
    """What the meter answered; a bare "inserted" flag means that the meter has the card's count."""
    if "inserted" in values:
        if not isinstance(values["inserted"], bool):
            raise VendorError(faults.NONSENSE, f"read: inserted {values['inserted']!r}")
        if not values["inserted"]:
            return replace(image, back="empty")
        return replace(image, back="valid", meter_count=image.count)
    back = values.get("back", "empty")
    if back not in ("empty", "valid", "damaged"):
        raise VendorError(faults.NONSENSE, f"read: back {back!r}")
    return replace(image, back=back)


def _digits(values: dict[str, object], name: str, lengths: tuple[int, ...], default: str | None = None) -> str:
    text = values.get(name, default)
    if not isinstance(text, str) or not (text.isascii() and text.isdigit()):
        raise VendorError(faults.NONSENSE, f"read: {name} {text!r}")
    text = text.zfill(lengths[0])
    if len(text) not in lengths:
        raise VendorError(faults.NONSENSE, f"read: {name} {text!r}")
    return text


def _number(values: dict[str, object], name: str) -> int | None:
    number = values.get(name)
    if number is None:
        return None
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= _U32:
        raise VendorError(faults.NONSENSE, f"read: {name} {number!r}")
    return number


def _backup_differs(values: dict[str, object]) -> bool:
    pairs = (("backup_count", "count"), ("backup_quantity", "quantity"))
    return any(name in values and values[name] != values.get(main) for name, main in pairs)
