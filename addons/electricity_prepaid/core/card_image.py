"""What a card says, apart from how its bytes lie.

An image is a hint, never proof: memory cards can be cloned and old images can be put back
(``docs/protocol/card-layout-demo.md``).
"""

import base64
import hashlib
from dataclasses import asdict, dataclass, fields

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

FULL_TRIES = 3


def digest(memory):
    """Return the hash by which an image is named: base64url(SHA-256) of the raw bytes, without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(memory).digest()).rstrip(b"=").decode()


@dataclass(frozen=True)
class PurchaseBlock:
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

    def as_claim(self):
        """Return the ``write`` claim."""
        return asdict(self)

    @classmethod
    def from_claim(cls, claim):
        """Read the ``write`` claim; every field must be there."""
        return cls(**{field.name: claim[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class WriteBack:
    """What the meter wrote back.

    :param state: ``empty``, ``valid`` or ``damaged``; the other fields mean something only when valid
    :param count: the meter's purchase count
    :param remaining: energy in the meter, 0.01 kWh
    :param total: energy bought in all, 0.01 kWh
    :param overused: 0.01 kWh
    :param illegal_inserts: times the meter refused a card
    :param time: of the meter, ``"YYMMDDhhmm"``
    """

    state: str
    count: int = 0
    remaining: int = 0
    total: int = 0
    overused: int = 0
    illegal_inserts: int = 0
    time: str = ""


@dataclass(frozen=True)
class CardImage:
    """A card as read in one insertion.

    :param driver: the codec that read it
    :param condition: one of :data:`CONDITIONS`
    :param serial: card serial number, 12 digits
    :param issuer: issuer number
    :param customer_no: customer number (户号), 12 digits
    :param meter_no: meter number (表号), 12 digits
    :param card_type: 1 open, 2 purchase, 3 replacement
    :param issue: issue number of the contract block
    :param block: the current purchase block, None when none is good
    :param both_blocks: both purchase blocks are good and equal
    :param writeback: the meter's write-back
    :param tries: presentations of the card code that are left
    :param digest: hash of the raw bytes
    """

    driver: str
    condition: str
    serial: str = ""
    issuer: int = 0
    customer_no: str = ""
    meter_no: str = ""
    card_type: int = 0
    issue: int = 0
    block: PurchaseBlock | None = None
    both_blocks: bool = False
    writeback: WriteBack = WriteBack(DAMAGED)
    tries: int = FULL_TRIES
    digest: str = ""

    @property
    def count(self):
        """Purchase count of the current block; 0 when there is none."""
        return self.block.count if self.block else 0

    def seen_by(self, issuer):
        """Return the image as a utility sees it: of another issuer's card nothing but serial and issuer counts.

        :param issuer: the utility's own issuer number
        """
        if self.condition in (FOREIGN, UNKNOWN) or self.issuer == issuer:
            return self
        condition = LOCKED if self.condition == LOCKED else FOREIGN
        known = {name: getattr(self, name) for name in ("driver", "serial", "issuer", "tries", "digest")}
        return CardImage(condition=condition, **known)

    @property
    def energy(self):
        """Energy of the current block, 0.01 kWh; 0 when there is none."""
        return self.block.energy if self.block else 0
