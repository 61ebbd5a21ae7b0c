"""Orders carried out by a maker's library: the receipt never says more than what was read back."""

import json

import pytest

from hw_proxy.errors import JournalError, Refusal
from hw_proxy.vendor.image import VendorImage
from simulators.vendor.cards import HUALI, ZONGLIANG, Record, make_card, read_card
from simulators.vendor.meter import MakerMeter
from tests.hw_proxy.vendor.support import CUSTOMER, METER, SERIAL, ChipInReader, VendorBench


def outcome(receipt):
    """What a receipt says."""
    return receipt["outcome"], receipt["code"]


# -- what goes wrong -------------------------------------------------------------------------------------------------


def test_a_library_that_lies_about_success_is_not_believed(huali):
    huali.misbehave("sell:lie")
    before = huali.chip.image()
    assert outcome(huali.sell(2, 700)) == ("not_written", "C-204")
    assert huali.chip.image() == before


def test_a_library_that_says_failure_after_it_wrote_is_not_believed_either(huali):
    huali.misbehave("sell:garbage")
    assert outcome(huali.sell(2, 700)) == ("written", None)
    assert read_card(HUALI, huali.chip).count == 2


@pytest.mark.parametrize(
    ("trick", "code"), [("sell:hang", "V-102"), ("sell:crash", "V-103"), ("sell:leak", "V-103"), ("sell:fail", "C-204")]
)
def test_a_library_that_fails_before_it_writes_leaves_the_card_not_written(huali, trick, code):
    huali.misbehave(trick)
    assert outcome(huali.sell(2, 700)) == ("not_written", code)
    assert read_card(HUALI, huali.chip).count == 1


@pytest.mark.parametrize("trick", ["late:hang", "late:crash"])
def test_a_library_that_fails_after_it_wrote_has_written(huali, trick):
    huali.misbehave(trick)
    assert outcome(huali.sell(2, 700)) == ("written", None)


@pytest.mark.parametrize(("trick", "code"), [("torn:hang", "V-102"), ("torn:crash", "V-103")])
def test_a_library_that_fails_between_two_writes_leaves_it_unknown(huali, trick, code):
    huali.misbehave(trick)
    receipt = huali.sell(2, 700)
    assert outcome(receipt) == ("unknown", code)
    # The backup zone tells it: the card is damaged, not as it was.
    assert json.loads(bytes.fromhex(receipt["after"]["memory"]))["kind"] == "damaged"


def test_a_card_pulled_during_the_library_s_write_is_unknown(huali):
    def pulled(command):
        if command[1] == 0xD0:
            huali.card.pull()

    original = huali.card.transmit
    huali.card.transmit = lambda command: pulled(command) or original(command)
    assert outcome(huali.sell(2, 700)) == ("unknown", "C-202")
    assert huali.reader.status.state == "empty"


def test_a_reading_that_is_nonsense_shows_the_reader_in_error(huali):
    huali.misbehave("read:garbage")
    with pytest.raises(Refusal) as refusal:
        huali.image()
    assert (refusal.value.code, refusal.value.status) == ("V-105", 503)


def test_a_quarantined_library_voids_orders_and_touches_no_card(huali):
    order = huali.vendor_order(2, 700)
    for _number in range(3):
        huali.library.quarantine.failed("purchase", "crashed")
    huali.library.stop()
    huali.card.commands.clear()
    assert outcome(huali.write(order, None)) == ("void", "V-104")
    assert huali.card.commands == []


def test_a_missing_library_shows_at_the_reader(huali):
    huali.library.stop()
    huali.library.quarantine.failed("start", "gone")
    description = huali.library.description
    object.__setattr__(description, "file", description.file.with_name("gone.so"))
    huali.insert_again()
    assert (huali.reader.status.state, huali.reader.status.code) == ("error", "V-101")


def test_other_content_than_quoted_voids_the_order(huali):
    order = huali.vendor_order(2, 700, image={**huali.image(), "count": 9})
    assert outcome(huali.write(order, None)) == ("void", "C-203")


def test_another_card_s_order_is_void(huali):
    card = {"serial": "000000000778", "issue": 0, "driver": "vendor:huali"}
    assert outcome(huali.sell(2, 700, card=card)) == ("void", "C-203")


def test_an_operation_that_the_library_cannot_do_is_void(huali):
    assert outcome(huali.sell(1, 700, op="clear")) == ("void", "O-108")
    assert outcome(huali.sell(1, 700, op="reverse")) == ("void", "O-108")


def test_a_card_of_another_maker_in_the_same_chip_is_no_card_of_this_library(huali):
    huali.pull()
    memory = bytearray(make_card(ZONGLIANG, Record("1" * 12)).image())
    memory[:4] = HUALI.header
    huali.insert(ChipInReader(type(huali.chip)(bytes(memory))))
    assert (huali.reader.status.state, huali.reader.status.code) == ("error", "C-101")


# -- what goes right -------------------------------------------------------------------------------------------------


def test_a_purchase_by_structures_reaches_the_meter_once(huali):
    receipt = huali.sell(2, 700)
    assert outcome(receipt) == ("written", None)
    image = json.loads(bytes.fromhex(receipt["after"]["memory"]))
    assert (image["count"], image["quantity"], image["back"], image["unit"]) == (2, 700, "empty", "cents")
    assert receipt["versions"]["driver"] == "Huali 7"
    assert huali.visit_meter() == 700
    assert huali.visit_meter() == 0
    assert huali.meter.credits == [(1, 20_000), (2, 700)]


def test_a_re_write_of_the_same_count_credits_once(huali):
    assert outcome(huali.sell(2, 700)) == ("written", None)
    assert outcome(huali.sell(2, 700, op="rewrite", expect=_expect(huali, 2))) == ("written", None)
    huali.meter.insert(huali.chip)
    assert huali.meter.credits == [(1, 20_000), (2, 700)]


def _expect(bench, count):
    from hw_proxy import tokens

    image = json.dumps(bench.image(), sort_keys=True, separators=(",", ":")).encode()
    return {"count": count, "digest": tokens.digest(image)}


def test_a_blank_card_is_opened_by_the_library(huali):
    huali.pull()
    huali.chip = make_card(HUALI, Record(SERIAL))
    huali.meter = MakerMeter(HUALI, METER)
    huali.insert(ChipInReader(huali.chip))
    target = VendorImage(SERIAL, "cents", CUSTOMER, METER, "open", 1, 900)
    write = {"count": 1, "quantity": 900, "image": target.encode().hex(), "files": {}}
    assert outcome(huali.sell(1, 900, op="open", write=write)) == ("written", None)
    again = {"op": "rewrite", "write": write, "expect": _expect(huali, 1)}
    assert outcome(huali.sell(1, 900, **again)) == ("written", None)
    assert huali.meter.insert(huali.chip) == 900


def test_an_image_of_another_card_or_of_none_is_never_written(huali):
    before = huali.chip.image()
    other = VendorImage("000000000778", "cents", CUSTOMER, METER, "open", 1, 900)
    for image, code in ((other.encode(), "C-203"), (b"{}", "O-108"), (b"\x00\x01", "O-108")):
        write = {"count": 1, "quantity": 900, "image": image.hex(), "files": {}}
        assert outcome(huali.sell(1, 900, op="open", write=write, expect=_expect(huali, 1))) == ("void", code)
    assert huali.chip.image() == before


def test_a_total_instead_of_a_count_reaches_the_meter(zongliang):
    image = zongliang.image()
    assert (image["count"], image["total"], image["back"]) == (None, 20_000, "valid")
    assert outcome(zongliang.sell(2, 700)) == ("written", None)
    assert zongliang.visit_meter() == 700
    assert zongliang.visit_meter() == 0
    assert zongliang.image()["total"] == 20_700


def test_every_write_takes_the_state_of_the_one_before(zongliang):
    for count in range(2, 5):
        assert outcome(zongliang.sell(count, 100)) == ("written", None)
        zongliang.visit_meter()
    assert [credit for _mark, credit in zongliang.meter.credits] == [20_000, 100, 100, 100]


def test_a_state_that_is_not_here_is_named(zongliang):
    assert outcome(zongliang.sell(2, 100)) == ("written", None)
    zongliang.terminal.journal.put(f"vendor/zongliang/state/{SERIAL}", "")
    assert outcome(zongliang.sell(3, 100)) == ("not_written", "V-107")


def test_a_write_that_ended_without_its_state_holds_the_next_one(zongliang):
    zongliang.misbehave("late:crash")
    assert outcome(zongliang.sell(2, 100)) == ("written", None)
    zongliang.misbehave(None)
    called, real = [], zongliang.library.call
    zongliang.library.call = lambda verb, *rest: called.append(verb) or real(verb, *rest)
    assert outcome(zongliang.sell(3, 100)) == ("not_written", "V-107")
    assert "purchase" not in called


def test_a_write_that_ended_before_the_card_changed_keeps_the_old_state(zongliang):
    zongliang.misbehave("sell:crash")
    assert outcome(zongliang.sell(2, 100)) == ("not_written", "V-103")
    zongliang.misbehave(None)
    assert outcome(zongliang.sell(2, 100)) == ("written", None)


def test_a_state_that_the_disk_refuses_is_never_lost_silently(zongliang, monkeypatch):
    order = zongliang.vendor_order(2, 100)
    real, calls = zongliang.terminal.journal.put, []

    def full(key, value):
        if "/state/" in key:
            calls.append(key)
            if len(calls) == 2:
                raise JournalError("disk full")
        real(key, value)

    monkeypatch.setattr(zongliang.terminal.journal, "put", full)
    assert outcome(zongliang.write(order, None)) == ("written", None)
    monkeypatch.undo()
    assert outcome(zongliang.sell(3, 100)) == ("not_written", "V-107")


def test_a_state_is_not_stored_in_the_clear(zongliang):
    zongliang.sell(2, 100)
    stored = zongliang.terminal.journal.get(f"vendor/zongliang/state/{SERIAL}")
    assert stored
    assert b"ZL01".hex() not in stored
    assert len(stored.split(".")) == 5


def test_a_card_without_a_count_is_not_written_again(zongliang):
    assert outcome(zongliang.sell(2, 100, op="rewrite")) == ("void", "V-108")


def test_a_hanging_library_does_not_keep_the_service_from_answering(built, tmp_path):
    bench = VendorBench(tmp_path, built, "huali", "sell:hang")
    job = bench.terminal.jobs.write(bench.vendor_order(2, 700), None)
    assert bench.terminal.status()["readers"]
    assert outcome(bench.wait(job)) == ("not_written", "V-102")
    bench.close()
