"""The whole service on the real PC/SC stack: plugging, recovery, and cards pulled during the write."""

import os
import time

import pytest

from simulators.layout import parse
from tests.hw_proxy.real import RealTerminal

pytestmark = [pytest.mark.hardware, pytest.mark.usefixtures("empty_reader")]


@pytest.fixture(scope="module")
def real(pcsc, tmp_path_factory):
    """A running, paired terminal that every test may use; tests leave the reader empty."""
    made = RealTerminal(tmp_path_factory.mktemp("terminal"), pcsc)
    made.pair()
    made.start()
    made.ready()
    yield made
    made.close()


def test_a_purchase_is_written_accepted_by_the_meter_and_acknowledged(real):
    chip = real.insert()
    order, sealed = real.order()
    before = real.slot.apdus
    receipt = real.write(order, sealed)
    assert receipt["outcome"] == "written"
    # Counter, image in two halves, code, three writes, image in two halves.
    assert real.slot.apdus - before == 9
    assert receipt["after"]["memory"] == chip.image().hex()
    real.until(lambda: real.ask("status")["journal"]["unacknowledged"] == 0)
    real.pull()
    result = real.meter.insert(chip)
    assert result.credited
    assert real.meter.credits == [(1, 10_000), (2, 5_000)]


def test_a_replayed_order_answers_its_receipt_and_touches_nothing(real):
    real.insert()
    order, sealed = real.order()
    first = real.write(order, sealed)
    before = real.slot.apdus
    assert real.write(order, sealed) == first
    assert real.slot.apdus == before


def test_a_new_insertion_gets_a_new_id_and_the_old_order_is_void(real):
    chip = real.insert()
    order, sealed = real.order()
    ins = real.reader()["ins"]
    real.pull()
    real.insert(chip)
    assert real.reader()["ins"] != ins
    receipt = real.write(order, sealed)
    assert (receipt["outcome"], receipt["code"]) == ("void", "O-106")
    assert parse(chip.image()).purchase.count == 1


def test_a_quick_change_of_the_card_ends_the_insertion(real):
    chip = real.insert()
    order, sealed = real.order()
    real.slot.pull()
    real.slot.insert(chip)
    receipt = real.write(order, sealed)
    assert (receipt["outcome"], receipt["code"]) == ("void", "O-106")
    real.until(lambda: real.reader()["state"] == "card")


def test_a_card_shows_within_two_seconds_and_so_does_its_leaving(real):
    real.ask("status")
    started = time.monotonic()
    real.insert()
    assert time.monotonic() - started < 2
    started = time.monotonic()
    real.pull()
    assert time.monotonic() - started < 2


def test_the_card_service_may_be_killed_and_restarted(real):
    real.insert()
    real.pcsc.kill()
    started = time.monotonic()
    real.until(lambda: "P-108" in real.ask("status")["problems"])
    assert time.monotonic() - started < 2
    assert real.call("snapshot", {"nonce": "n"}).json()["code"] == "P-108"
    real.pcsc.start()
    real.until(lambda: real.reader()["state"] == "card")
    assert real.write(*real.order())["outcome"] == "written"


def test_a_silent_card_delays_the_write_only(real):
    chip = real.insert()
    order, sealed = real.order()
    chip.faults.arm("silent", seconds=0.5, apdus=1)
    assert real.write(order, sealed)["outcome"] == "written"


def test_confirmed_writes_that_were_lost_are_noticed_by_the_reading_back(real):
    chip = real.insert()
    order, sealed = real.order()
    chip.faults.arm("lost_write", writes=3)
    receipt = real.write(order, sealed)
    assert (receipt["outcome"], receipt["code"]) == ("not_written", "C-204")


def test_a_pull_while_the_code_is_presented_is_unknown_and_the_next_order_is_void(real):
    chip = real.insert()
    order, sealed = real.order()
    chip.faults.arm("pull_in_present")
    receipt = real.write(order, sealed)
    assert (receipt["outcome"], receipt["code"]) == ("unknown", "C-202")
    assert chip.counter == 3
    real.insert(chip)
    receipt = real.write(*real.order())
    assert (receipt["outcome"], receipt["code"]) == ("void", "C-114")
    assert chip.counter == 3


@pytest.mark.parametrize(
    ("byte", "inside"),
    [*((byte, False) for byte in (0, 1, 19, 20, 21, 39, 40)), *((byte, True) for byte in (0, 19, 39, 40))],
)
def test_a_pull_at_the_edges_of_the_blocks_is_unknown_and_the_order_can_be_written_again(real, byte, inside):
    chip = real.insert()
    order, sealed = real.order()
    chip.faults.arm("pull", bytes=byte, inside=inside)
    receipt = real.write(order, sealed)
    assert (receipt["outcome"], receipt["code"], receipt["after"]) == ("unknown", "C-202", None)
    real.insert(chip)
    assert real.write(*real.order(op="rewrite"))["outcome"] == "written"
    real.slot.pull()
    assert real.meter.insert(chip).credited
    assert real.meter.credits == [(1, 10_000), (2, 5_000)]


def test_a_second_service_on_the_same_directory_is_refused(real):
    done = real.command("run")
    assert done.returncode == 1
    assert "Another hw-proxy runs" in done.stderr


def test_doctor_finds_nothing_wrong_with_a_good_terminal(real):
    done = real.command("doctor", env={**os.environ, **real.pcsc.client_environment()})
    assert done.returncode == 0, done.stdout
    assert "FAIL" not in done.stdout
    assert "Virtual PCD 00 00" in done.stdout
    assert "runs on 127.0.0.1" in done.stdout
