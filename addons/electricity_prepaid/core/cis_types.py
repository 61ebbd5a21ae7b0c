"""What is exchanged with the utility's marketing system (营销系统), in plain Python.

The sale, the outbox and the adapters of :mod:`..cis` speak these types; only an adapter knows a WSDL. Money is whole
cents and energy whole 0.01 kWh, days are the utility's accounting days, moments are aware datetimes. Operations and
rules: the domain's page on the marketing system.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from datetime import date, datetime

ENERGY, ARREARS = "energy", "arrears"
KINDS = (ENERGY, ARREARS)
METHODS = ("cash", "qr", "bank_card", "balance", "mixed")
CHANNELS = ("counter", "kiosk", "portable", "online")
OPEN, COLLECTING, DISPUTED = "open", "collecting", "disputed"
CUSTOMER_KEYS = ("account", "meter", "card")
ONLY_CALLER, ONLY_MARKETING, AMOUNT = "only_caller", "only_marketing", "amount"


@dataclass(frozen=True)
class Result:
    """A result code of the marketing system.

    :param code: digits, such as ``"1001"``; their meaning is in :mod:`.cis_results`
    :param message: the system's own words, for the log; never shown alone
    """

    code: str
    message: str = ""


@dataclass(frozen=True)
class CustomerFile:
    """A customer file (客户档案) with its meter; what the marketing system does not say is None or empty.

    :param status: active, suspended or closed
    :param regime: card, remote or token
    :param purchase_min: cents
    :param purchase_max: cents
    :param last_count: purchase count of the last purchase that it booked
    :param may_buy: False: selling energy to this account is forbidden, for the reason of ``reason``
    """

    account_no: str
    name: str
    address: str
    status: str
    category: str
    regime: str
    district: str = ""
    phone: str = ""
    tariff_code: str = ""
    meter_no: str = ""
    maker: str = ""
    model: str = ""
    batch: str = ""
    ct_ratio: int | None = None
    pt_ratio: int | None = None
    card_no: str = ""
    purchase_min: int | None = None
    purchase_max: int | None = None
    last_count: int | None = None
    may_buy: bool = True
    reason: Result | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True)
class Bill:
    """A receivable (应收) that is not paid in full.

    :param month: ``YYYY-MM``
    :param amount: cents still due, without the late fee
    :param late_fee: cents (违约金), as of the answer
    :param status: ``open`` may be paid here; ``collecting`` and ``disputed`` may not
    """

    receivable_id: str
    month: str
    amount: int
    late_fee: int
    status: str = OPEN

    @property
    def due(self):
        """Cents that settle the bill."""
        return self.amount + self.late_fee


@dataclass(frozen=True)
class Arrears:
    """What an account owes.

    :param total: cents, late fees included
    :param late_fee: cents
    :param advance_balance: cents of the customer that the marketing system holds
    :param bills: oldest first
    """

    account_no: str
    total: int
    late_fee: int
    advance_balance: int
    bills: tuple[Bill, ...] = ()


@dataclass(frozen=True)
class Allocation:
    """Part of a payment that settles a receivable, its late fee included.

    :param amount: cents, more than zero
    """

    receivable_id: str
    amount: int


@dataclass(frozen=True)
class Payment:
    """A payment to be booked.

    :param serial: the idempotency key, ours
    :param accounting_date: the day it counts on
    :param kind: ``energy``, which may pay arrears too, or ``arrears``
    :param operator: clerk or terminal
    :param amount: cents in all; what the allocations leave is for energy
    :param energy: 0.01 kWh; None for arrears, and for cards that carry money
    :param count: purchase count that the card carries; None for arrears
    :param batch: reconciliation batch
    """

    serial: str
    account_no: str
    accounting_date: date
    kind: str
    method: str
    channel: str
    operator: str
    amount: int
    batch: str
    allocations: tuple[Allocation, ...] = ()
    energy: int | None = None
    count: int | None = None

    def to_json(self):
        """Return what :meth:`from_json` reads, for a column of the outbox."""
        return {**asdict(self), "accounting_date": self.accounting_date.isoformat()}

    @classmethod
    def from_json(cls, values):
        """Return the payment of a stored dictionary."""
        allocations = tuple(Allocation(**each) for each in values["allocations"])
        day = date.fromisoformat(values["accounting_date"])
        return cls(**{**values, "accounting_date": day, "allocations": allocations})


@dataclass(frozen=True)
class Reversal:
    """A payment to be taken back whole, on its own accounting day.

    :param serial: the reversal's own, ours
    """

    serial: str
    original_serial: str
    accounting_date: date
    operator: str
    reason: str

    def to_json(self):
        """Return what :meth:`from_json` reads, for a column of the outbox."""
        return {**asdict(self), "accounting_date": self.accounting_date.isoformat()}

    @classmethod
    def from_json(cls, values):
        """Return the reversal of a stored dictionary."""
        return cls(**{**values, "accounting_date": date.fromisoformat(values["accounting_date"])})


@dataclass(frozen=True)
class InvoiceLine:
    """A line of the marketing system's invoice for a payment.

    :param energy: 0.01 kWh or None
    :param price: yuan per kWh as a decimal string, or empty
    :param amount: cents
    """

    description: str
    amount: int
    energy: int | None = None
    price: str = ""


@dataclass(frozen=True)
class Booking:
    """A payment as it stands in the marketing system's books.

    :param amount: cents
    :param marketing_serial: its number there
    """

    serial: str
    account_no: str
    amount: int
    accounting_date: date
    marketing_serial: str
    booked_at: datetime
    invoice_lines: tuple[InvoiceLine, ...] = ()

    def is_of(self, payment):
        """Whether this is the booking of a payment, not of another one under its serial: account and amount agree."""
        return (self.serial, self.account_no, self.amount) == (payment.serial, payment.account_no, payment.amount)


@dataclass(frozen=True)
class ReversalBooking:
    """A reversal as it stands in the marketing system's books.

    :param amount: cents, positive
    """

    serial: str
    original_serial: str
    amount: int
    accounting_date: date
    marketing_serial: str
    booked_at: datetime


@dataclass(frozen=True)
class Record:
    """One record of a day's detail.

    :param amount: cents; negative for a reversal
    :param original_serial: of the payment that a reversal takes back, else empty
    """

    serial: str
    account_no: str
    amount: int
    original_serial: str = ""


@dataclass(frozen=True)
class Difference:
    """A record of which the two books disagree.

    :param kind: ``only_caller`` (ours alone), ``only_marketing`` (theirs alone), ``amount`` (amount or account)
    :param caller_amount: cents or None
    :param marketing_amount: cents or None
    :param original_serial: of a reversal in their books: the payment that it takes back, else empty
    """

    kind: str
    serial: str
    account_no: str
    caller_amount: int | None = None
    marketing_amount: int | None = None
    marketing_serial: str = ""
    original_serial: str = ""


@dataclass(frozen=True)
class DayPage:
    """One page of a day's detail, with the day's totals.

    :param count: records of all pages
    :param total: cents of all pages, reversals negative
    :param page: from 1
    :param pages: how many there are, at least 1
    """

    accounting_date: date
    batch: str
    count: int
    total: int
    page: int
    pages: int
    records: tuple[Record, ...] = ()


# -- answers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CustomerAnswer:
    """Answer of QueryCustomer."""

    result: Result
    customer: CustomerFile | None = None


@dataclass(frozen=True)
class ArrearsAnswer:
    """Answer of QueryArrears."""

    result: Result
    arrears: Arrears | None = None


@dataclass(frozen=True)
class PaymentAnswer:
    """Answer of SubmitPayment; ``booking`` comes with 1001 and, as the first result, with 11004."""

    result: Result
    booking: Booking | None = None


@dataclass(frozen=True)
class BookedAnswer:
    """Answer of QueryPayment; ``reversal`` when the payment was taken back."""

    result: Result
    booking: Booking | None = None
    reversal: ReversalBooking | None = None


@dataclass(frozen=True)
class ReversalAnswer:
    """Answer of ReversePayment; ``reversal`` comes with 1001, 11004 and 11007."""

    result: Result
    reversal: ReversalBooking | None = None


@dataclass(frozen=True)
class UnreadableFile:
    """A customer file of a page that cannot be read; the others of its page can.

    :param position: in the page, from 1
    :param reason: ``schema`` (the interface does not allow it) or ``value`` (a value of it has no meaning)
    :param account_no: 12 digits, empty when it cannot be told
    """

    position: int
    reason: str
    account_no: str = ""


@dataclass(frozen=True)
class ChangesAnswer:
    """Answer of ListCustomerChanges.

    :param pages: how many pages the list has
    :param until: the next list's ``since``, aware; the same in all pages
    :param customers: the files that can be read, in their order
    :param unreadable: the others
    """

    result: Result
    pages: int
    until: datetime
    customers: tuple[CustomerFile, ...] = ()
    unreadable: tuple[UnreadableFile, ...] = ()


@dataclass(frozen=True)
class DayAnswer:
    """Answer of Reconcile.

    :param complete: all pages were there and were compared
    :param marketing_total: cents
    :param more: there are more differences than these
    """

    result: Result
    complete: bool
    marketing_count: int | None = None
    marketing_total: int | None = None
    differences: tuple[Difference, ...] = ()
    more: bool = False


class Unreachable(Exception):
    """The call brought no answer that says what happened there: its outcome is **unknown**, never "failed".

    :param kind: why, in one word: ``timeout``, ``connection``, ``tls``, ``http``, ``unreadable``, ``unsafe``,
        ``too_large``, ``fault``, ``mismatch`` (answers another serial), ``circuit`` (not tried), ``configuration``,
        ``unsendable`` (no message can be made of this content), ``invalid`` (it answers, but with content that cannot
        be right), ``internal`` (a fault of our own that may have come after the message left)
    :param detail: for the log; free of secrets and of full numbers
    :param sent: False only when it is certain that no byte of the message left: then nothing can have been booked
    """

    def __init__(self, kind, detail="", sent=True):
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind = kind
        self.detail = detail
        self.sent = sent


class MarketingSystem(ABC):
    """The seam: what an adapter offers for one utility's marketing system.

    Every method makes one call and returns its answer, whatever the result code says. A SOAP fault with code 1006 (the
    message was not understood, nothing was done) is returned as that result.

    :raises Unreachable: in all other cases
    """

    @abstractmethod
    def query_customer(self, by, number):
        """Look a customer up.

        :param by: one of :data:`CUSTOMER_KEYS`
        :param number: 12 or 16 digits
        :return: :class:`CustomerAnswer`
        """

    @abstractmethod
    def query_arrears(self, account_no):
        """Ask what an account owes.

        :return: :class:`ArrearsAnswer`
        """

    @abstractmethod
    def submit_payment(self, payment):
        """Book a :class:`Payment`; a repeat answers what the first call answered.

        :return: :class:`PaymentAnswer`
        """

    @abstractmethod
    def query_payment(self, serial):
        """Ask whether a serial is booked.

        :return: :class:`BookedAnswer`
        """

    @abstractmethod
    def reverse_payment(self, reversal):
        """Take a payment back by a :class:`Reversal`.

        :return: :class:`ReversalAnswer`
        """

    @abstractmethod
    def list_customer_changes(self, since, page):
        """List customer files changed since a moment. One that cannot be read does not keep the others of its page.

        :param since: aware datetime
        :param page: from 1
        :return: :class:`ChangesAnswer`
        """

    @abstractmethod
    def reconcile(self, page):
        """Bring one :class:`DayPage` of a past day.

        :return: :class:`DayAnswer`
        """
