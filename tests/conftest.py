"""Servers that the tests share. They start when the first test asks for them, and stop after the last."""

import itertools
import os

import pytest
from stack import postgres as postgres_server
from stack.databases import drop_database, install_database
from stack.odoo import OdooProcess
from stack.pcsc import PcscDaemon
from stack.processes import Stack


@pytest.fixture(scope="session")
def stack():
    """Start processes that live until the last test: ``stack.start(process)``."""
    with Stack() as processes:
        yield processes


@pytest.fixture(scope="session")
def log_folder(tmp_path_factory):
    """Folder of the logs of shared processes."""
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def postgres():
    """Make the database server answer; the PG* variables lead to it."""
    postgres_server.ensure()
    return postgres_server


@pytest.fixture(scope="session")
def odoo_database(postgres):
    """Make databases: ``odoo_database(modules=None, demo=False, assets=False, script=None)`` → name.

    By default of a utility with counters only, without point of sale and accounting. They are copies of templates, and
    dropped after the last test.
    """
    made = []
    numbers = itertools.count(1)

    def make(modules=None, demo=False, assets=False, script=None):
        name = f"prepaid_test_{os.getpid()}_{next(numbers)}"
        made.append(name)
        install_database(name, modules or ["electricity_prepaid"], demo, assets, script)
        return name

    yield make
    for name in made:
        drop_database(name)


@pytest.fixture(scope="session")
def odoo_factory(stack, log_folder):
    """Start Odoo servers: ``odoo_factory(database, **options of OdooProcess)`` → a running OdooProcess."""
    numbers = itertools.count(1)

    def start(database, **options):
        options.setdefault("name", f"odoo-{next(numbers)}")
        return stack.start(OdooProcess(database, log_folder, **options))

    return start


@pytest.fixture(scope="session", autouse=True)
def pcsc_daemon(tmp_path_factory):
    """Lead this process's PC/SC library to the daemon that :func:`pcsc` starts.

    Before the first test, because the library remembers for ever where it looked first.
    """
    daemon = PcscDaemon(tmp_path_factory.mktemp("pcsc"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in daemon.client_environment().items():
            patch.setenv(name, value)
        yield daemon


@pytest.fixture(scope="session")
def pcsc(stack, pcsc_daemon):
    """Run pcscd with two empty virtual readers; this process's PC/SC library finds it."""
    return stack.start(pcsc_daemon)
