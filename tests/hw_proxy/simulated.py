"""Simulated chips in simulated readers at the APDU seam, without pcscd: what dialects and drivers are tried against."""

from __future__ import annotations

from dataclasses import dataclass

from hw_proxy.cards.at24_demo import At24Demo
from hw_proxy.cards.dialect_acs import AcsDialect
from hw_proxy.cards.dialect_omnikey import OmnikeyDialect
from hw_proxy.cards.sle4428_demo import Sle4428Demo
from hw_proxy.cards.sle4442_demo import Sle4442Demo
from hw_proxy.cards.transport import CardGone
from simulators.acs_reader import AcsReader
from simulators.at24 import At24c02
from simulators.card import CardPulled
from simulators.issue import issue, prepared_card
from simulators.keys import MasterKey
from simulators.meter import Meter
from simulators.omnikey_reader import OmnikeyReader
from simulators.sle4428 import Sle4428
from simulators.sle4442 import Sle4442

METER = "000000008901"
CUSTOMER = "000000004567"


@dataclass(frozen=True)
class Kind:
    """A driver and the chip that it drives."""

    driver: type
    chip: type

    @property
    def keys(self):
        """Masters of this chip's codes."""
        return MasterKey(bytes(range(32)), self.chip.CODE_BYTES)

    def psc(self, serial):
        """The code of a card, none for a chip without one."""
        return self.keys.psc(serial) or None

    def meter(self):
        """A meter for these cards, not opened."""
        return Meter(METER, self.keys, atr=self.chip.ATR, driver=self.driver.id)

    def card(self, serial):
        """A card that has been in its meter once, and that meter."""
        meter = self.meter()
        chip, _opened = issue(serial, CUSTOMER, meter, self.keys, energy=10_000, make=self.chip)
        return chip, meter

    def blank(self, serial):
        """A prepared card without a contract."""
        return prepared_card(serial, self.keys, make=self.chip)


KINDS = {
    kind.driver.id: kind for kind in (Kind(Sle4442Demo, Sle4442), Kind(Sle4428Demo, Sle4428), Kind(At24Demo, At24c02))
}
READERS = {AcsDialect: AcsReader, OmnikeyDialect: OmnikeyReader}
NAMES = {AcsDialect: "ACS Fake 00", OmnikeyDialect: "HID Global OMNIKEY 3x21 Fake 00"}


class SimulatedCard:
    """One insertion of a simulated chip: the Connection of a driver, and what a Bench wants of a card."""

    def __init__(self, chip, dialect=AcsDialect):
        self.chip = chip
        self.commands = []
        self.closed = False
        chip.insert()
        self._reader = READERS[dialect](chip)
        self.atr = self._reader.power_on()
        self.gone = False

    @property
    def memory(self):
        """The layout's bytes, past all faults."""
        return self.chip.image()[:256]

    def transmit(self, command):
        self.commands.append(bytes(command))
        if self.gone:
            raise CardGone("removed")
        try:
            return self._reader.transmit(command)
        except CardPulled as error:
            self.gone = True
            raise CardGone("removed") from error

    def pull(self):
        self.gone = True
        self.chip.remove()

    def check(self):
        if self.gone:
            raise CardGone("removed")

    settle = check

    def close(self):
        self.closed = True
