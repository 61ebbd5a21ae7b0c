"""Many faults, each alone, in half the time: two clerks work through one list at the two terminals."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue

import pytest
from stack.page import Counter
from stack.terminal import Terminal
from stack.world import Customer, World


class Lane:
    """One terminal and one customer, who buys again and again."""

    def __init__(self, world: World, slot: int):
        self.world = world
        self.slot = slot
        self.customer: Customer = world.customer()

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
    """Both terminals."""

    def __init__(self, world: World):
        self.world = world

    def each(self, cases: Iterable, run: Callable[[Lane, object], None]) -> None:
        """Call ``run(lane, case)`` for every case, and fail with all cases that failed.

        A lane goes on with a new customer after a failure: what it left behind must not spoil the next case.
        """
        waiting: SimpleQueue = SimpleQueue()
        for case in cases:
            waiting.put(case)
        failures: list[str] = []

        def work(slot: int) -> None:
            lane = Lane(self.world, slot)
            while True:
                try:
                    case = waiting.get_nowait()
                except Empty:
                    return
                try:
                    run(lane, case)
                except BaseException as error:  # noqa: BLE001 - told at the end, with its case
                    failures.append(f"{case}: {error!r}\n{traceback.format_exc(limit=-4)}")
                    self.world.clear_slot(slot)
                    lane = Lane(self.world, slot)

        threads = [threading.Thread(target=work, args=(slot,)) for slot in range(len(self.world.terminals))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            pytest.fail(f"{len(failures)} cases failed\n\n" + "\n".join(failures), pytrace=False)
