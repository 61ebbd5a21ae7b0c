"""Configuration, clock, log and crash points."""

import logging
from pathlib import Path

import pytest

from hw_proxy import config as configuration
from hw_proxy import crashpoints, logs
from hw_proxy.clock import Clock
from hw_proxy.config import Config, load
from hw_proxy.errors import ConfigError

EXAMPLE = Path(configuration.__file__).with_name("hw-proxy.example.toml")


def written(tmp_path, text):
    file = tmp_path / "c.toml"
    file.write_text(text)
    return file


def test_the_example_is_valid_and_shows_the_defaults():
    plain = load(EXAMPLE)
    blocks = EXAMPLE.read_text().split("\n\n")
    text = "\n".join(
        line[2:] if line.startswith("# ") and " = " in line and "http" not in line and "Example" not in line else line
        for block in blocks
        if "# [[" not in block
        for line in block.splitlines()
        if not line.startswith("# only_readers")
    )
    full = configuration.parse(configuration.tomllib.loads(text), EXAMPLE.parent)
    assert full == plain
    assert plain.limits == Config().limits
    assert plain.listen == Config().listen


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "unknown = 1",
        "data_dir = 5",
        "data_dir = ''",
        "testing = 1",
        "listen = 5",
        "[listen]\nport = 0",
        "[listen]\nhost = '0.0.0.0'",
        "[listen]\nport = '8269'",
        "[listen]\nport = true",
        "[listen]\norigins = ['https://pos.example.com/']",
        "[listen]\norigins = ['*']",
        "[listen]\norigins = 'https://pos.example.com'",
        "[odoo]\nurl = 'odoo.example.com'",
        "[odoo]\nurl = 'http://odoo.example.com'",
        "[odoo]\ninterval = 0",
        "[limits]\nmax_unresolved = 0",
        "[limits]\nmax_body_bytes = 1.5",
        "[[readers]]\nname = 'x'",
        "readers = 5",
    ],
)
def test_a_wrong_configuration_is_refused_in_words(tmp_path, text):
    with pytest.raises(ConfigError) as error:
        load(written(tmp_path, text))
    assert len(str(error.value)) > 20


def test_a_missing_file_is_refused_in_words(tmp_path):
    with pytest.raises(ConfigError, match="example"):
        load(tmp_path / "none.toml")


def test_relative_paths_start_at_the_file(tmp_path):
    assert load(written(tmp_path, "data_dir = 'data'")).data_dir == tmp_path / "data"


def test_a_reader_s_rule_is_a_pattern(tmp_path):
    config = load(written(tmp_path, "[[readers]]\nname = 'HID*'\ndialect = 'acs'"))
    assert config.dialect_of("HID Omnikey 3121") == "acs"
    assert config.dialect_of("ACS") is None


class Hands:
    """Clocks that a test moves."""

    def __init__(self):
        self.ticks = 100.0
        self.wall = 5000.0

    def clock(self, **options):
        return Clock(ticks=lambda: self.ticks, wall=lambda: self.wall, **options)


def test_without_an_acknowledgement_the_wall_clock_is_named_as_such():
    assert Hands().clock().stamp() == ("wall", 5_000_000)


def test_the_signed_time_is_that_of_the_middle_of_the_round_trip():
    hands = Hands()
    clock = hands.clock()
    assert clock.trust(1_000_000, 99.0, 100.0)
    assert clock.stamp() == ("signed", 1_000_500)


def test_the_signed_time_does_not_follow_the_wall_clock():
    hands = Hands()
    clock = hands.clock()
    clock.trust(1_000_000, 100.0, 100.0)
    hands.wall += 86_400
    hands.ticks += 2
    assert clock.stamp() == ("signed", 1_002_000)


def test_the_signed_time_grows_old():
    hands = Hands()
    clock = hands.clock(max_age=60)
    clock.trust(1_000_000, 100.0, 100.0)
    hands.ticks += 61
    assert clock.kind() == "wall"


@pytest.mark.parametrize(("sent", "received"), [(80.0, 100.0), (100.0, 99.0)])
def test_a_round_trip_that_cannot_be_right_gives_no_time(sent, received):
    clock = Hands().clock()
    assert not clock.trust(1_000_000, sent, received)
    assert clock.kind() == "wall"


def test_the_offset_survives_a_restart_of_the_service_but_not_of_the_machine(monkeypatch):
    clock = Hands().clock()
    clock.trust(1_000_000, 100.0, 100.0)
    text = clock.dump()
    other = Hands().clock()
    assert other.restore(text)
    assert other.stamp() == clock.stamp()
    monkeypatch.setattr("hw_proxy.clock.boot_id", lambda: "another run")
    assert not Hands().clock().restore(text)


@pytest.mark.parametrize("text", [None, "", "a b", "a b c"])
def test_a_damaged_offset_is_not_taken(text, monkeypatch):
    monkeypatch.setattr("hw_proxy.clock.boot_id", lambda: "a")
    assert not Clock().restore(text)


TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJlc2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"order {TOKEN} refused", "order ***token*** refused"),
        ("Authorization: Bearer abc", "Authorization: Bearer ***"),
        ('{"psc": "c0ffee"}', '{"psc": "***"}'),
        ("customer 000000004567", "customer ********4567"),
        ("ff" * 256, "***"),
        ("attempt 11111111-1111-4111-8111-123456789012", "attempt 11111111-1111-4111-8111-123456789012"),
    ],
)
def test_the_log_masks_what_it_must_not_hold(text, masked):
    assert logs.mask(text) == masked


def test_a_traceback_is_masked_too(tmp_path):
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        logs.set_up("INFO", tmp_path / "log")
        try:
            raise ValueError(TOKEN)
        except ValueError:
            logging.getLogger("test").exception("failed")
        text = (tmp_path / "log").read_text()
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    assert "ValueError: ***token***" in text
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


def test_no_token_or_number_reaches_the_log_of_a_sale(bench, caplog):
    with caplog.at_level(logging.DEBUG):
        order, sealed = bench.order()
        bench.write(order, sealed)
        bench.write(psc=b"\0\0\0")
    assert "c0ffee" not in caplog.text
    assert order not in caplog.text
    assert "000000004567" not in caplog.text


@pytest.mark.parametrize(("testing", "point"), [(False, "after_intent"), (True, "nowhere")])
def test_a_crash_point_is_refused_outside_of_tests(monkeypatch, testing, point):
    monkeypatch.setenv(crashpoints.VARIABLE, point)
    with pytest.raises(ValueError, match=crashpoints.VARIABLE):
        crashpoints.arm(testing)


def test_without_the_variable_nothing_is_armed(monkeypatch):
    monkeypatch.delenv(crashpoints.VARIABLE, raising=False)
    crashpoints.arm(True)
    for point in crashpoints.POINTS:
        crashpoints.reach(point)
