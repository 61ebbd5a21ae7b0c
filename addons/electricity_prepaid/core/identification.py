"""Who may be believed at a kiosk without a card: what is asked beside an account number, and after how many tries not.

Four digits can be guessed by whoever may try ten thousand times. So wrong tries are counted, whatever account they were
about and whether there is one: per visit, per kiosk and per number.
"""

import hmac
from datetime import timedelta

from . import codes
from .errors import Refusal

DIGITS = 4
"""Digits that are asked beside an account number."""
TOKEN_LIFE = timedelta(minutes=15)
"""How long an identification holds at most; the end of the visit ends it before."""
VISIT_TRIES = 3
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KIOSK_LIMITS = ((10, HOUR),)
"""Wrong tries at one kiosk, and the time in which they count."""
NUMBER_LIMITS = ((5, HOUR), (10, DAY))
"""Wrong tries for one number, at all kiosks together."""
LONGEST = max(time for _most, time in (*KIOSK_LIMITS, *NUMBER_LIMITS))
_NOTHING = "-" * DIGITS


def last_digits(text):
    """Return the last four digits of a telephone or identity number, None when it has fewer.

    :param text: as it stands in the customer's file, or empty
    """
    digits = "".join(character for character in text or "" if character.isascii() and character.isdigit())
    return digits[-DIGITS:] if len(digits) >= DIGITS else None


def agree(expected, given):
    """Tell whether the digits are right, in the same time for an account that there is not.

    :param expected: of :func:`last_digits`, None for nobody
    :param given: what was typed
    """
    typed = given if isinstance(given, str) and given.isascii() else _NOTHING
    same = hmac.compare_digest((expected or _NOTHING).encode(), typed.encode())
    return same and expected is not None


def locked_until(wrong, limits, now):
    """Return until when no further try is taken, None when one may be made.

    :param wrong: times of wrong tries, in any order
    :param limits: of :data:`KIOSK_LIMITS` or :data:`NUMBER_LIMITS`
    :param now: time of the same kind
    """
    ends = []
    for most, time in limits:
        counted = sorted(at for at in wrong if at > now - time)
        if len(counted) >= most:
            ends.append(counted[-most] + time)
    return max(ends, default=None)


def check_visit(wrong):
    """Check that this visit may try once more.

    :param wrong: how many of its tries were wrong
    :raises Refusal: K-154
    """
    if wrong >= VISIT_TRIES:
        raise Refusal(codes.K_IDENTITY_TRIES)
