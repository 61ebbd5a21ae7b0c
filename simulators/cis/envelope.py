"""SOAP 1.1 and 1.2 envelopes: reading a request safely, writing answers and faults."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from .contract import NAMESPACE

NAMESPACES = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}
CONTENT_TYPES = {"1.1": "text/xml", "1.2": "application/soap+xml"}
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
# The sides of a fault, by version.
_CODES = {"1.1": {"caller": "Client", "service": "Server"}, "1.2": {"caller": "Sender", "service": "Receiver"}}
_XML = "{http://www.w3.org/XML/1998/namespace}lang"


class SoapFault(Exception):
    """The call ends with a fault.

    :param side: ``caller``, ``service``, or ``MustUnderstand`` and ``VersionMismatch`` of SOAP itself
    :param text: for the log of the other side
    :param code: result code of a typed detail, or None for a fault without one
    :param field: with 1006, what was not understood
    :param security: local name of a WS-Security fault
    """

    def __init__(self, side: str, text: str, code: str | None = None, field: str = "", security: str = "") -> None:
        super().__init__(text)
        self.side, self.text, self.code, self.field, self.security = side, text, code, field, security


@dataclass(frozen=True)
class Request:
    """An envelope that was read.

    :param headers: the header's elements
    :param body: the one element of the body
    """

    headers: list[etree._Element]
    body: etree._Element

    @property
    def operation(self) -> str:
        """Local name of the body's element."""
        return etree.QName(self.body).localname


def read(content: bytes, version: str) -> Request:
    """Read a request.

    :raises SoapFault: not XML, a DTD, another version, not one element in the body
    """
    try:
        root = etree.fromstring(content, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SoapFault("caller", f"this is not XML: {error}", "1006") from error
    if root.getroottree().docinfo.doctype:
        raise SoapFault("caller", "a message has no DTD", "1006")
    namespace = NAMESPACES[version]
    if root.tag != f"{{{namespace}}}Envelope":
        raise SoapFault("VersionMismatch", f"a SOAP {version} envelope is wanted here")
    header, body = root.find(f"{{{namespace}}}Header"), root.find(f"{{{namespace}}}Body")
    elements = [each for each in body if isinstance(each.tag, str)] if body is not None else []
    if len(elements) != 1:
        raise SoapFault("caller", "the body has not exactly one element", "1006")
    headers = [each for each in header if isinstance(each.tag, str)] if header is not None else []
    for each in headers:
        must = each.get(f"{{{namespace}}}mustUnderstand") in ("1", "true")
        if must and etree.QName(each).namespace != WSSE:
            raise SoapFault("MustUnderstand", f"the header {each.tag} is not understood")
    return Request(headers, elements[0])


def _parser() -> etree.XMLParser:
    # A parser of its own for each message: they are not for several threads at once.
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def wrap(body: etree._Element, version: str) -> bytes:
    """Return an answer's envelope."""
    namespace = NAMESPACES[version]
    root = etree.Element(f"{{{namespace}}}Envelope", nsmap={"soap": namespace})
    etree.SubElement(root, f"{{{namespace}}}Body").append(body)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def fault_detail(fault: SoapFault) -> etree._Element:
    """Return the typed detail of a fault."""
    detail = etree.Element(f"{{{NAMESPACE}}}ServiceFault", nsmap={"m": NAMESPACE})
    for name, text in (("code", fault.code), ("message", fault.text[:250]), ("field", fault.field)):
        if text:
            etree.SubElement(detail, f"{{{NAMESPACE}}}{name}").text = text
    return detail


def wrap_fault(fault: SoapFault, version: str) -> tuple[int, bytes]:
    """Return HTTP status and envelope of a fault."""
    namespace = NAMESPACES[version]
    code = _CODES[version].get(fault.side, fault.side)
    make = _fault11 if version == "1.1" else _fault12
    element = make(fault, namespace, f"soap:{code}")
    is_sender = version == "1.2" and fault.side == "caller"
    return (400 if is_sender else 500), wrap(element, version)


def _fault11(fault: SoapFault, namespace: str, code: str) -> etree._Element:
    element = etree.Element(f"{{{namespace}}}Fault", nsmap={"soap": namespace, "wsse": WSSE})
    etree.SubElement(element, "faultcode").text = f"wsse:{fault.security}" if fault.security else code
    etree.SubElement(element, "faultstring").text = fault.text
    if fault.code:
        etree.SubElement(element, "detail").append(fault_detail(fault))
    return element


def _fault12(fault: SoapFault, namespace: str, code: str) -> etree._Element:
    def add(parent: etree._Element, name: str) -> etree._Element:
        return etree.SubElement(parent, f"{{{namespace}}}{name}")

    element = etree.Element(f"{{{namespace}}}Fault", nsmap={"soap": namespace, "wsse": WSSE})
    outer = add(element, "Code")
    add(outer, "Value").text = code
    if fault.security:
        add(add(outer, "Subcode"), "Value").text = f"wsse:{fault.security}"
    text = add(add(element, "Reason"), "Text")
    text.text = fault.text
    text.set(_XML, "en")
    if fault.code:
        add(element, "Detail").append(fault_detail(fault))
    return element
