"""A processor card at the APDU seam, its images, and a terminal that sells to it; apart from the simulators."""

import os
import uuid

from hw_proxy import tokens
from hw_proxy.cards.transport import CardGone
from hw_proxy.key_client import KeyRefused, KeySession
from tests.hw_proxy import demo_suite
from tests.hw_proxy.demo_suite import KeyDesk, answer_to, card_keys, mac_of, unaes
from tests.hw_proxy.support import Bench

SERIAL = "0000000000004711"
CUSTOMER, METER = "000000004567", "000000008901"
KINDS = {
    # command, SFI and bytes of the write-back, files under DF01
    "gdw1365": (0x01, 5, 49, {1: 45, 2: 8, 3: 258, 4: 258, 5: 49}),
    "csg2015": (0x03, 6, 50, {1: 45, 2: 8, 3: 199, 4: 199, 5: 16, 6: 50}),
}
DRIVERS = tuple(KINDS)
OK = b"\x90\x00"


def frame(command, body):
    """``68 command length body CS 16``."""
    inside = bytes([command]) + len(body).to_bytes(2, "big") + body
    return b"\x68" + inside + bytes([sum(inside) % 256, 0x16])


def parameters(driver, card_type=2, flag=0, alarm=2000):
    """The 45 bytes."""
    body = bytes([1, flag]) + bytes(4) + bytes(5) + b"\x00"
    body += bytes.fromhex(f"{alarm:08}{alarm // 2:08}") + bytes.fromhex("000001") * 2
    body += bytes.fromhex(METER) + bytes.fromhex(CUSTOMER) + bytes([card_type])
    return frame(KINDS[driver][0], body)


def wallet(amount, count):
    return amount.to_bytes(4, "big") + count.to_bytes(4, "big")


def write_back(driver, count):
    """The meter's answer: empty for none, else valid with that count."""
    size = KINDS[driver][2]
    if count is None:
        return bytes(size)
    body = b"\x00" + bytes.fromhex("000001") * 2 + bytes.fromhex(METER) + bytes.fromhex(CUSTOMER)
    body += (1234).to_bytes(4, "big") + count.to_bytes(4, "big") + bytes(4) + b"\x00\x00\x00\x01"
    body += bytes(3) + bytes.fromhex("2611220000")
    return frame(0x11, body.ljust(size - 6, b"\x00"))


def image(driver, amount=5000, count=4, back=4, version=1, card_type=2, serial=SERIAL, **values):
    """An image; ``count=None``: blank."""
    card = bytes.fromhex(serial) + b"\x00\x01" + bytes([version]) + bytes(5)
    if count is None:
        return card + bytes(45 + 8 + KINDS[driver][2])
    return card + parameters(driver, card_type, **values) + wallet(amount, count) + write_back(driver, back)


class FakeCpuCard:
    """Files, keys and commands of card-security-demo.md. ``trouble(command)`` as at :class:`FakeCard`.

    ``tear(bytes)``: the card is pulled when so many bytes were written from now on.
    """

    def __init__(self, driver, memory=None):
        self.driver = driver
        _command, self.back, _size, sizes = KINDS[driver]
        self.atr = b"\x3b\x68\x00\x00" + driver.upper().encode() + b"\x01"
        self.files = {sfi: bytearray(size) for sfi, size in sizes.items()}
        self.card_file = bytearray(16)
        self.put(memory or image(driver))
        self.keys = card_keys(bytes(self.card_file[:8]), self.card_file[10])
        self.folder, self.challenge, self.open = 0x3F00, None, False
        self.tries = {"ext": 6, "mac": 6}
        self.gone = self.closed = False
        self.commands = []
        self.trouble = lambda command: None
        self.left = None
        self.erase = False

    @property
    def memory(self):
        return bytes(self.card_file + self.files[1] + self.files[2] + self.files[self.back])

    def put(self, memory):
        """Put an image there."""
        self.card_file[:], self.files[1][:], self.files[2][:] = memory[:16], memory[16:61], memory[61:69]
        self.files[self.back][:] = memory[69:]

    def tear(self, left, erase=False):
        self.left, self.erase = left, erase

    def reset(self):
        """As after a new insertion."""
        self.folder, self.challenge, self.open, self.gone, self.closed = 0x3F00, None, False, False, False
        self.left = None
        self.trouble = lambda command: None
        self.commands = []

    def transmit(self, command):
        self.commands.append(bytes(command))
        if self.gone:
            raise CardGone("removed")
        answer = self.trouble(command)
        return answer if answer is not None else self.answer(bytes(command))

    def answer(self, command):
        challenge, self.challenge = self.challenge, None
        kind = command[:2].hex()
        if kind == "00a4":
            return self.select(int.from_bytes(command[5:7], "big"))
        if kind == "00b0":
            return self.read(command)
        if kind == "0084":
            self.challenge = os.urandom(8)
            return self.challenge + OK
        if kind == "0088":
            return answer_to(self.keys["int"], command[5:13]) + OK
        if kind == "0082":
            return self.authenticate(command[5:], challenge)
        if kind in ("04d6", "84d4"):
            return self.secure(command, challenge)
        return b"\x6d\x00"

    def select(self, file):
        if file not in (0x3F00, 0xDF01):
            return b"\x6a\x82"
        self.folder, self.open = file, False
        return OK

    def read(self, command):
        file = self.file(command[2] & 0x1F)
        if file is None:
            return b"\x6a\x82"
        if command[3] + command[4] > len(file):
            return b"\x6b\x00"
        return bytes(file[command[3] : command[3] + command[4]]) + OK

    def file(self, sfi):
        if self.folder == 0x3F00:
            return self.card_file if sfi == 0x15 else None
        return self.files.get(sfi)

    def authenticate(self, cryptogram, challenge):
        if not self.tries["ext"]:
            return b"\x69\x83"
        if challenge is None:
            return b"\x69\x84"
        if cryptogram != answer_to(self.keys["ext"], challenge):
            self.tries["ext"] -= 1
            return bytes([0x63, 0xC0 | self.tries["ext"]])
        self.tries["ext"], self.open = 6, True
        return OK

    def secure(self, command, challenge):
        header, data, mac = command[:5], command[5:-4], command[-4:]
        if not self.open:
            return b"\x69\x82"
        if not self.tries["mac"]:
            return b"\x69\x83"
        if challenge is None:
            return b"\x69\x84"
        if mac != mac_of(self.keys["mac"], challenge, header, data):
            self.tries["mac"] -= 1
            return b"\x69\x88"
        self.tries["mac"] = 6
        if command[0] == 0x84:
            self.program(bytearray(len(data)), 0, data)
            old = self.keys["mac"]
            self.keys = {
                purpose: unaes(old, data[16 * n : 16 * n + 16]) for n, purpose in enumerate(demo_suite.PURPOSES)
            }
            self.card_file[10], self.open = command[3], False
            return OK
        file = self.files[command[2] & 0x1F]
        if command[3] + len(data) > len(file):
            return b"\x6b\x00"
        self.program(file, command[3], data)
        return OK

    def program(self, file, offset, data):
        for place, byte in enumerate(data, offset):
            if self.left == 0:
                if self.erase:
                    file[place] = 0xFF
                self.pull()
                raise CardGone("removed")
            file[place] = byte
            if self.left is not None:
                self.left -= 1

    def pull(self):
        self.gone = True

    def check(self):
        if self.gone:
            raise CardGone("removed")

    settle = check

    def close(self):
        self.closed = True

    def kinds(self):
        """The commands by class and instruction, with the file of reads and writes."""
        named = []
        for command in self.commands:
            head = command[:2].hex()
            named.append(f"{head} {command[2] & 0x1F:02x}" if head in ("00b0", "04d6") else head)
        return named

    def written(self):
        """``(SFI, offset)`` of the secure updates, in order."""
        return [(command[2] & 0x1F, command[3]) for command in self.commands if command[:2] == b"\x04\xd6"]


class DeskKeys(KeySession):
    """A session at a :class:`KeyDesk` without a network."""

    def __init__(self, attempt, driver, serial, desk):
        super().__init__(attempt, driver, serial)
        self.desk = desk

    def ask(self, op, version, challenge, **more):
        status, body = self.desk.ask(
            {
                "jti": str(uuid.uuid4()),
                "attempt": self.attempt,
                "serial": self.serial,
                "version": version,
                "op": op,
                "challenge": challenge.hex(),
                **{name: value.hex() for name, value in more.items()},
            }
        )
        if status != 200:
            raise KeyRefused(body["code"])
        return body

    def authenticate(self, version, answer, challenge):
        body = self.ask("authenticate", version, challenge, r=self.random, answer=answer)
        return bytes.fromhex(body["cryptogram"])

    def mac(self, version, challenge, header, data):
        return bytes.fromhex(self.ask("mac", version, challenge, header=header, data=data)["mac"])

    def update_key(self, version, challenge):
        body = self.ask("update_key", version, challenge)
        return bytes.fromhex(body["command"]), body["version"]


class DeskClients:
    """Stands for ``Terminal.keys``."""

    def __init__(self, desk):
        self.desk = desk

    def session(self, order):
        return DeskKeys(order.jti, order.driver, order.card_serial, self.desk)

    def close(self):
        pass


class CpuBench(Bench):
    """A terminal with a processor card and a key service."""

    def __init__(self, folder, driver, memory=None, **more):
        self.driver = driver
        self.desk = KeyDesk()
        super().__init__(folder, FakeCpuCard(driver, memory), **more)
        self.terminal.keys = DeskClients(self.desk)

    def order(self, wanted=None, files=None, **changes):
        """An order for an image, by default the next purchase."""
        memory = self.card.memory
        if wanted is None:
            wanted = image(self.driver, 12345, 5, None, version=memory[10])
        values = {
            "ins": self.ins or "0" * 32,
            "memory": memory,
            "psc": None,
            "card": {"serial": memory[:8].hex(), "issue": 0, "driver": self.driver},
            "expect": {
                "count": int.from_bytes(memory[65:69], "big"),
                "digest": tokens.digest(memory),
            },
            "write": {
                "count": int.from_bytes(wanted[65:69], "big"),
                "quantity": int.from_bytes(wanted[61:65], "big"),
                "image": wanted.hex(),
                "files": {str(sfi): data.hex() for sfi, data in (files or {}).items()},
            },
        }
        return self.odoo.order(self.identity, **{**values, **changes})

    def again(self):
        """Put the card, as it now is, in anew."""
        self.reader.seen(False)
        self.idle()
        self.card.reset()
        self.insert(self.card)
