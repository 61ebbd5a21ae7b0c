"""A database and a security module for the tests of keys."""

import json
import os

import pytest
from stack.odoo import run

from tests.core.softhsm import SoftHsm


@pytest.fixture(scope="session")
def database(odoo_database):
    """A copied database with the addon."""
    return odoo_database()


@pytest.fixture(scope="session")
def hsm(tmp_path_factory):
    """Tokens of SoftHSM2 in a folder of the tests' own."""
    before = os.environ.get("SOFTHSM2_CONF")
    yield SoftHsm(tmp_path_factory.mktemp("hsm"))
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture(scope="session")
def shell(database):
    """Run lines in the database: ``shell(lines, environment)`` → what they put into ``result``."""

    def execute(lines, environment=None):
        script = f"result = None\n{lines}\nenv.cr.commit()\nimport json\nprint('@@' + json.dumps(result))\n"
        done = run("shell", f"--database={database}", "--no-http", stdin=script, environment=environment)
        return json.loads(next(line for line in done.stdout.splitlines() if "@@" in line).partition("@@")[2])

    return execute
