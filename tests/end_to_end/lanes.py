"""Many faults, each alone, in half the time: two clerks work through one list at the two terminals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from traceback import format_exception

from stack.page import Counter
from stack.terminal import Terminal
from stack.world import Customer, World

from simulators.families import MEMORY_DRIVER


class Lane:
    """One terminal and one customer, who buys again and again.

    :param driver: kind of the customer's card
    """

    def __init__(self, world: World, slot: int, driver: str = MEMORY_DRIVER):
        self.world = world
        self.slot = slot
        self.customer: Customer = world.customer(driver=driver)

    @property
    def terminal(self) -> Terminal:
        return self.world.terminals[self.slot]

    @property
    def chip(self):
        """The customer's card."""
        return self.world.bench.card(self.customer.serial)

    def bring(self) -> None:
        """Put the card into the reader unless it is there."""
        self.world.bring(self.customer, self.slot)

    def paid(self, amount: str = "10.00") -> Counter:
        """A page with an order that is begun and paid, for the card in the reader."""
        counter = self.terminal.counter()
        counter.pay_cash(counter.begin(amount)["due"])
        return counter

    def finish(self) -> None:
        """Faults have stopped: finish the order, go to the meter, and compare the books with it."""
        self.world.finish(self.customer, self.slot)
        self.world.check_books(self.customer)


class Lanes:
    """Both terminals.

    :param driver: kind of the customers' cards
    """

    def __init__(self, world: World, driver: str = MEMORY_DRIVER):
        self.world = world
        self.driver = driver

    def each(self, cases: Iterable, run: Callable[[Lane, object], None]) -> None:
        """Call ``run(lane, case)`` for every case, and fail with all cases that failed.

        A lane goes on with a new customer after a failure: what it left behind must not spoil the next case.
        """
        free: SimpleQueue = SimpleQueue()
        for slot in range(len(self.world.terminals)):
            free.put(Lane(self.world, slot, self.driver))

        def on_a_free_lane(case: object) -> None:
            lane = free.get()
            passed = False
            try:
                run(lane, case)
                passed = True
            finally:
                free.put(lane if passed else self._instead_of(lane))

        with ThreadPoolExecutor(len(self.world.terminals)) as clerks:
            running = [(case, clerks.submit(on_a_free_lane, case)) for case in cases]
        failed = [(case, future.exception()) for case, future in running if future.exception()]
        told = "\n".join(f"{case}: {''.join(format_exception(error)[-4:])}" for case, error in failed)
        assert not failed, f"{len(failed)} of {len(running)} cases failed\n\n{told}"

    def _instead_of(self, lane: Lane) -> Lane:
        self.world.clear_slot(lane.slot)
        return Lane(self.world, lane.slot, self.driver)
