"""Answers as they should not be."""

from __future__ import annotations

from lxml import etree

from .contract import NAMESPACE

# Fault -> what the connection does with a good answer.
WIRES = {"reset": "reset", "truncated": "cut", "duplicate_answer": "twice"}
_MAINTENANCE = "<!DOCTYPE html><html><head><title>系统维护</title></head><body><h1>系统维护中</h1></body></html>"
# Fault -> HTTP status and page in the answer's place.
PAGES = {
    "http_500": (500, b"<html><body><h1>500 Internal Server Error</h1></body></html>"),
    "html": (200, _MAINTENANCE.encode()),
}
_LAUGHS = 9


def echo_another_serial(element: etree._Element) -> None:
    """Let every booking in an answer be of another serial."""
    for serial in element.iter(f"{{{NAMESPACE}}}serial"):
        # Of the same form, and never the one that was asked for.
        serial.text = serial.text[:-1] + ("0" if serial.text[-1] != "0" else "1")


def wrong_encoding(content: bytes, _parameters: dict, _canary: str) -> bytes:
    """Say UTF-8 and send GB 18030, as gateways in the field do."""
    return content.decode().encode("gb18030")


def two_envelopes(content: bytes, _parameters: dict, _canary: str) -> bytes:
    """Send the answer twice in one body."""
    return content + content


def entity_bomb(content: bytes, _parameters: dict, _canary: str) -> bytes:
    """Put a billion laughs into the result's message."""
    entities = ['<!ENTITY lol0 "lol">']
    entities += [f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, _LAUGHS + 1)]
    return _with_entity(content, "".join(entities), f"&lol{_LAUGHS};")


def external_entity(content: bytes, _parameters: dict, canary: str) -> bytes:
    """Let the result's message be fetched from elsewhere: from the control interface, which counts it."""
    return _with_entity(content, f'<!ENTITY elsewhere SYSTEM "{canary}">', "&elsewhere;")


def unreadable_file(content: bytes, parameters: dict, _canary: str) -> bytes:
    """Give one customer file of a page a status that the contract does not know; ``numbered``: it keeps its number."""
    root = etree.fromstring(content)
    for file in list(root.iter(f"{{{NAMESPACE}}}customer"))[int(parameters["file"]) - 1 :][:1]:
        file.find(f"{{{NAMESPACE}}}status").text = "moved"
        if not parameters["numbered"]:
            file.find(f"{{{NAMESPACE}}}accountNo").text = "?"
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def huge(content: bytes, parameters: dict, _canary: str) -> bytes:
    """Fill the envelope up with white space, which is valid XML."""
    head, tag, tail = content.rpartition(b"</soap:Envelope>")
    missing = max(0, int(parameters["bytes"]) - len(content))
    return head + b" " * missing + tag + tail


CONTENTS = {
    "wrong_encoding": wrong_encoding,
    "two_envelopes": two_envelopes,
    "entity_bomb": entity_bomb,
    "external_entity": external_entity,
    "huge": huge,
    "unreadable_file": unreadable_file,
}


def _with_entity(content: bytes, entities: str, reference: str) -> bytes:
    declaration, _, rest = content.partition(b"?>")
    head, tag, tail = rest.partition(b"</m:message>")
    doctype = f"<!DOCTYPE soap:Envelope [{entities}]>".encode()
    return declaration + b"?>" + doctype + head + reference.encode() + tag + tail
