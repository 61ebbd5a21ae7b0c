"""A WSDL as it is used here: parsed once in a process, with the schema by which answers are judged."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path

import zeep
from lxml import etree

from ..core.cis_types import Unreachable

FOLDER = Path(__file__).parent / "wsdl"
ENVELOPES = {"1.1": "http://schemas.xmlsoap.org/soap/envelope/", "1.2": "http://www.w3.org/2003/05/soap-envelope"}
_PLAIN_TYPES = frozenset(
    ("xs:date", "xs:gYearMonth", "xs:boolean", "xs:decimal", "xs:unsignedInt", "xs:positiveInteger")
    + ("xs:nonNegativeInteger",)
)
_SCHEMA = "{http://www.w3.org/2001/XMLSchema}"
#: For answers. They were checked by :mod:`.safety` before; this is the second lock.
STRICT = zeep.Settings(strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True, xml_huge_tree=False)


class Interface:
    """A WSDL and its schema.

    :param name: of ``<name>.wsdl`` and ``<name>.xsd`` in the folder ``wsdl``
    """

    def __init__(self, name):
        self.document = zeep.wsdl.Document(str(FOLDER / f"{name}.wsdl"), _Files(), settings=STRICT)
        tree = etree.parse(FOLDER / f"{name}.xsd")
        self.namespace = tree.getroot().get("targetNamespace")
        self._known = {f"{{{self.namespace}}}{each.get('name')}" for each in tree.iter(f"{_SCHEMA}element")}
        self._types = _types(tree)
        self._schema = etree.XMLSchema(tree)
        self._lock = threading.Lock()

    def binding(self, soap):
        """Return the qualified name of the binding for a SOAP version.

        :raises Unreachable: kind ``configuration`` when the interface has none
        """
        for name, binding in self.document.bindings.items():
            if binding.nsmap["soap-env"] == ENVELOPES[soap]:
                return name
        raise Unreachable("configuration", f"this marketing system does not speak SOAP {soap}", sent=False)

    def named(self, types):
        """Return the local names of elements and attributes that have, wherever they occur, a type of ``types``.

        Numbers, days and truth values of XML Schema itself count as such.
        """
        return {name for name, used in self._types.items() if used <= types | _PLAIN_TYPES}

    def admit(self, element):
        """Judge the content of an answer by the schema.

        Elements that a later version added are taken out, when nothing that we know follows them among their siblings:
        the interface grows at the end of its types, and what it gains must not stop payments. Anything else that the
        schema does not allow makes the answer invalid.

        :param element: child of the SOAP body; changed in place
        :return: whether something was taken out
        :raises Unreachable: kind ``invalid``
        """
        if self._is_valid(element):
            return False
        unknown = self._additions(element)
        for each in unknown:
            each.getparent().remove(each)
        if not unknown or not self._is_valid(element):
            raise Unreachable("invalid", "the answer does not follow the interface's schema")
        return True

    def admit_each(self, element, name):
        """Judge an answer that lists entries, each entry by itself, so that a bad one does not keep the others.

        :param element: child of the SOAP body; changed in place: refused entries are taken out
        :param name: local name of the entries among its children
        :return: whether something was taken out, and the refused entries by their position from 1
        :raises Unreachable: kind ``invalid``: what is around the entries is not as the schema says
        """
        if self._is_valid(element):
            return False, {}
        entries = _entries(element, f"{{{self.namespace}}}{name}")
        if not entries:
            return self.admit(element), {}
        place = element.index(entries[0])
        for each in entries:
            element.remove(each)
        self.admit(element)
        refused = {
            position: each for position, each in enumerate(entries, 1) if not self._fits(element, place, each, name)
        }
        element[place:place] = [each for position, each in enumerate(entries, 1) if position not in refused]
        self.admit(element)
        return True, refused

    def _fits(self, element, place, entry, name):
        """Tell whether an answer is valid with this entry alone; what a later version added is taken out of it."""
        if entry.tag != f"{{{self.namespace}}}{name}":
            return False
        element.insert(place, entry)
        try:
            self.admit(element)
        except Unreachable:
            return False
        finally:
            element.remove(entry)
        return True

    def _is_valid(self, element):
        # The schema keeps the errors of its last validation, so threads take turns.
        with self._lock:
            return self._schema.validate(element)

    def _additions(self, element):
        """Return the unknown elements within an element which no known one follows among their siblings."""
        found, parents = [], [element]
        while parents:
            known_follows = False
            # From the end: the length of an answer is somebody else's choice, so each element is looked at once.
            for each in parents.pop().iterchildren(etree.Element, reversed=True):
                known_follows = known_follows or each.tag in self._known
                (parents if known_follows else found).append(each)
        return found


def _entries(element, tag):
    """Return the children from the first to the last of a tag: whatever else stands among them is a bad entry."""
    children = list(element.iterchildren(etree.Element))
    places = [place for place, each in enumerate(children) if each.tag == tag]
    return children[places[0] : places[-1] + 1] if places else []


def _types(tree):
    """Return the types of each local name of a schema's elements and attributes; an unnamed type is None."""
    found = {}
    for each in tree.iter(f"{_SCHEMA}element", f"{_SCHEMA}attribute"):
        kind = each.get("type")
        prefix, _, local = (kind or "").rpartition(":")
        space = each.nsmap.get(prefix or None)
        found.setdefault(each.get("name"), set()).add(f"xs:{local}" if space == _SCHEMA[1:-1] else kind and local)
    return found


class _Files:
    """Loads a WSDL and its schema from this folder, and nothing from anywhere else."""

    @staticmethod
    def load(url):
        path = Path(url).resolve()
        if not path.is_relative_to(FOLDER.resolve()):
            raise ValueError(f"not part of an interface: {url}")
        return path.read_bytes()


@cache
def interface(name):
    """Return an :class:`Interface`, parsed at most once in a process."""
    return Interface(name)
