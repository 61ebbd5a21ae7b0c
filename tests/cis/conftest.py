"""Servers and certificates for the client of the marketing system. Everything is on the loopback address."""

import logging

import pytest
from stack.addon import load

load()

from tests.cis.certificates import Authority  # noqa: E402
from tests.cis.server import Server  # noqa: E402


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def server():
    with Server() as running:
        yield running


@pytest.fixture
def everything_logged(caplog):
    """Capture all loggers at their most talkative, and return what they said until now."""
    with caplog.at_level(logging.DEBUG):
        yield lambda: "\n".join(f"{each.name} {each.getMessage()} {each.exc_text}" for each in caplog.records)
