"""The process of one library: gives up its rights, loads it, and answers calls until the service ends it.

Its parent is a :class:`~hw_proxy.vendor.worker.keeper.Keeper`, the process that the service starts.
"""

from __future__ import annotations

import os
import socket
import sys

from hw_proxy.vendor.worker import sandbox
from hw_proxy.vendor.worker.channel import Channel, ChannelClosed
from hw_proxy.vendor.worker.formats import FormatError
from hw_proxy.vendor.worker.keeper import Keeper
from hw_proxy.vendor.worker.native import NativeLibrary, Overrun


def main(descriptor: int) -> None:
    """Serve the channel on a descriptor. The first message is the setting, every other one a call."""
    channel = Channel(socket.socket(fileno=descriptor))
    settings = channel.receive()
    try:
        confined = sandbox.confine(settings)
        library = NativeLibrary(settings["description"], lambda command: _transmit(channel, command))
    except (sandbox.NotConfined, OSError, AttributeError) as error:
        channel.send({"failed": str(error)})
        return
    channel.send({"ready": confined})
    while True:
        request = channel.receive()
        sandbox.limit_cpu(request["timeout"])
        answer = _carry_out(library, request)
        channel.send({**answer, "memory_kb": sandbox.memory_kb(), "cpu_s": sandbox.cpu_seconds()})


def _carry_out(library: NativeLibrary, request: dict) -> dict[str, object]:
    try:
        return library.call(request["verb"], request["values"])
    except FormatError as error:
        return {"nonsense": str(error)}
    except Overrun:
        return {"overrun": True}


def _transmit(channel: Channel, command: bytes) -> bytes | None:
    try:
        channel.send({"apdu": command.hex()})
        answer = channel.receive().get("apdu")
    except ChannelClosed:
        # In the middle of the library's call there is nobody left to answer.
        os._exit(1)
    return bytes.fromhex(answer) if isinstance(answer, str) else None


def run() -> None:
    """Entry point: the arguments are the channel's descriptor and that of the keeper's line."""
    descriptor, line = map(int, sys.argv[1:])
    try:
        keeper = Keeper(line)
        inside = keeper.fork()
    except OSError as error:
        Channel(socket.socket(fileno=descriptor)).send({"failed": str(error)})
        sys.exit(1)
    if inside:
        try:
            main(descriptor)
        except ChannelClosed:
            sys.exit(0)
    else:
        # Only the library's process holds the channel, so that its end is seen at the other end.
        os.close(descriptor)
        sys.exit(keeper.wait())
