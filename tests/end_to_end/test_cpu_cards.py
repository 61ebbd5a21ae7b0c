"""Money cards, sold through real Odoo, terminal and card service onto simulated CPU cards and their meters."""

import pytest

DRIVERS = ("csg2015", "gdw1365")


@pytest.fixture(params=DRIVERS)
def customer(request, world):
    """A new customer with a CPU card in the first reader."""
    found = world.customer(driver=request.param)
    world.insert(found)
    yield found
    world.clear_slots()


def test_a_sale_is_credited_once_and_in_money(world, customer):
    order = world.terminal.counter().sell("50.00")
    assert (order["state"], order["unit"], order["quantity"]) == ("written", "cents", "50.00")
    world.pull()
    assert world.carry(customer).credited == 5_000
    assert world.carry(customer).credited == 0
    assert world.credits(customer) == [(2, 5_000)]
    world.check_books(customer)
