"""The adapter of the interface that the project defines: ``wsdl/marketing.wsdl``."""

from __future__ import annotations

from ..core.cis_types import (
    Arrears,
    ArrearsAnswer,
    Bill,
    BookedAnswer,
    Booking,
    ChangesAnswer,
    CustomerAnswer,
    CustomerFile,
    DayAnswer,
    Difference,
    InvoiceLine,
    PaymentAnswer,
    Result,
    ReversalAnswer,
    ReversalBooking,
)
from .adapter import LIST, Adapter
from .entries import one_by_one
from .values import aware, decimal, hundredths, text

_LONGEST_TEXT = 250


class StandardAdapter(Adapter):
    """Money is a decimal of yuan there, and each answer has a type of its own."""

    WSDL = "marketing"
    OPERATIONS = {
        "query_customer": "QueryCustomer",
        "query_arrears": "QueryArrears",
        "submit_payment": "SubmitPayment",
        "query_payment": "QueryPayment",
        "reverse_payment": "ReversePayment",
        "list_customer_changes": "ListCustomerChanges",
        "reconcile": "Reconcile",
    }
    ENTRIES = {LIST: ("customer", "accountNo")}
    SHOWN_TYPES = frozenset(
        ("Money", "PositiveMoney", "Energy", "Count", "Moment", "Serial", "ResultCode", "CustomerKey", "Regime")
        + ("CustomerStatus", "BillStatus", "PaymentKind", "PaymentMethod", "Channel", "DifferenceKind")
        + ("Tally", "PageNo")
    )

    def _question(self, method, *subject):
        return _QUESTIONS[method](*subject)

    def _read(self, method, answer, subject):
        return _READERS[method](answer)


# -- questions -------------------------------------------------------------------------------------------------------


def _payment(payment):
    parts = {
        "serial": payment.serial,
        "accountNo": payment.account_no,
        "accountingDate": payment.accounting_date,
        "kind": payment.kind,
        "method": payment.method,
        "channel": payment.channel,
        "operator": payment.operator,
        "amount": decimal(payment.amount),
        "allocation": [
            {"receivableId": each.receivable_id, "amount": decimal(each.amount)} for each in payment.allocations
        ],
        "reconciliationBatch": payment.batch,
    }
    if payment.energy is not None:
        parts["energy"] = decimal(payment.energy)
    if payment.count is not None:
        parts["purchaseCount"] = payment.count
    return {"payment": parts}


def _reversal(reversal):
    return {
        "serial": reversal.serial,
        "originalSerial": reversal.original_serial,
        "accountingDate": reversal.accounting_date,
        "operator": reversal.operator,
        "reason": text(reversal.reason, _LONGEST_TEXT),
    }


def _day(page):
    return {
        "accountingDate": page.accounting_date,
        "batch": page.batch,
        "count": page.count,
        "total": decimal(page.total),
        "page": page.page,
        "pages": page.pages,
        "record": [_record(each) for each in page.records],
    }


def _record(record):
    parts = {"serial": record.serial, "accountNo": record.account_no, "amount": decimal(record.amount)}
    if record.original_serial:
        parts["originalSerial"] = record.original_serial
    return parts


_QUESTIONS = {
    "query_customer": lambda by, number: {"by": by, "number": number},
    "query_arrears": lambda account_no: {"accountNo": account_no},
    "submit_payment": _payment,
    "query_payment": lambda serial: {"serial": serial},
    "reverse_payment": _reversal,
    "list_customer_changes": lambda since, page: {"since": since, "page": page},
    "reconcile": _day,
}


# -- answers ---------------------------------------------------------------------------------------------------------


def _optional(read, value):
    return None if value is None else read(value)


def _result(value):
    return Result(value.code, value.message or "")


def _customer(value):
    return CustomerFile(
        account_no=value.accountNo,
        name=value.name or "",
        address=value.address or "",
        status=value.status,
        category=value.category,
        regime=value.regime,
        district=value.district or "",
        phone=value.phone or "",
        tariff_code=value.tariffCode or "",
        meter_no=value.meterNo or "",
        maker=value.maker or "",
        model=value.model or "",
        batch=value.batch or "",
        ct_ratio=value.ctRatio,
        pt_ratio=value.ptRatio,
        card_no=value.cardNo or "",
        purchase_min=_optional(hundredths, value.purchaseMin),
        purchase_max=_optional(hundredths, value.purchaseMax),
        last_count=value.lastCount,
        may_buy=value.mayBuy,
        reason=_optional(_result, value.mayNotBuyReason),
        changed_at=_optional(aware, value.changedAt),
    )


def _bill(value):
    year, month = value.month[:2]
    return Bill(
        receivable_id=value.receivableId,
        month=f"{year:04}-{month:02}",
        amount=hundredths(value.amount),
        late_fee=hundredths(value.lateFee),
        status=value.status,
    )


def _arrears(value):
    return Arrears(
        account_no=value.accountNo,
        total=hundredths(value.total),
        late_fee=hundredths(value.lateFee),
        advance_balance=hundredths(value.advanceBalance),
        bills=tuple(sorted(map(_bill, value.bill), key=lambda bill: bill.month)),
    )


def _line(value):
    return InvoiceLine(
        description=value.description or "",
        amount=hundredths(value.amount),
        energy=_optional(hundredths, value.energy),
        price="" if value.price is None else f"{value.price:f}",
    )


def _booking(value):
    return Booking(
        serial=value.serial,
        account_no=value.accountNo,
        amount=hundredths(value.amount),
        accounting_date=value.accountingDate,
        marketing_serial=value.marketingSerial,
        booked_at=aware(value.bookedAt),
        invoice_lines=tuple(map(_line, value.invoiceLine)),
    )


def _reversed(value):
    return ReversalBooking(
        serial=value.serial,
        original_serial=value.originalSerial,
        amount=hundredths(value.amount),
        accounting_date=value.accountingDate,
        marketing_serial=value.marketingSerial,
        booked_at=aware(value.bookedAt),
    )


def _difference(value):
    return Difference(
        kind=value.kind,
        serial=value.serial,
        account_no=value.accountNo,
        caller_amount=_optional(hundredths, value.callerAmount),
        marketing_amount=_optional(hundredths, value.marketingAmount),
        marketing_serial=value.marketingSerial or "",
        original_serial=value.originalSerial or "",
    )


def _compared(value):
    return DayAnswer(
        result=_result(value.result),
        complete=value.complete,
        marketing_count=value.marketingCount,
        marketing_total=_optional(hundredths, value.marketingTotal),
        differences=tuple(map(_difference, value.difference)),
        more=bool(value.moreDifferences),
    )


_READERS = {
    "query_customer": lambda value: CustomerAnswer(_result(value.result), _optional(_customer, value.customer)),
    "query_arrears": lambda value: ArrearsAnswer(_result(value.result), _optional(_arrears, value.arrears)),
    "submit_payment": lambda value: PaymentAnswer(_result(value.result), _optional(_booking, value.booking)),
    "query_payment": lambda value: BookedAnswer(
        _result(value.result), _optional(_booking, value.booking), _optional(_reversed, value.reversal)
    ),
    "reverse_payment": lambda value: ReversalAnswer(_result(value.result), _optional(_reversed, value.reversal)),
    "list_customer_changes": lambda value: ChangesAnswer(
        _result(value.result), value.pages, aware(value.until), *one_by_one(_customer, value.customer, "accountNo")
    ),
    "reconcile": _compared,
}
