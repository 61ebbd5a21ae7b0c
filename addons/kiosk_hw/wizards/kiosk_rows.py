"""The rows of kiosks that are to be set up: counted on from a first code, or read from a list."""

import csv
import io
import itertools
import re
from dataclasses import dataclass

MOST = 500
"""Kiosks in one go."""
LONGEST = 64
"""Characters of a cell."""
JOURNAL_CODE = 5
"""Characters that Odoo allows for the code of a journal."""

_COLUMNS = ("code", "name", "place", "next_place", "phone")
_HEADERS = {"code", "编号", "终端编号"}
_DELIMITERS = (",", ";", "，")
_ENCODINGS = ("utf-8-sig", "gb18030")
_TAIL = re.compile(r"^(.*?)(\d+)$")


@dataclass
class Row:
    """One kiosk as somebody wants it.

    :param line: number in the list, from 1
    :param code: of its terminal
    """

    line: int
    code: str
    name: str = ""
    place: str = ""
    next_place: str = ""
    phone: str = ""


def numbered(first, count):
    """Return codes that count on from a first one, as wide as it is: K009, K010.

    :param first: ends with a number, unless it is the only one
    :param count: how many
    :raises ValueError: the first one ends without a number, and there are several
    """
    tail = _TAIL.match(first)
    if not tail:
        if count == 1:
            return [first]
        raise ValueError(first)
    stem, number = tail.groups()
    return [f"{stem}{int(number) + step:0{len(number)}d}" for step in range(count)]


def decode(data):
    """Return the text of a file that a spreadsheet wrote: UTF-8, or what Chinese spreadsheets write.

    :param data: bytes
    :raises ValueError: it is no text
    """
    for encoding in _ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ValueError


def read(text):
    """Return the rows of a list: code, name, place, next place, phone; pasted from a spreadsheet or as CSV.

    :param text: one kiosk a line, with or without a heading; cells after the code may be missing
    :return: list of :class:`Row`; empty lines are none
    """
    delimiter = "\t" if "\t" in text else max(_DELIMITERS, key=text.count)
    rows = []
    for line, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1):
        cells = [cell.strip() for cell in cells]
        if not any(cells) or (not rows and cells[0].lower() in _HEADERS):
            continue
        rows.append(Row(line, **dict(zip(_COLUMNS, cells, strict=False))))
    return rows


def journal_code(code, taken):
    """Return a free code for the journal of a terminal, as near to the terminal's own as five characters allow.

    :param code: of the terminal
    :param taken: set of codes that are in use; the result is added
    """
    own = "".join(re.findall(r"[A-Z0-9]", code.upper()))[-JOURNAL_CODE:]
    counted = (f"K{number:04d}" for number in range(1, 10_000))
    free = next(each for each in itertools.chain([own], counted) if each and each not in taken)
    taken.add(free)
    return free
