"""An adapter of a deliberately different make: ``wsdl/cents.wsdl``, with other names, units and codes, and one answer
for all.

It proves that nothing beyond the adapters knows a WSDL, and is the pattern for a utility's own.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

from ..core import cis_types as types
from .adapter import LIST, RECONCILE, Adapter, refused
from .entries import one_by_one
from .fitting import OK
from .values import aware, text

_CHINA = timezone(timedelta(hours=8))
_DAY, _MOMENT = "%Y%m%d", "%Y%m%d%H%M%S"
_DONE = "0000"
_WH = 10
_LONGEST_TEXT = 250

_KEYS = {"account": "1", "meter": "2", "card": "3"}
_KINDS = {types.ENERGY: "10", types.ARREARS: "20"}
_MODES = {"cash": "01", "qr": "02", "bank_card": "03", "balance": "04", "mixed": "05"}
_CHANNELS = {"counter": "1", "kiosk": "2", "portable": "3", "online": "4"}
_STATUSES = {"1": "active", "2": "suspended", "3": "closed"}
_REGIMES = {"1": "card", "2": "remote", "3": "token"}
_LOCKS = {"0": types.OPEN, "1": types.COLLECTING, "2": types.DISPUTED}
_DIFFERENCES = {"A": types.ONLY_CALLER, "B": types.ONLY_MARKETING, "C": types.AMOUNT}


class CentsAdapter(Adapter):
    """Money is whole cents there, energy watt-hours, and every answer is a ``reply``."""

    WSDL = "cents"
    OPERATIONS = {
        "query_customer": "getConsumer",
        "query_arrears": "getOwing",
        "submit_payment": "chargeFee",
        "query_payment": "getCharge",
        "reverse_payment": "undoCharge",
        "list_customer_changes": "getChangedConsumers",
        "reconcile": "checkAccount",
    }
    ENTRIES = {LIST: ("cons", "consNo")}
    SHOWN_TYPES = frozenset(
        ("Cents", "WattHours", "Day", "Month", "Moment", "FlowNo", "RtnCode", "Flag", "Kind", "PayMode", "Digit1to4")
        + ("Digit1to3", "Lock", "Diff", "Tally", "PageNo")
    )

    def _question(self, method, *subject):
        return _QUESTIONS[method](*subject)

    def _read(self, method, answer, subject):
        result = _result(answer.rtnCode, answer.rtnMsg)
        if result.code != OK and (answer.check, answer.to) == (None, None) and method in (LIST, RECONCILE):
            return refused(method, subject, result)
        return _READERS[method](result, answer)


# -- questions -------------------------------------------------------------------------------------------------------


def _given(**parts):
    return {name: value for name, value in parts.items() if value is not None}


def _charge_fee(payment):
    return _given(
        flowNo=payment.serial,
        consNo=payment.account_no,
        acctDate=payment.accounting_date.strftime(_DAY),
        kind=_KINDS[payment.kind],
        payMode=_MODES[payment.method],
        chan=_CHANNELS[payment.channel],
        opNo=payment.operator,
        amt=payment.amount,
        wh=None if payment.energy is None else payment.energy * _WH,
        buyTimes=payment.count,
        batchNo=payment.batch,
        share=[{"rcvblId": each.receivable_id, "amt": each.amount} for each in payment.allocations],
    )


def _undo_charge(reversal):
    return {
        "flowNo": reversal.serial,
        "oldFlowNo": reversal.original_serial,
        "acctDate": reversal.accounting_date.strftime(_DAY),
        "opNo": reversal.operator,
        "why": text(reversal.reason, _LONGEST_TEXT),
    }


def _check_account(page):
    rows = [
        _given(flowNo=each.serial, oldFlowNo=each.original_serial or None, consNo=each.account_no, amt=each.amount)
        for each in page.records
    ]
    return {
        "acctDate": page.accounting_date.strftime(_DAY),
        "batchNo": page.batch,
        "cnt": page.count,
        "sum": page.total,
        "pageNo": page.page,
        "pageCnt": page.pages,
        "row": rows,
    }


_QUESTIONS = {
    "query_customer": lambda by, number: {"keyType": _KEYS[by], "keyNo": number},
    "query_arrears": lambda account_no: {"consNo": account_no},
    "submit_payment": _charge_fee,
    "query_payment": lambda serial: {"flowNo": serial},
    "reverse_payment": _undo_charge,
    # Whole seconds, the part of one cut off: rather a change twice than one never.
    "list_customer_changes": lambda since, page: {"from": since.astimezone(_CHINA).strftime(_MOMENT), "pageNo": page},
    "reconcile": _check_account,
}


# -- answers ---------------------------------------------------------------------------------------------------------


def _result(code, message):
    return types.Result(OK if code == _DONE else str(int(code)), message or "")


def _day(value):
    return datetime.strptime(value, _DAY).date()


def _moment(value):
    return aware(datetime.strptime(value, _MOMENT).replace(tzinfo=_CHINA))


def _optional(read, value):
    return None if value is None else read(value)


def _energy(watt_hours):
    hundredths, rest = divmod(watt_hours, _WH)
    if rest:
        raise ValueError("a part of 0.01 kWh")
    return hundredths


def _customer(row):
    return types.CustomerFile(
        account_no=row.consNo,
        name=row.consName,
        address=row.elecAddr,
        status=_STATUSES[row.status],
        category=row.elecType,
        regime=_REGIMES[row.ctrlMode],
        district=row.orgNo or "",
        phone=row.tel or "",
        tariff_code=row.prcCode or "",
        meter_no=row.assetNo or "",
        maker=row.mfr or "",
        model=row.meterModel or "",
        batch=row.lotNo or "",
        ct_ratio=row.ct,
        pt_ratio=row.pt,
        card_no=row.cardNo or "",
        purchase_min=row.minFee,
        purchase_max=row.maxFee,
        last_count=row.buyTimes,
        may_buy=row.sellFlag == "Y",
        reason=_result(row.sellCode, row.sellMsg) if row.sellCode else None,
        changed_at=_optional(_moment, row.chgTime),
    )


def _bill(row):
    return types.Bill(
        receivable_id=row.rcvblId,
        month=f"{row.ym[:4]}-{row.ym[4:]}",
        amount=row.owe,
        late_fee=row.penalty,
        status=_LOCKS[row.lock],
    )


def _arrears(part):
    return types.Arrears(
        account_no=part.consNo,
        total=part.sumOwe + part.sumPenalty,
        late_fee=part.sumPenalty,
        advance_balance=part.prepaid,
        bills=tuple(sorted(map(_bill, part.bill), key=lambda bill: bill.month)),
    )


def _line(row):
    price = "" if row.prc is None else f"{Decimal(row.prc).scaleb(-4):f}"
    return types.InvoiceLine(row.item, row.amt, _optional(_energy, row.wh), price)


def _booking(part):
    return types.Booking(
        serial=part.flowNo,
        account_no=part.consNo,
        amount=part.amt,
        accounting_date=_day(part.acctDate),
        marketing_serial=part.yxNo,
        booked_at=_moment(part.doneTime),
        invoice_lines=tuple(map(_line, part.inv)),
    )


def _reversed(part):
    return types.ReversalBooking(
        serial=part.flowNo,
        original_serial=part.oldFlowNo,
        amount=part.amt,
        accounting_date=_day(part.acctDate),
        marketing_serial=part.yxNo,
        booked_at=_moment(part.doneTime),
    )


def _difference(row):
    return types.Difference(
        kind=_DIFFERENCES[row.diff],
        serial=row.flowNo,
        account_no=row.consNo,
        caller_amount=row.yourAmt,
        marketing_amount=row.ourAmt,
        marketing_serial=row.yxNo or "",
        original_serial=row.oldFlowNo or "",
    )


def _one_customer(result, reply):
    if len(reply.cons) > 1:
        raise ValueError("more than one customer")
    return types.CustomerAnswer(result, _customer(reply.cons[0]) if reply.cons else None)


def _changes(result, reply):
    if reply.pageCnt is None or reply.to is None:
        raise ValueError("a list without its number of pages or its end")
    files = one_by_one(_customer, reply.cons, "consNo")
    return types.ChangesAnswer(result, reply.pageCnt, _moment(reply.to), *files)


def _compared(result, reply):
    check = reply.check
    if check is None:
        raise ValueError("a comparison without its outcome")
    return types.DayAnswer(
        result=result,
        complete=check.done == "Y",
        marketing_count=check.ourCnt,
        marketing_total=check.ourSum,
        differences=tuple(map(_difference, check.row)),
        more=check.more == "Y",
    )


_READERS = {
    "query_customer": _one_customer,
    "query_arrears": lambda result, reply: types.ArrearsAnswer(result, _optional(_arrears, reply.owing)),
    "submit_payment": lambda result, reply: types.PaymentAnswer(result, _optional(_booking, reply.charge)),
    "query_payment": lambda result, reply: types.BookedAnswer(
        result, _optional(_booking, reply.charge), _optional(_reversed, reply.undo)
    ),
    "reverse_payment": lambda result, reply: types.ReversalAnswer(result, _optional(_reversed, reply.undo)),
    "list_customer_changes": _changes,
    "reconcile": _compared,
}
