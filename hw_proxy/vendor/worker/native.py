"""Calls into a loaded library by its description (ctypes)."""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Callable

from hw_proxy.vendor.worker.formats import FormatError, decode, encode

_INTEGERS = {
    "int8": ctypes.c_int8,
    "int16": ctypes.c_int16,
    "int32": ctypes.c_int32,
    "int64": ctypes.c_int64,
    "uint8": ctypes.c_uint8,
    "uint16": ctypes.c_uint16,
    "uint32": ctypes.c_uint32,
    "uint64": ctypes.c_uint64,
}
#: ``int transmit(void *context, const unsigned char *command, int length, unsigned char *answer, int *answered)``
TRANSMIT = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.POINTER(ctypes.c_ubyte),
    ctypes.c_int,
    ctypes.POINTER(ctypes.c_ubyte),
    ctypes.POINTER(ctypes.c_int),
)
_LARGEST_COMMAND = 270
_CANARY = 0xA7
_libc = ctypes.CDLL(None, use_errno=True)
_libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


class Overrun(Exception):
    """The library wrote behind the end of a buffer: nothing in this process can be trusted any more."""


class GuardedBuffer:
    """A buffer that ends where a page without any rights begins, so that writing past it ends the process at once.

    The end is aligned to eight bytes; what lies between is watched by a pattern.

    :param size: bytes.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._slack = -size % 8
        page = mmap.PAGESIZE
        pages = (size + self._slack + page - 1) // page
        self._memory = mmap.mmap(-1, (pages + 1) * page)
        self._anchor = ctypes.c_char.from_buffer(self._memory)
        start = ctypes.addressof(self._anchor)
        self.address = start + pages * page - self._slack - size
        self._guard = (start + pages * page, page)
        ctypes.memset(self.address + size, _CANARY, self._slack)
        _libc.mprotect(*self._guard, 0)

    def fill(self, data: bytes) -> None:
        """Put bytes at the start.

        :raises FormatError: there are too many.
        """
        if len(data) > self._size:
            raise FormatError(f"{len(data)} bytes do not fit into {self._size}")
        ctypes.memmove(self.address, data, len(data))

    def read(self) -> bytes:
        """The whole buffer.

        :raises Overrun: its end was not respected.
        """
        if ctypes.string_at(self.address + self._size, self._slack) != bytes([_CANARY]) * self._slack:
            raise Overrun
        return ctypes.string_at(self.address, self._size)

    def close(self) -> None:
        """Give the memory back."""
        _libc.mprotect(*self._guard, 3)
        del self._anchor
        self._memory.close()


class NativeLibrary:
    """A loaded library.

    :param description: from :meth:`hw_proxy.vendor.description.Description.for_worker`.
    :param transmit: sends one command to the card; none when the card does not answer.
    :raises OSError: it cannot be loaded.
    :raises AttributeError: a function is not in it.
    """

    def __init__(self, description: dict, transmit: Callable[[bytes], bytes | None]) -> None:
        self._encoding = description["encoding"]
        self._formats = description["formats"]
        self._functions = description["functions"]
        self._transmit = TRANSMIT(lambda *arguments: _carry(transmit, *arguments))
        loader = getattr(ctypes, "WinDLL", ctypes.CDLL) if description["calling"] == "stdcall" else ctypes.CDLL
        library = loader(description["file"])
        self._symbols = {verb: getattr(library, each["symbol"]) for verb, each in self._functions.items()}

    def call(self, verb: str, values: dict[str, object]) -> dict[str, object]:
        """Call one function.

        :param values: what may go in, by name.
        :return: ``result`` (number or none), ``good`` and ``values`` (what came out; empty when not good).
        :raises FormatError: what goes in or comes out does not fit.
        :raises Overrun: see there.
        """
        function = self._functions[verb]
        kept = _Arguments(self, function, values)
        try:
            symbol = self._symbols[verb]
            symbol.restype = {"text": ctypes.c_char_p, "void": None}.get(function["returns"]) or _INTEGERS.get(
                function["returns"]
            )
            result = symbol(*kept.arguments)
            return self._answer(function, result, kept)
        finally:
            kept.close()

    def _answer(self, function: dict, result: object, kept: _Arguments) -> dict[str, object]:
        kept.check()
        if function["returns"] == "text":
            text = (result or b"").decode(self._encoding, "replace")
            return {"result": None, "good": True, "values": {**kept.answers(), function["result"] or "version": text}}
        if function["returns"] != "void" and result not in function["success"]:
            return {"result": result, "good": False, "values": {}}
        answers = kept.answers()
        if function["result"]:
            answers[function["result"]] = result
        return {"result": result, "good": True, "values": answers}


class _Arguments:
    """The arguments of one call, kept alive until it is over."""

    def __init__(self, library: NativeLibrary, function: dict, values: dict[str, object]) -> None:
        self._library = library
        self._outputs: list[tuple[dict, object]] = []
        self._buffers: list[GuardedBuffer] = []
        self.arguments = [self._make(argument, values) for argument in function["arguments"]]

    def _make(self, argument: dict, values: dict[str, object]) -> object:
        kind = argument["type"]
        if kind == "transmit":
            return self._library._transmit
        if kind == "context":
            return ctypes.c_void_p(None)
        if kind == "text":
            return ctypes.c_char_p(self._bytes(argument, values))
        if kind == "buffer":
            return self._buffer(argument, values)
        number = _integer(argument, values)
        if kind.endswith("*"):
            box = _INTEGERS[kind[:-1]](number)
            self._outputs.append((argument, box))
            return ctypes.byref(box)
        return _INTEGERS[kind](number)

    def _bytes(self, argument: dict, values: dict[str, object]) -> bytes:
        if argument["format"]:
            return encode(self._library._formats[argument["format"]], values, self._library._encoding)
        try:
            return str(values.get(argument["value"]) or "").encode(self._library._encoding)
        except UnicodeEncodeError as error:
            raise FormatError(str(error)) from error

    def _buffer(self, argument: dict, values: dict[str, object]) -> ctypes.c_void_p:
        buffer = GuardedBuffer(argument["size"])
        self._buffers.append(buffer)
        if argument["direction"] in ("in", "inout"):
            buffer.fill(self._bytes(argument, values))
        if argument["direction"] in ("out", "inout"):
            self._outputs.append((argument, buffer))
        return ctypes.c_void_p(buffer.address)

    def check(self) -> None:
        """Look behind every buffer.

        :raises Overrun: a buffer's end was not respected.
        """
        for buffer in self._buffers:
            buffer.read()

    def answers(self) -> dict[str, object]:
        """What came out, by name."""
        found: dict[str, object] = {}
        for argument, output in self._outputs:
            if isinstance(output, GuardedBuffer):
                form = self._library._formats[argument["format"]]
                found.update(decode(form, output.read(), self._library._encoding))
            elif argument["name"]:
                found[argument["name"]] = output.value
        return found

    def close(self) -> None:
        """Free the buffers."""
        for buffer in self._buffers:
            buffer.close()


def _integer(argument: dict, values: dict[str, object]) -> int:
    if not argument["value"]:
        return argument["const"]
    value = values.get(argument["value"])
    if isinstance(value, bool) or not isinstance(value, int):
        raise FormatError(f"{argument['value']} is {value!r}, which is no number")
    return value


def _carry(
    transmit: Callable[[bytes], bytes | None],
    _context: object,
    command: object,
    length: int,
    answer: object,
    answered: object,
) -> int:
    """One command from the library to the card; 0 when there is an answer."""
    if not command or not answer or not answered or not 4 <= length <= _LARGEST_COMMAND:
        return -1
    got = transmit(ctypes.string_at(command, length))
    if got is None or len(got) > answered[0]:
        return -1
    ctypes.memmove(answer, got, len(got))
    answered[0] = len(got)
    return 0
