"""The states of orders and attempts: one table each, and the functions that read them.

An attempt is one physical try and has a state of its own; the order's state is derived. Success is final, a late "not
written" never downgrades, and a late "written" on an order that was given up makes a dispute.
"""

from . import codes
from .errors import Refusal
from .evidence import never_executed

ORDER_STATES = (
    "draft",
    "paid",
    "authorized",
    "written",
    "unknown",
    "not_written",
    "cancelled",
    "reversed",
    "dispute",
)
#: An order in one of these occupies its account.
OPEN_STATES = ("draft", "paid", "authorized", "unknown", "not_written")
FINAL_STATES = ("written", "cancelled", "reversed", "dispute")

ATTEMPT_STATES = ("issued", "intent", "written", "not_written", "unknown", "void")
#: An attempt in one of these may still be carried out or reported.
LIVE_ATTEMPT_STATES = ("issued", "intent")
#: ``stale`` is ours (no receipt came in time, or the card was seen elsewhere); the others are what a receipt reports.
ATTEMPT_EVENTS = ("intent", "written", "not_written", "unknown", "void", "stale")

_REPORTS = {
    "written": "written",
    "not_written": "not_written",
    "unknown": "unknown",
    "void": "void",
}

#: ``state -> {event: state}``; an event that is not named changes nothing.
ATTEMPTS = {
    "issued": {"intent": "intent", "stale": "unknown", **_REPORTS},
    "intent": {"stale": "unknown", **_REPORTS},
    "unknown": _REPORTS,
    # A terminal signs one receipt per attempt. Should another come nevertheless, the one that forbids a refund wins.
    "not_written": {"written": "written", "unknown": "unknown"},
    "void": {"written": "written", "unknown": "unknown"},
    "written": {},
}

#: Entries of :data:`ORDERS` that are not states.
_DERIVE = "derive"
_GIVE_UP = "give up"
_DELIVER = "deliver"

_OPEN_REPORTS = {
    "written": "written",
    "not_written": _DERIVE,
    "unknown": _DERIVE,
    "void": _DERIVE,
    "stale": _DERIVE,
    "read_written": "written",
    "read_rewrite": _DERIVE,
    "read_hold": _DERIVE,
    "reading_credited": "written",
}
_NO_EFFECT = dict.fromkeys(_OPEN_REPORTS)
_GIVEN_UP = {**_NO_EFFECT, "written": "dispute", "read_written": "dispute", "reading_credited": "dispute"}

#: ``state -> {event: next}``. ``None``: accepted, changes nothing. An event that is not named is refused.
ORDERS = {
    "draft": {"pay": "paid", "cancel": "cancelled", "expire": "cancelled", **_NO_EFFECT, "written": "dispute"},
    "paid": {
        "pay": None,
        "authorize": "authorized",
        "rewrite": "authorized",
        "deliver": _DELIVER,
        "cancel": _GIVE_UP,
        **_OPEN_REPORTS,
    },
    "authorized": {"cancel": _GIVE_UP, **_OPEN_REPORTS},
    "unknown": {"rewrite": "authorized", "cancel": _GIVE_UP, **_OPEN_REPORTS},
    "not_written": {"rewrite": "authorized", "cancel": _GIVE_UP, **_OPEN_REPORTS},
    # The meter may refuse a written order (hoard): it is written again and stays written.
    "written": {"rewrite": None, "reverse": "reversed", "deliver": None, **_NO_EFFECT},
    "cancelled": _GIVEN_UP,
    "reversed": _GIVEN_UP,
    "dispute": {"settle": "written", **_NO_EFFECT},
}

ORDER_EVENTS = (
    "pay",
    "authorize",
    "rewrite",
    "deliver",
    *_OPEN_REPORTS,
    "cancel",
    "expire",
    "reverse",
    "settle",
)


def attempt_after(state, event):
    """Return the state of an attempt after an event.

    :param state: one of :data:`ATTEMPT_STATES`
    :param event: one of :data:`ATTEMPT_EVENTS`
    """
    if event not in ATTEMPT_EVENTS:
        raise ValueError(f"no such event of an attempt: {event}")
    return ATTEMPTS[state].get(event, state)


def from_attempts(attempts):
    """Return the state that the attempts of an open, paid order give it.

    :param attempts: states of all attempts
    """
    states = set(attempts)
    for attempt, order in (
        ("written", "written"),
        ("issued", "authorized"),
        ("intent", "authorized"),
        ("unknown", "unknown"),
        ("not_written", "not_written"),
    ):
        if attempt in states:
            return order
    return "paid"


def derive(state, attempts, event, fenced=False):
    """Return the state of an order after an event.

    :param state: one of :data:`ORDER_STATES`
    :param attempts: states of all its attempts, the event already applied to the one that it concerns; before a
        ``read_*`` event the caller turns live attempts stale, because the card was seen outside the insertion that
        they name
    :param event: one of :data:`ORDER_EVENTS`
    :param fenced: a meter reading has shown that the order can no longer be credited (:mod:`.evidence`)
    :raise Refusal: S-112 not in this state; S-114 giving up without evidence
    """
    if event not in ORDER_EVENTS:
        raise ValueError(f"no such event of an order: {event}")
    row = ORDERS[state]
    if event not in row:
        raise Refusal(codes.S_NOT_IN_STATE)
    after = row[event]
    if after is None:
        return state
    if after == _DERIVE:
        return from_attempts(attempts)
    if after == _GIVE_UP:
        if not (fenced or never_executed(attempts)):
            raise Refusal(codes.S_MAY_NOT_CANCEL)
        return "cancelled"
    if after == _DELIVER:
        # Only what needs no card is delivered so: nothing was ever issued for it.
        if attempts:
            raise Refusal(codes.S_NOT_IN_STATE)
        return "written"
    return after


def reversal_event(state, outcome, is_last):
    """Return the event of an order for the end of an attempt to reverse it, None when nothing follows.

    An attempt to reverse is none to write: its state is not among those that :func:`derive` looks at.

    :param state: of the order
    :param outcome: of the attempt to reverse, one of :data:`ATTEMPT_STATES`
    :param is_last: nothing was issued for the order after it; otherwise its receipt came too late to count
    """
    return "reverse" if outcome == "written" and state == "written" and is_last else None


def actions(state, attempts, paid=False, resolution=None, card=True):
    """Return what a person may do with an order now, in the order in which the buttons stand.

    :param state: state of the order
    :param attempts: states of its attempts
    :param paid: money was taken for it and has not been handed back
    :param resolution: what the last reading of its card said (:mod:`.resolution`), None when there was none
    :param card: False for an order that no card carries: it ends with its payment
    :return: tuple of ``tender``, ``authorize``, ``rewrite``, ``cancel``, ``refund``, ``read_card``, ``print``
    """
    allowed = {
        "draft": ("tender",),
        "paid": ("authorize",),
        "authorized": ("read_card",),
        "unknown": ("read_card",) if resolution == "hold" else ("rewrite", "read_card"),
        "not_written": ("rewrite", "read_card"),
        "written": ("rewrite", "print") if resolution == "rewrite" else ("print",),
    }.get(state, ())
    if not card:
        allowed = {"draft": ("tender",), "written": ("print",)}.get(state, ())
    if state in OPEN_STATES and never_executed(attempts):
        give_up = ("cancel", "refund") if paid else ("cancel",)
        allowed = (*allowed, *give_up)
    order = ("tender", "authorize", "rewrite", "cancel", "refund", "read_card", "print")
    return tuple(key for key in order if key in allowed)
