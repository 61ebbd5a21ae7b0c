"""Messages between the service and a worker: a length of four bytes, big-endian, and a JSON object."""

from __future__ import annotations

import json
import socket
import struct
import time

LARGEST = 1 << 20


class ChannelClosed(Exception):
    """The other side ended."""


class ChannelSlow(Exception):
    """No answer in time."""


class ChannelNonsense(Exception):
    """The other side sent something that is no message."""


class Channel:
    """One end of a stream socket; for one thread."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link

    def send(self, message: dict[str, object]) -> None:
        """Send a message.

        :raises ChannelClosed: nobody listens.
        """
        data = json.dumps(message).encode()
        try:
            self._link.settimeout(None)
            self._link.sendall(struct.pack(">I", len(data)) + data)
        except OSError as error:
            raise ChannelClosed(str(error)) from error

    def receive(self, until: float | None = None) -> dict[str, object]:
        """The next message.

        :param until: by the monotonic clock, in seconds; none: wait for ever.
        :raises ChannelClosed: the other side ended.
        :raises ChannelSlow: no whole message came in time.
        :raises ChannelNonsense: it is not a JSON object, or too long.
        """
        (length,) = struct.unpack(">I", self._exactly(4, until))
        if length > LARGEST:
            raise ChannelNonsense(f"a message of {length} bytes")
        try:
            message = json.loads(self._exactly(length, until))
        except (ValueError, RecursionError) as error:
            raise ChannelNonsense("not JSON") from error
        if not isinstance(message, dict):
            raise ChannelNonsense("not a JSON object")
        return message

    def close(self) -> None:
        """Close this end."""
        self._link.close()

    def _exactly(self, length: int, until: float | None) -> bytes:
        data = b""
        while len(data) < length:
            left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0:
                raise ChannelSlow
            try:
                self._link.settimeout(left)
                part = self._link.recv(length - len(data))
            except TimeoutError as error:
                raise ChannelSlow from error
            except OSError as error:
                raise ChannelClosed(str(error)) from error
            if not part:
                raise ChannelClosed("the end of the stream")
            data += part
        return data
