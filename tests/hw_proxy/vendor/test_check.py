"""``hw-proxy vendor`` and what the doctor says of libraries."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hw_proxy import cli, doctor
from hw_proxy.cards.transport import CardGone
from hw_proxy.config import Config, Vendor
from hw_proxy.errors import ConfigError
from hw_proxy.vendor import check as vendor
from hw_proxy.vendor.check import CheckFailed
from hw_proxy.vendor.quarantine import MemoryStore, Quarantine
from simulators.vendor import describe
from simulators.vendor.cards import HUALI, ZONGLIANG, Record, make_card
from tests.hw_proxy.support import Bench
from tests.hw_proxy.vendor.support import CUSTOMER, METER, SERIAL, ChipInReader


@pytest.fixture
def reader(monkeypatch):
    """What is in the reader of the check: assign ``card``."""

    class Slot:
        card = None

        def __init__(self, name):
            self.name = name

        def connect(self):
            return Slot.card

    monkeypatch.setattr(vendor, "PcscSlot", Slot)
    return Slot


def test_a_library_that_dies_while_it_is_looked_at_fails_the_check(built, reader):
    reader.card = ChipInReader(make_card(HUALI, Record(SERIAL, CUSTOMER, METER, 2, 4)))
    with pytest.raises(CheckFailed, match="V-103"):
        list(vendor.check(describe("huali", built, VENDOR_TRICK="read:crash"), "reader"))


def test_a_library_that_refuses_to_begin_fails_the_check(built):
    with pytest.raises(CheckFailed, match="V-101"):
        list(vendor.check(describe("huali", built, VENDOR_TRICK="init:fail")))


def test_a_user_that_does_not_exist_or_is_root_fails_the_check(built, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    for user in ("nobody-of-this-name", "root"):
        with pytest.raises(CheckFailed, match="V-101"):
            list(vendor.check(describe("huali", built), user=user))


def test_another_maker_s_card_fails_the_check(built, reader):
    reader.card = ChipInReader(make_card(ZONGLIANG, Record(SERIAL)))
    with pytest.raises(CheckFailed, match="not one of this library"):
        list(vendor.check(describe("huali", built), "reader"))


def test_an_empty_reader_is_no_card_that_was_pulled(built, monkeypatch):
    class Empty:
        def __init__(self, name):
            self.name = name

        def connect(self):
            raise CardGone("connect: no smart card inserted")

    monkeypatch.setattr(vendor, "PcscSlot", Empty)
    with pytest.raises(CheckFailed, match="no card in Reader 1 .C-201."):
        list(vendor.check(describe("huali", built), "Reader 1"))


def test_a_library_that_cannot_be_loaded_is_told_once(built):
    path = describe("huali", built, VENDOR_TRICK="init:fail")
    command = [sys.executable, "-c", "import sys; from hw_proxy.cli import main; sys.exit(main())"]
    done = subprocess.run([*command, "vendor", "check", path], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("V-101") == 1, done.stderr


def test_a_card_is_read_and_never_written(built, reader):
    chip = make_card(HUALI, Record(SERIAL, CUSTOMER, METER, 2, 4))
    reader.card, before = ChipInReader(chip), chip.image()
    lines = list(vendor.check(describe("huali", built), "reader"))
    assert any(SERIAL in line for line in lines)
    assert chip.image() == before
    assert not any(command[1] in (0x20, 0xD0) for command in reader.card.commands)
    assert reader.card.closed


def test_a_wrong_description_fails_the_command_with_one_line(built, capsys):
    path = describe("huali", built)
    path.write_text(path.read_text().replace('unit = "cents"', ""))
    assert cli.main(["vendor", "check", str(path)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "unit is missing" in captured.err


def test_the_list_tells_what_cannot_work(tmp_path, built):
    for name in ("huali", "kaida"):
        describe(name, tmp_path)
    (tmp_path / "libhuali.so").write_bytes(b"")
    store = MemoryStore()
    Quarantine(store, "huali", 1, 600.0).failed("read", "V-103: crashed")
    rows = dict(reversed(row) for row in vendor.descriptions(tmp_path, store))
    assert list(rows.values()) == [False, False]
    texts = " ".join(rows)
    assert "quarantined for 10 more minutes: V-103: crashed" in texts
    assert "libkaida.so is missing" in texts


def test_a_library_that_is_not_here_is_not_released(tmp_path):
    with pytest.raises(ConfigError, match="There is no library"):
        vendor.release(tmp_path, MemoryStore(), "huali")


def test_the_doctor_names_a_missing_library_and_a_wrong_description(tmp_path):
    folder = tmp_path / "vendor.d"
    folder.mkdir()
    describe("huali", folder)
    bench = Bench(tmp_path)
    config = replace(bench.config, vendor=Vendor(folder=str(folder)))
    try:
        (finding,) = doctor._libraries(config, bench.identity)
        assert (finding.level, finding.subject) == ("FAIL", "library")
        assert "libhuali.so is missing" in finding.text
        (folder / "huali.toml").write_text("id = 1")
        (finding,) = doctor._libraries(config, bench.identity)
        assert "huali.toml" in finding.text
        assert doctor._libraries(Config(vendor=Vendor(folder=str(tmp_path))), bench.identity) == []
    finally:
        bench.close()


def test_the_configured_folder_begins_at_the_configuration_file(tmp_path):
    from hw_proxy.config import load

    path = tmp_path / "hw-proxy.toml"
    path.write_text('data_dir = "data"\n[vendor]\nfolder = "libraries"\nuser = "daemon"\n')
    config = load(path)
    assert (Path(config.vendor.folder), config.vendor.user) == (tmp_path / "libraries", "daemon")
