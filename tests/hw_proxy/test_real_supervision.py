"""The real PC/SC stack misbehaves: what is wrong shows soon, and the service goes on by itself."""

import os
import signal
import threading
import time

import pytest

from simulators.vpcd import VpcdSlot
from tests.hw_proxy.real import RealTerminal

pytestmark = [pytest.mark.hardware, pytest.mark.usefixtures("empty_reader")]

PATIENCE = 2.5
OTHER = "Virtual PCD 00 01"
# The two seconds are for a machine at rest (script/bench supervision): a loaded one must still show it, only later.
LIMIT = 10.0


@pytest.fixture(scope="module")
def real(pcsc, tmp_path_factory):
    """A running, paired terminal with little patience; tests leave the readers empty."""
    made = RealTerminal(tmp_path_factory.mktemp("terminal"), pcsc, extra=f"[limits]\ncard_timeout = {PATIENCE}\n")
    made.pair()
    made.start()
    made.ready()
    yield made
    made.close()


@pytest.fixture
def stream(real):
    """What the event stream has said so far, as lines."""
    lines = []

    def follow():
        with real.listen() as said:
            lines.extend(["open"])
            for line in said:
                lines.append(line)
                if stop.is_set():
                    return

    stop = threading.Event()
    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    real.until(lambda: "open" in lines)
    yield lines
    stop.set()
    thread.join(5)


def seconds_until(real, condition):
    """How long a condition takes to hold."""
    started = time.monotonic()
    real.until(condition)
    return time.monotonic() - started


def other_reader(real):
    readers = {reader["name"]: reader for reader in real.ask("status")["readers"]}
    return readers[OTHER]


def send_to_a_hanging_card(real, chip, seconds):
    order, sealed = real.order()
    chip.faults.arm("silent", seconds=seconds, apdus=1)
    return real.ask("write", {"order": order, "sealed": sealed})["job"]


def test_a_card_that_hangs_shows_is_given_up_and_its_order_ends(real, stream):
    chip = real.insert()
    job = send_to_a_hanging_card(real, chip, 12)
    assert seconds_until(real, lambda: real.reader()["code"] == "C-206") < LIMIT
    assert any("C-206" in line for line in stream)
    receipt = real.wait(job)
    assert receipt["outcome"] in ("unknown", "void")
    assert real.reader()["state"] == "error"
    # The command comes back at last: the reader serves the same card again, under a new insertion.
    real.until(lambda: real.reader()["state"] == "card")
    assert real.write(*real.order(op="rewrite"))["outcome"] == "written"


def test_a_write_that_hangs_in_the_middle_is_unknown_and_can_be_written_again(real):
    chip = real.insert()
    order, sealed = real.order()
    chip.faults.arm("slow", seconds=0.25)
    job = real.ask("write", {"order": order, "sealed": sealed})["job"]
    real.until(lambda: real.ask(f"jobs/{job}")["step"] == "write")
    chip.faults.arm("silent", seconds=5, apdus=1)
    chip.faults.arm("slow", seconds=0.0)
    receipt = real.wait(job)
    assert (receipt["outcome"], receipt["code"]) == ("unknown", "C-205")
    real.until(lambda: real.reader()["state"] == "card")
    assert real.write(*real.order(op="rewrite"))["outcome"] == "written"


def test_one_hanging_reader_leaves_the_other_at_work(real):
    chip = real.insert()
    second = VpcdSlot(real.pcsc.port + 1)
    second.insert(real.issue())
    real.until(lambda: other_reader(real)["state"] == "card")
    job = send_to_a_hanging_card(real, chip, 5)
    real.until(lambda: real.reader()["code"] == "C-206")
    answer = real.ask("snapshot", {"nonce": "n" * 20, "reader": OTHER})
    assert answer["snapshot"]
    assert real.ask(f"jobs/{job}")["state"] == "running"
    assert real.wait(job)["outcome"] in ("unknown", "void")
    second.pull()
    real.until(lambda: real.reader()["state"] == "card")


def test_a_card_service_that_hangs_shows_and_the_service_goes_on_when_it_is_back(real, stream):
    real.insert()
    daemon = real.pcsc.daemon_pid()
    os.kill(daemon, signal.SIGSTOP)
    try:
        assert seconds_until(real, lambda: "P-108" in real.ask("status")["problems"]) < LIMIT
        assert real.call("snapshot", {"nonce": "n"}).json()["code"] == "P-108"
        real.until(lambda: any("P-108" in line for line in stream))
    finally:
        os.kill(daemon, signal.SIGCONT)
    real.until(lambda: real.ask("status")["problems"] == [])
    assert real.write(*real.order())["outcome"] == "written"


def test_a_card_service_killed_in_the_middle_of_a_write_leaves_an_unknown_and_comes_back(real):
    chip = real.insert()
    order, sealed = real.order()
    chip.faults.arm("slow", seconds=0.2)
    job = real.ask("write", {"order": order, "sealed": sealed})["job"]
    real.until(lambda: real.ask(f"jobs/{job}")["step"] == "write")
    real.pcsc.kill()
    assert seconds_until(real, lambda: "P-108" in real.ask("status")["problems"]) < LIMIT
    assert real.wait(job)["outcome"] == "unknown"
    assert real.reader()["state"] == "absent"
    chip.faults.clear()
    real.pcsc.start()
    real.until(lambda: real.reader()["state"] == "card")
    assert real.write(*real.order(op="rewrite"))["outcome"] == "written"


def test_another_card_between_the_steps_is_never_written(real):
    real.insert()
    order, sealed = real.order()
    real.pull()
    other = real.insert(real.issue("000000000777"))
    before = other.image()
    receipt = real.write(order, sealed)
    assert (receipt["outcome"], receipt["code"]) == ("void", "O-106")
    assert other.image() == before


def test_a_signal_ends_the_service_although_a_card_hangs(real):
    chip = real.insert()
    send_to_a_hanging_card(real, chip, 30)
    real.until(lambda: real.reader()["code"] == "C-206")
    started = time.monotonic()
    real.process.child.terminate()
    while real.process.is_running():
        assert time.monotonic() - started < 20
        time.sleep(0.05)
    real.start()
    real.until(lambda: real.ask("status")["journal"]["unresolved"] == 0)
    real.pcsc.kill()
    real.pcsc.start()
