"""One whole point of sale for all process tests: they share its servers, each has a customer of its own."""

import pytest
from stack.world import World


@pytest.fixture(scope="session")
def world(stack, odoo_database, pcsc, tmp_path_factory):
    """The point of sale with two terminals, on a copied database."""
    return World(stack, tmp_path_factory.mktemp("world"), odoo_database(), pcsc)


@pytest.fixture
def customer(world):
    """A new customer whose card is in the first reader; the readers are empty and without faults afterwards."""
    found = world.customer()
    world.insert(found)
    yield found
    world.clear_slots()
