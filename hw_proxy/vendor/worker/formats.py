"""Bytes of a library's buffers to values and back, by the description's formats."""

from __future__ import annotations

import struct

_STRUCT = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i8": "b", "i16": "h", "i32": "i", "i64": "q"}
_DECIMALS = 2


class FormatError(Exception):
    """The library's answer is not what its description says, or a value does not fit into what it takes."""


def decode(form: dict, data: bytes, encoding: str) -> dict[str, object]:
    """Values of a buffer.

    :param form: a format of the description.
    :param data: the whole buffer.
    :param encoding: of texts.
    :raises FormatError: it does not fit.
    """
    kind, fields = form["kind"], form["fields"]
    if kind == "hex":
        parts: list[object] = [data.hex()]
    elif kind == "struct":
        parts = _unpack(form, data, encoding)
    else:
        text = _text(data, encoding)
        parts = {"text": lambda: [text], "pipe": lambda: _split(form, text), "fixed": lambda: _cut(fields, text)}[
            kind
        ]()
    return {
        field["name"]: _from_library(field, part)
        for field, part in zip(fields, parts, strict=True)
        if field["name"] != "_"
    }


def encode(form: dict, values: dict[str, object], encoding: str) -> bytes:
    """The bytes of a buffer that carry values.

    :raises FormatError: a value is missing or does not fit.
    """
    kind, fields = form["kind"], form["fields"]
    parts = [_to_library(field, values.get(field["name"])) for field in fields]
    try:
        if kind == "hex":
            return bytes.fromhex(str(parts[0] or ""))
        if kind == "struct":
            return b"".join(_pack(form, field, part, encoding) for field, part in zip(fields, parts, strict=True))
        texts = [_written(field, part) for field, part in zip(fields, parts, strict=True)]
        if kind == "fixed":
            texts = [_padded(field, text) for field, text in zip(fields, texts, strict=True)]
        return (form["separator"] if kind == "pipe" else "").join(texts).encode(encoding)
    except (struct.error, UnicodeEncodeError, ValueError) as error:
        raise FormatError(str(error)) from error


def _text(data: bytes, encoding: str) -> str:
    try:
        return data.split(b"\x00", 1)[0].decode(encoding)
    except UnicodeDecodeError as error:
        raise FormatError(f"not a text in {encoding}") from error


def _split(form: dict, text: str) -> list[str]:
    parts = text.split(form["separator"])
    if len(parts) != len(form["fields"]):
        raise FormatError(f"{len(parts)} values instead of {len(form['fields'])}")
    return parts


def _cut(fields: list[dict], text: str) -> list[str]:
    if len(text) != sum(field["width"] for field in fields):
        raise FormatError(f"{len(text)} characters instead of {sum(field['width'] for field in fields)}")
    parts, at = [], 0
    for field in fields:
        parts.append(text[at : at + field["width"]].strip())
        at += field["width"]
    return parts


def _unpack(form: dict, data: bytes, encoding: str) -> list[object]:
    parts, at = [], 0
    for field in form["fields"]:
        size = _size(field)
        part = data[at : at + size]
        at += size
        if len(part) != size:
            raise FormatError("the structure is longer than its buffer")
        if field["type"] in _STRUCT:
            parts.append(struct.unpack(_order(form) + _STRUCT[field["type"]], part)[0])
        elif field["type"] in ("bcd", "hex"):
            parts.append(part.hex())
        else:
            parts.append(_text(part, encoding).strip())
    return parts


def _pack(form: dict, field: dict, value: object, encoding: str) -> bytes:
    if field["type"] in _STRUCT:
        return struct.pack(_order(form) + _STRUCT[field["type"]], _number(value))
    size = _size(field)
    if field["type"] in ("bcd", "hex"):
        data = bytes.fromhex(str(value or "").zfill(2 * size))
    else:
        data = str(value or "").encode(encoding)
    if len(data) > size:
        raise FormatError(f"{field['name']} is longer than {size} bytes")
    return data.ljust(size, b"\x00")


def _size(field: dict) -> int:
    return struct.calcsize("<" + _STRUCT[field["type"]]) if field["type"] in _STRUCT else field["width"]


def _order(form: dict) -> str:
    return "<" if form["order"] == "little" else ">"


def _from_library(field: dict, part: object) -> object:
    """One value, its type checked; none when the library cannot tell it."""
    name, kind = field["name"], field["type"]
    if field["map"]:
        if str(part) not in field["map"]:
            raise FormatError(f"{name} is {part!r}, which the description does not map")
        return field["map"][str(part)]
    if kind in ("digits", "bcd") and not (str(part).isascii() and str(part).isdigit()) and part != "":
        raise FormatError(f"{name} is {part!r}, which are no digits")
    if kind in ("int", "decimal"):
        part = _whole(name, str(part), kind == "decimal")
    return None if field["none"] is not None and part == field["none"] else part


def _whole(name: str, text: str, decimal: bool) -> int:
    whole, _point, rest = text.partition(".")
    sign = whole[:1] if whole[:1] in ("-", "+") else ""
    digits = whole[len(sign) :]
    good = digits.isascii() and digits.isdigit() and len(digits) <= 15
    if decimal:
        rest = rest.ljust(_DECIMALS, "0")
        good = good and rest.isascii() and rest.isdigit() and len(rest) == _DECIMALS
    if not good or (not decimal and "." in text):
        raise FormatError(f"{name} is {text!r}, which is no number")
    number = int(digits + rest if decimal else digits)
    return -number if sign == "-" else number


def _to_library(field: dict, value: object) -> object:
    if field["name"] == "_":
        return field["none"] or 0
    if field["map"]:
        for theirs, ours in field["map"].items():
            if ours == value:
                return int(theirs) if theirs.lstrip("-").isdigit() else theirs
        raise FormatError(f"{field['name']} cannot be {value!r} for this library")
    return field["none"] if value is None else value


def _written(field: dict, value: object) -> str:
    if field["type"] == "decimal":
        number = _number(value)
        return f"{number // 100}.{number % 100:02d}"
    return "" if value is None else str(value)


def _padded(field: dict, text: str) -> str:
    if len(text) > field["width"]:
        raise FormatError(f"{field['name']} is longer than {field['width']} characters")
    return (
        text.rjust(field["width"], "0") if field["type"] in ("int", "digits", "decimal") else text.ljust(field["width"])
    )


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise FormatError(f"{value!r} is no number")
    return int(value)
