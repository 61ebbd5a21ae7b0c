"""A terminal whose cards are driven by a maker's library, with a simulated chip, reader and meter around it."""

import json
from dataclasses import replace

from hw_proxy import tokens
from hw_proxy.cards.registry import CardRegistry
from hw_proxy.cards.transport import CardGone
from hw_proxy.config import Config
from hw_proxy.keys import Identity, TerminalKeys
from hw_proxy.terminal import Terminal
from hw_proxy.vendor.cards import VendorCards
from hw_proxy.vendor.description import load
from hw_proxy.vendor.library import Library
from hw_proxy.vendor.states import States
from simulators.acs_reader import AcsReader
from simulators.card import CardPulled
from simulators.vendor import describe
from simulators.vendor.cards import HUALI, ZONGLIANG
from simulators.vendor.meter import MakerMeter, issue
from tests.hw_proxy.support import Bench, FakeInterface, FakeOdoo, FakeSlot, signed_clock

MAKERS = {"huali": HUALI, "zongliang": ZONGLIANG}
SERIAL, CUSTOMER, METER = "000000000777", "000000004567", "000000008901"


class ChipInReader:
    """A simulated chip in an ACS reader, as the service sees an insertion."""

    def __init__(self, chip):
        self.chip = chip
        self.gone = self.closed = False
        self.commands = []
        chip.insert()
        self._reader = AcsReader(chip)
        self._reader.power_on()
        self.atr = chip.atr()

    def transmit(self, command):
        self.commands.append(bytes(command))
        self.check()
        try:
            return self._reader.transmit(bytes(command))
        except CardPulled as error:
            self.gone = True
            raise CardGone("pulled") from error

    def pull(self):
        self.gone = True
        self.chip.remove()

    def check(self):
        if self.gone:
            raise CardGone("removed")

    settle = check

    def release(self):
        """Nobody else is there."""

    retake = check

    def close(self):
        self.closed = True


def patience(trick):
    """Seconds for a call: long, for a busy machine is not a library that hangs, unless it is meant to hang."""
    return 1.0 if trick and trick.endswith((":hang", ":spin")) else 20.0


def library(folder, name, trick=None, store=None, **limits):
    """A library, misbehaving if wanted.

    :param trick: such as ``sell:hang``.
    :param limits: replace those of the description.
    """
    description = load(describe(name, folder, **({"VENDOR_TRICK": trick} if trick else {})))
    limits.setdefault("timeout", patience(trick))
    return Library(replace(description, limits=replace(description.limits, **limits)), store)


class VendorBench(Bench):
    """A terminal with one library and one card."""

    def __init__(self, folder, built, name, trick=None, **limits):
        self.name, self.built = name, built
        self.odoo = FakeOdoo()
        self.config = Config(data_dir=folder)
        self.identity = Identity(TerminalKeys.generate(), self.odoo.pairing())
        self.clock = signed_clock()
        self.terminal = Terminal(self.config, self.identity, self.clock)
        self.meter = MakerMeter(MAKERS[name], METER)
        self.chip = issue(MAKERS[name], SERIAL, CUSTOMER, self.meter, quantity=20_000)
        self.slot = FakeSlot(None)
        self.states = States(self.terminal.journal, self.identity.keys.agreement)
        self.cards = VendorCards([library(built, name, trick, self.terminal.journal, **limits)], self.states)
        interface = FakeInterface(CardRegistry(vendor=self.cards), self.terminal.reader_changed)
        self.reader = interface.reader(self.slot)
        self.terminal.interfaces.append(interface)
        self.insert(ChipInReader(self.chip))

    @property
    def library(self):
        return self.cards.libraries[0]

    def misbehave(self, trick, **limits):
        """Change the library's behaviour in its next process, and put the card in again."""
        self.library.stop()
        self.cards.libraries[0] = library(self.built, self.name, trick, self.terminal.journal, **limits)
        self.insert_again()

    def insert_again(self):
        """The card was out and is back."""
        if self.slot.card is not None and not self.slot.card.gone:
            self.pull()
        self.insert(ChipInReader(self.chip))

    def visit_meter(self):
        """The customer carries the card to the meter and back; what it credited."""
        if not self.slot.card.gone:
            self.pull()
        credited = self.meter.insert(self.chip)
        self.insert_again()
        return credited

    def image(self):
        """What a snapshot says of the card."""
        claims = self.claims(self.terminal.snapshot("n" * 20), "snapshot+jwt")
        return json.loads(bytes.fromhex(claims["card"]["memory"]))

    def vendor_order(self, count, quantity, op="purchase", **changes):
        """A good order for the card as the library reads it."""
        image = json.dumps(changes.pop("image", None) or self.image(), sort_keys=True, separators=(",", ":")).encode()
        write = {"count": count, "energy": quantity, "alarm1": 20, "alarm2": 5, "hoard": 0, "issue": 0, "flags": 0}
        values = {
            "ins": self.ins or "0" * 32,
            "op": op,
            "card": {"serial": SERIAL, "issue": 0, "driver": f"vendor:{self.name}"},
            "expect": {"count": max(count - 1, 0), "digest": tokens.digest(image)},
            "write": write,
            "sealed": None,
        }
        token, _sealed = self.odoo.order(self.identity, memory=b"", **{**values, **changes})
        return token

    def sell(self, count, quantity, **changes):
        """Send an order and wait for the claims of its receipt."""
        return self.write(self.vendor_order(count, quantity, **changes), None)

    def close(self):
        super().close()
        self.cards.stop()
