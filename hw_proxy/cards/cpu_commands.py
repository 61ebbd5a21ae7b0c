"""Commands to a processor card (ISO/IEC 7816-4; docs/protocol/card-security-demo.md)."""

from __future__ import annotations

from hw_proxy.cards.transport import CardRefused, CardSilent, Connection

MF, APPLICATION = 0x3F00, 0xDF01
NO_FILE = 0x6A82
NOT_AUTHENTICATED, BLOCKED, WRONG_MAC = 0x6982, 0x6983, 0x6988
_OK = 0x9000
_MORE, _WRONG_LENGTH = 0x61, 0x6C
# The offset of a command has one byte, so a part may begin at 255 at most.
LARGEST_READ = 250
LARGEST_UPDATE = 129
CHALLENGE_SIZE = 8


def tries_left(status: int) -> int | None:
    """Tries that ``63 Cx`` names; none for any other status."""
    return status & 0x0F if status & 0xFFF0 == 0x63C0 else None


def chunks(size: int, part: int) -> list[tuple[int, int]]:
    """Offset and length of the commands that read or write a file of so many bytes, in parts of at most ``part``."""
    return [(offset, min(part, size - offset)) for offset in range(0, size, part)]


class CpuCommands:
    """Each command raises :class:`~hw_proxy.cards.transport.CardRefused` for any status but 90 00."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def select(self, file: int) -> None:
        """SELECT by file identifier. The card forgets that it was authenticated."""
        data, status = self._exchange(b"\x00\xa4\x00\x00\x02" + file.to_bytes(2, "big"))
        # With T=0 the file's description waits to be fetched: nobody here wants it.
        if status != _OK and status >> 8 != _MORE:
            raise CardRefused(status)

    def read(self, sfi: int, size: int) -> bytes:
        """The first bytes of a file by its short identifier."""
        return b"".join(self._read(sfi, offset, length) for offset, length in chunks(size, LARGEST_READ))

    def _read(self, sfi: int, offset: int, length: int) -> bytes:
        return self.command(bytes([0x00, 0xB0, 0x80 | sfi, offset, length]), length)

    def challenge(self) -> bytes:
        """GET CHALLENGE: 8 bytes, for the next command only."""
        return self.command(bytes.fromhex("0084000008"), CHALLENGE_SIZE)

    def internal_authenticate(self, random: bytes) -> bytes:
        """The card's answer to 8 bytes of ours."""
        return self.command(bytes.fromhex("0088000108") + random + b"\x08", 8)

    def external_authenticate(self, cryptogram: bytes) -> None:
        """Our answer to the card's challenge. 63 Cx: wrong, x tries left."""
        self.command(bytes.fromhex("0082000208") + cryptogram)

    def command(self, command: bytes, expected: int = 0) -> bytes:
        """Send a command and return its answer.

        :param expected: bytes that it must have.
        """
        data, status = self._exchange(command)
        if status >> 8 == _MORE:
            data, status = self._exchange(bytes([0x00, 0xC0, 0x00, 0x00, status & 0xFF]))
        elif status >> 8 == _WRONG_LENGTH and expected:
            data, status = self._exchange(command[:-1] + bytes([status & 0xFF]))
        if status != _OK:
            raise CardRefused(status)
        if len(data) != expected:
            raise CardSilent(f"{len(data)} bytes instead of {expected}")
        return data

    def _exchange(self, command: bytes) -> tuple[bytes, int]:
        answer = self._connection.transmit(command)
        if len(answer) < 2:
            raise CardSilent("an answer without a status")
        return answer[:-2], int.from_bytes(answer[-2:], "big")
