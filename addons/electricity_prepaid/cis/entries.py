"""Entries of a list, each read by itself: one that is wrong must not keep the others."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import count, islice

from lxml import etree

from ..core.cis_types import UnreadableFile

SCHEMA, VALUE = "schema", "value"
_ACCOUNT_NO = re.compile(r"[0-9]{12}")


def one_by_one(read, found, account):
    """Read the entries of a page.

    :param read: entry → :class:`~..core.cis_types.CustomerFile`; raises ``ValueError``, ``ArithmeticError`` or
        ``LookupError`` for a value that has no meaning
    :param found: zeep's objects
    :param account: name of what holds an entry's account number
    :return: files that were read, and :class:`~..core.cis_types.UnreadableFile` for each other
    """
    files, unreadable = [], []
    for position, entry in enumerate(found, 1):
        try:
            files.append(read(entry))
        except (ValueError, ArithmeticError, LookupError):
            unreadable.append(UnreadableFile(position, VALUE, getattr(entry, account)))
    return tuple(files), tuple(unreadable)


def with_refused(answer, refused, account):
    """Return a page with the entries that the schema refused before anything was read.

    :param answer: :class:`~..core.cis_types.ChangesAnswer` of the others
    :param refused: XML elements by their position in the page, from 1
    :param account: local name of the child or attribute that holds an entry's account number
    """
    left = len(answer.customers) + len(answer.unreadable)
    places = list(islice((place for place in count(1) if place not in refused), left))
    unreadable = [replace(each, position=places[each.position - 1]) for each in answer.unreadable]
    unreadable += [UnreadableFile(place, SCHEMA, _told(entry, account)) for place, entry in refused.items()]
    return replace(answer, unreadable=tuple(sorted(unreadable, key=lambda each: each.position)))


def _told(entry, account):
    """Return the account number of an XML entry, empty when it says none, or two."""
    told = {each.text or "" for each in entry.iterchildren(etree.Element) if etree.QName(each).localname == account}
    told |= {value for name, value in entry.items() if name == account}
    number = told.pop().strip() if len(told) == 1 else ""
    return number if _ACCOUNT_NO.fullmatch(number) else ""
