"""Print orders: what a terminal may print, once (``docs/protocol`` §1)."""

from . import tokens

LIFETIME = 120
"""Seconds in which the terminal must have it."""
MOST_LINES = 120
LONGEST_TEXT = 600
NOTHING = "-"
PRINTED, NOT_PRINTED, UNKNOWN = "printed", "not_printed", "unknown"
ENDS = (PRINTED, NOT_PRINTED, UNKNOWN)
"""What becomes of a print: on paper; nothing is on paper; a part of it may be."""
MOST_ASKED = 4
"""Prints that Odoo asks a terminal for with one answer to a heartbeat."""
_END = ("job", "state", "code")
TEXTS = frozenset(("title", "heading", "box", "text", "small", "qr"))
PAIRS = frozenset(("pair", "total", "small_pair"))


def line(kind, text="", value=""):
    """Return one line of a receipt.

    :param kind: of :data:`TEXTS`, of :data:`PAIRS`, or ``rule``
    :param text: what it says; of a pair the left side
    :param value: of a pair the right side
    """
    made = {"kind": kind}
    if kind in TEXTS or kind in PAIRS:
        made["text"] = clean(text)
    if kind in PAIRS:
        made["value"] = clean(value)
    return made


def clean(text):
    """Return a text as a printer takes it: one row of printable characters, never empty.

    Names come from other systems; a control character would command the printer.

    :param text: any
    """
    row = " ".join(str(text or "").split())
    return "".join(letter for letter in row if letter.isprintable())[:LONGEST_TEXT] or NOTHING


def read_ends(claims, name):
    """Read what a terminal says of the prints that it was asked for with the answers to its heartbeats.

    :param claims: :class:`~.claims.Claims` of a heartbeat
    :param name: of the claim
    :return: {uuid of the print: (one of :data:`ENDS`, code or None)}
    :raise Refusal: malformed, or too many
    """
    parts = claims.parts(name, _END, MOST_ASKED)
    return {part.uuid("job"): (part.choice("state", ENDS), part.optional("code", part.code)) for part in parts}


def issue(keyring, terminal_uuid, now, jti, lines):
    """Sign a print order.

    :param keyring: :class:`~.keyring.Keyring`
    :param terminal_uuid: the terminal that may print it
    :param now: seconds since the epoch (UTC)
    :param jti: uuid of the print: it is on paper once
    :param lines: as :func:`line` makes them; what is too much is left out
    """
    claims = {
        "iss": keyring.db_uuid,
        "aud": terminal_uuid,
        "jti": jti,
        "epoch": keyring.epoch,
        "iat": int(now),
        "exp": int(now) + LIFETIME,
        "lines": lines[:MOST_LINES],
    }
    return tokens.sign(tokens.PRINT, claims, keyring.active)
