"""Cash boxes of terminals (清钞): what a count says of uncertain notes, and what it moves in the books."""

import re

from .codes import S_AMOUNT_MALFORMED
from .errors import Refusal

FOUND, ABSENT = "found", "absent"
LONG, TRANSIT, SHORT = "long", "transit", "short"
PARTS = (LONG, TRANSIT, SHORT)
"""In this order: the cash account of the kiosk is never less than nothing on the way."""

_DENOMINATION = re.compile(r"[1-9][0-9]{0,6}")
_MOST_PIECES = 10**6
_SESSION = re.compile(r"box-([1-9][0-9]{0,7})")
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def parse_count(pieces):
    """Return a count by denomination without the empty lines.

    :param pieces: {denomination in cents: number of pieces}, keys may be strings
    :return: {denomination in cents as text: pieces}
    :raise Refusal: S-104 for what is not a whole number, or negative
    """
    lines = {}
    for denomination, number in pieces.items():
        text = str(denomination)[:24]
        if not _DENOMINATION.fullmatch(text) or type(number) is not int or not 0 <= number < _MOST_PIECES:
            raise Refusal(S_AMOUNT_MALFORMED, amount=text)
        if number:
            lines[text] = number
    return lines


def session_name(number):
    """Return the name of a terminal's cash session, as its statements bear it.

    :param number: of the box, from 1
    """
    return f"box-{number}"


def numbers(sessions):
    """Return the numbers of those cash sessions that are named as :func:`session_name` does.

    :param sessions: names, untrusted; a number beyond eight digits is none
    """
    found = (_SESSION.fullmatch(name) for name in sessions)
    return [int(match[1]) for match in found if match]


def total(counts):
    """Return the cents of {denomination in cents, or its text: pieces}."""
    return sum(int(denomination) * number for denomination, number in counts.items())


def judge(recorded, counted, uncertain):
    """Tell what a count says of uncertain notes.

    As many notes over the record as are uncertain: they are the ones. None over it: they are not in the box. Anything
    between, or more, has several explanations: people decide.

    :param recorded: {denomination in cents: pieces} that the terminal has stated for certain
    :param counted: the same, as counted
    :param uncertain: {denomination in cents: pieces} of which the terminal knows no end
    :return: {denomination: :data:`FOUND`, :data:`ABSENT` or None} for each uncertain denomination
    """
    verdicts = {}
    for denomination, number in uncertain.items():
        over = counted.get(denomination, 0) - recorded.get(denomination, 0)
        if over <= 0:
            verdicts[denomination] = ABSENT
        else:
            verdicts[denomination] = FOUND if over == number else None
    return verdicts


def cash_moves(counted, recorded, booked):
    """Return what is still to be moved out of the kiosk's cash account for a box.

    In the end the account has lost what was recorded: what was counted is on its way to the vault, the difference is on
    the accounts for long and short money. What comes later moves only the difference to before.

    :param counted: cents
    :param recorded: cents, all of which are on the cash account
    :param booked: {part: cents}, signed as on the cash account, of the moves so far
    :return: [(part, cents)], signed as on the cash account, without those that are nothing
    """
    difference = counted - recorded
    wanted = {LONG: max(difference, 0), TRANSIT: -counted, SHORT: min(difference, 0)}
    moves = [(part, wanted[part] - booked.get(part, 0)) for part in PARTS]
    return [(part, cents) for part, cents in moves if cents]


def chinese_words(cents):
    """Return an amount as Chinese slips write it (大写金额), such as 壹佰贰拾元伍角整.

    :param cents: not negative, below 10^18
    """
    yuan, rest = divmod(cents, 100)
    jiao, fen = divmod(rest, 10)
    text = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif fen and yuan:
        text += "零"
    if fen:
        return f"{text}{_DIGITS[fen]}分"
    return f"{text or '零元'}整"


def _whole(number):
    text, pending = "", False
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    for place, group in reversed(list(enumerate(groups))):
        if group == 0:
            pending = bool(text)
            continue
        if text and (pending or group < 1000):
            text += "零"
        text += _group(group) + _GROUPS[place]
        pending = False
    return text


def _group(number):
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + _PLACES[place]
        gap = not digit
    return text
