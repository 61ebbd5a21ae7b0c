"""What the tests of hw_proxy share: an Odoo that signs by the protocol, a card at the APDU seam, a terminal."""

import json
import time
import uuid
from dataclasses import replace

from jwcrypto import jwe, jwk

from hw_proxy import tokens
from hw_proxy.cards import demo_layout
from hw_proxy.cards.registry import CardRegistry
from hw_proxy.cards.transport import CardGone, CardSilent
from hw_proxy.clock import Clock
from hw_proxy.config import Config
from hw_proxy.devices.interface import Interface
from hw_proxy.keys import Identity, Pairing, TerminalKeys
from hw_proxy.orders import WriteValues
from hw_proxy.terminal import Terminal

PSC = bytes.fromhex("c0ffee")
SERIAL = "000000000123"
ATR = bytes.fromhex("3b04a2131091")
CHIP_BYTES = bytes.fromhex("a2131091ffff8115")
ORIGIN = "https://pos.example.com"
BEFORE = WriteValues(count=4, energy=5000, alarm1=20, alarm2=5, hoard=0, issue=1, flags=1)
ORDERED = replace(BEFORE, count=5, energy=12345)


def card_memory(values=BEFORE, issue=1, state=0xA5):
    """An opened card that has been in its meter: both purchase blocks, a valid write-back with the same count."""
    memory = bytearray(b"\xff" * 256)
    memory[0:8] = CHIP_BYTES
    identity = bytes([1]) + bytes.fromhex(SERIAL) + b"\x00\x2a"
    memory[0x08:0x12] = identity + bytes([demo_layout.crc8(identity)])
    contract = bytes.fromhex("000000004567") + bytes.fromhex("000000008901") + bytes([2, issue])
    memory[0x20:0x30] = contract + demo_layout.crc16(contract).to_bytes(2, "big")
    memory[0x40:0x54] = memory[0x60:0x74] = demo_layout.encode_block(values)
    back = bytes([state]) + values.count.to_bytes(4, "big") + bytes(14) + bytes.fromhex("2611220000")
    memory[0x80:0x9A] = back + demo_layout.crc16(back).to_bytes(2, "big")
    return bytes(memory)


class FakeCard:
    """An SLE4442 behind an ACS reader. ``trouble(command)`` may raise or return an answer before the card does."""

    def __init__(self, memory=None):
        self.memory = bytearray(memory or card_memory())
        self.atr = ATR
        self.counter = 7
        self.open = False
        self.gone = False
        self.closed = False
        self.commands = []
        self.trouble = lambda command: None

    def transmit(self, command):
        self.commands.append(bytes(command))
        if self.gone:
            raise CardGone("removed")
        answer = self.trouble(command)
        return answer if answer is not None else self.answer(command)

    def answer(self, command):
        instruction, address, length, data = command[1], command[3], command[4], command[5:]
        if instruction == 0xA4:
            self.open = False
            return b"\x90\x00"
        if instruction == 0xB0:
            return bytes(self.memory[address : address + length]) + b"\x90\x00"
        if instruction == 0xB1:
            return bytes([self.counter, 0, 0, 0]) + b"\x90\x00"
        if instruction == 0xB2:
            return b"\xff\xff\xff\xff\x90\x00"
        if instruction == 0x20:
            self.open = bytes(data) == PSC and self.counter != 0
            self.counter = 7 if self.open else self.counter >> 1
            return bytes([0x90, self.counter])
        if instruction == 0xD0:
            if not self.open:
                return b"\x69\x82"
            self.memory[address : address + length] = data
            return b"\x90\x00"
        return b"\x6d\x00"

    def pull(self):
        self.gone = True

    def check(self):
        if self.gone:
            raise CardGone("removed")

    settle = check

    def close(self):
        self.closed = True

    def count(self, instruction):
        """How many commands with this instruction were sent."""
        return sum(1 for command in self.commands if command[1] == instruction)


def silent(_command):
    """Trouble: no answer."""
    raise CardSilent("silent")


class FakeSlot:
    """A slot with a card in it, or without."""

    def __init__(self, card, name="ACS Fake 00"):
        self.name = name
        self.card = card

    def connect(self):
        if self.card is None or self.card.gone:
            raise CardGone("empty")
        return self.card


class FakeInterface(Interface):
    """One slot that is always there."""

    def watch(self):
        self.stopping.wait()

    def problem(self):
        return None


class FakeOdoo:
    """Odoo's side of the protocol, by its own key."""

    def __init__(self):
        self.key = jwk.JWK.generate(kty="OKP", crv="Ed25519")
        self.iss = str(uuid.uuid4())
        self.epoch = 3

    @property
    def public(self):
        return self.key.export_public(as_dict=True)["x"]

    def pairing(self, terminal=None, **changes):
        values = {
            "terminal": terminal or str(uuid.uuid4()),
            "name": "Counter 1",
            "iss": self.iss,
            "kid": self.key.thumbprint(),
            "key": self.public,
            "epoch": self.epoch,
            "origins": (ORIGIN,),
            "url": "http://127.0.0.1:1",
            "database": "",
        }
        return Pairing(**{**values, **changes})

    def page(self, terminal, key=None, typ="page+jwt", **changes):
        now = int(time.time())
        claims = {
            "iss": self.iss,
            "aud": terminal,
            "sub": "user:2",
            "epoch": self.epoch,
            "iat": now,
            "exp": now + 28800,
        }
        return tokens.sign(key or self.key, typ, {**claims, **changes})

    def order(self, identity, ins, memory, write=ORDERED, psc=PSC, key=None, inside=None, typ="order+jwt", **changes):
        """A write order and its sealed part, none without a code.

        :param changes: replace claims; ``inside`` replaces what is sealed.
        """
        now = int(time.time())
        jti = changes.get("jti") or str(uuid.uuid4())
        sealed = None
        if psc is not None:
            sealed = seal(identity.keys.x25519, {"jti": jti, "psc": psc.hex(), **(inside or {})})
        image = demo_layout.decode(memory)
        claims = {
            "iss": self.iss,
            "aud": identity.pairing.terminal,
            "jti": jti,
            "serial": "R" + "1" * 20,
            "epoch": self.epoch,
            "iat": now,
            "exp": now + 120,
            "ins": ins,
            "op": "purchase",
            "card": {"serial": SERIAL, "issue": 1, "driver": "sle4442_demo"},
            "expect": {"count": image.count or 0, "digest": tokens.digest(bytes(memory))},
            "write": dict(vars(write)) if isinstance(write, WriteValues) else write,
            "sealed": tokens.digest(sealed) if sealed else None,
        }
        return tokens.sign(key or self.key, typ, {**claims, **changes}), sealed

    def collect(self, terminal, recharge=None, key=None, typ="collect+jwt", **changes):
        """A collect order for notes of 1 to 100 yuan."""
        now = int(time.time())
        claims = {
            "iss": self.iss,
            "aud": terminal,
            "jti": str(uuid.uuid4()),
            "epoch": self.epoch,
            "iat": now,
            "exp": now + 60,
            "recharge": recharge or str(uuid.uuid4()),
            "session": "box-1",
            "denominations": [100, 500, 1000, 2000, 5000, 10000],
            "most": 20_000,
            "wait": 60,
        }
        return tokens.sign(key or self.key, typ, {**claims, **changes})

    def ack(self, terminal, nonce, ack, now=None, key=None, **changes):
        claims = {
            "iss": self.iss,
            "aud": terminal,
            "nonce": nonce,
            "now": now or int(time.time() * 1000),
            "ack": ack,
            "head": tokens.digest("x"),
            "epoch": self.epoch,
            "state": "active",
            "origins": [ORIGIN],
        }
        return tokens.sign(key or self.key, "ack+jwt", {**claims, **changes})


def seal(x25519, value):
    """A JWE to a terminal's agreement key."""
    envelope = jwe.JWE(
        json.dumps(value).encode(),
        protected=json.dumps({"alg": "ECDH-ES", "enc": "A256GCM"}),
        recipient=jwk.JWK(kty="OKP", crv="X25519", x=x25519),
    )
    return envelope.serialize(compact=True)


def signed_clock():
    """A clock that trusts the present time."""
    clock = Clock()
    clock.trust(int(time.time() * 1000), clock.ticks(), clock.ticks())
    return clock


class Bench:
    """A terminal with one fake reader."""

    def __init__(self, folder, card=None, config=None, odoo=None, identity=None, clock=None, acceptor=None):
        self.odoo = odoo or FakeOdoo()
        self.config = config or Config(data_dir=folder)
        self.identity = identity or Identity(TerminalKeys.generate(), self.odoo.pairing())
        self.clock = clock or signed_clock()
        self.terminal = Terminal(self.config, self.identity, self.clock)
        self.acceptor = acceptor
        if acceptor is not None:
            self.terminal.cash.start(acceptor)
        self.card = card or FakeCard()
        self.slot = FakeSlot(self.card)
        interface = FakeInterface(CardRegistry(), self.terminal.reader_changed)
        self.reader = interface.reader(self.slot)
        self.terminal.interfaces.append(interface)
        self.insert(self.card)

    def insert(self, card):
        """Put a card into the slot."""
        self.card = self.slot.card = card
        self.reader.seen(True)
        self.idle()

    def pull(self):
        """Take the card out, and let the reader notice."""
        self.card.pull()
        self.reader.seen(False)
        self.idle()

    def idle(self):
        """Wait until the reader has done everything it was told."""
        self.reader.run(lambda _insertion: None).result(10)

    @property
    def ins(self):
        return self.reader.status.ins

    def order(self, **changes):
        """A good order for the card as it is, and its sealed part."""
        changes.setdefault("ins", self.ins or "0" * 32)
        changes.setdefault("memory", bytes(self.card.memory))
        return self.odoo.order(self.identity, **changes)

    def write(self, order=None, sealed=None, **changes):
        """Send an order and wait for its receipt's claims."""
        if order is None:
            order, sealed = self.order(**changes)
        job = self.terminal.jobs.write(order, sealed)
        return self.wait(job)

    def wait(self, job):
        """Claims of a job's receipt."""
        until = time.monotonic() + 10
        while time.monotonic() < until:
            state = self.terminal.jobs.state(job)
            if state["state"] == "done":
                return self.claims(state["receipt"])
            time.sleep(0.005)
        raise AssertionError("the job does not end")

    def claims(self, token, typ="receipt+jwt"):
        """Claims of one of the terminal's messages, verified as Odoo does."""
        keys = self.identity.keys
        issuer = tokens.Issuer(keys.signing, keys.signing.thumbprint(), self.identity.pairing.terminal)
        return tokens.verify(token, typ, issuer, self.odoo.iss)

    def reopen(self):
        """The terminal after a restart, on the same files."""
        self.close()
        return Bench(self.config.data_dir, self.card, self.config, self.odoo, self.identity, self.clock, self.acceptor)

    def close(self):
        if not self.terminal.stopping.is_set():
            self.terminal.close()
