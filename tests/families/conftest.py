"""Every card family with its rules, its driver, its card and its meter, without servers; a maker's library has its own
process."""

import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest

import tests.core.conftest  # noqa: F401 - loads Odoo's core without Odoo


@pytest.fixture(scope="session")
def key_file(tmp_path_factory):
    """A key file with masters of every kind of card."""
    from prepaid_core.card_keys import SoftwareCardKeys

    path = tmp_path_factory.mktemp("keys") / "card-keys.json"
    SoftwareCardKeys.provision(path)
    return path


@pytest.fixture(scope="session")
def libraries(key_file):
    """The makers' libraries."""
    from tests.families.libraries import Libraries

    folder = Path(tempfile.mkdtemp(prefix="vendor-"))
    os.chmod(folder, 0o755)
    # Kaida knows the keys of its cards, which have the demo layout.
    made = Libraries(folder, {"KD_MASTER": json.loads(key_file.read_text())["sle4442_demo"]["master"]})
    yield made
    made.stop()
    shutil.rmtree(folder)


@pytest.fixture
def household(key_file, libraries, tmp_path, monkeypatch):
    """Make households: ``household(driver, trick=what its library does wrong, **parameters of the simulated card)``."""
    from prepaid_core.card_keys import SoftwareCardKeys

    from simulators.bench import Workbench
    from simulators.keys import CardKeys
    from tests.families.household import Household
    from tests.families.libraries import household_of

    # What must survive a power cut is another test's subject; here a thousand meters are made.
    monkeypatch.setattr("os.fsync", lambda _handle: None)
    made = []

    def make(driver, trick=None, **parameters):
        made.append(Workbench(tmp_path / str(len(made)), CardKeys.load(key_file), slots=[]))
        keys = SoftwareCardKeys.load(key_file)
        if not driver.startswith("vendor:"):
            return Household(driver, made[-1], keys, **parameters)
        return household_of(driver, made[-1], keys, libraries, trick, **parameters)

    yield make
    for bench in made:
        bench.close()
