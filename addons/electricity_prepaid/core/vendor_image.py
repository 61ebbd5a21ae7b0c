"""Codec of the drivers ``vendor:<id>``: what a maker's library says of a card, vendor image v1.

Source: ``docs/protocol/vendor-image.md``. The image is canonical JSON. A card that a driver of ours can read as well is
that driver's image, wrapped; of any other card the image is what the library alone says.
"""

import json
from dataclasses import asdict, dataclass, fields, replace

from .card_image import (
    BLANK,
    DAMAGED,
    FOREIGN,
    OK,
    UNKNOWN,
    WRITEBACK_STATES,
    CardImage,
    PurchaseBlock,
    WriteBack,
    digest,
)

PREFIX = "vendor:"
VERSION = 1
#: Layouts of ours that a library may write: on the chips whose whole content we read.
LAYOUTS = ("sle4442_demo", "sle4428_demo", "at24_demo")
KWH, CENTS = "kwh", "cents"

_U32 = 0xFFFF_FFFF
_CARD_TYPES = {"open": 1, "purchase": 2, "replacement": 3}
_CONDITIONS = {"blank": BLANK, "foreign": FOREIGN, "damaged": DAMAGED}
_KINDS = {"open": "open", "purchase": "purchase", "rewrite": "purchase", "replace": "replacement", "clear": "blank"}
_NUMBERS = ("count", "quantity", "total", "meter_count", "remaining")
_NO_NUMBER = "0" * 12


@dataclass(frozen=True, eq=False)
class VendorBlock(PurchaseBlock):
    """A purchase as a library says it. ``energy`` is in the unit of the library: 0.01 kWh or 0.01 yuan.

    A library says only count and quantity of what is on a card, so nothing else is compared.
    """

    def __eq__(self, other):
        if not isinstance(other, PurchaseBlock):
            return NotImplemented
        return (self.count, self.energy) == (other.count, other.energy)

    def __hash__(self):
        return hash((self.count, self.energy))


@dataclass(frozen=True)
class VendorImage:
    """A card by its library alone; the members are those of the JSON.

    :param serial: 12 or 16 digits
    :param unit: ``kwh`` (0.01 kWh) or ``cents``, of every quantity
    :param customer: customer number, 12 digits
    :param meter: meter number, 12 digits
    :param kind: ``blank``, ``open``, ``purchase``, ``replacement``, ``foreign`` or ``damaged``
    :param count: purchase count; None: the library cannot say it
    :param quantity: of the last purchase, or None
    :param total: bought in all, on cards that carry that, or None
    :param back: the meter's answer: ``empty``, ``valid`` or ``damaged``
    :param meter_count: the meter's count, or None
    :param remaining: in the meter, or None
    """

    serial: str
    unit: str
    customer: str = _NO_NUMBER
    meter: str = _NO_NUMBER
    kind: str = "blank"
    count: int | None = None
    quantity: int | None = None
    total: int | None = None
    back: str = "empty"
    meter_count: int | None = None
    remaining: int | None = None

    def encode(self):
        """Return the canonical JSON, as bytes."""
        return _canonical({"v": VERSION, **asdict(self)})

    def purchased(self, count, quantity):
        """Return the image after a purchase, or its re-write, which adds to the total only once."""
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

    @property
    def sane(self):
        """Tell whether every member is what it must be."""
        numbers = [getattr(self, name) for name in _NUMBERS]
        return (
            _is_digits(self.serial, 12, 16)
            and _is_digits(self.customer, 12)
            and _is_digits(self.meter, 12)
            and self.unit in (KWH, CENTS)
            and (self.kind in _CARD_TYPES or self.kind in _CONDITIONS)
            and self.back in WRITEBACK_STATES
            and all(number is None or (type(number) is int and 0 <= number <= _U32) for number in numbers)
        )


def _is_digits(text, *lengths):
    return isinstance(text, str) and len(text) in lengths and text.isascii() and text.isdigit()


def _canonical(values):
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _members(memory):
    """Return the JSON object of an image, or None when it is none or not in its one spelling."""
    try:
        values = json.loads(memory)
    except (ValueError, RecursionError):
        return None
    good = isinstance(values, dict) and type(values.get("v")) is int and values.pop("v") == VERSION
    return values if good and _canonical({"v": VERSION, **values}) == memory else None


def parse(memory):
    """Return the :class:`VendorImage` of a card that only its library can read, or None when it is none.

    :param memory: raw bytes of the image
    """
    values = _members(bytes(memory))
    if values is None or values.keys() != {field.name for field in fields(VendorImage)}:
        return None
    image = VendorImage(**values)
    try:
        return image if image.sane else None
    except TypeError:
        # A member that is a list or an object.
        return None


def unwrap(memory):
    """Return ``(layout, raw bytes)`` of a card that our own driver read, or None when the image is none of these."""
    values = _members(bytes(memory))
    if values is None or values.keys() != {"layout", "memory"} or values["layout"] not in LAYOUTS:
        return None
    text = values["memory"]
    if not isinstance(text, str) or text != text.lower() or not text.isascii():
        return None
    try:
        return values["layout"], bytes.fromhex(text)
    except ValueError:
        return None


def wrap(layout, memory):
    """Return the image of a card that our own driver read.

    :param layout: one of :data:`LAYOUTS`
    :param memory: raw bytes of that layout
    """
    return _canonical({"v": VERSION, "layout": layout, "memory": memory.hex()})


class VendorCodec:
    """The codec of one library.

    :param driver: such as ``"vendor:acme"``
    :param codecs: ``{layout: codec}`` of our own layouts
    """

    #: Every image names its own unit.
    UNIT = None
    SIZE = None
    BLOCK = VendorBlock

    def __init__(self, driver, codecs):
        self.DRIVER = driver
        self._codecs = codecs

    def decode(self, memory, tries=3):
        """Read an image; every content gives one with a condition, none raises.

        :param memory: raw bytes
        :param tries: presentations of the card's code that are left, where the library does not present it
        """
        memory = bytes(memory)
        inner = unwrap(memory)
        if inner is not None and inner[0] in self._codecs:
            layout, raw = inner
            image = self._codecs[layout].decode(raw, tries)
            return replace(image, driver=self.DRIVER, digest=digest(memory), unit=self._codecs[layout].UNIT)
        card = parse(memory)
        if card is None:
            return CardImage(driver=self.DRIVER, condition=UNKNOWN, tries=tries, digest=digest(memory))
        return CardImage(
            driver=self.DRIVER,
            condition=_CONDITIONS.get(card.kind, OK),
            serial=card.serial,
            issuer=None,
            customer_no=card.customer,
            meter_no=card.meter,
            card_type=_CARD_TYPES.get(card.kind, 0),
            issue=None,
            block=_block(card),
            both_blocks=True,
            writeback=WriteBack(card.back, card.meter_count or 0, card.remaining or 0, card.total or 0),
            tries=tries,
            digest=digest(memory),
            count_readable=card.count is not None,
            unit=card.unit,
        )

    def expected_after(self, memory, write):
        """Return the image that a card must have after a purchase.

        :param memory: raw bytes before
        :param write: a :class:`~.card_image.PurchaseBlock`
        """
        inner = unwrap(memory)
        if inner is not None and inner[0] in self._codecs:
            layout, raw = inner
            return wrap(layout, self._codecs[layout].expected_after(raw, write))
        card = parse(memory)
        return card.purchased(write.count, write.energy).encode() if card else bytes(memory)

    def image_for(self, op, memory, block=None, customer_no=None, meter_no=None, key_version=None):
        """Return the image that an operation makes of a card.

        :param op: ``open``, ``replace``, ``purchase``, ``rewrite`` or ``clear``
        :param memory: raw bytes before
        :param block: what the card says afterwards; not for ``clear``
        :param customer_no: 12 digits; None keeps the card's
        :param meter_no: likewise
        :param key_version: for CPU cards; a library knows its own keys
        """
        inner = unwrap(memory)
        if inner is not None and inner[0] in self._codecs:
            layout, raw = inner
            codec = self._codecs[layout]
            return wrap(layout, codec.image_for(op, raw, block=block, customer_no=customer_no, meter_no=meter_no))
        card = parse(memory)
        if card is None:
            return bytes(memory)
        if op == "clear":
            zeros = {name: None if getattr(card, name) is None else 0 for name in ("count", "quantity", "total")}
            return VendorImage(card.serial, card.unit, **zeros).encode()
        numbers = {"customer": customer_no or card.customer, "meter": meter_no or card.meter}
        # A meter that is not opened takes nothing but an open card, also when it replaces the first one.
        kind = "open" if op == "replace" and block.count == 1 else _KINDS[op]
        return replace(card.purchased(block.count, block.energy), kind=kind, **numbers).encode()

    def reversed_image(self, memory, before):
        """Return the image to which a reversal leads: the one before the order."""
        return bytes(before)

    def identity(self, memory):
        """Return the bytes that no order may change."""
        inner = unwrap(memory)
        if inner is not None and inner[0] in self._codecs:
            return self._codecs[inner[0]].identity(inner[1])
        card = parse(memory)
        return f"{card.serial} {card.unit}".encode() if card else b""

    def lies_between(self, before, after, memory):
        """Return whether an interrupted write can have left an image.

        Of a card that only its library reads nothing lies between the two; and where not even a count can be read, an
        image proves nothing at all, so everything is left to staff.
        """
        inner = [unwrap(each) for each in (before, after, memory)]
        if all(inner) and len({layout for layout, _raw in inner}) == 1 and inner[0][0] in self._codecs:
            return self._codecs[inner[0][0]].lies_between(*(raw for _layout, raw in inner))
        card = parse(memory)
        return card is not None and card.count is not None and bytes(memory) in (bytes(before), bytes(after))


def _block(card):
    """The purchase on a card; none on a blank card, and where no count can be read."""
    if card.kind == "blank" or card.count is None:
        return None
    return VendorBlock(count=card.count, energy=card.quantity or 0)


def finder(codecs):
    """Return what finds the codec of a driver ``vendor:<id>``.

    :param codecs: ``{layout: codec}``, the table of our own codecs
    """
    return lambda driver: VendorCodec(driver, codecs)
