"""What a card says, apart from how its bytes lie.

An image is a hint, never proof: memory cards can be cloned and old images can be put back
(``docs/protocol/card-layout-demo.md``).
"""

import base64
import hashlib
from dataclasses import asdict, dataclass, field, fields

OK = "ok"
BLANK = "blank"
FOREIGN = "foreign"
DAMAGED = "damaged"
LOCKED = "locked"
UNKNOWN = "unknown"
#: What a card as a whole can be. ``unknown``: no codec, or not as many bytes as the chip has.
CONDITIONS = (OK, BLANK, FOREIGN, DAMAGED, LOCKED, UNKNOWN)

EMPTY = "empty"
VALID = "valid"
#: States of a write-back; ``damaged`` is shared with the card's conditions.
WRITEBACK_STATES = (EMPTY, VALID, DAMAGED)

#: Presentations of the code that a chip allows; an SLE4428 allows 8 (:attr:`CardImage.full_tries`).
FULL_TRIES = 3
MOST_TRIES = 8
#: With fewer left no code is presented, whoever allows it: the next failure could lock the card for ever.
LEAST_TRIES = 2


def digest(memory):
    """Return the hash by which an image is named: base64url(SHA-256) of the raw bytes, without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(memory).digest()).rstrip(b"=").decode()


class _Block:
    """A block as JSON: of its fields, a dataclass's, every one."""

    def as_claim(self):
        """Return the block as JSON, for the database, and for the write order of a memory card."""
        return asdict(self)

    @classmethod
    def from_claim(cls, claim):
        """Read what :meth:`as_claim` gave; every field must be there."""
        return cls(**{field.name: claim[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class PurchaseBlock(_Block):
    """The content of a purchase block, and the ``write`` claim of a write order.

    :param count: purchase count (购电次数)
    :param energy: of this purchase, 0.01 kWh
    :param alarm1: first warning, kWh
    :param alarm2: second warning, kWh
    :param hoard: most the meter may hold, 0.01 kWh, 0 = none
    :param issue: issue number of the card
    :param flags: bit 0 = the meter takes alarms and hoard limit
    """

    count: int
    energy: int
    alarm1: int = 0
    alarm2: int = 0
    hoard: int = 0
    issue: int = 1
    flags: int = 0

    @property
    def quantity(self):
        """What is sold, in the unit of the driver: 0.01 kWh."""
        return self.energy


@dataclass(frozen=True)
class CpuBlock(_Block):
    """What a CPU card says of one purchase: its wallet, and its parameter file without the numbers.

    As JSON it is for the database only: the terminal gets a whole image.

    :param count: purchase count (购电次数)
    :param amount: of this purchase, 0.01 yuan
    :param user_type: user type byte
    :param update_flag: bit 0 current rates, 1 backup rates, 2 current ladder, 3 backup ladder, 7 parameters
    :param switch_time: when the backup set begins, ``"YYMMDDhhmm"``, ten zeros = never
    :param alarm1: first warning, 0.01 yuan
    :param alarm2: second warning, 0.01 yuan
    :param ct: current transformer ratio
    :param pt: voltage transformer ratio
    :param card_type: 1 open, 2 purchase, 3 replacement
    """

    count: int
    amount: int
    user_type: int = 0
    update_flag: int = 0
    switch_time: str = "0" * 10
    alarm1: int = 0
    alarm2: int = 0
    ct: int = 1
    pt: int = 1
    card_type: int = 2

    @property
    def quantity(self):
        """What is sold, in the unit of the driver: 0.01 yuan."""
        return self.amount


@dataclass(frozen=True)
class ImageWrite:
    """The other shape of the ``write`` claim: the whole image that the card must hold afterwards.

    :param count: purchase count that the image says
    :param quantity: of this order, 0.01 kWh or 0.01 yuan (unit of the driver)
    :param image: raw bytes, its identity as on the card
    :param files: companions that are no part of the image, ``{SFI: raw bytes}``; CPU cards only
    """

    count: int
    quantity: int
    image: bytes
    files: dict = field(default_factory=dict)

    def as_claim(self):
        """Return the ``write`` claim."""
        files = {str(sfi): data.hex() for sfi, data in self.files.items()}
        return {"count": self.count, "quantity": self.quantity, "image": self.image.hex(), "files": files}


@dataclass(frozen=True)
class WriteBack:
    """What the meter wrote back.

    :param state: ``empty``, ``valid`` or ``damaged``; the other fields mean something only when valid
    :param count: the meter's purchase count
    :param remaining: in the meter, 0.01 kWh or 0.01 yuan (unit of the driver)
    :param total: bought in all, same unit; 0 on CPU cards, which do not say it
    :param overused: same unit
    :param illegal_inserts: times the meter refused a card
    :param time: of the meter, ``"YYMMDDhhmm"``
    :param customer_no: customer number in the meter, 12 digits; CPU cards only
    :param meter_no: the meter's number, 12 digits; CPU cards only
    """

    state: str
    count: int = 0
    remaining: int = 0
    total: int = 0
    overused: int = 0
    illegal_inserts: int = 0
    time: str = ""
    customer_no: str = ""
    meter_no: str = ""


@dataclass(frozen=True)
class CardImage:
    """A card as read in one insertion.

    :param driver: the codec that read it
    :param condition: one of :data:`CONDITIONS`
    :param serial: card serial number, 12 digits (memory cards) or 16 (CPU cards)
    :param issuer: issuer number; None where only the maker's library says whose card it is
    :param customer_no: customer number (户号), 12 digits
    :param meter_no: meter number (表号), 12 digits
    :param card_type: 1 open, 2 purchase, 3 replacement
    :param issue: issue number of the contract block; None on a card that carries none (CPU cards)
    :param block: what the card says of the last purchase (:class:`PurchaseBlock` or :class:`CpuBlock`), None when
        nothing good
    :param both_blocks: both purchase blocks are good and equal
    :param writeback: the meter's write-back
    :param tries: presentations of the card code that are left
    :param digest: hash of the raw bytes
    :param full_tries: presentations that an untouched chip allows
    :param count_readable: False when the maker's library cannot say the count; only staff may go on (C-117)
    :param unit: of the card's quantities where the card itself says it: ``kwh`` or ``cents``; else the driver's
    """

    driver: str
    condition: str
    serial: str = ""
    issuer: int | None = 0
    customer_no: str = ""
    meter_no: str = ""
    card_type: int = 0
    issue: int | None = 0
    block: PurchaseBlock | CpuBlock | None = None
    both_blocks: bool = False
    writeback: WriteBack = WriteBack(DAMAGED)
    tries: int = FULL_TRIES
    digest: str = ""
    full_tries: int = FULL_TRIES
    count_readable: bool = True
    unit: str | None = None

    @property
    def count(self):
        """Purchase count of the current block; 0 when there is none."""
        return self.block.count if self.block else 0

    def seen_by(self, issuer):
        """Return the image as a utility sees it: of another issuer's card nothing but serial and issuer counts.

        :param issuer: the utility's own issuer number
        """
        if self.condition in (FOREIGN, UNKNOWN) or self.issuer in (None, issuer):
            return self
        condition = LOCKED if self.condition == LOCKED else FOREIGN
        known = {name: getattr(self, name) for name in ("driver", "serial", "issuer", "tries", "full_tries", "digest")}
        return CardImage(condition=condition, **known)

    @property
    def quantity(self):
        """What the current block sells, 0.01 kWh or 0.01 yuan; 0 when there is none."""
        return self.block.quantity if self.block else 0
