"""How a message gets to the marketing system exactly once: the rules of the outbox, without database or network.

A message is a payment or the reversal of one. Its serial never changes, and it is sent under it until the marketing
system has said what stands in its books:

- no answer is no failure: the outcome is *unknown*, it is asked for (QueryPayment), then the same serial is sent again;
- "no record" is not final before the day is reconciled, as a booking may come late: hence ``uncertain`` stays, and a
  payment that was ever tried is sent until it is known and then taken back, never withdrawn;
- "duplicate" is ours only when account and amount agree, else a dispute;
- a reversal follows its payment and never overtakes it.

Source: the domain's page on the marketing system.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta

from . import cis_results, codes
from .cis_results import (
    ABSENT,
    ACCEPT,
    ASK_AGAIN,
    DUPLICATE,
    LATER,
    OK,
    REFUSED,
    SETTLE_DONE,
    SETTLE_VOID,
    TAKEN_BACK,
)
from .cis_types import Unreachable

PAYMENT, REVERSAL = "payment", "reversal"
KINDS = (PAYMENT, REVERSAL)

S_QUEUED, S_UNKNOWN, S_WAITING = "queued", "unknown", "waiting"
S_REFUSED, S_DISPUTE, S_BY_HAND = "refused", "dispute", "by_hand"
S_DONE, S_WITHDRAWN = "done", "withdrawn"
STATES = (S_QUEUED, S_UNKNOWN, S_WAITING, S_REFUSED, S_DISPUTE, S_BY_HAND, S_DONE, S_WITHDRAWN)
LIVE = (S_QUEUED, S_UNKNOWN)
"""The outbox works on these by itself; they hold back what follows them in their account's queue."""
WORK = (S_WAITING, S_REFUSED, S_DISPUTE, S_BY_HAND)
"""People work on these."""
FINAL = (S_DONE, S_WITHDRAWN)

SUBMIT, QUERY, REVERSE = cis_results.SUBMIT, cis_results.QUERY, cis_results.REVERSE
WITHDRAW = "withdraw"
"""Payment and reversal together: nothing of them is or will be in the other books."""
WAIT = "wait"
"""The reversal leaves the queue until its payment is settled."""
STEPS = (SUBMIT, QUERY, REVERSE, WITHDRAW, WAIT)

FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(minutes=30)


@dataclass(frozen=True)
class Standing:
    """What of a message decides.

    :param kind: of :data:`KINDS`
    :param state: of :data:`STATES`
    :param tried: it may have left us at least once
    :param uncertain: it left us once without an answer: the other books may still take it up
    :param failures: in a row, for the back-off
    :param unnamed: people said that it stands there, and nobody knows yet under which serial
    """

    kind: str
    state: str = S_QUEUED
    tried: bool = False
    uncertain: bool = False
    failures: int = 0
    unnamed: bool = False


@dataclass(frozen=True)
class After:
    """What a try came to.

    :param standing: of the message from now on
    :param code: sentence for people, None when there is nothing to say
    :param result: digits of the marketing system, or empty
    :param found: the booking or reversal that the answer shows, or None
    :param at_once: the next step need not wait
    """

    standing: Standing
    code: str | None = None
    result: str = ""
    found: object = None
    at_once: bool = False


def next_step(message, payment=None, followed=False):
    """Return what is to be done with the first message of its account's queue.

    :param message: :class:`Standing`, live
    :param payment: of a reversal: :class:`Standing` of what it takes back
    :param followed: of a payment: its reversal stands in the queue
    :return: of :data:`STEPS`
    """
    if message.kind == PAYMENT:
        if followed and not message.tried:
            return WITHDRAW
        return QUERY if message.state == S_UNKNOWN else SUBMIT
    if not releases(payment):
        return WAIT
    if payment.state != S_DONE:
        return WITHDRAW
    return QUERY if message.state == S_UNKNOWN else REVERSE


def releases(payment):
    """Tell whether the reversal of a payment has something to do: it is booked, or it is not there and never will be.

    :param payment: :class:`Standing`
    """
    return payment.state in FINAL or (payment.state == S_REFUSED and not payment.uncertain)


def counted_again(payment, reversal=None):
    """Return what becomes of the messages of a sale that was taken back and counts after all.

    What never left us goes its way as if nothing had been. Of everything else people decide: a serial cannot be used
    twice, and a reversal that may have left us must not go out once more for a sale that counts.

    :param payment: :class:`Standing`
    :param reversal: :class:`Standing` of its reversal that is not withdrawn, or None
    :return: both, as they are from now on
    """
    if reversal and not reversal.tried and reversal.state in (*LIVE, S_WAITING, S_REFUSED):
        reversal = replace(reversal, state=S_WITHDRAWN)
    if payment.state == S_WITHDRAWN and not payment.tried:
        return replace(payment, state=S_QUEUED, failures=0), reversal
    if payment.state == S_WITHDRAWN or (reversal and reversal.state != S_WITHDRAWN):
        payment = replace(payment, state=S_DISPUTE, failures=0)
        if reversal and reversal.state in LIVE:
            reversal = replace(reversal, state=S_WAITING, failures=0)
    return payment, reversal


def leased(message, step):
    """Return the standing to commit before a step: whoever dies now may have sent it."""
    return replace(message, tried=True) if step in (SUBMIT, REVERSE) else message


def abandoned(message):
    """Return the standing of a message whose worker did not come back with the outcome."""
    return replace(message, state=S_UNKNOWN, uncertain=True) if message.tried else message


def after(message, step, answer, payment, reversal=None):
    """Return what becomes of a message after a call.

    :param message: :class:`Standing` as it was before the lease
    :param step: :data:`SUBMIT`, :data:`QUERY` or :data:`REVERSE`
    :param answer: of :mod:`.cis_types`, or the ``Unreachable`` that was raised
    :param payment: :class:`~.cis_types.Payment`, the message's own or the one to take back
    :param reversal: :class:`~.cis_types.Reversal`: of a reversal its own; of a payment the one that follows it, or None
    :return: :class:`After`
    """
    if isinstance(answer, Unreachable):
        return _unanswered(message, step, answer)
    judge = {SUBMIT: _submitted, REVERSE: _reversed}.get(step)
    if judge is None:
        judge = _asked_payment if message.kind == PAYMENT else _asked_reversal
    outcome = judge(replace(message, tried=True), answer, payment, reversal)
    return replace(outcome, result=answer.result.code)


def _unanswered(message, step, failure):
    if failure.kind == "unsendable":
        return unsendable(message)
    failures = message.failures + 1
    if not failure.sent:
        return After(replace(message, failures=failures), codes.M_NOT_CONFIRMED)
    if step == QUERY:
        return After(replace(message, state=S_UNKNOWN, failures=failures), codes.M_NOT_CONFIRMED)
    return _unknown(replace(message, tried=True))


def unsendable(message):
    """Return what becomes of a message of whose content no call can be made: nothing left us, and people look at it.

    :param message: :class:`Standing` before the lease
    :return: :class:`After`
    """
    return After(replace(message, state=S_REFUSED, failures=0), codes.M_UNSENDABLE)


def _unknown(message, code=codes.M_NOT_CONFIRMED):
    standing = replace(message, state=S_UNKNOWN, uncertain=True, failures=message.failures + 1)
    # The first question comes at once: mostly the answer alone was lost.
    return After(standing, code, at_once=message.failures == 0)


def _done(message, found):
    return After(replace(message, state=S_DONE, failures=0), found=found)


def _dispute(message, code, found=None):
    return After(replace(message, state=S_DISPUTE, failures=0), code, found=found)


def _by_meaning(message, operation, answer):
    """Return what becomes of a message whose answer brings no record."""
    entry = cis_results.result_of(answer.result.code)
    means = cis_results.meaning(operation, answer.result.code)
    if means == REFUSED:
        return After(replace(message, state=S_REFUSED, failures=0), entry.sentence)
    if means == LATER:
        return After(replace(message, state=S_QUEUED, failures=message.failures + 1), entry.sentence)
    return _unknown(message, entry.sentence or codes.M_NOT_CONFIRMED)


def _submitted(message, answer, payment, _reversal):
    means = cis_results.meaning(SUBMIT, answer.result.code)
    if means not in (OK, DUPLICATE):
        return _by_meaning(message, SUBMIT, answer)
    if answer.booking is None:
        return _unknown(message)
    if not answer.booking.is_of(payment):
        return _dispute(message, codes.M_OTHER_CONTENT, answer.booking)
    return _done(message, answer.booking)


def _asked_payment(message, answer, payment, reversal):
    means = cis_results.meaning(QUERY, answer.result.code)
    if means == ABSENT:
        return After(replace(message, state=S_QUEUED), codes.M_NO_RECORD, at_once=True)
    if means != OK or answer.booking is None:
        return _still_unknown(message, answer)
    if not answer.booking.is_of(payment):
        return _dispute(message, codes.M_OTHER_CONTENT, answer.booking)
    if answer.reversal and (reversal is None or answer.reversal.serial != reversal.serial):
        return _dispute(message, codes.M_REVERSED_THERE, answer.booking)
    return _done(message, answer.booking)


def _asked_reversal(message, answer, payment, reversal):
    means = cis_results.meaning(QUERY, answer.result.code)
    if means == ABSENT:
        return _dispute(message, codes.M_PAYMENT_VANISHED)
    if means != OK or answer.booking is None:
        return _still_unknown(message, answer)
    if answer.reversal is None:
        return After(replace(message, state=S_QUEUED), codes.M_NOT_CONFIRMED, at_once=True)
    return _compare_reversal(message, answer.reversal, payment, reversal)


def _still_unknown(message, answer):
    entry = cis_results.result_of(answer.result.code)
    standing = replace(message, state=S_UNKNOWN, failures=message.failures + 1)
    return After(standing, entry.sentence or codes.M_NOT_CONFIRMED)


def _reversed(message, answer, payment, reversal):
    means = cis_results.meaning(REVERSE, answer.result.code)
    if means == ABSENT:
        return _dispute(message, codes.M_PAYMENT_VANISHED)
    if means not in (OK, DUPLICATE, TAKEN_BACK):
        return _by_meaning(message, REVERSE, answer)
    if answer.reversal is None:
        return _unknown(message)
    return _compare_reversal(message, answer.reversal, payment, reversal)


def _compare_reversal(message, found, payment, reversal):
    if found.original_serial != reversal.original_serial:
        return _dispute(message, codes.M_OTHER_CONTENT, found)
    if found.serial != reversal.serial:
        return _dispute(message, codes.M_REVERSED_THERE, found)
    if found.amount != payment.amount:
        return _dispute(message, codes.M_AMOUNT_DIFFERS, found)
    return _done(message, found)


def may_stand_there(message):
    """Tell whether a payment stands in the other books, or may yet: then their rules say when it is taken back.

    :param message: :class:`Standing` of the payment
    """
    if message.state == S_REFUSED:
        return message.uncertain
    return message.tried and message.state != S_WITHDRAWN


def delay(serial, failures):
    """Return how long a message waits after failures in a row: for ever longer up to a cap, each at its own moment.

    :param serial: of the message; makes the moment its own, and the same each time
    :param failures: at least 1
    """
    longest = min(FIRST_DELAY * 2 ** min(failures - 1, 16), LONGEST_DELAY)
    spread = int.from_bytes(hashlib.sha256(f"{serial}:{failures}".encode()).digest()[:4], "big") / 2**32
    return longest * (0.75 + spread / 4)


def actions(message, result):
    """Return what the work list offers for a message.

    :param message: :class:`Standing`
    :param result: digits of the latest answer, or empty
    :return: tuple of :data:`.cis_results.ACTIONS`
    """
    if message.state in LIVE:
        return (ASK_AGAIN, SETTLE_DONE, SETTLE_VOID) if message.tried else ()
    if message.state == S_WAITING:
        return (SETTLE_DONE, SETTLE_VOID)
    if message.state == S_BY_HAND:
        return (cis_results.SEND_AGAIN, SETTLE_DONE, SETTLE_VOID)
    if message.state == S_DISPUTE:
        return (ASK_AGAIN, ACCEPT, SETTLE_DONE, SETTLE_VOID)
    if message.state != S_REFUSED:
        return ()
    offered = cis_results.result_of(result).actions or (cis_results.SEND_AGAIN, SETTLE_DONE, SETTLE_VOID)
    if message.kind == PAYMENT:
        # By hand it would stand there under another serial than ours: two persons say that it does.
        offered = tuple(action for action in offered if action != cis_results.BY_HAND)
    return (ASK_AGAIN, *offered) if message.uncertain and ASK_AGAIN not in offered else offered


def after_action(message, action):
    """Return the standing after somebody's action on the work list, the second person's approval included.

    :param message: :class:`Standing`
    :param action: of :data:`.cis_results.ACTIONS`, one that :func:`actions` offers
    """
    state = {
        cis_results.SEND_AGAIN: S_QUEUED,
        ASK_AGAIN: S_UNKNOWN,
        cis_results.BY_HAND: S_BY_HAND,
        ACCEPT: S_DONE,
        SETTLE_DONE: S_DONE,
        SETTLE_VOID: S_WITHDRAWN,
    }[action]
    return replace(message, state=state, failures=0, unnamed=action in (ACCEPT, SETTLE_DONE))
