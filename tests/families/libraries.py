"""A household whose cards are written by a maker's library: the compiled library in its real process."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jwcrypto import jwk
from prepaid_core import resolution
from prepaid_core.gate import GateResult

from hw_proxy.cards.registry import CardRegistry
from hw_proxy.cards.transport import CardError
from hw_proxy.vendor.cards import VendorCards
from hw_proxy.vendor.description import Argument, Function, load
from hw_proxy.vendor.library import Library
from hw_proxy.vendor.quarantine import MemoryStore
from hw_proxy.vendor.states import States
from simulators.vendor import build
from simulators.vendor.cards import HUALI, ZONGLIANG, Record, make_card
from simulators.vendor.meter import MakerMeter, issue
from tests.families.household import READER, Household
from tests.families.ways import WAYS

#: Whose cards nobody else can read; Kaida's have the demo layout.
MAKERS = {"vendor:huali": HUALI, "vendor:zongliang": ZONGLIANG}
_KEY = jwk.JWK.generate(kty="OKP", crv="X25519")
#: Longer than a loaded machine needs; a library that is meant to hang gets less.
_PATIENCE, _LITTLE_PATIENCE = 20.0, 0.5


class RelayedLibrary(Library):
    """A library that opens the reader by itself. ``line`` is what its commands reach there."""

    line = None

    def call(self, verb, values, transmit=None):
        """Call a function while whatever is in the reader answers."""
        return super().call(verb, values, self._carry)

    def _carry(self, command):
        try:
            return self.line.transmit(command) if self.line else None
        except CardError:
            return None


class Libraries:
    """The three libraries, compiled; those that behave keep their process from household to household.

    :param folder: the libraries' user must be able to read it
    :param environment: of the libraries
    """

    def __init__(self, folder, environment):
        self._folder, self._environment = folder, environment
        self._made = {}

    def of(self, driver, trick=None):
        """Return the library of a driver.

        :param trick: what it does wrong, such as ``sell:lie``
        """
        key = (driver, trick)
        if key not in self._made:
            self._made[key] = self._make(driver.removeprefix("vendor:"), trick)
        return self._made[key]

    def _make(self, name, trick):
        environment = {**self._environment, **({"VENDOR_TRICK": trick} if trick else {})}
        made = load(build(name, self._folder, relayed=True, **environment))
        patience = _LITTLE_PATIENCE if trick and trick.endswith(":hang") else _PATIENCE
        made = replace(made, limits=replace(made.limits, timeout=patience, crashes=100))
        if made.transport == "callback":
            return Library(made)
        arguments = (Argument("transmit"), Argument("context"))
        relay = Function("relay_through", "int32", arguments, (0,))
        return RelayedLibrary(replace(made, functions={**made.functions, "init": relay}))

    def stop(self):
        """End the processes."""
        for library in self._made.values():
            library.stop()


@dataclass(frozen=True)
class Carried:
    """What came of one insertion into a maker's meter."""

    credited: int
    error: int | None


class MakerBench:
    """Cards and meter of one household at a maker's: what a Household asks of a Workbench.

    :param maker: whose cards
    """

    def __init__(self, maker):
        self._maker = maker
        self._meter = None
        self.cards = {}

    def issue(self, serial, customer, meter, quantity, _driver):
        """An opened account: a card with count 1 that has been in its meter; the quantity in whole units."""
        self._meter = MakerMeter(self._maker, meter)
        self.cards[serial] = issue(self._maker, serial, customer, self._meter, quantity * 100)

    def blank_card(self, serial, _driver):
        """A prepared card without a contract."""
        self.cards[serial] = make_card(self._maker, Record(serial))

    def card(self, serial):
        """A card."""
        return self.cards[serial]

    def meter(self, _number):
        """The meter."""
        return self._meter

    def carry(self, serial, _meter, **fault):
        """Put a card into the meter and take it out again."""
        credited = self._meter.insert(self.cards[serial], **fault)
        return Carried(credited, self._meter.last_error)

    def close(self):
        """Nothing is kept."""


class LibraryHousehold(Household):
    """A household whose cards a maker's library writes, and, unless a driver of ours reads them, reads.

    :param libraries: the :class:`Libraries`
    :param trick: what the library does wrong, until :meth:`behave`
    """

    def __init__(self, driver, bench, provider, libraries, trick=None, **parameters):
        self.library = libraries.of(driver, trick)
        self._libraries = libraries
        self._states = States(MemoryStore(), _KEY)
        self._unreadable = None
        super().__init__(driver, bench, provider, **parameters)

    def behave(self):
        """From now on the library does what it should."""
        self.take_out()
        self.library.stop()
        self.library = self._libraries.of(self.driver)

    def insert(self, serial=None):
        """Put a card into the reader; returns its driver, none when nobody can read it."""
        self._unreadable = None
        try:
            return super().insert(serial)
        except CardError as error:
            self._unreadable = error.code
            return None

    def _probe(self, connection):
        self.library.line = connection
        return CardRegistry(vendor=VendorCards([self.library], self._states)).probe(READER, connection)

    def check(self, operation):
        """Ask the gate; of a card that cannot be read there is no snapshot, so Odoo is not asked."""
        if not self._readable():
            return GateResult(allowed=False, code=self._unreadable)
        return super().check(operation)

    def resolve(self):
        """What the reading says about the last sale; without one it is held."""
        return super().resolve() if self._readable() else resolution.HOLD

    def _readable(self):
        return bool(self._insertion or self.insert())

    def staff_decide(self):
        """Issue the same count again on a new card, where the library can: one of the two reaches the meter."""
        if "replace" in self.ways.operations:
            if self.account.serial == self.new_serial:
                self.new_serial = str(int(self.new_serial) + 1).zfill(12)
            assert self.replace_card(last_in_meter=False).allowed


class TotalHousehold(LibraryHousehold):
    """The card says what was bought in all, and the meter credits what it lacks of that: sales may come together."""

    def wrong(self):
        """What contradicts the property, or nothing. The opening purchase is the first credit."""
        sales = [sale.block.quantity for count, sale in sorted(self.sales.items())]
        due = [sum(sales[:number]) for number in range(len(sales) + 1)]
        found = sum(quantity for _total, quantity in self.meter.credits[1:])
        right = found in due if self.held else found == due[-1]
        return None if right else f"paid {sales}, credited {self.meter.credits[1:]}"

    def finish(self, rounds=2):
        """Carry the card to the meter, which is all that can be done: nothing is written again."""
        for _round in range(rounds):
            self.carry()
        self.held = self.meter.state.total_bought != self.meter.credits[0][1] + sum(
            sale.block.quantity for sale in self.sales.values()
        )


def household_of(driver, bench, *arguments, **parameters):
    """Return a household on a library; the arguments are those of :class:`LibraryHousehold`.

    :param bench: a Workbench, which holds the cards that have a layout of ours
    """
    kind = LibraryHousehold if WAYS[driver].says_count else TotalHousehold
    return kind(driver, MakerBench(MAKERS[driver]) if driver in MAKERS else bench, *arguments, **parameters)
