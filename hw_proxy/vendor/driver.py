"""The driver ``vendor:<id>``: a maker's library behind the interface of our own drivers."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace

from hw_proxy.cards import demo_layout
from hw_proxy.cards.driver import Access, CardDriver, Reading, Step, WriteStopped
from hw_proxy.cards.memory_driver import DemoMemoryDriver
from hw_proxy.cards.transport import CardError, CardGone, CardRefused, CardSilent, Connection
from hw_proxy.errors import JournalError
from hw_proxy.orders import ImageWrite, Order, WriteValues
from hw_proxy.vendor import faults, image
from hw_proxy.vendor.faults import VendorError
from hw_proxy.vendor.library import Library
from hw_proxy.vendor.states import States

logger = logging.getLogger(__name__)

_PURCHASES = ("purchase", "rewrite")
#: The function that makes a card what it shall be.
_VERBS = {"purchase": "purchase", "open": "open", "replacement": "replace", "blank": "clear"}


class LibraryFailed(CardSilent):
    """The library did not read the card.

    :param error: what happened; its code goes to the page.
    """

    def __init__(self, error: VendorError) -> None:
        super().__init__(str(error))
        self.code = error.code


@dataclass(frozen=True)
class LibraryStep(Step):
    """One write by a library: the function and what goes in."""

    verb: str = "purchase"
    values: dict[str, object] = field(default_factory=dict, repr=False)


class VendorDriver(CardDriver):
    """A card whose maker's library writes it.

    :param library: the library.
    :param connection: this insertion.
    :param reader: PC/SC name of the reader, which the library may ask for.
    :param states: keeps what the library's writes return.
    """

    def __init__(self, library: Library, connection: Connection, reader: str, states: States) -> None:
        super().__init__(connection)
        self.library = library
        self.id = library.description.driver
        self._reader = reader
        self._states = states
        self._digest = ""

    @property
    def version(self) -> str:
        """What the library calls itself."""
        return self.library.version or "library"

    def start(self) -> None:
        """Ask the library whether the card is its.

        :raises CardUnknown: it is not.
        """
        if self.library.has("is_mine") and not self._is_mine():
            raise NotMine(f"not a card of {self.library.description.name}")

    def _is_mine(self) -> bool:
        try:
            return bool(self._call("is_mine", {}).get("mine", True))
        except LibraryFailed as error:
            if error.code == "C-103":
                return False
            raise

    def read(self, full: bool = False, unlocked: bool = False) -> Reading:
        """What the library says of the card, as vendor image v1."""
        return Reading(self._image().encode(), 3, b"" if full else None)

    def _image(self) -> image.VendorImage:
        answer = self._call("read", {})
        try:
            return image.from_answer(self.library.description, answer)
        except VendorError as error:
            # A library that answers in time and in form, but nonsense, is as sick as one that crashes.
            self.library.condemn("read", error)
            raise LibraryFailed(error) from error

    def accepts(self, order: Order) -> bool:
        """Purchases as a block, and whatever else the library can do as an image."""
        can = self.library.description.operations
        if isinstance(order.write, WriteValues):
            return order.op in _PURCHASES and "purchase" in can
        try:
            verb = _VERBS.get(image.parse(order.write.image).kind)
        except ValueError:
            return False
        # A card that replaces the first one is an open card: a meter that is not opened takes nothing else.
        fits = order.op in (verb, "rewrite") or (order.op, verb) == ("replace", "open")
        return fits and verb in can and not order.write.files

    def matches(self, memory: bytes, order: Order) -> bool:
        """Whether serial and count are those of the order; a count that cannot be read is not compared."""
        card = image.parse(memory)
        same = not isinstance(order.write, ImageWrite) or image.parse(order.write.image).serial == card.serial
        return same and card.serial == order.card_serial and card.count in (None, order.expect_count)

    def refusal(self, reading: Reading, order: Order) -> str | None:
        """C-105 for a card that the library calls damaged."""
        return "C-105" if image.parse(reading.memory).kind == "damaged" else None

    def plan(self, memory: bytes, order: Order) -> list[Step]:
        """One call of the library.

        :raises LibraryFailed: V-104; V-108: a re-write where nothing tells whether the purchase is on the card.
        """
        card = image.parse(memory)
        if order.op == "rewrite" and card.count is None:
            raise LibraryFailed(VendorError(faults.STAFF_ONLY, "the card has no count, so nothing is written again"))
        return [self._step(order, card, self.expected(memory, order, []))]

    def _step(self, order: Order, card: image.VendorImage, expected: bytes) -> LibraryStep:
        self._require()
        target = image.parse(expected)
        values = {
            **self._given(order),
            "kind": target.kind,
            "customer": target.customer,
            "meter": target.meter,
            "total": target.total,
        }
        self._digest = Reading(card.encode(), 3).digest
        return LibraryStep(f"{order.op} by {self.id}", 0, b"", verb=_VERBS[target.kind], values=values)

    def _require(self) -> None:
        """Start the library before the intent, so that one that is missing or rests only voids the order."""
        try:
            self.library.start()
        except VendorError as error:
            raise LibraryFailed(error) from error

    def _given(self, order: Order) -> dict[str, object]:
        write = order.write
        given = {"reader": self._reader, "serial": order.card_serial, "count": write.count}
        if isinstance(write, WriteValues):
            names = ("alarm1", "alarm2", "hoard", "issue", "flags")
            return {**given, "quantity": write.energy, **{name: getattr(write, name) for name in names}}
        return {**given, "quantity": write.quantity, "alarm1": 0, "alarm2": 0, "hoard": 0, "issue": 0, "flags": 0}

    def expected(self, memory: bytes, order: Order, steps: list[Step]) -> bytes:
        """The image that the library must read afterwards."""
        if isinstance(order.write, ImageWrite):
            return order.write.image
        return image.parse(memory).purchased(order.write.count, order.write.energy).encode()

    def unlock(self, access: Access, memory: bytes) -> None:
        """The library opens the card by itself, when it writes."""

    def write(self, step: Step, access: Access) -> None:
        """Let the library write once. Its word decides nothing: the card is read back whatever it says."""
        description, serial = self.library.description, access.order.card_serial
        kept = description.state or description.password
        try:
            state = self._states.before_write(description.id, serial, self._digest) if kept else {}
            answer = self._call(step.verb, {**step.values, **state})
            if kept:
                self._states.after_write(description.id, serial, answer)
        except (CardSilent, CardRefused, VendorError) as error:
            # Never repeated: what the library did before it failed is found out by reading the card.
            raise WriteStopped(error.code, fault=True) from error
        except JournalError as error:
            logger.error("the state of card %s could not be kept: %s", serial, error)
            raise WriteStopped(faults.STATE_MISSING, fault=True) from error

    # -- the library ---------------------------------------------------------------------------------------------

    def _call(self, verb: str, values: dict[str, object]) -> dict[str, object]:
        """Call the library with the card at hand.

        :raises CardGone: the card left meanwhile, whatever the library said.
        :raises LibraryFailed: it did not do it.
        """
        gone: list[CardGone] = []

        def transmit(command: bytes) -> bytes | None:
            try:
                return None if gone else self.connection.transmit(command)
            except CardGone as error:
                gone.append(error)
            except CardError as error:
                logger.info("%s: a command of the library failed: %s", self.id, error)
            return None

        try:
            with self.library.lock:
                if self.library.description.transport == "reader":
                    return self._lend(verb, values)
                answer = self.library.call(verb, values, transmit)
        except VendorError as error:
            if gone:
                raise gone[0] from error
            raise LibraryFailed(error) from error
        if gone:
            raise gone[0]
        return answer

    def _lend(self, verb: str, values: dict[str, object]) -> dict[str, object]:
        """Let the library have the reader for one call, and take it back with the same card in it."""
        self.library.start()
        self.connection.release()
        try:
            if self.library.has("connect"):
                self.library.call("connect", {"reader": self._reader})
            try:
                return self.library.call(verb, values)
            finally:
                self._disconnect()
        finally:
            self.connection.retake()

    def _disconnect(self) -> None:
        if self.library.has("disconnect") and self.library.worker is not None:
            try:
                self.library.call("disconnect", {})
            except VendorError as error:
                # What the library did to the card is found out by reading it.
                logger.warning("%s: %s", self.id, error)


class NotMine(CardSilent):
    """The card is not the library's."""

    code = "C-103"


class ReadBackDriver(VendorDriver):
    """A card that our own driver reads: the library only writes, and the reading decides.

    :param inner: our driver of the layout on the same insertion.
    """

    def __init__(
        self, library: Library, connection: Connection, reader: str, states: States, inner: DemoMemoryDriver
    ) -> None:
        super().__init__(library, connection, reader, states)
        self._inner = inner

    def start(self) -> None:
        """Look at the card by ourselves; the library is not needed to read.

        :raises NotMine: another layout, or a serial that is not the maker's.
        """
        self._inner.start()
        serial = demo_layout.decode(self._inner.read().memory).serial
        if serial is None or not self.library.description.serves(serial):
            raise NotMine("not a card of this maker")

    def read(self, full: bool = False, unlocked: bool = False) -> Reading:
        """What our driver reads, wrapped."""
        reading = self._inner.read(full)
        return replace(reading, memory=image.wrap(self._inner.id, reading.memory))

    def accepts(self, order: Order) -> bool:
        """Purchases only: what else the library does to the layout cannot be foretold."""
        return order.op in _PURCHASES and isinstance(order.write, WriteValues)

    def matches(self, memory: bytes, order: Order) -> bool:
        """As our driver says."""
        return self._inner.matches(image.unwrap(memory), order)

    def refusal(self, reading: Reading, order: Order) -> str | None:
        """As our driver says."""
        return self._inner.refusal(replace(reading, memory=image.unwrap(reading.memory)), order)

    def plan(self, memory: bytes, order: Order) -> list[Step]:
        """One call of the library."""
        self._require()
        contract = demo_layout.decode(image.unwrap(memory)).contract
        self._digest = Reading(memory, 3).digest
        numbers = {"kind": "purchase", "customer": contract.customer, "meter": contract.meter}
        return [LibraryStep(f"{order.op} by {self.id}", 0, b"", values={**self._given(order), **numbers})]

    def expected(self, memory: bytes, order: Order, steps: list[Step]) -> bytes:
        """What our driver would have made of the card."""
        inner = image.unwrap(memory)
        return image.wrap(self._inner.id, self._inner.expected(inner, order, self._inner.plan(inner, order)))

    def _lend(self, verb: str, values: dict[str, object]) -> dict[str, object]:
        try:
            return super()._lend(verb, values)
        finally:
            # The reader has forgotten the card's type.
            self._inner.start()
