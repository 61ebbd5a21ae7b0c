"""What becomes of one refund at a gateway, whatever reaches us, in any order and any number.

The balance is held from the approval until the gateway's word is known. Money is booked with the step to ``paid``,
which nothing leaves; a refusal lets go what was held, and so may people once no question can make the refund any more.
A time-out is no word.
"""

from dataclasses import dataclass
from datetime import timedelta

from . import codes, gateway
from .gateway_payments import AFTERCARE, pause

APPROVED, SENT, PAID, REFUSED, WITHDRAWN = "approved", "sent", "paid", "refused", "withdrawn"
OPEN = (APPROVED, SENT)
"""In which the balance is held."""
VALID = timedelta(minutes=5)
"""How long the gateway may carry out a question for a refund: after that one that was on its way does nothing."""
GRACE = timedelta(minutes=5)
"""By how much the clocks of both sides may differ."""


@dataclass(frozen=True)
class Step:
    """What is to be done.

    :param state: of the refund, the next one
    :param book: whether the money is taken off the balance, now and never again
    :param release: whether what was held is let go
    :param code: what staff have to know, or None
    """

    state: str
    book: bool = False
    release: bool = False
    code: str | None = None


def after(state, told, hopeless=False, told_before=None):
    """Return the step that follows from what the gateway says.

    :param state: of the refund, from :data:`APPROVED` on
    :param told: state of :class:`.gateway.RefundTold`
    :param hopeless: of :func:`is_hopeless`
    :param told_before: what it said before that, or empty
    :return: :class:`Step`
    """
    if state == PAID:
        return Step(PAID)
    is_open = state in OPEN
    if told == gateway.REFUNDED:
        return Step(PAID, book=True, release=is_open, code=None if is_open else codes.A_REFUND_LATE)
    if is_open and (told == gateway.REFUSED or (told == gateway.UNKNOWN and hopeless)):
        return Step(REFUSED, release=True, code=codes.A_REFUND_REFUSED)
    if not is_open and told != told_before:
        # Its money may be spent meanwhile: people hear of it before it is gone, and when it does not go after all.
        if told == gateway.REFUND_PENDING:
            return Step(state, code=codes.A_REFUND_COMING)
        if told_before == gateway.REFUND_PENDING and told == gateway.REFUSED:
            return Step(state, code=codes.A_REFUND_REFUSED)
    return Step(state)


def after_error(state, questions):
    """Return the step when the gateway does not do what was asked: this question made nothing.

    :param state: of the refund
    :param questions: how many questions for it have left us, this one too; an earlier one may have made it
    :return: :class:`Step`
    """
    if state in OPEN and questions == 1:
        return Step(REFUSED, release=True, code=codes.A_REFUND_REFUSED)
    return Step(state)


def is_hopeless(error, now, valid_until):
    """Tell whether a refund that the gateway does not know will never be made.

    :param error: the gateway's word for why it did not do the latest question, or empty
    :param now: moment
    :param valid_until: until when the latest question could be carried out, or empty
    """
    return bool(error and valid_until) and now >= valid_until + GRACE


def may_be_taken_back(state, unheard_at, valid_until):
    """Tell whether people may end an approved refund: it was never asked for, or nothing can make it any more.

    :param state: of the refund
    :param unheard_at: when that question left us to which the gateway said last that it never heard of it, or empty
    :param valid_until: until when the latest question to pay back could be carried out, or empty
    """
    if state != SENT:
        return state == APPROVED
    return bool(unheard_at and valid_until) and unheard_at >= valid_until + GRACE


def next_call(state, told, error, is_on=True):
    """Return what to ask the gateway: to pay back, again only while it knows nothing of it, or how it stands.

    :param state: of the refund
    :param told: what it said last after the latest question for it, or empty
    :param error: why it did not do the latest question, or empty
    :param is_on: whether the provider is asked to pay back at all
    :return: :data:`.gateway.REFUND`, :data:`.gateway.REFUND_QUERY`, or None: there is nothing to ask
    """
    is_unheard = state == APPROVED or (state == SENT and told == gateway.UNKNOWN and not error)
    if is_unheard and is_on:
        return gateway.REFUND
    return None if state == APPROVED else gateway.REFUND_QUERY


def next_at(state, now, sent_at, ended_at, is_answered=True):
    """Return when to ask again, or None: never.

    :param state: of the refund, after the last word
    :param now: moment
    :param sent_at: when it was asked for first; empty while it was not
    :param ended_at: when we first heard that it was refused, or it was taken back
    :param is_answered: whether the last question was answered, and that it is not on its way
    """
    if state == PAID:
        return None
    if state in OPEN:
        return now + pause(now - sent_at if sent_at else timedelta())
    checked = ended_at + AFTERCARE
    if now < checked:
        return checked
    return None if is_answered else now + pause(now - checked)
