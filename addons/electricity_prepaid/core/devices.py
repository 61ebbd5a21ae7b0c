"""What a terminal says of its devices (``docs/protocol`` §1, claim ``devices`` of a heartbeat)."""

from dataclasses import dataclass, field

from . import tokens
from .errors import Refusal

MOST = 32
LONGEST_NAME = 64
MOST_DETAILS = 4
MOST_PRINTED = 2**31 - 1
_NAMES = ("kind", "name", "state", "code", "detail")

READER, NOTES, PRINTER, SCANNER, DOOR, BOX, UPS = "reader", "notes", "printer", "scanner", "door", "cash_box", "ups"
KINDS = (READER, NOTES, PRINTER, SCANNER, "keypad", DOOR, BOX, UPS, "camera", "card_terminal")
OTHER = "other"
"""What a kind is filed under that is not in :data:`KINDS`: a newer terminal may have devices that we do not know."""

READY, FAULT, ABSENT, STARTING = "ready", "fault", "absent", "starting"
OPEN, CLOSED, LINE, BATTERY, LOW, UNKNOWN = "open", "closed", "line", "battery", "low", "unknown"
STATES = (READY, FAULT, ABSENT, STARTING, OPEN, CLOSED, LINE, BATTERY, LOW, UNKNOWN)
PAPERS = ("enough", "low", "out")

_WORKING = {READER: ("empty", "card", "busy", "error"), NOTES: ("ready", "closed", "busy")}
"""States in which a device works. What a reader cannot read is the card's fault, unless its code blames the reader."""
_READER_CODES = ("P-107", "P-108", "P-113", "P-114")


@dataclass(frozen=True)
class Device:
    """One device as its terminal tells it.

    :param kind: such as ``reader``, ``notes``, ``printer``
    :param name: unique within its kind
    :param state: as ``/v1/status`` shows it
    :param code: of what is wrong, or None
    :param detail: {name: word or whole number}
    """

    kind: str
    name: str
    state: str
    code: str | None = None
    detail: dict = field(default_factory=dict, hash=False)

    @property
    def key(self):
        """What it is known by."""
        return (self.filed_kind, self.name)

    @property
    def filed_kind(self):
        """Its kind, :data:`OTHER` for one that is not known."""
        return self.kind if self.kind in KINDS else OTHER

    @property
    def steady(self):
        """Its state without what changes with each customer: one of :data:`STATES`."""
        if self.kind == READER and self.state == "error" and self.code in _READER_CODES:
            return FAULT
        if self.state in _WORKING.get(self.kind, ()):
            return READY
        return self.state if self.state in STATES else UNKNOWN

    @property
    def steady_code(self):
        """Its code while it does not work; a reader's code about a card is none."""
        return None if self.steady in (READY, CLOSED, LINE) else self.code

    @property
    def paper(self):
        """One of :data:`PAPERS`, or None where it does not say."""
        paper = self.detail.get("paper")
        return paper if paper in PAPERS else None

    @property
    def charge(self):
        """Per cent of its battery, or None where it does not say."""
        charge = self.detail.get("charge")
        return charge if isinstance(charge, int) and 0 <= charge <= 100 else None

    @property
    def printed(self):
        """Receipts that came onto paper since its terminal's journal began, or None where it does not say."""
        printed = self.detail.get("printed")
        return printed if isinstance(printed, int) and 0 <= printed <= MOST_PRINTED else None


def read(claims, name, refuse):
    """Read the claim.

    :param claims: :class:`~.claims.Claims` of a heartbeat
    :param name: of the claim
    :param refuse: code to refuse with
    :return: tuple of :class:`Device`
    :raise Refusal: malformed, too many, or one device twice
    """
    found = tuple(_device(part, refuse) for part in claims.parts(name, _NAMES, MOST))
    if len({(device.kind, device.name) for device in found}) != len(found):
        raise Refusal(refuse)
    return found


def _device(part, refuse):
    name = part.text("name", LONGEST_NAME)
    if not name:
        raise Refusal(refuse)
    return Device(
        kind=part.word("kind"),
        name=name,
        state=part.word("state"),
        code=part.optional("code", part.code),
        detail=part.words("detail", MOST_DETAILS),
    )


def of_readers(readers):
    """Return the devices of a terminal that tells its readers only.

    :param readers: ``(name, state)`` as in a heartbeat
    """
    return tuple({name: Device(READER, name, state) for name, state in readers if name}.values())


def digest(devices):
    """Return what tells whether anything worth recording has changed: equal for the same steady states.

    A battery's charge counts by tens: it would otherwise change with each heartbeat.

    :param devices: iterable of :class:`Device`
    """
    essence = sorted(
        (*device.key, device.steady, device.steady_code or "", device.paper or "", charge_step(device))
        for device in devices
    )
    return tokens.token_hash(repr(essence))


def charge_step(device):
    """Return the charge of a device in steps of ten per cent, -1 where it does not say."""
    return -1 if device.charge is None else device.charge // 10 * 10
