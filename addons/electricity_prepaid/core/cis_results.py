"""Every result code of the marketing system: what it means for each operation, what people read, what they may do.

The numbers are the ones in use (the domain's page on the marketing system). A number that is not here says nothing of
what happened: its outcome is unknown.
"""

from dataclasses import dataclass, field

from . import codes

SUBMIT, QUERY, REVERSE, RECONCILE = "submit_payment", "query_payment", "reverse_payment", "reconcile"
OPERATIONS = (
    SUBMIT,
    QUERY,
    REVERSE,
    "query_customer",
    "query_arrears",
    "list_customer_changes",
    RECONCILE,
)

OK = "ok"
DUPLICATE = "duplicate"
"""The serial was there before; the answer says with what."""
ABSENT = "absent"
"""No record so far."""
TAKEN_BACK = "taken_back"
"""The payment stands as reversed; the answer says by what."""
REFUSED = "refused"
"""By a rule; nothing was done."""
LATER = "later"
"""Nothing was done, and the same may be taken later."""
FAULT = "fault"
"""It failed there; whether something was done first is not said."""
MEANINGS = (OK, DUPLICATE, ABSENT, TAKEN_BACK, REFUSED, LATER, FAULT)

SEND_AGAIN = "send_again"
"""Unchanged, under the same serial, once the cause is removed there."""
ASK_AGAIN = "ask_again"
BY_HAND = "by_hand"
"""Done in the marketing system by hand; the reconciliation matches it."""
ACCEPT = "accept"
"""Two persons take what is booked there as ours, after comparing."""
SETTLE_DONE = "settle_done"
"""Two persons say that it stands there."""
SETTLE_VOID = "settle_void"
"""Two persons say that it does not and never will."""
ACTIONS = (SEND_AGAIN, ASK_AGAIN, BY_HAND, ACCEPT, SETTLE_DONE, SETTLE_VOID)
TWO_PERSONS = (ACCEPT, SETTLE_DONE, SETTLE_VOID)

_SETTLE = (SETTLE_DONE, SETTLE_VOID)
_CORRECT = (SEND_AGAIN, *_SETTLE)
_HAND = (BY_HAND, SEND_AGAIN, *_SETTLE)
_COMPARE = (ASK_AGAIN, ACCEPT, *_SETTLE)


@dataclass(frozen=True)
class ResultCode:
    """One result code.

    :param id: digits
    :param key: short English name
    :param sentence: code of the catalogue for people, None for success
    :param meaning: of :data:`MEANINGS`, for every operation that ``other`` does not name
    :param other: operation → meaning
    :param actions: of :data:`ACTIONS`, what the work list offers for a message with this answer
    """

    id: str
    key: str
    sentence: str | None
    meaning: str
    actions: tuple[str, ...] = ()
    other: dict[str, str] = field(default_factory=dict)


RESULTS = {
    row.id: row
    for row in (
        ResultCode("1001", "ok", None, OK),
        ResultCode("1002", "failed", codes.M_FAULT_THERE, FAULT),
        ResultCode("1003", "no_record", codes.M_NO_RECORD, ABSENT, other={SUBMIT: FAULT}, actions=_COMPARE),
        ResultCode("1004", "no_customer", codes.M_NO_CUSTOMER, REFUSED, _CORRECT),
        ResultCode("1005", "reversal_no_fit", codes.M_REVERSAL_NO_FIT, REFUSED, _HAND),
        ResultCode("1006", "bad_message", codes.M_NOT_UNDERSTOOD, REFUSED, _CORRECT),
        ResultCode("1007", "totals_differ", codes.M_TOTALS_DIFFER, REFUSED, _SETTLE),
        ResultCode("1008", "details_differ", codes.M_DETAILS_DIFFER, REFUSED, _SETTLE),
        ResultCode("1009", "both_differ", codes.M_BOTH_DIFFER, REFUSED, _SETTLE),
        ResultCode("1011", "closed", codes.M_CLOSED, LATER, _CORRECT),
        ResultCode("1013", "database", codes.M_FAULT_THERE, FAULT),
        ResultCode("1015", "later_day", codes.M_LATER_DAY, REFUSED, _HAND),
        ResultCode("1035", "no_part_payment", codes.M_NO_PART_PAYMENT, REFUSED, _CORRECT),
        ResultCode("1037", "arrears_first", codes.M_ARREARS_FIRST, REFUSED, _CORRECT),
        ResultCode("1039", "collection_refused", codes.M_COLLECTION_REFUSED, REFUSED, _CORRECT),
        ResultCode("706", "reconciled", codes.M_RECONCILED, REFUSED, _HAND),
        ResultCode("707", "past_days_only", codes.M_PAST_DAYS_ONLY, REFUSED, _CORRECT, other={RECONCILE: LATER}),
        ResultCode("11004", "duplicate", codes.M_OTHER_CONTENT, DUPLICATE, _COMPARE),
        ResultCode("11006", "other_operator", codes.M_OTHER_OPERATOR, REFUSED, _HAND),
        ResultCode("11007", "reversed", codes.M_REVERSED_THERE, TAKEN_BACK, _COMPARE),
        ResultCode("11008", "amount_differs", codes.M_AMOUNT_DIFFERS, REFUSED, _CORRECT),
        ResultCode("11061", "cash_remitted", codes.M_CASH_REMITTED, REFUSED, _HAND),
        ResultCode("11209", "not_inserted", codes.M_NOT_INSERTED_THERE, REFUSED, _CORRECT),
        ResultCode("11211", "count_differs", codes.M_COUNT_DIFFERS, REFUSED, _CORRECT),
        ResultCode("11219", "old_card", codes.M_OLD_CARD_THERE, REFUSED, _CORRECT),
    )
}
_UNKNOWN = ResultCode("", "unknown", codes.M_CODE_UNKNOWN, FAULT)


def result_of(code):
    """Return the entry of a result code; one with an empty id for a number that nobody knows."""
    return RESULTS.get(code, _UNKNOWN)


def meaning(operation, code):
    """Return what a result code means for an operation.

    :param operation: of :data:`OPERATIONS`
    :param code: digits
    :return: of :data:`MEANINGS`
    """
    entry = result_of(code)
    return entry.other.get(operation, entry.meaning)


def about_the_customer(code):
    """Tell whether the result of a query says something about the customer, not about the query or a fault there."""
    entry = result_of(code)
    return code not in ("1003", "1006") and not (entry.meaning == FAULT and entry.id)
