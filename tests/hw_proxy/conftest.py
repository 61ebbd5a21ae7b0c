"""Fixtures of the tests of hw_proxy."""

import pytest

from tests.hw_proxy.support import Bench


@pytest.fixture
def bench(tmp_path):
    """A paired terminal with a good card in its reader."""
    made = Bench(tmp_path)
    yield made
    made.close()
