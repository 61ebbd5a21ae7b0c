"""Between XML and what the books know: reading messages, writing answers. Both are valid by the contract's types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from lxml import etree

from . import codes
from .clock import Clock
from .contract import NAMESPACE
from .entries import Allocation, DayPage, Payment, Record, Reversal

# Children of an answer: (element, member of the books' dictionary, how to write it).
_TEXT, _MONEY = "text", "hundredths"
_CUSTOMER = (
    ("accountNo", "account_no", _TEXT),
    ("name", "name", _TEXT),
    ("address", "address", _TEXT),
    ("district", "district", _TEXT),
    ("phone", "phone", _TEXT),
    ("status", "status", _TEXT),
    ("category", "category", _TEXT),
    ("regime", "regime", _TEXT),
    ("tariffCode", "tariff_code", _TEXT),
    ("meterNo", "meter_no", _TEXT),
    ("maker", "maker", _TEXT),
    ("model", "model", _TEXT),
    ("batch", "batch", _TEXT),
    ("ctRatio", "ct_ratio", _TEXT),
    ("ptRatio", "pt_ratio", _TEXT),
    ("cardNo", "card_no", _TEXT),
    ("purchaseMin", "purchase_min", _MONEY),
    ("purchaseMax", "purchase_max", _MONEY),
    ("lastCount", "last_count", _TEXT),
)
_BILL = (
    ("receivableId", "receivable_id", _TEXT),
    ("month", "month", _TEXT),
    ("amount", "amount", _MONEY),
    ("lateFee", "late_fee", _MONEY),
    ("status", "status", _TEXT),
)
_ARREARS = (
    ("accountNo", "account_no", _TEXT),
    ("total", "total", _MONEY),
    ("lateFee", "late_fee", _MONEY),
    ("advanceBalance", "advance_balance", _MONEY),
)
_INVOICE_LINE = (
    ("description", "description", _TEXT),
    ("energy", "energy", _MONEY),
    ("price", "price", _TEXT),
    ("amount", "amount", _MONEY),
)
_BOOKING = (
    ("serial", "serial", _TEXT),
    ("accountNo", "account_no", _TEXT),
    ("amount", "amount", _MONEY),
    ("accountingDate", "accounting_date", _TEXT),
    ("marketingSerial", "marketing_serial", _TEXT),
    ("bookedAt", "booked_at", _TEXT),
)
_REVERSAL = (
    ("serial", "serial", _TEXT),
    ("originalSerial", "original_serial", _TEXT),
    ("amount", "amount", _MONEY),
    ("accountingDate", "accounting_date", _TEXT),
    ("marketingSerial", "marketing_serial", _TEXT),
    ("bookedAt", "booked_at", _TEXT),
)
_DIFFERENCE = (
    ("kind", "kind", _TEXT),
    ("serial", "serial", _TEXT),
    ("accountNo", "account_no", _TEXT),
    ("callerAmount", "caller_amount", _MONEY),
    ("marketingAmount", "marketing_amount", _MONEY),
    ("marketingSerial", "marketing_serial", _TEXT),
    ("originalSerial", "original_serial", _TEXT),
)


# -- reading -----------------------------------------------------------------------------------------------------------


def text(element: etree._Element, name: str) -> str | None:
    """Return a child's text without white space around it, or None when there is no child."""
    found = element.findtext(f"{{{NAMESPACE}}}{name}")
    return None if found is None else found.strip()


def children(element: etree._Element, name: str) -> list[etree._Element]:
    """Return the children of a name."""
    return element.findall(f"{{{NAMESPACE}}}{name}")


def hundredths(value: str | None) -> int | None:
    """Return money as cents, or energy as 0.01 kWh."""
    return None if value is None else int(Decimal(value) * 100)


def read_payment(body: etree._Element) -> Payment:
    """Read SubmitPayment."""
    element = children(body, "payment")[0]
    count = text(element, "purchaseCount")
    return Payment(
        serial=text(element, "serial"),
        account_no=text(element, "accountNo"),
        accounting_date=_day(text(element, "accountingDate")),
        kind=text(element, "kind"),
        method=text(element, "method"),
        channel=text(element, "channel"),
        operator=text(element, "operator"),
        amount=hundredths(text(element, "amount")),
        batch=text(element, "reconciliationBatch"),
        allocations=tuple(
            Allocation(text(each, "receivableId"), hundredths(text(each, "amount")))
            for each in children(element, "allocation")
        ),
        energy=hundredths(text(element, "energy")),
        count=None if count is None else int(count),
    )


def read_reversal(body: etree._Element) -> Reversal:
    """Read ReversePayment."""
    return Reversal(
        serial=text(body, "serial"),
        original_serial=text(body, "originalSerial"),
        accounting_date=_day(text(body, "accountingDate")),
        operator=text(body, "operator"),
        reason=text(body, "reason"),
    )


def read_day(body: etree._Element) -> DayPage:
    """Read Reconcile."""
    records = tuple(
        Record(
            text(each, "serial"),
            text(each, "accountNo"),
            hundredths(text(each, "amount")),
            text(each, "originalSerial"),
        )
        for each in children(body, "record")
    )
    return DayPage(
        accounting_date=_day(text(body, "accountingDate")),
        batch=text(body, "batch"),
        count=int(text(body, "count")),
        total=hundredths(text(body, "total")),
        page=int(text(body, "page")),
        pages=int(text(body, "pages")),
        records=records,
    )


def read_moment(value: str, clock: Clock) -> datetime:
    """Read a moment; one without a zone is in the utility's."""
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.zone)


def _day(value: str) -> date:
    # A day of XML Schema may carry a zone; accounting days have none.
    return date.fromisoformat(value[:10])


# -- writing -----------------------------------------------------------------------------------------------------------


def answer(operation: str, code: str) -> etree._Element:
    """Begin an answer with its result."""
    element = etree.Element(f"{{{NAMESPACE}}}{operation}Response", nsmap={"m": NAMESPACE})
    element.append(result("result", code))
    return element


def result(name: str, code: str) -> etree._Element:
    """Return a result code with its words."""
    element = etree.Element(f"{{{NAMESPACE}}}{name}")
    add(element, "code", code)
    add(element, "message", codes.WORDS[code]["zh"])
    return element


def add(parent: etree._Element, name: str, value: str) -> None:
    """Append a child with a text."""
    etree.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = value


def money(cents: int) -> str:
    """Return cents as yuan, or 0.01 kWh as kWh."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def customer(name: str, file: Mapping) -> etree._Element:
    """Write a customer file."""
    element = _element(name, _CUSTOMER, file)
    reason = file["may_not_buy"]
    add(element, "mayBuy", "false" if reason else "true")
    if reason:
        element.append(result("mayNotBuyReason", reason))
    add(element, "changedAt", file["changed_at"])
    return element


def arrears(values: Mapping) -> etree._Element:
    """Write what an account owes."""
    element = _element("arrears", _ARREARS, values)
    element.extend(_element("bill", _BILL, bill) for bill in values["bills"])
    return element


def booking(values: Mapping) -> etree._Element:
    """Write a booked payment."""
    element = _element("booking", _BOOKING, values)
    element.extend(_element("invoiceLine", _INVOICE_LINE, line) for line in values["invoice_lines"])
    return element


def reversal(values: Mapping) -> etree._Element:
    """Write a booked reversal."""
    return _element("reversal", _REVERSAL, values)


def difference(values: Mapping) -> etree._Element:
    """Write a record of which the two books disagree."""
    return _element("difference", _DIFFERENCE, values)


def _element(name: str, parts: Iterable[tuple], values: Mapping) -> etree._Element:
    element = etree.Element(f"{{{NAMESPACE}}}{name}")
    for child, member, kind in parts:
        value = values.get(member)
        if value is not None:
            add(element, child, money(value) if kind == _MONEY else str(value))
    return element
