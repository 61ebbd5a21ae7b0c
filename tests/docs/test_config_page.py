"""docs/hw-proxy-config.md shows the configuration as it is."""

import dataclasses
import tomllib

import pytest
from stack import config_page
from stack.paths import ROOT

from hw_proxy.config import Config, ReaderRule, SwitchRule, parse

EXAMPLE = ROOT / "hw_proxy" / "hw-proxy.example.toml"


def test_the_page_is_that_of_the_code():
    assert config_page.PAGE.read_text(encoding="utf-8") == config_page.page(), "run python -m stack.config_page"


def test_every_key_that_the_service_knows_is_on_the_page():
    known = {(item.name, key.name) for item, section in sections() for key in dataclasses.fields(section)}
    shown = {(name.strip("[]"), key[0]) for name, _about, keys in config_page.sections(source()) for key in keys}
    top = {("", name) for name in ("data_dir", "log_level", "testing", "only_readers")}
    rules = {
        (name, key.name)
        for name, rule in (("readers", ReaderRule), ("switches", SwitchRule))
        for key in dataclasses.fields(rule)
    }
    assert shown == known | top | rules


def test_the_defaults_of_the_page_are_those_that_an_empty_file_gets():
    empty = parse({}, ROOT)
    for name, _about, keys in config_page.sections(source()):
        if name.startswith("[["):
            continue
        section = getattr(empty, name.strip("[]")) if name else empty
        for key, _kind, default, _words in keys:
            if key in ("data_dir", "folder"):
                continue
            value = tomllib.loads(f"x = {default.strip('`')}")["x"]
            found = getattr(section, key)
            assert (tuple(value) if isinstance(found, tuple) else value) == found, f"{name} {key}"


def test_every_key_is_in_the_example():
    text = EXAMPLE.read_text(encoding="utf-8")
    for name, _about, keys in config_page.sections(source()):
        assert not name or name in text, name
        for key, *_rest in keys:
            assert f"{key} = " in text or key == "testing", f"{name} {key}"


def test_a_key_without_words_is_noticed():
    with pytest.raises(ValueError, match="port"):
        config_page.page('class Listen:\n    """``[listen]``: x."""\n\n    port: int = 1\n')


def source():
    return config_page.SOURCE.read_text(encoding="utf-8")


def sections():
    """Fields of the whole configuration that are sections, with their classes."""
    for item in dataclasses.fields(Config):
        if dataclasses.is_dataclass(item.default_factory):
            yield item, item.default_factory
