"""The images of the processor cards ``gdw1365`` and ``csg2015`` (docs/protocol/card-layout-cpu.md), bytes to values.

As implemented in the field (Q/GDW 365 and 1365 family and the Southern Grid variant); the card file is ours. Pure
functions over the image ``card file 16 · parameters 45 · wallet 8 · write-back``; none of them raises for any content.
Integers are unsigned and big-endian, BCD digits packed, money in 0.01 yuan.
"""

from __future__ import annotations

from dataclasses import dataclass

CARD_SFI, PARAMETERS_SFI, WALLET_SFI = 0x15, 1, 2
CARD_SIZE, PARAMETERS_SIZE, WALLET_SIZE = 16, 45, 8
CARD = slice(0, 16)
PARAMETERS = slice(16, 61)
WALLET = slice(61, 69)
WRITE_BACK = slice(69, None)
KEY_VERSION = 10
"""Where the image holds the card's key version."""
_START, _END = 0x68, 0x16
_WRITE_BACK_COMMAND = 0x11
_CARD_TYPES = (1, 2, 3)


@dataclass(frozen=True)
class CpuLayout:
    """What differs between the kinds.

    ``command``: of the parameter file; ``write_back_sfi`` and ``write_back_size`` in bytes; ``companions``: SFI and
    bytes of the files that an order may carry beside the image.
    """

    command: int
    write_back_sfi: int
    write_back_size: int
    companions: dict[int, int]

    @property
    def size(self) -> int:
        """Bytes of the image."""
        return WRITE_BACK.start + self.write_back_size


GDW1365 = CpuLayout(command=0x01, write_back_sfi=5, write_back_size=49, companions={3: 258, 4: 258})
CSG2015 = CpuLayout(command=0x03, write_back_sfi=6, write_back_size=50, companions={3: 199, 4: 199, 5: 16})


@dataclass(frozen=True)
class CpuImage:
    """What the image says.

    ``serial``: 16 digits, none unless the card file is intact; ``issuer``: u16 at 8; ``key_version``: u8 at 10;
    ``parameters``: ``good``, ``blank`` or ``damaged``; ``meter`` (image @46) and ``customer`` (@52): 12 digits, and
    ``card_type`` (@58): 1 open, 2 purchase, 3 replacement, all none unless the parameters are good; ``amount``: wallet
    @61, 0.01 yuan; ``count``: purchase count @65; ``write_back``: ``empty``, ``valid`` or ``damaged``;
    ``write_back_count``: the meter's purchase count (@96), none unless it is valid.
    """

    serial: str | None
    issuer: int
    key_version: int
    parameters: str
    meter: str | None
    customer: str | None
    card_type: int | None
    amount: int
    count: int
    write_back: str
    write_back_count: int | None


def checksum(data: bytes) -> int:
    """CS of a frame: the sum of the bytes, mod 256."""
    return sum(data) % 256


def decode(layout: CpuLayout, memory: bytes) -> CpuImage:
    """Values of an image; a shorter one is taken as filled up with FF."""
    data = bytes(memory[: layout.size]).ljust(layout.size, b"\xff")
    parameters, wallet, back = data[PARAMETERS], data[WALLET], data[WRITE_BACK]
    state = _parameters(layout, parameters)
    good = state == "good"
    back_state = _write_back(layout, back)
    return CpuImage(
        serial=_bcd(data[0:8]) if is_card_file(data[CARD]) else None,
        issuer=int.from_bytes(data[8:10], "big"),
        key_version=data[KEY_VERSION],
        parameters=state,
        meter=_bcd(parameters[30:36]) if good else None,
        customer=_bcd(parameters[36:42]) if good else None,
        card_type=parameters[42] if good else None,
        amount=int.from_bytes(wallet[0:4], "big"),
        count=int.from_bytes(wallet[4:8], "big"),
        write_back=back_state,
        write_back_count=int.from_bytes(back[27:31], "big") if back_state == "valid" else None,
    )


def is_card_file(data: bytes) -> bool:
    """Whether 16 bytes are a card file: serial in BCD, issuer, key version, five zeros."""
    return len(data) == CARD_SIZE and _bcd(data[0:8]) is not None and not any(data[11:16])


def _bcd(data: bytes) -> str | None:
    text = data.hex()
    return text if text.isdecimal() else None


def _framed(data: bytes, command: int) -> bool:
    # The length counts what lies between it and the CS.
    head = bytes([_START, command]) + (len(data) - 6).to_bytes(2, "big")
    return data[:4] == head and data[-1] == _END and data[-2] == checksum(data[1:-2])


def _parameters(layout: CpuLayout, data: bytes) -> str:
    if not any(data):
        return "blank"
    # Switch time, alarms, ratios, meter and customer number.
    digits = data[10:15] + data[16:24] + data[24:30] + data[30:42]
    good = _framed(data, layout.command) and _bcd(digits) is not None and data[42] in _CARD_TYPES
    return "good" if good else "damaged"


def _write_back(layout: CpuLayout, data: bytes) -> str:
    if not any(data):
        return "empty"
    # Ratios and numbers, overdraft, illegal inserts and time.
    digits = data[5:23] + data[31:35] + data[39:47]
    return "valid" if _framed(data, _WRITE_BACK_COMMAND) and _bcd(digits) is not None else "damaged"
