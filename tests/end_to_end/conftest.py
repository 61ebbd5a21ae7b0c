"""One whole point of sale for all process tests: they share its servers, each has customers of its own."""

import pytest
from stack.world import World

from simulators.families import MEMORY_DRIVER
from tests.end_to_end.lanes import Lanes


@pytest.fixture(scope="session")
def world(stack, odoo_database, pcsc, tmp_path_factory):
    """The point of sale with two terminals, on a copied database."""
    return World(stack, tmp_path_factory.mktemp("world"), odoo_database(), pcsc)


@pytest.fixture(autouse=True)
def everything_runs(world):
    """A test that failed half-way may leave something killed: the next one must not fail for that."""
    yield
    for process in (world.pcsc, world.odoo):
        process.start()
    for terminal in world.terminals:
        if not terminal.process.is_running():
            terminal.revive()


@pytest.fixture
def driver():
    """Kind of the customers' cards; a file about other cards has a fixture of its own by this name."""
    return MEMORY_DRIVER


@pytest.fixture
def customer(world, driver):
    """A new customer whose card is in the first reader; the readers are empty and without faults afterwards."""
    found = world.customer(driver=driver)
    world.insert(found)
    yield found
    world.clear_slots()


@pytest.fixture
def lanes(world, driver):
    """Both terminals at once, each with a customer of its own: for faults that are tried one by one."""
    yield Lanes(world, driver)
    world.clear_slots()
