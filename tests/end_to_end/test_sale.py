"""One undisturbed sale on real parts: what the project is for."""


def test_a_paid_purchase_is_written_confirmed_and_credited_exactly_once(world, customer):
    order = world.terminal.counter().sell("100.00")
    assert order["state"] == "written"
    assert order["energy"] == "182.38"
    result = world.carry(customer)
    assert (result.error, result.credited) == (None, 18238)
    assert world.carry(customer).credited == 0
    world.check_books(customer)
