"""Fixtures of the tests of hw_proxy."""

import pytest

from tests.hw_proxy.support import Bench


@pytest.fixture
def bench(tmp_path):
    """A paired terminal with a good card in its reader."""
    made = Bench(tmp_path)
    yield made
    made.close()


@pytest.fixture
def empty_reader(real):
    """Leave no card behind in the reader of a file's ``real`` terminal."""
    yield
    if real.slot.card is not None:
        real.slot.pull()
    if real.process is not None:
        real.until(lambda: real.reader()["state"] == "empty")
