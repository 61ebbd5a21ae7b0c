"""Orders on every memory card in every reader: what is written, what is refused, and that the meter credits once."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from hw_proxy.cards import demo_layout
from hw_proxy.cards.dialect_acs import AcsDialect
from hw_proxy.cards.dialect_omnikey import OmnikeyDialect
from hw_proxy.cards.driver import Access
from hw_proxy.cards.transport import CardGone
from hw_proxy.errors import Refusal
from hw_proxy.orders import ImageWrite, WriteValues
from simulators import layout
from simulators.issue import write_purchase
from tests.hw_proxy.simulated import CUSTOMER, KINDS, METER, NAMES, SimulatedCard
from tests.hw_proxy.support import SERIAL, Bench

VALUES = WriteValues(count=2, energy=5_000, alarm1=20, alarm2=5, hoard=0, issue=1, flags=1)
CODED = ["sle4442_demo", "sle4428_demo"]
PRESENT = 0x20


@pytest.fixture(params=[AcsDialect, OmnikeyDialect], ids=lambda dialect: dialect.id)
def dialect(request):
    return request.param


@pytest.fixture(params=KINDS)
def driver(request):
    return request.param


class Counter:
    """A bench with a simulated card of one kind in a simulated reader."""

    def __init__(self, folder, driver, dialect=AcsDialect, chip=None):
        self.kind = KINDS[driver]
        self.dialect = dialect
        self.meter = None
        if chip is None:
            chip, self.meter = self.kind.card(SERIAL)
        self.chip = chip
        self.bench = Bench(folder, SimulatedCard(chip, dialect))
        # The fake slot's name says ACS; the registry goes by the name.
        self.bench.slot.name = self.bench.reader._slot.name = NAMES[dialect]
        self.put_back()

    @property
    def card(self):
        return self.bench.card

    def put_back(self):
        """Take the card out and put it in again."""
        self.bench.reader.seen(False)
        self.bench.idle()
        self.bench.insert(SimulatedCard(self.chip, self.dialect))

    def write(self, op="purchase", write=VALUES, **changes):
        values = {
            "op": op,
            "write": write,
            "psc": self.kind.psc(SERIAL),
            "card": {"serial": SERIAL, "issue": 1, "driver": self.kind.driver.id},
            **changes,
        }
        return self.bench.write(**values)

    def image(self, image, op, count=2):
        """Write a whole image."""
        return self.write(op, {"count": count, "quantity": 5_000, "image": image.hex(), "files": {}})


@pytest.fixture
def counter(tmp_path, driver, dialect):
    made = Counter(tmp_path, driver, dialect)
    yield made
    made.bench.close()


def issued(memory, count=1, energy=5_000, issue=1, card_type=layout.CARD_OPEN):
    """The image of a blank card after it was issued."""
    image = bytearray(memory)
    image[0x20:0x30] = layout.pack_contract(layout.Contract(CUSTOMER, METER, card_type, issue))
    block = layout.pack_purchase(layout.Purchase(count, energy, issue=issue))
    image[0x40:0x54] = image[0x60:0x74] = block
    image[0x80:0x9A] = bytes(26)
    return bytes(image)


def cleared(memory):
    """The image of a card after it was cleared."""
    image = bytearray(memory)
    image[0x20:0x30] = b"\xff" * 16
    image[0x40:0x54] = image[0x60:0x74] = b"\xff" * 20
    image[0x80:0x9A] = bytes(26)
    return bytes(image)


# -- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("driver", CODED)
def test_a_card_with_a_used_try_or_a_locked_one_never_sees_a_code(tmp_path, driver, dialect):
    kind = KINDS[driver]
    chip, _meter = kind.card(SERIAL)
    chip.present(bytes(kind.chip.CODE_BYTES))
    counter = Counter(tmp_path, driver, dialect, chip)
    assert counter.write()["code"] == "C-114"
    while not chip.locked:
        chip.present(bytes(kind.chip.CODE_BYTES))
    before = counter.card.memory
    receipt = counter.write()
    assert (receipt["outcome"], receipt["code"], receipt["before"]["tries"]) == ("void", "C-104", 0)
    assert not [command for command in counter.card.commands if command[1] == PRESENT]
    assert counter.card.memory == before
    counter.bench.close()


def used(kind, tries):
    """A chip with so many tries left, as wrong codes leave it."""
    chip, _meter = kind.card(SERIAL)
    while chip.tries > tries:
        chip.present(bytes(kind.chip.CODE_BYTES))
    return chip


def presented(counter):
    return sum(command[1] == PRESENT for command in counter.card.commands)


@pytest.mark.parametrize("driver", CODED)
def test_a_code_is_presented_at_exactly_the_tries_that_a_supervisor_allowed(tmp_path, driver, dialect):
    kind, missing = KINDS[driver], KINDS[driver].driver.chip.tries - 1
    counter = Counter(tmp_path, driver, dialect, used(kind, missing))
    receipt = counter.write(tries=missing)
    assert (receipt["outcome"], receipt["before"]["tries"]) == ("written", missing)
    assert receipt["after"]["tries"] == kind.driver.chip.tries, "the right code sets the counter back"
    assert presented(counter) == 1
    counter.bench.close()


@pytest.mark.parametrize("driver", CODED)
def test_at_any_other_number_of_tries_it_is_not(tmp_path, driver, dialect):
    kind = KINDS[driver]
    full = kind.driver.chip.tries
    cases = [(1, 2, "C-114"), (0, 2, "C-104"), (full, 2, "C-203")]
    if full > 3:
        cases += [(5, 6, "C-114"), (6, 5, "C-114")]
    for number, (left, allowed, code) in enumerate(cases):
        (tmp_path / str(number)).mkdir()
        counter = Counter(tmp_path / str(number), driver, dialect, used(kind, left))
        receipt = counter.write(tries=allowed)
        assert (receipt["outcome"], receipt["code"], receipt["before"]["tries"]) == ("void", code, left)
        assert presented(counter) == 0
        counter.bench.close()


@pytest.mark.parametrize("driver", CODED)
def test_a_code_that_fails_once_more_ends_the_permission(tmp_path, driver, dialect):
    kind, missing = KINDS[driver], KINDS[driver].driver.chip.tries - 1
    counter = Counter(tmp_path, driver, dialect, used(kind, missing))
    receipt = counter.write(tries=missing, psc=bytes(kind.chip.CODE_BYTES))
    assert (receipt["outcome"], receipt["code"], receipt["after"]["tries"]) == ("not_written", "C-207", missing - 1)
    assert counter.write(tries=missing)["code"] == "C-114"
    assert presented(counter) == 1
    counter.bench.close()


def test_a_card_without_a_code_takes_no_order_that_speaks_of_tries(tmp_path):
    counter = Counter(tmp_path, "at24_demo")
    receipt = counter.write(tries=2, psc=None)
    assert (receipt["outcome"], receipt["code"]) == ("void", "O-108")
    counter.bench.close()


@pytest.mark.parametrize("tries", [0, 1, 8, -1, True, "2", 2.0, None])
def test_an_order_that_allows_the_last_try_or_nonsense_is_none(tmp_path, tries):
    counter = Counter(tmp_path, "sle4442_demo", chip=used(KINDS["sle4442_demo"], 1))
    with pytest.raises(Refusal) as refusal:
        counter.write(tries=tries)
    assert refusal.value.code == "O-101"
    assert presented(counter) == 0
    counter.bench.close()


@pytest.mark.parametrize("driver", CODED)
def test_a_wrong_code_is_presented_once_and_nothing_is_written(tmp_path, driver, dialect):
    counter = Counter(tmp_path, driver, dialect)
    receipt = counter.write(psc=bytes(KINDS[driver].chip.CODE_BYTES))
    assert (receipt["outcome"], receipt["code"]) == ("not_written", "C-207")
    assert receipt["after"]["tries"] == KINDS[driver].driver.chip.tries - 1
    assert sum(command[1] == PRESENT for command in counter.card.commands) == 1
    counter.bench.close()


@pytest.mark.parametrize("driver", CODED)
def test_a_card_pulled_while_its_code_is_compared_has_lost_a_try(tmp_path, driver, dialect):
    counter = Counter(tmp_path, driver, dialect)
    counter.chip.faults.arm("pull_in_present")
    assert counter.write()["outcome"] == "unknown"
    counter.put_back()
    receipt = counter.write("rewrite")
    assert (receipt["outcome"], receipt["code"]) == ("void", "C-114")
    counter.bench.close()


def test_an_order_for_another_driver_of_the_same_layout_is_void(counter, driver):
    other = next(name for name in CODED if name != driver)
    receipt = counter.write(card={"serial": SERIAL, "issue": 1, "driver": other}, psc=KINDS[other].psc(SERIAL) or None)
    assert (receipt["outcome"], receipt["code"]) == ("void", "O-108")


@pytest.mark.parametrize("place", [0x00, 0x09, 0x11, 0x1F, 0x30, 0x54, 0x9A, 0xFF])
def test_an_image_that_changes_more_than_an_order_may_is_refused(tmp_path, place):
    counter = Counter(tmp_path, "at24_demo")
    image = bytearray(counter.card.memory)
    image[place] ^= 0x01
    receipt = counter.image(bytes(image), "reverse")
    assert (receipt["outcome"], receipt["code"]) == ("void", "C-203")
    counter.bench.close()


@pytest.mark.parametrize("size", [0, 255, 257, 1024])
def test_an_image_of_another_size_is_refused(tmp_path, size):
    counter = Counter(tmp_path, "sle4428_demo")
    image = counter.chip.image().ljust(1024, b"\xff")[:size] if size else b"\x00"
    receipt = counter.image(image, "clear")
    assert (receipt["outcome"], receipt["code"]) == ("void", "C-203")
    counter.bench.close()


def test_a_memory_card_takes_no_companion_files(tmp_path):
    counter = Counter(tmp_path, "at24_demo")
    write = {"count": 2, "quantity": 1, "image": counter.card.memory.hex(), "files": {"3": "00"}}
    assert counter.write("clear", write)["code"] == "O-108"
    counter.bench.close()


def test_a_purchase_block_is_no_way_to_open_a_card(tmp_path):
    counter = Counter(tmp_path, "at24_demo")
    assert counter.write("open")["code"] == "O-108"
    counter.bench.close()


# -- whole sales -----------------------------------------------------------------------------------------------------


def test_a_purchase_is_written_and_credited_once(counter, driver):
    receipt = counter.write()
    assert (receipt["outcome"], receipt["code"], receipt["driver"]) == ("written", None, driver)
    assert receipt["after"]["tries"] == KINDS[driver].driver.chip.tries
    assert receipt["after"]["memory"] == counter.card.memory.hex()
    counter.bench.pull()
    assert counter.meter.insert(counter.chip).credited == 5_000
    assert counter.meter.insert(counter.chip).credited == 0
    assert counter.meter.credits == [(1, 10_000), (2, 5_000)]


def test_a_snapshot_shows_the_layout_and_the_protection_of_its_identity(counter, driver):
    reading = counter.bench.reader.run(lambda insertion: insertion.driver.read(full=True)).result(10)
    assert reading.memory == counter.card.memory
    assert reading.protection == (b"" if driver == "at24_demo" else bytes(4))
    assert reading.tries == KINDS[driver].driver.chip.tries


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("byte", [0, 7, 8, 19, 20, 27, 39, 40])
def test_a_pull_in_the_write_credits_nothing_and_is_repaired_by_a_rewrite(tmp_path, driver, byte, inside):
    counter = Counter(tmp_path, driver)
    counter.chip.faults.arm("pull", bytes=byte, inside=inside)
    receipt = counter.write()
    assert (receipt["outcome"], receipt["code"]) == ("unknown", "C-202")
    assert counter.meter.insert(counter.chip).credited == 0
    counter.put_back()
    assert counter.write("rewrite")["outcome"] == "written"
    counter.bench.pull()
    assert counter.meter.insert(counter.chip).credited == 5_000
    assert [count for count, _energy in counter.meter.credits] == [1, 2]
    counter.bench.close()


def test_a_lost_write_is_found_out_by_reading_back(counter):
    counter.chip.faults.arm("lost_write")
    receipt = counter.write()
    assert (receipt["outcome"], receipt["code"]) == ("unknown", "C-205")


def test_a_page_torn_on_an_at24_is_read_back_and_never_taken_for_written(tmp_path):
    counter = Counter(tmp_path, "at24_demo")
    counter.chip.faults.arm("pull", bytes=10)
    assert counter.write()["outcome"] == "unknown"
    # The second page of block B: what was not written yet is erased; the third page is as it was.
    assert counter.chip.image()[0x6A:0x70] == b"\xff" * 6
    assert demo_layout.decode(counter.chip.image()).current == "A"
    counter.bench.close()


# -- whole images ----------------------------------------------------------------------------------------------------


def test_a_blank_card_is_opened_and_its_first_purchase_credited(tmp_path, driver, dialect):
    kind = KINDS[driver]
    chip, meter = kind.blank(SERIAL), kind.meter()
    counter = Counter(tmp_path, driver, dialect, chip)
    image = issued(counter.card.memory)
    receipt = counter.image(image, "open", 1)
    assert (receipt["outcome"], receipt["after"]["memory"]) == ("written", image.hex())
    counter.bench.pull()
    assert meter.insert(chip).credited == 5_000
    counter.bench.close()


def test_a_cleared_card_is_blank_and_keeps_its_identity(counter):
    image = cleared(counter.card.memory)
    assert counter.image(image, "clear", 1)["outcome"] == "written"
    assert layout.parse(counter.card.memory).contract_state == "blank"
    assert layout.parse(counter.card.memory).identity.serial == SERIAL


def test_a_reversed_purchase_is_gone_from_the_card(counter):
    before = counter.card.memory
    counter.write()
    assert counter.image(before, "reverse", 1)["outcome"] == "written"
    assert counter.card.memory == before
    counter.bench.pull()
    assert counter.meter.insert(counter.chip).credited == 0


def test_an_image_that_is_on_the_card_already_is_written(counter):
    assert counter.image(counter.card.memory, "rewrite", 1)["outcome"] == "written"


def carry_out(kind, chip, image):
    """Write an image by the driver's own plan, without journal and outcomes; whether it was not interrupted."""
    card = SimulatedCard(chip)
    driver = kind.driver(AcsDialect(card))
    order = SimpleNamespace(write=ImageWrite(1, 5_000, image))
    try:
        driver.start()
        driver.unlock(Access(order, kind.psc(SERIAL)), card.memory)
        for step in driver.plan(card.memory, order):
            driver.write(step, None)
    except CardGone:
        return False
    finally:
        chip.power_off()
    return True


def torn_cards(kind, chip, image):
    """Copies of the card as it is after the writing of an image was interrupted at each of its bytes."""
    saved = chip.to_dict()
    byte, done = 0, False
    while not done:
        for inside in (False, True):
            torn = kind.chip.from_dict(saved)
            torn.faults.arm("pull", bytes=byte, inside=inside)
            done = carry_out(kind, torn, image)
            torn.faults.clear()
            yield torn
        byte += 1
    assert byte > 20


def inserted(kind, chip, state):
    """What a meter in a given state credits for a copy of the card."""
    meter = kind.meter()
    meter.state = type(meter.state).from_dict(state)
    return meter.insert(kind.chip.from_dict(chip.to_dict())).credited


def test_a_card_torn_while_it_is_opened_credits_the_first_purchase_once_or_nothing(driver):
    kind = KINDS[driver]
    chip = kind.blank(SERIAL)
    image = issued(chip.image()[:256])
    for torn in torn_cards(kind, chip, image):
        meter = kind.meter()
        untouched = kind.chip.from_dict(torn.to_dict())
        assert meter.insert(torn).credited in (0, 5_000)
        assert carry_out(kind, untouched, image)
        meter.insert(untouched)
        assert meter.credits == [(1, 5_000)]


def test_a_card_credits_nothing_from_the_first_byte_of_its_reversal_on(driver):
    kind = KINDS[driver]
    chip, meter = kind.card(SERIAL)
    before, state = chip.image()[:256], meter.state.to_dict()
    write_purchase(chip, layout.Purchase(2, 5_000), kind.keys)
    assert inserted(kind, chip, state) == 5_000
    for torn in torn_cards(kind, chip, before):
        assert inserted(kind, torn, state) == (5_000 if torn.image() == chip.image() else 0)
        assert carry_out(kind, torn, before)
        assert inserted(kind, torn, state) == 0


def test_a_card_torn_while_it_is_cleared_credits_nothing(driver):
    kind = KINDS[driver]
    chip, meter = kind.card(SERIAL)
    # As if the meter had refused the second purchase: the most dangerous card, kept back by its write-back alone.
    chip.insert()
    chip.unlock(kind.keys.psc(SERIAL))
    for place in (layout.PURCHASE_A, layout.PURCHASE_B):
        chip.write(place, layout.pack_purchase(layout.Purchase(2, 5_000)))
    chip.power_off()
    state = meter.state.to_dict()
    for torn in torn_cards(kind, chip, cleared(chip.image()[:256])):
        assert inserted(kind, torn, state) == 0


def test_a_reissued_card_carries_the_next_issue_number(tmp_path, driver):
    kind = KINDS[driver]
    _old, meter = kind.card("000000000999")
    chip = kind.blank(SERIAL)
    counter = Counter(tmp_path, driver, chip=chip)
    image = issued(counter.card.memory, count=2, issue=2, card_type=layout.CARD_REPLACEMENT)
    write = {"count": 2, "quantity": 5_000, "image": image.hex(), "files": {}}
    card = {"serial": SERIAL, "issue": 2, "driver": driver}
    assert counter.write("replace", write, card=card)["outcome"] == "written"
    counter.bench.pull()
    assert meter.insert(chip).credited == 5_000
    counter.bench.close()


def test_a_purchase_over_an_old_issue_is_refused(counter):
    assert (
        counter.write(
            write=replace(VALUES, issue=2), card={"serial": SERIAL, "issue": 2, "driver": counter.kind.driver.id}
        )["code"]
        == "C-203"
    )
