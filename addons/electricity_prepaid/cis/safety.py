"""What an answer must be before anything interprets it: honest, small, flat XML without a document type.

A document type brings entities, and with them files, addresses and exponential growth; SOAP forbids it, and processing
instructions too. Encodings are part of this: in UTF-16 or UTF-7 a document type would pass a search for its bytes.
"""

from __future__ import annotations

import re

from lxml import etree

from ..core.cis_types import Unreachable

MEDIA_TYPES = ("text/xml", "application/xml", "application/soap+xml")
_OTHER_TYPES = ("text/html", "text/plain", "application/json", "multipart/related", "application/octet-stream")
MAX_DEPTH = 24
#: Tags: a page of a thousand customers has about fifty thousand.
MAX_TAGS = 250_000
_DECLARATION = re.compile(rb"\A<\?xml\s[^?<>]*\?>")
_ENCODING = re.compile(rb"""\bencoding\s*=\s*["']([A-Za-z0-9._\-]+)["']""")
_ENCODINGS = (b"utf-8", b"us-ascii")
_instructed = etree.XPath("boolean(//processing-instruction())")
_too_deep = etree.XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")


def check_type(content_type):
    """Refuse an answer that does not call itself XML in UTF-8.

    :param content_type: the header's value, or None
    :raises Unreachable: kind ``unreadable``
    """
    media, _, parameters = (content_type or "").partition(";")
    if media.strip().lower() not in MEDIA_TYPES:
        raise Unreachable("unreadable", f"the answer is {_type(media)}, not XML")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip("\"'").lower() not in ("utf-8", "us-ascii"):
            raise Unreachable("unreadable", "the answer says that it is not in UTF-8")


def parse(content):
    """Check an answer's bytes, then return its tree.

    :param content: bytes
    :return: the root element
    :raises Unreachable: kinds ``unsafe`` and ``unreadable``
    """
    _check_bytes(content)
    # A parser for each answer: they are cheap, and not to be shared by threads.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Unreachable("unreadable", f"the answer is not well-formed (error {error.code})") from None
    if root.getroottree().docinfo.doctype:
        raise Unreachable("unsafe", "the answer has a document type")
    if _instructed(root):
        raise Unreachable("unsafe", "the answer has a processing instruction")
    if _too_deep(root):
        raise Unreachable("unsafe", f"the answer is nested deeper than {MAX_DEPTH} elements")
    return root


def _check_bytes(content):
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreachable("unreadable", "the answer is not in UTF-8, as it should be") from None
    if b"\0" in content:
        raise Unreachable("unreadable", "the answer has zero bytes, which UTF-8 text has not")
    body = content.removeprefix(b"\xef\xbb\xbf")
    declaration = _DECLARATION.match(body)
    if declaration:
        encoding = _ENCODING.search(declaration[0])
        if encoding and encoding[1].lower() not in _ENCODINGS:
            raise Unreachable("unreadable", "the answer declares another encoding than UTF-8")
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise Unreachable("unsafe", "the answer has a document type")
    if body.count(b"<") > MAX_TAGS:
        raise Unreachable("unsafe", f"the answer has more than {MAX_TAGS} tags")


def _type(media):
    """Return a type for a log. A foreign word stays out: it could be anything, our own secrets sent back among them."""
    return media.strip().lower() if media.strip().lower() in _OTHER_TYPES else "of another type"
