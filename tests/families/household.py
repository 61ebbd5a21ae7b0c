"""One customer with card and meter, joined from all sides without servers.

Odoo's rules (``core``) decide, the terminal's drivers (``hw_proxy``) write, simulated card and meter answer: what the
three must agree on is tried here for every driver, in milliseconds.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass, field, replace

from prepaid_core import codecs, gate, resolution
from prepaid_core.card_image import CpuBlock, ImageWrite, PurchaseBlock
from prepaid_core.key_provider import PSC_SIZES
from prepaid_core.transitions import OPEN_STATES

from hw_proxy import orders
from hw_proxy.cards.driver import Access, WriteStopped
from hw_proxy.cards.registry import CardRegistry
from hw_proxy.cards.transport import CardError, CardGone
from hw_proxy.key_client import KeySession
from simulators.card import CardPulled
from simulators.reader_models import card_end
from tests.families.ways import CPU_DRIVERS, WAYS

CUSTOMER, METER = "400000000011", "500000000011"
OTHER_CUSTOMER = "400000000099"
SERIAL, NEW_SERIAL = "300000000011", "300000000022"
READER = "ACS Reader 00 00"


class Insertion:
    """A simulated card in a reader: the connection of a driver."""

    def __init__(self, card):
        self._card = card
        self._gone = False
        card.insert()
        self._end = card_end(card)
        self.atr = self._end.power_on()

    def transmit(self, command):
        """One command; a pulled card ends the insertion."""
        if self._gone:
            raise CardGone("removed")
        try:
            return self._end.transmit(bytes(command))
        except CardPulled as error:
            self._gone = True
            raise CardGone("removed") from error

    def check(self):
        """Whether the card is still there."""
        if self._gone:
            raise CardGone("removed")

    settle = retake = check

    def release(self):
        """Let a library have the reader, which forgets what kind of card is in it."""
        self._end.power_off()
        if not self._gone:
            self._end.power_on()

    def close(self):
        """Take the power away."""
        self._end.power_off()


class ProviderKeys(KeySession):
    """The key service without the line to it: Odoo's provider answers at once."""

    def __init__(self, provider, attempt, driver, serial):
        super().__init__(attempt, driver, serial)
        self._provider = provider

    def authenticate(self, version, answer, challenge):
        """The cryptogram."""
        return self._provider.authenticate(self.driver, version, self.serial, self.random, answer, challenge)

    def mac(self, version, challenge, header, data):
        """The MAC."""
        return self._provider.mac(self.driver, version, self.serial, challenge, header, data)

    def update_key(self, version, challenge):
        """The command and the new version."""
        current = self._provider.current(self.driver)
        return self._provider.key_update(self.driver, version, self.serial, challenge, current), current


@dataclass
class Sale:
    """A paid order and what became of it.

    ``images``: before and after of every attempt; ``issues``: it was written to a blank card.
    """

    count: int
    block: PurchaseBlock | CpuBlock
    state: str = "paid"
    previous: PurchaseBlock | CpuBlock | None = None
    images: list[tuple[bytes, bytes]] = field(default_factory=list)
    rewritten: bool = False
    card_stayed: bool = False
    given_up: bool = False
    issues: bool = False


class Household:
    """One account, opened: its card has count 1 and has been in its meter.

    :param driver: of card and meter
    :param bench: a Workbench without slots
    :param provider: Odoo's software provider of the same key file
    """

    def __init__(self, driver, bench, provider, **parameters):
        self.driver, self.bench, self.provider = driver, bench, provider
        self.ways = WAYS[driver]
        self.held = False
        self._layout = self.ways.layout or driver
        digits = 16 if driver in CPU_DRIVERS else 12
        self.serial, self.new_serial = SERIAL.zfill(digits), NEW_SERIAL.zfill(digits)
        bench.issue(self.serial, CUSTOMER, METER, 100, self._layout, **parameters)
        # Where a card does not say its count, staff sell.
        staff = not self.ways.says_count
        self.account = gate.AccountState(CUSTOMER, METER, self.serial, 1, last_count=1, driver=driver, staff=staff)
        self.sales = {}
        self._insertion = None

    # -- the card in the reader ------------------------------------------------------------------------------------

    @property
    def card(self):
        """The account's card."""
        return self.bench.card(self.account.serial)

    @property
    def meter(self):
        """The account's meter."""
        return self.bench.meter(METER)

    def insert(self, serial=None):
        """Put a card into the reader; returns its driver."""
        self.take_out()
        connection = Insertion(self.bench.card(serial or self.account.serial))
        found = self._probe(connection)
        assert found.id == self.driver
        self._insertion = (connection, found)
        return found

    def _probe(self, connection):
        return CardRegistry().probe(READER, connection)

    def take_out(self):
        """Empty the reader: nothing stays true that was true while the card was in it."""
        if self._insertion:
            self._insertion[0].close()
        self._insertion = None
        for sale in self.sales.values():
            sale.card_stayed = False

    def read(self):
        """What Odoo makes of what the terminal reads: the image and the reading."""
        found = self._insertion[1] if self._insertion else self.insert()
        reading = found.read()
        return codecs.decode(self.driver, reading.memory, reading.tries), reading

    # -- the rules -------------------------------------------------------------------------------------------------

    def check(self, operation):
        """Ask the gate about the card in the reader."""
        image, reading = self.read()
        return gate.check(operation, image, self._state(reading))

    def _state(self, reading):
        sale = self.sales.get(self.account.last_count)
        if sale is None:
            return self.account
        at = gate.OrderAt(
            count=sale.count,
            state=sale.state,
            block=sale.block,
            rewritten=sale.rewritten,
            card_stayed=sale.card_stayed,
            torn=resolution.is_torn(self.driver, reading.memory, sale.images),
        )
        return replace(self.account, order=at)

    def resolve(self):
        """What the reading says about the last sale, noted in it when it is written."""
        image, reading = self.read()
        sale = self.sales[self.account.last_count]
        torn = resolution.is_torn(self.driver, reading.memory, sale.images)
        result = resolution.resolve(image, resolution.Ordered(sale.block, sale.previous, torn))
        if result == resolution.WRITTEN:
            sale.state = "written"
        return result

    # -- what the terminal does ------------------------------------------------------------------------------------

    def buy(self, quantity=5_000):
        """Pay for a purchase and write it, if the gate allows; returns the gate's answer.

        :param quantity: 0.01 kWh or 0.01 yuan
        """
        allowed = self.check("purchase")
        if allowed.allowed:
            image, _reading = self.read()
            block = self._block(allowed.count, quantity)
            self.sales[allowed.count] = Sale(allowed.count, block, previous=image.block)
            self.account = replace(self.account, last_count=allowed.count)
            self.write("purchase", self.sales[allowed.count])
        return allowed

    def _block(self, count, quantity, card_type=2):
        if self.driver in CPU_DRIVERS:
            return CpuBlock(count, quantity, user_type=1, alarm1=2_000, alarm2=500, card_type=card_type)
        return codecs.codec_of(self.driver).BLOCK(count, quantity, 20, 5, 0, self.account.issue, 1)

    def rewrite(self):
        """Write the last sale again, if the gate allows; returns the gate's answer."""
        allowed = self.check("rewrite")
        if allowed.allowed:
            sale = self.sales[allowed.count]
            sale.rewritten = True
            self.write("rewrite", sale)
        return allowed

    def reverse(self):
        """Undo the last sale on the card, if the gate allows: its money goes back."""
        allowed = self.check("reverse")
        if allowed.allowed:
            sale = self.sales[self.account.last_count]
            before, after = sale.images[-1]
            sale.images.append((after, before))
            self.carry_out("reverse", ImageWrite(allowed.count, 0, before), sale)
            if sale.state == "written":
                sale.state, sale.given_up = "reversed", True
                self.account = replace(self.account, last_count=allowed.count)
        return allowed

    def replace_card(self, last_in_meter):
        """Issue a new card for the account: the last count again, or one more when a reading proved it in the meter."""
        if self.new_serial not in self.bench.cards:
            self.bench.blank_card(self.new_serial, self._layout)
        self.account = replace(self.account, last_in_meter=last_in_meter)
        self.insert(self.new_serial)
        allowed = self.check("replace")
        if not allowed.allowed:
            return allowed
        sale = self.sales.get(allowed.count)
        self.account = replace(
            self.account, serial=self.new_serial, issue=self.account.issue + 1, last_count=allowed.count
        )
        quantity = sale.block.quantity if sale else 5_000
        block = self._block(allowed.count, quantity, card_type=3)
        if sale is None:
            sale = self.sales[allowed.count] = Sale(allowed.count, block)
        else:
            sale.block, sale.rewritten = block, True
        sale.issues = True
        self.write("replace", sale)
        return allowed

    def write(self, operation, sale):
        """One attempt; a pulled card leaves the sale unknown."""
        _image, reading = self.read()
        write = self._claim(operation, reading, sale)
        sale.images.append((reading.memory, codecs.expected_after(self.driver, reading.memory, write)))
        self.carry_out(operation, write, sale)

    def _claim(self, operation, reading, sale):
        block = sale.block
        if not sale.issues and self.driver not in CPU_DRIVERS:
            return block
        values = {"customer_no": CUSTOMER, "meter_no": METER}
        if sale.issues and self.driver in CPU_DRIVERS:
            values["key_version"] = self.provider.current(self.driver)
        content = "replace" if sale.issues else operation
        image = codecs.codec_of(self.driver).image_for(content, reading.memory, block, **values)
        return ImageWrite(block.count, block.quantity, image)

    def carry_out(self, operation, write, sale):
        """Do what the terminal's Writer does: plan, unlock, write, read back; both sides' expectation must agree."""
        connection, driver = self._insertion
        image, reading = self.read()
        order = self._order(operation, write, reading, image)
        assert driver.accepts(order)
        steps = driver.plan(reading.memory, order)
        expected = driver.expected(reading.memory, order, steps)
        assert expected == codecs.expected_after(self.driver, reading.memory, write)
        keys = ProviderKeys(self.provider, order.jti, self.driver, order.card_serial)
        code = self.provider.psc(self.driver, order.card_serial) if self.driver in PSC_SIZES else None
        access = Access(order, code, keys)
        sale.state = "unknown"
        try:
            # What was said while writing decides nothing: the card is read.
            with suppress(WriteStopped):
                driver.unlock(access, reading.memory)
                for step in steps:
                    driver.write(step, access)
            connection.check()
            if driver.read(unlocked=True).memory == expected:
                sale.state, sale.card_stayed = "written", True
        except CardError:
            self.take_out()

    def _order(self, operation, write, reading, image):
        values = write
        if isinstance(write, ImageWrite):
            values = orders.ImageWrite(write.count, write.quantity, write.image, dict(write.files))
        elif isinstance(write, PurchaseBlock):
            values = orders.WriteValues(**write.as_claim())
        return orders.Order(
            token="",
            jti=str(uuid.uuid4()),
            serial="R1",
            epoch=1,
            iat=0,
            exp=60,
            ins="i",
            op=operation,
            card_serial=image.serial,
            card_issue=image.issue or 0,
            driver=self.driver,
            expect_count=image.count,
            expect_digest=reading.digest,
            write=values,
            sealed=None,
        )

    # -- the meter -------------------------------------------------------------------------------------------------

    def carry(self, serial=None, **fault):
        """Carry a card to the meter; returns what the meter says."""
        self.take_out()
        return self.bench.carry(serial or self.account.serial, METER, **fault)

    def finish(self, rounds=6):
        """Faults have stopped: read, write again what the rules allow, and go to the meter, until it has the count.

        What the rules leave to staff is :attr:`held` then.
        """
        self.held = False
        for _round in range(rounds):
            if self.meter.state.count == self.account.last_count and self.carry().error is None:
                return
            self.insert()
            sale = self.sales.get(self.account.last_count)
            result = self.resolve() if sale and sale.state in (*OPEN_STATES, "written") else None
            if result == resolution.REWRITE:
                self.rewrite()
            elif result == resolution.HOLD:
                self.staff_decide()
            self.carry()
        self.held = self.meter.state.count != self.account.last_count

    def staff_decide(self):
        """What the rules do not settle: a card of ours never comes to that here."""

    def wrong(self):
        """What contradicts the property of the project, or nothing: each paid sale credited once, nothing else.

        The opening purchase has count 1. What is held for staff may lack its credit.
        """
        wanted = {count: sale.block.quantity for count, sale in self.sales.items() if not sale.given_up}
        credits = [(count, quantity) for count, quantity in self.meter.credits if count > 1]
        found = dict(credits)
        if len(credits) != len(found):
            return f"credited twice: {credits}"
        right = found.items() <= wanted.items() if self.held else found == wanted
        return None if right else f"paid {wanted}, credited {found}"
