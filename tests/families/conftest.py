"""Every card family with its rules, its driver, its card and its meter, in one process and without servers."""

import pytest

import tests.core.conftest  # noqa: F401 - loads Odoo's core without Odoo


@pytest.fixture(scope="session")
def key_file(tmp_path_factory):
    """A key file with masters of every kind of card."""
    from prepaid_core.card_keys import SoftwareCardKeys

    path = tmp_path_factory.mktemp("keys") / "card-keys.json"
    SoftwareCardKeys.provision(path)
    return path


@pytest.fixture
def household(key_file, tmp_path, monkeypatch):
    """Make households: ``household(driver, **parameters of the simulated card)``."""
    from prepaid_core.card_keys import SoftwareCardKeys

    from simulators.bench import Workbench
    from simulators.keys import CardKeys
    from tests.families.household import Household

    # What must survive a power cut is another test's subject; here a thousand meters are made.
    monkeypatch.setattr("os.fsync", lambda _handle: None)
    made = []

    def make(driver, **parameters):
        made.append(Workbench(tmp_path / str(len(made)), CardKeys.load(key_file), slots=[]))
        return Household(driver, made[-1], SoftwareCardKeys.load(key_file), **parameters)

    yield make
    for bench in made:
        bench.close()
