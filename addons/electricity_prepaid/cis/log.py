"""One masked record for each call: enough to follow a payment, nothing that a log must not keep.

Values are shown by a list of what is harmless; everything else is masked, also what a foreign answer adds. A number of
an account, a card or a meter keeps its last four digits. The SOAP header, with the token's digest, is never looked at.
"""

from __future__ import annotations

import logging
import re

from lxml import etree

_logger = logging.getLogger(__name__)
HIDDEN = "***"
#: Whatever the place says that it is: a serial that somebody sent back may be anything.
_CUSTOMERS_NUMBER = re.compile(r"\d{12}|\d{16}")
_LONGEST_MESSAGE = 20_000


def last_four(number):
    """Return a number with all but its last four digits hidden; a short one is hidden whole."""
    text = str(number)
    return f"{HIDDEN}{text[-4:]}" if len(text) > 8 else HIDDEN


def masked_body(envelope, shown):
    """Return the body of a SOAP message for a log.

    :param envelope: root element, or None
    :param shown: local names of elements and attributes whose values are harmless: the schema leaves them no room for
        anything else
    :return: XML without the header, at most 20 000 characters; empty without a body
    """
    body = None if envelope is None else next((each for each in envelope if _local(each) == "Body"), None)
    if body is None or not len(body):
        return ""
    lines = []
    _describe(body[0], shown, lines)
    return "".join(lines)[:_LONGEST_MESSAGE]


def _describe(element, shown, lines):
    name = _local(element)
    attributes = "".join(f' {_bare(key)}="{_value(_bare(key), value, shown)}"' for key, value in element.items())
    lines.append(f"<{name}{attributes}>")
    if len(element):
        for child in element.iterchildren(etree.Element):
            _describe(child, shown, lines)
    else:
        lines.append(_value(name, element.text or "", shown))
    lines.append(f"</{name}>")


def _value(name, value, shown):
    if (name in shown and not _CUSTOMERS_NUMBER.fullmatch(value)) or not value:
        return value
    return last_four(value) if value.isdigit() else HIDDEN


def _local(element):
    return etree.QName(element).localname


def _bare(key):
    return key.rpartition("}")[2]


def write(record):
    """Write a record as one line of the process's log: what brought no answer as a warning.

    :param record: dictionary: ``operation``, ``outcome`` (``answered`` or the kind of
        :class:`~..core.cis_types.Unreachable`), ``ms``, ``bytes_out``, ``bytes_in``, ``sent`` and, where there is one,
        ``serial``, ``number`` (masked), ``code``, ``detail``; with :attr:`.settings.Settings.messages` also ``request``
        and ``answer``
    """
    level = logging.INFO if record["outcome"] == "answered" else logging.WARNING
    _logger.log(level, "marketing system: %s", " ".join(f"{key}={value}" for key, value in record.items()))
