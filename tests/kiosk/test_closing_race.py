"""A kiosk's session is closed while notes and boxes come into the books: two real connections, in each order."""

import json
from pathlib import Path

import pytest
from stack.databases import ACCOUNTS
from stack.odoo import run

from tests.kiosk.conftest import MODULES, SETUP

SCRIPT = Path(__file__).with_name("race_in_odoo.py")


@pytest.fixture(scope="module")
def races(odoo_database):
    """What the races came to, and the books after them."""
    database = odoo_database(MODULES, script=ACCOUNTS)
    run("shell", f"--database={database}", "--no-http", stdin=SETUP)
    done = run("shell", f"--database={database}", "--no-http", stdin=SCRIPT.read_text(encoding="utf-8"))
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("RACES "))
    return json.loads(line.removeprefix("RACES "))


def test_who_comes_second_is_refused_and_comes_again(races):
    found = races["found"]
    assert found["projection, then the closing that began before"] is False
    assert found["money and projection, then the closing that began before"] is False
    assert found["count, then the closing that began before"] is False
    assert found["statement, then the count that began before"] is False
    assert found["count, then the statement that began before"] is False
    assert found["closing comes while a projection is not committed"] is False
    assert found["closing comes while a box is not committed"] is False


def test_a_statement_that_comes_after_the_count_opens_a_difference(races):
    assert races["found"]["box"] == ["counted", -1000]


def test_no_money_is_lost_or_booked_twice(races):
    books = races["books"]
    assert books["orders"] == books["tenders"]
    assert books["advances"] == -books["taken"]
    assert books["transit"] == books["counted"]
    assert books["cash"] == books["taken"] - books["recorded_in_counted"]
    assert books["suspense"] == books["recorded_in_counted"] - books["counted"]
    assert set(books["differences"]) == {0}
