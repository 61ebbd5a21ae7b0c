"""What a maker's library looks like: one TOML file each (docs/vendor-libraries.md)."""

from __future__ import annotations

import fnmatch
import re
import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hw_proxy.errors import ConfigError
from hw_proxy.vendor.table import Table

INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
VERBS = (
    "init",
    "connect",
    "disconnect",
    "version",
    "is_mine",
    "read",
    "purchase",
    "open",
    "replace",
    "clear",
    "error_text",
)
#: What a write may be asked for; a re-write is a purchase with the same count.
OPERATIONS = ("purchase", "open", "replace", "clear")
#: Values that a function may take.
GIVEN = (
    "reader",
    "serial",
    "customer",
    "meter",
    "kind",
    "count",
    "quantity",
    "total",
    "alarm1",
    "alarm2",
    "hoard",
    "issue",
    "flags",
    "state",
    "password",
    "error",
)
#: Values that a function may answer; ``_`` is skipped.
ANSWERED = (
    "serial",
    "customer",
    "meter",
    "kind",
    "count",
    "quantity",
    "total",
    "back",
    "inserted",
    "meter_count",
    "remaining",
    "backup_count",
    "backup_quantity",
    "mine",
    "state",
    "password",
    "version",
    "_",
)
KINDS = ("blank", "open", "purchase", "replacement", "foreign", "damaged")
#: Layouts that a driver of ours can read by itself.
READ_BACK = ("sle4442_demo", "sle4428_demo", "at24_demo")

_TEXT_TYPES = ("int", "text", "digits", "decimal")
_STRUCT_TYPES = ("u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "text", "digits", "bcd", "hex")
_FORMAT_KINDS = ("pipe", "fixed", "struct", "hex", "text")
_ID = re.compile(r"[a-z0-9_]{1,24}\Z")
_CODE = re.compile(r"[A-Z]-\d{3}\Z")
_HEX = re.compile(r"(?:[0-9a-f]{2})+\Z")
_SYMBOL = re.compile(r"[A-Za-z_][A-Za-z0-9_@]*\Z")
_LARGEST_BUFFER = 65_536


@dataclass(frozen=True)
class Field:
    """One value in a buffer.

    ``width`` in characters (texts) or bytes (structures); ``map`` from what the library says to ours; ``none``: what
    it says when it cannot tell.
    """

    name: str
    type: str
    width: int = 0
    map: dict[str, object] = field(default_factory=dict)
    none: int | str | None = None


@dataclass(frozen=True)
class Format:
    """How the bytes of a buffer become values."""

    kind: str
    separator: str = "|"
    order: str = "little"
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True)
class Argument:
    """One argument.

    ``type``: an integer, ``text``, ``buffer``, a pointer to an integer (``int32*``), ``transmit`` or ``context``;
    ``value``: the given value that goes in; ``name``: the answered value that comes out; ``const``: a fixed number.
    """

    type: str
    value: str = ""
    name: str = ""
    const: int = 0
    size: int = 0
    format: str = ""
    direction: str = "in"


@dataclass(frozen=True)
class Function:
    """One function of the library; ``result`` names the value that its return value is, beside an error number."""

    symbol: str
    returns: str
    arguments: tuple[Argument, ...]
    success: tuple[int, ...]
    result: str = ""


@dataclass(frozen=True)
class ErrorRow:
    """Our code and the maker's words for one of its error numbers."""

    code: str
    text: str


@dataclass(frozen=True)
class Limits:
    """``[limits]``: seconds for one call, MB of address space, crashes until quarantine, seconds of quarantine."""

    timeout: float = 5.0
    memory_mb: int = 512
    crashes: int = 3
    cooldown: float = 600.0


@dataclass(frozen=True)
class Description:
    """A whole file, checked."""

    path: Path
    id: str
    name: str
    maker: str
    file: Path
    calling: str
    encoding: str
    transport: str
    unit: str
    atrs: frozenset[bytes]
    serials: tuple[str, ...]
    read_back: str
    environment: dict[str, str]
    devices: tuple[str, ...]
    count: bool
    cumulative: bool
    state: bool
    password: bool
    backup: bool
    operations: tuple[str, ...]
    limits: Limits
    errors: dict[int, ErrorRow]
    functions: dict[str, Function]
    formats: dict[str, Format]

    @property
    def driver(self) -> str:
        """Name of the driver in orders."""
        return f"vendor:{self.id}"

    def serves(self, serial: str) -> bool:
        """Whether a card's serial is one of the maker's (``serials``: patterns)."""
        return any(fnmatch.fnmatchcase(serial, pattern) for pattern in self.serials)

    def for_worker(self) -> dict[str, object]:
        """What the process that loads the library must know, ready for JSON."""
        return {
            "file": str(self.file),
            "calling": self.calling,
            "encoding": self.encoding,
            "functions": {verb: asdict(function) for verb, function in self.functions.items()},
            "formats": {name: asdict(each) for name, each in self.formats.items()},
        }


def load(path: Path) -> Description:
    """Read and check one description.

    :raises ConfigError: names the file, the key and what to do.
    """
    try:
        with path.open("rb") as file:
            raw = tomllib.load(file)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}.") from error
    return _parse(path, Table(path, "", raw))


def load_folder(folder: Path) -> list[Description]:
    """Every ``*.toml`` of a folder, by name; none when there is no such folder.

    :raises ConfigError: one is wrong, or two have one id.
    """
    found: dict[str, Description] = {}
    for path in sorted(folder.glob("*.toml")):
        description = load(path)
        if description.id in found:
            other = found[description.id].path.name
            raise ConfigError(f"{path}: id {description.id!r} is that of {other}: change one of them.")
        found[description.id] = description
    return list(found.values())


def _parse(path: Path, top: Table) -> Description:
    capabilities, limits = top.table("capabilities"), top.table("limits")
    formats = {name: _format(top.table("formats").table(name)) for name in top.table("formats").raw}
    functions = _functions(top.table("functions"), formats)
    description = Description(
        path=path,
        id=top.text("id", matches=_ID.match, form="1 to 24 of a-z, 0-9 and _"),
        name=top.text("name"),
        maker=top.text("maker"),
        file=path.parent.resolve() / top.text("file"),
        calling=top.choice("calling", ("cdecl", "stdcall"), "cdecl"),
        encoding=top.choice("encoding", ("ascii", "utf-8", "gbk", "gb18030", "latin-1"), "ascii"),
        transport=top.choice("transport", ("callback", "reader")),
        unit=top.choice("unit", ("kwh", "cents")),
        atrs=_atrs(top),
        serials=tuple(top.items("serials", str, ["*"])),
        read_back=top.choice("read_back", (*READ_BACK, "none")),
        environment=_environment(top),
        devices=tuple(top.items("devices", str, [])),
        count=capabilities.flag("count", True),
        cumulative=capabilities.flag("cumulative"),
        state=capabilities.flag("state"),
        password=capabilities.flag("password"),
        backup=capabilities.flag("backup"),
        operations=_operations(capabilities),
        limits=Limits(
            timeout=float(limits.number("timeout", 0.05, 120.0, 5.0)),
            memory_mb=int(limits.number("memory_mb", 64, 4096, 512)),
            crashes=int(limits.number("crashes", 1, 100, 3)),
            cooldown=float(limits.number("cooldown", 0.0, 86_400.0, 600.0)),
        ),
        errors=_errors(top.table("errors")),
        functions=functions,
        formats=formats,
    )
    for table in (capabilities, limits, top):
        table.done()
    _check(top, description)
    return description


def _atrs(top: Table) -> frozenset[bytes]:
    texts = top.items("atrs", str)
    if not texts or not all(_HEX.match(text) for text in texts):
        raise top.error("atrs", 'must list the cards\' answers to reset in lower-case hex, such as ["3b04a2131091"].')
    return frozenset(bytes.fromhex(text) for text in texts)


def _environment(top: Table) -> dict[str, str]:
    table = top.table("environment")
    for name in table.raw:
        if not re.match(r"[A-Z][A-Z0-9_]*\Z", name) or name.startswith(("LD_", "PYTHON")):
            raise table.error(name, "may not be set for a library: remove it.")
        table.text(name, "")
    return dict(table.raw)


def _operations(capabilities: Table) -> tuple[str, ...]:
    names = capabilities.items("operations", str, ["purchase"])
    for name in names:
        if name not in OPERATIONS:
            raise capabilities.error("operations", f"names {name!r}. There are: {', '.join(OPERATIONS)}.")
    return tuple(names)


def _errors(table: Table) -> dict[int, ErrorRow]:
    rows = {}
    for key in table.raw:
        try:
            number = int(key)
        except ValueError as error:
            raise table.error(key, "must be the number that the library returns.") from error
        row = table.table(key)
        rows[number] = ErrorRow(
            row.text("code", "V-106", _CODE.match, "a code of the catalogue such as C-103"), row.text("text")
        )
        row.done()
    return rows


def _format(table: Table) -> Format:
    kind = table.choice("kind", _FORMAT_KINDS)
    types = _STRUCT_TYPES if kind == "struct" else _TEXT_TYPES if kind in ("pipe", "fixed") else (kind,)
    fields = tuple(_field(each, types, kind) for each in table.tables("fields"))
    result = Format(
        kind=kind,
        separator=table.text("separator", "|", lambda text: len(text) == 1, "one character"),
        order=table.choice("order", ("little", "big"), "little"),
        fields=fields,
    )
    table.done()
    if not fields or (kind in ("hex", "text") and len(fields) != 1):
        raise table.error("fields", "must list every value in its order (one for hex and text).")
    return result


def _field(table: Table, types: tuple[str, ...], kind: str) -> Field:
    name = table.choice("name", {*ANSWERED, *GIVEN})
    type_ = table.choice("type", types, types[0] if len(types) == 1 else None)
    wide = kind == "fixed" or (kind == "struct" and type_ in ("text", "digits", "bcd", "hex"))
    width = int(table.number("width", 1, 4096, None if wide else 1)) if wide else 0
    mapping = table.table("map").raw
    none = table.raw.get("none") if table.has("none") else None
    table.done()
    return Field(name, type_, width, {str(key): value for key, value in mapping.items()}, none)


def _functions(table: Table, formats: dict[str, Format]) -> dict[str, Function]:
    functions = {}
    for verb in table.raw:
        if verb not in VERBS:
            raise table.error(verb, f"is no verb. There are: {', '.join(VERBS)}.")
        one = table.table(verb)
        returns = one.choice("returns", (*INTEGERS, "text", "void"), "int32")
        functions[verb] = Function(
            symbol=one.text("symbol", matches=_SYMBOL.match, form="the name of a function"),
            returns=returns,
            arguments=tuple(_argument(each, formats) for each in one.tables("arguments")),
            success=tuple(one.items("success", int, [0])),
            result=one.choice("result", (*ANSWERED, ""), ""),
        )
        one.done()
    return functions


def _argument(table: Table, formats: dict[str, Format]) -> Argument:
    pointers = tuple(f"{each}*" for each in INTEGERS)
    type_ = table.choice("type", (*INTEGERS, *pointers, "text", "buffer", "transmit", "context"))
    direction = table.choice("direction", ("in", "out", "inout"), "out" if type_ == "buffer" else "in")
    argument = Argument(
        type=type_,
        value=table.choice("value", (*GIVEN, ""), ""),
        name=table.choice("name", (*ANSWERED, ""), ""),
        const=int(table.number("const", -(1 << 63), (1 << 64) - 1, 0)),
        size=int(table.number("size", 0, _LARGEST_BUFFER, 0)),
        format=table.choice("format", (*formats, ""), ""),
        direction=direction,
    )
    table.done()
    if type_ == "buffer" and not argument.size:
        raise table.error("size", "must be the buffer's size in bytes.")
    if type_ == "buffer" and not argument.format:
        raise table.error("format", f"must name one of the formats: {', '.join(formats) or 'there are none, add one'}.")
    if type_ == "text" and not (argument.value or argument.format):
        raise table.error("value", f"must name what is given: {', '.join(GIVEN)}; or give a format.")
    return argument


def _check(top: Table, description: Description) -> None:
    """What fits together only as a whole."""
    functions = description.functions
    wanted = {*description.operations, *(() if description.read_back != "none" else ("read",))}
    for verb in sorted(wanted - functions.keys()):
        raise top.error(f"functions.{verb}", "is missing: describe the function that does it.")
    carriers = [arg for function in functions.values() for arg in function.arguments if arg.type == "transmit"]
    if description.transport == "callback" and not carriers:
        raise top.error("transport", 'is "callback", but no function takes an argument of the type transmit.')
    if description.transport == "reader" and carriers:
        raise top.error("transport", 'is "reader", but a function takes an argument of the type transmit.')
    if description.read_back == "none" and not description.count and not description.cumulative:
        raise top.error(
            "capabilities.cumulative",
            "must be true when the count cannot be read: nothing else tells whether a write took place.",
        )
    if description.count and description.cumulative:
        raise top.error(
            "capabilities.cumulative",
            "must be false where the count can be read: a purchase written again would add to the total twice.",
        )
    if description.state and not _answers(description, "state"):
        raise top.error("capabilities.state", 'is true, but no function of a write answers a value "state".')


def _answers(description: Description, name: str) -> bool:
    for verb in description.operations:
        for argument in description.functions[verb].arguments:
            form = description.formats.get(argument.format)
            if argument.name == name or (form and any(each.name == name for each in form.fields)):
                return True
    return False
