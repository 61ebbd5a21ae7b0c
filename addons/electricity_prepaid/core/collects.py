"""Collect orders: only with one may a terminal take notes for an order (``docs/protocol`` §1)."""

from . import money, tokens
from .codes import S_AMOUNT_MALFORMED
from .errors import Refusal

LIFETIME = 60
"""Seconds in which the acceptor must be opened."""
WAIT = 60
"""Seconds without a note after which the terminal submits what is in."""
MOST_DENOMINATIONS = 32
LARGEST_NOTE = 1_000_000


def issue(keyring, terminal_uuid, now, jti, recharge_uuid, session, denominations, most):
    """Sign a collect order.

    :param keyring: :class:`~.keyring.Keyring`
    :param terminal_uuid: the terminal whose acceptor may open
    :param now: seconds since the epoch (UTC)
    :param jti: uuid of the collect order: it opens an acceptor once
    :param recharge_uuid: uuid of the order that is paid
    :param session: the terminal's cash session
    :param denominations: cents of the notes that are taken
    :param most: cents; a note that would bring the total above it is given back
    """
    claims = {
        "iss": keyring.db_uuid,
        "aud": terminal_uuid,
        "jti": jti,
        "epoch": keyring.epoch,
        "iat": int(now),
        "exp": int(now) + LIFETIME,
        "recharge": recharge_uuid,
        "session": session,
        "denominations": sorted(denominations),
        "most": most,
        "wait": WAIT,
    }
    return tokens.sign(tokens.COLLECT, claims, keyring.active)


def parse_denominations(text):
    """Return the notes that a company takes, in cents.

    :param text: yuan separated by commas, such as ``"1,5,10"``
    :raise Refusal: S-104 something else, too large, twice, or none
    """
    found = [money.parse_amount(part.strip()) for part in (text or "").split(",") if part.strip()]
    good = 0 < len(found) <= MOST_DENOMINATIONS and len(set(found)) == len(found)
    if not good or not all(0 < value <= LARGEST_NOTE for value in found):
        raise Refusal(S_AMOUNT_MALFORMED, amount=text or "")
    return sorted(found)


def most_cents(due, denominations, limit):
    """Return the total above which a terminal takes no further note: the last one may overpay.

    :param due: cents that the order still needs
    :param denominations: cents
    :param limit: cents, the company's limit for one order; 0 means none
    """
    most = due + max(denominations) - 1
    return min(most, limit) if limit else most
