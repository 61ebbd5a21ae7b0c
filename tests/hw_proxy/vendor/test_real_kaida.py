"""The library that speaks PC/SC by itself, on the real stack: the reader is lent, and our own reading decides."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from stack.pcsc import PcscDaemon

from hw_proxy import tokens
from simulators.vendor import describe
from tests.hw_proxy.real import READER, IdentityView, RealTerminal
from tests.hw_proxy.support import SERIAL
from tests.hw_proxy.vendor.support import patience

pytestmark = pytest.mark.hardware

MASTER = bytes(range(32)).hex()


class KaidaTerminal(RealTerminal):
    """A paired terminal with the library, and a card that has been in its meter."""

    def __init__(self, folder, pcsc, built):
        self.built = built
        super().__init__(folder, pcsc, extra=f'[vendor]\nfolder = "{built}/kaida.d"\n')

    def describe(self, trick=None, timeout=4.0):
        """Write the description, of a library that misbehaves if wanted."""
        target = self.built / "kaida.d"
        target.mkdir(mode=0o755, exist_ok=True)
        environment = {"KD_MASTER": MASTER, **({"VENDOR_TRICK": trick} if trick else {})}
        path = describe("kaida", target, **environment)
        text = path.read_text().replace('"libkaida.so"', '"../libkaida.so"')
        path.write_text(text.replace("timeout = 4.0", f"timeout = {timeout}"))

    def begin(self, trick=None, timeout=4.0):
        """Pair, start, and put a card in."""
        self.describe(trick, timeout)
        self.pair()
        self.start()
        self.ready()
        return self.insert()

    def expect(self, count):
        """What an order must expect of the card as it is now."""
        return {"count": count, "digest": self.snapshot()["card"]["digest"]}

    def vendor(self, *arguments):
        """Run ``hw-proxy vendor``."""
        return subprocess.run(
            [Path(sys.executable).with_name("hw-proxy"), "vendor", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, **self.pcsc.client_environment()},
        )

    def sell(self, count=2, energy=5_000, **changes):
        """The claims of the receipt of one order."""
        snapshot = self.snapshot()
        image = bytes.fromhex(snapshot["card"]["memory"])
        write = {"count": count, "energy": energy, "alarm1": 20, "alarm2": 5, "hoard": 0, "issue": 1, "flags": 1}
        values = {
            "ins": snapshot["ins"],
            "card": {"serial": SERIAL, "issue": 1, "driver": "vendor:kaida"},
            "expect": {"count": count - 1, "digest": tokens.digest(image)},
            "write": write,
            "sealed": None,
        }
        order, _sealed = self.odoo.order(IdentityView(self.odoo), memory=b"", **{**values, **changes})
        return self.write(order, None)


@pytest.fixture(scope="module")
def card_service(stack, built):
    """A pcscd of our own, whose socket the libraries' user can reach, as on a real system."""
    folder = built / "pcsc"
    folder.mkdir(mode=0o755)
    return stack.start(PcscDaemon(folder))


@pytest.fixture
def terminal(card_service, tmp_path, built):
    """A terminal that is not paired yet."""
    made = KaidaTerminal(tmp_path, card_service, built)
    yield made
    made.close()


def outcome(receipt):
    return receipt["outcome"], receipt["code"]


def test_a_purchase_by_the_library_is_read_back_by_ourselves_and_reaches_the_meter(terminal):
    chip = terminal.begin()
    receipt = terminal.sell()
    assert outcome(receipt) == ("written", None)
    assert json.loads(bytes.fromhex(receipt["after"]["memory"]))["memory"] == chip.image().hex()
    assert receipt["versions"]["driver"] == "Kaida 2.1"
    assert outcome(terminal.sell(op="rewrite", expect=terminal.expect(2)))[0] == "written"
    assert terminal.meter.insert(terminal.pull()).credited == 5_000


@pytest.mark.parametrize(
    ("trick", "result"),
    [
        ("sell:lie", ("not_written", "C-204")),
        ("sell:crash", ("not_written", "V-103")),
        ("sell:hang", ("not_written", "V-102")),
        ("torn:crash", ("unknown", "V-103")),
        ("torn:hang", ("unknown", "V-102")),
        ("late:crash", ("written", None)),
        ("sell:garbage", ("written", None)),
        ("connect:fail", ("not_written", "P-107")),
    ],
)
def test_what_the_library_says_decides_nothing(terminal, trick, result):
    terminal.begin(trick, timeout=patience(trick))
    assert outcome(terminal.sell()) == result
    # The reader is ours again, with the same card.
    assert terminal.snapshot()["card"]["memory"]


def test_a_card_taken_out_while_the_library_has_the_reader_ends_the_insertion(terminal):
    terminal.begin("torn:hang", timeout=2.0)
    timer = threading.Timer(1.0, terminal.slot.pull)
    timer.start()
    receipt = terminal.sell()
    timer.join()
    assert receipt["outcome"] == "unknown"
    terminal.until(lambda: terminal.reader()["state"] != "card")


def test_the_service_stays_alive_and_the_library_rests_after_three_crashes(terminal):
    chip = terminal.begin("sell:crash")
    for _number in range(3):
        assert outcome(terminal.sell()) == ("not_written", "V-103")
    begin = time.monotonic()
    assert outcome(terminal.sell()) == ("void", "V-104")
    assert time.monotonic() - begin < 2
    listed = terminal.vendor("list", "--config", str(terminal.config))
    assert listed.returncode == 1
    assert "quarantined" in listed.stdout
    assert terminal.vendor("release", "--config", str(terminal.config), "kaida").returncode == 0
    assert outcome(terminal.sell()) == ("not_written", "V-103")
    assert chip is terminal.slot.card


def test_the_check_command_reads_a_card_and_writes_nothing(terminal):
    terminal.describe()
    chip = terminal.issue()
    terminal.slot.insert(chip)
    assert terminal.slot.wait_seen()
    before = chip.image()
    description = str(terminal.built / "kaida.d" / "kaida.toml")
    done = terminal.vendor("check", description, "--reader", READER)
    assert done.returncode == 0, done.stderr
    assert before.hex() in done.stdout
    assert "no network" in done.stdout
    assert chip.image() == before
