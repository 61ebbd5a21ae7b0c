"""The demo layout of memory cards, version 1 (docs/protocol/card-layout-demo.md), bytes to values and back.

The layout is that of ``sle4442_demo``, ``sle4428_demo`` and ``at24_demo``: pure functions over its 256 bytes; none of
them raises for any content.
"""

from __future__ import annotations

from dataclasses import dataclass

from hw_proxy.orders import WriteValues

MEMORY_SIZE = 256
LAYOUT_VERSION = 1
CONTRACT = 0x20
_CONTRACT_SIZE = 16
BLOCK_SIZE = 20
BLOCK_ADDRESS = {"A": 0x40, "B": 0x60}
WRITE_BACK = 0x80
_WRITE_BACK_SIZE = 26
_FIELDS = (
    slice(CONTRACT, CONTRACT + _CONTRACT_SIZE),
    *(slice(address, address + BLOCK_SIZE) for address in BLOCK_ADDRESS.values()),
    slice(WRITE_BACK, WRITE_BACK + _WRITE_BACK_SIZE),
)
_EMPTY, _VALID = 0x00, 0xA5


def crc8(data: bytes) -> int:
    """CRC-8, polynomial 0x07, initial value 0x00."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = ((value << 1) ^ 0x07) & 0xFF if value & 0x80 else value << 1
    return value


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE: polynomial 0x1021, initial value 0xFFFF."""
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = ((value << 1) ^ 0x1021) & 0xFFFF if value & 0x8000 else value << 1
    return value


@dataclass(frozen=True)
class Contract:
    """The contract block. ``state`` is ``good``, ``blank`` or ``damaged``; numbers are none unless it is good."""

    state: str
    customer: str | None = None
    meter: str | None = None
    card_type: int | None = None
    issue: int | None = None


@dataclass(frozen=True)
class CardImage:
    """What the memory says.

    ``serial`` is none unless the identity is of this layout; ``blocks`` holds the good purchase blocks; ``current``
    names the one that counts; ``write_back`` is ``empty``, ``valid`` or ``damaged``.
    """

    serial: str | None
    issuer: int | None
    contract: Contract
    blocks: dict[str, WriteValues]
    current: str | None
    write_back: str
    write_back_count: int | None

    @property
    def count(self) -> int | None:
        """Purchase count of the current block; none when no block is good."""
        return self.blocks[self.current].count if self.current else None

    @property
    def issue(self) -> int | None:
        """Issue number of the contract."""
        return self.contract.issue


def decode(memory: bytes) -> CardImage:
    """Values of a memory image; a shorter one is taken as filled up with FF."""
    data = bytes(memory[:MEMORY_SIZE]).ljust(MEMORY_SIZE, b"\xff")
    serial, issuer = _identity(data)
    blocks = {}
    for name, address in BLOCK_ADDRESS.items():
        values = _block(data[address : address + BLOCK_SIZE])
        if values is not None:
            blocks[name] = values
    current = max(blocks, key=lambda name: (blocks[name].count, name == "A")) if blocks else None
    state, count = _write_back(data[WRITE_BACK : WRITE_BACK + _WRITE_BACK_SIZE])
    return CardImage(
        serial, issuer, _contract(data[CONTRACT : CONTRACT + _CONTRACT_SIZE]), blocks, current, state, count
    )


def encode_block(values: WriteValues) -> bytes:
    """A purchase block, 20 bytes with CRC.

    :raises OverflowError: a value does not fit its field.
    """
    body = (
        values.count.to_bytes(4, "big")
        + values.energy.to_bytes(4, "big")
        + values.alarm1.to_bytes(2, "big")
        + values.alarm2.to_bytes(2, "big")
        + values.hoard.to_bytes(4, "big")
        + values.issue.to_bytes(1, "big")
        + values.flags.to_bytes(1, "big")
    )
    return body + crc16(body).to_bytes(2, "big")


def plan(memory: bytes, values: WriteValues) -> list[tuple[int, bytes]]:
    """The writes of a purchase or re-write, in the order of the layout page; the last one commits.

    :return: pairs of address and bytes.
    """
    block = encode_block(values)
    return [*((address, block) for address in _block_order(memory)), (WRITE_BACK, bytes([_EMPTY]))]


def plan_image(memory: bytes, image: bytes) -> list[tuple[int, bytes]]:
    """The writes that make one image out of another, in the order of the layout page; what is equal is not written.

    A reversal puts the write-back back first, so that from then on the meter credits nothing. A card that loses its
    contract loses it first. One that gets its contract has the write-back emptied first, while there is nothing to be
    credited yet, and its purchase blocks last. On any other the write-back becomes empty last: its state byte commits.

    :return: pairs of address and bytes.
    """
    blocks = [(address, BLOCK_SIZE) for address in _block_order(memory)]
    contract, write_back = (CONTRACT, _CONTRACT_SIZE), (WRITE_BACK, _WRITE_BACK_SIZE)
    target = decode(image)
    if target.write_back != "empty":
        order = [write_back, *blocks, contract]
    elif target.contract.state == "blank" or decode(memory).contract.state == "good":
        order = [contract, *blocks, write_back]
    else:
        order = [write_back, contract, *blocks]
    steps = [(address, image[address : address + size]) for address, size in order]
    return [(address, data) for address, data in steps if memory[address : address + len(data)] != data]


def may_become(memory: bytes, image: bytes) -> bool:
    """Whether an image differs from the card only in what orders may change: contract, purchases, write-back."""
    if len(memory) != MEMORY_SIZE or len(image) != MEMORY_SIZE:
        return False
    wanted = bytearray(memory)
    for part in _FIELDS:
        wanted[part] = image[part]
    return bytes(wanted) == image


def apply(memory: bytes, steps: list[tuple[int, bytes]]) -> bytes:
    """The image after all the writes."""
    image = bytearray(memory)
    for address, data in steps:
        image[address : address + len(data)] = data
    return bytes(image)


def is_layout(memory: bytes) -> bool:
    """Whether the identity area is of this layout and intact."""
    return decode(memory).serial is not None


def _block_order(memory: bytes) -> tuple[int, int]:
    """Addresses of the purchase blocks, the non-current one first."""
    first, second = ("A", "B") if decode(memory).current == "B" else ("B", "A")
    return BLOCK_ADDRESS[first], BLOCK_ADDRESS[second]


def _bcd(data: bytes) -> str | None:
    text = data.hex()
    return text if text.isdecimal() else None


def _identity(data: bytes) -> tuple[str | None, int | None]:
    serial = _bcd(data[0x09:0x0F])
    if data[0x08] != LAYOUT_VERSION or crc8(data[0x08:0x11]) != data[0x11] or serial is None:
        return None, None
    return serial, int.from_bytes(data[0x0F:0x11], "big")


def _contract(data: bytes) -> Contract:
    if data in (b"\xff" * 16, b"\x00" * 16):
        return Contract("blank")
    customer, meter = _bcd(data[0:6]), _bcd(data[6:12])
    if crc16(data[:14]) != int.from_bytes(data[14:], "big") or customer is None or meter is None:
        return Contract("damaged")
    return Contract("good", customer, meter, data[12], data[13])


def _block(data: bytes) -> WriteValues | None:
    # An all-zero or all-FF block fails the CRC as well: the initial value of the CRC is FFFF over 18 bytes.
    if crc16(data[:18]) != int.from_bytes(data[18:], "big"):
        return None
    return WriteValues(
        count=int.from_bytes(data[0:4], "big"),
        energy=int.from_bytes(data[4:8], "big"),
        alarm1=int.from_bytes(data[8:10], "big"),
        alarm2=int.from_bytes(data[10:12], "big"),
        hoard=int.from_bytes(data[12:16], "big"),
        issue=data[16],
        flags=data[17],
    )


def _write_back(data: bytes) -> tuple[str, int | None]:
    if data[0] == _EMPTY:
        return "empty", None
    if data[0] != _VALID or crc16(data[:24]) != int.from_bytes(data[24:], "big"):
        return "damaged", None
    return "valid", int.from_bytes(data[1:5], "big")
