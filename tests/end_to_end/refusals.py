"""How a refusal is checked: by its code, and by what it left as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from stack.page import CallError
from stack.world import Customer, World

from tests.end_to_end.tables import rows_of


def code_of(call: Callable, *arguments: object, **named: object) -> str | None:
    """The code with which a call is refused; None for an exception of Odoo without one."""
    with pytest.raises(CallError) as caught:
        call(*arguments, **named)
    return caught.value.code


@contextmanager
def nothing_changes(world: World, customer: Customer | None = None) -> Iterator[None]:
    """Assert that no row of the sale changes meanwhile, and no byte of the customer's card."""
    rows = rows_of(world)
    image = world.bench.card(customer.serial).image() if customer else None
    yield
    after = rows_of(world)
    assert after == rows, f"changed: {[name for name in rows if after[name] != rows[name]]}"
    if customer:
        assert world.bench.card(customer.serial).image() == image, "the card was written"
