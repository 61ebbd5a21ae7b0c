"""Journals that were lost, put back from a backup or copied: the terminal stops, and Odoo quarantines it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from stack import postgres
from stack.processes import wait_until


@pytest.fixture
def terminal(world):
    """A terminal whose journal is put back, and that sells again afterwards."""
    found = world.terminals[1]
    yield found
    found.process.kill()
    put_back(found, found.folder / "kept")
    found.process.start()
    found.wait_for_odoo()
    if state(world, found) == "quarantined":
        found_by = [("terminal_id", "=", found.id)]
        assert world.admin.call("electricity.receipt", "search_count", found_by) > 0
        postgres.query(
            f"UPDATE electricity_terminal SET state = 'active', heard_seq = 0 WHERE id = {found.id}", world.database
        )


def files(terminal) -> list[Path]:
    return sorted(terminal.data.glob("journal-*"))


def keep(terminal, folder):
    """Copy the journal of a stopped terminal."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for file in files(terminal):
        shutil.copy2(file, folder)


def put_back(terminal, folder):
    """Replace the journal of a stopped terminal by a copy."""
    for file in files(terminal):
        file.unlink()
    for file in folder.iterdir():
        shutil.copy2(file, terminal.data)


def state(world, terminal):
    (row,) = world.admin.call("electricity.terminal", "read", [terminal.id], ["state"])
    return row["state"]


def sell(world, terminal):
    customer = world.customer()
    world.insert(customer, 1)
    counter = terminal.counter()
    counter.pay_cash(counter.begin("10.00")["due"])
    counter.confirm(counter.write(counter.authorize(counter.snapshot())))
    world.clear_slots()
    wait_until(lambda: terminal.api.call("receipts")["receipts"] == [], 20, "the receipts to be pushed")


def a_minute_passes(world, terminal):
    """What the terminal last said becomes old enough that nothing older is still on its way."""
    postgres.query(f"UPDATE electricity_terminal SET heard_at = heard_at - 61 WHERE id = {terminal.id}", world.database)


@pytest.mark.parametrize("how", ["lost", "backup"])
def test_a_journal_that_is_behind_stops_the_terminal_and_odoo_sees_it(world, terminal, how):
    sell(world, terminal)
    terminal.process.kill()
    keep(terminal, terminal.folder / "old")
    terminal.process.start()
    sell(world, terminal)
    terminal.process.kill()
    keep(terminal, terminal.folder / "kept")
    if how == "lost":
        for file in files(terminal):
            file.unlink()
    else:
        put_back(terminal, terminal.folder / "old")
    a_minute_passes(world, terminal)
    terminal.process.start()
    problems = ("P-110", "T-102")
    wait_until(
        lambda: set(problems) <= set(terminal.api.call("status")["problems"]),
        60,
        "the terminal to stop and to hear why",
    )
    assert state(world, terminal) == "quarantined"
