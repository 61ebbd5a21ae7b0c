"""The worked example of the integrator's guide: taken from the page, compiled, checked, and sold with."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from stack.paths import ROOT

from hw_proxy.vendor.check import check
from hw_proxy.vendor.description import load
from hw_proxy.vendor.faults import VendorError
from hw_proxy.vendor.image import from_answer
from hw_proxy.vendor.library import Library
from simulators.acs_reader import AcsReader
from simulators.sle4442 import Sle4442

PAGE = (ROOT / "docs" / "guide-driver.md").read_text(encoding="utf-8")
SERIAL, CUSTOMER, METER = "000000000777", "000000004567", "000000008901"


def block(language):
    """The only block of a language on the page."""
    (text,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return text


@pytest.fixture(scope="module")
def description():
    """The example, compiled as strictly as our own libraries, in a folder that the libraries' user can read."""
    folder = Path(tempfile.mkdtemp(prefix="guide-"))
    os.chmod(folder, 0o755)
    (folder / "acme.c").write_text(block("c"), encoding="utf-8")
    (folder / "acme.toml").write_text(block("toml"), encoding="utf-8")
    options = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run(["cc", *options, "-o", folder / "libacme.so", folder / "acme.c"], check=True)
    yield folder / "acme.toml"
    shutil.rmtree(folder)


@pytest.fixture
def library(description):
    """The loaded library."""
    made = Library(load(description))
    yield made
    made.stop()


def card(mark=b"ACME", count=4, back="000004"):
    """A card of the maker in a reader."""
    memory = bytearray(bytes.fromhex("a2131094ffff8115").ljust(256, b"\xff"))
    record = mark + f"{SERIAL}{CUSTOMER}{METER}{count:06d}{5000:09d}{back}".encode()
    memory[0x40 : 0x40 + len(record)] = record
    chip = Sle4442(bytes(memory), psc=b"ACM")
    chip.insert()
    reader = AcsReader(chip)
    reader.power_on()
    return reader


def image(library, reader):
    """What the library says of a card, checked as the service checks it."""
    return from_answer(library.description, library.call("read", {}, reader.transmit))


def test_the_card_of_another_maker_is_told(library):
    with pytest.raises(VendorError) as error:
        library.call("is_mine", {}, card(b"ACMF").transmit)
    assert error.value.code == "C-103"


def test_a_wrong_card_code_is_told_and_nothing_is_written(library):
    reader = card()
    reader.chip._psc = b"XYZ"
    with pytest.raises(VendorError) as error:
        library.call("purchase", {"count": 5, "quantity": 700}, reader.transmit)
    assert error.value.code == "C-207"
    assert image(library, reader).count == 4


def test_a_purchase_is_read_back_as_it_was_ordered(library):
    reader = card()
    before = image(library, reader)
    assert (before.serial, before.count, before.quantity, before.back, before.meter_count) == (
        SERIAL,
        4,
        5000,
        "valid",
        4,
    )
    library.call("purchase", {"count": 5, "quantity": 700}, reader.transmit)
    assert image(library, reader) == before.purchased(5, 700)


def test_the_check_says_that_it_can_be_used(description):
    lines = list(check(description))
    assert any("vendor:acme" in line for line in lines)
    assert any("C-207" in line for line in lines)


def test_the_command_of_the_page_runs(description):
    command = [Path(sys.executable).with_name("hw-proxy"), "vendor", "check", "acme.toml"]
    assert f"hw-proxy vendor check {command[-1]}\n" in PAGE
    done = subprocess.run(command, cwd=description.parent, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("The library can be used.\n")
