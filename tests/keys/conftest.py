"""A database and a security module for the tests of keys."""

import json

import pytest
from stack.odoo import run

from tests.core.softhsm import soft_hsm


@pytest.fixture(scope="session")
def database(odoo_database):
    """A copied database with the addon."""
    return odoo_database()


@pytest.fixture(scope="session")
def hsm(tmp_path_factory):
    """Tokens of SoftHSM2 in a folder of the tests' own."""
    with soft_hsm(tmp_path_factory.mktemp("hsm")) as tokens:
        yield tokens


@pytest.fixture(scope="session")
def shell(database):
    """Run lines in the database: ``shell(lines, environment)`` → what they put into ``result``."""

    def execute(lines, environment=None):
        script = f"result = None\n{lines}\nenv.cr.commit()\nimport json\nprint('@@' + json.dumps(result))\n"
        done = run("shell", f"--database={database}", "--no-http", stdin=script, environment=environment)
        return json.loads(next(line for line in done.stdout.splitlines() if "@@" in line).partition("@@")[2])

    return execute
