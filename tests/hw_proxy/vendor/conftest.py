"""Fixtures: compiled libraries, terminals that use them."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

import tests.core.conftest  # noqa: F401 - loads Odoo's core without Odoo
from simulators.vendor import LIBRARIES, build
from tests.hw_proxy.vendor.support import VendorBench


@pytest.fixture(scope="session")
def built():
    """A folder with the three compiled libraries, which the libraries' user may read."""
    folder = Path(tempfile.mkdtemp(prefix="vendor-"))
    os.chmod(folder, 0o755)
    for library in LIBRARIES:
        build(library, folder)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def huali(built, tmp_path):
    """A terminal with the library of structures, and a card that has been in its meter."""
    bench = VendorBench(tmp_path, built, "huali")
    yield bench
    bench.close()


@pytest.fixture
def zongliang(built, tmp_path):
    """A terminal with the library of totals, and a card that has been in its meter."""
    bench = VendorBench(tmp_path, built, "zongliang")
    yield bench
    bench.close()
