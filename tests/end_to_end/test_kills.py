"""kill -9 of the terminal's service, of Odoo and of the card service, at each step of a sale.

What was killed is started again; then the page repeats the call whose answer it did not get, or a clerk finishes the
order with what the page offers.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from stack.page import CallError
from stack.world import new_uuid

from tests.end_to_end.lanes import Lane

CRASH_POINTS = [
    "before_intent",
    "after_intent",
    "after_code",
    "after_block_1",
    "after_block_2",
    "after_commit",
    "before_outcome",
    "after_outcome",
    "after_push",
]
CALLS = ["begin", "add_tender", "authorize", "confirm"]
DELAYS = [(0.004, 0.015), (0.04, 0.6)]
"""Seconds between the sending of a call and the kill, a pair for the two terminals; the longest is after the answer."""


def strike(lanes, delays, calls, kill):
    """Let both terminals make a call, and kill when each is on its way for as long as its delay says.

    :param calls: a function for each lane, which repeats its call until it is answered
    :param kill: kills, and starts again
    """

    def act(delay, call):
        time.sleep(max(delays) - delay)
        call()

    with ThreadPoolExecutor(len(calls)) as pages:
        acting = [pages.submit(act, *pair) for pair in zip(delays, calls, strict=True)]
        time.sleep(max(delays))
        kill()
        for each in acting:
            each.result()


class Sale:
    """A sale in steps; every step repeats its call with the same arguments until it is answered."""

    def __init__(self, lane: Lane):
        self.lane = lane
        lane.bring()
        self.page = lane.terminal.counter(patience=60.0)
        self.tender_uuid = new_uuid()
        self.snapshot = self.page.snapshot()
        self.authorized = self.receipt = None

    def begin(self):
        self.page.begin("10.00", self.snapshot)

    def add_tender(self):
        self.page.pay_cash("10.00", self.tender_uuid)

    def authorize(self):
        self.snapshot = self.snapshot if self.authorized else self.page.snapshot()
        self.authorized = self.page.authorize(self.snapshot)

    def confirm(self):
        self.page.deliver(self.receipt)

    def step(self, name: str) -> None:
        """Do one call, and let the terminal write before the last."""
        if name == "confirm" and self.receipt is None:
            self.receipt = self.page.write(self.authorized)
        if name == "authorize":
            self.snapshot = self.page.snapshot()
        getattr(self, name)()


@pytest.mark.parametrize("call", CALLS)
def test_odoo_killed_before_during_and_after_a_call_neither_loses_nor_doubles_the_sale(world, lanes, call):
    for delays in DELAYS:
        sales = [Sale(Lane(world, slot)) for slot in range(2)]
        for sale in sales:
            for earlier in CALLS[: CALLS.index(call)]:
                sale.step(earlier)
            if call == "confirm":
                sale.receipt = sale.page.write(sale.authorized)
            if call == "authorize":
                sale.snapshot = sale.page.snapshot()
        strike(lanes, delays, [getattr(sale, call) for sale in sales], world.restart_odoo)
        for sale in sales:
            for later in CALLS[CALLS.index(call) + 1 :]:
                sale.step(later)
            order = sale.page.status()
            assert (order["state"], order["paid"], len(order["attempts"])) == ("written", "10.00", 1)
            assert world.carry(sale.lane.customer).accepted
            world.check_books(sale.lane.customer)


def test_the_terminal_killed_at_any_point_of_a_write_ends_in_exactly_one_credit(world, lanes):
    def killed(lane, point):
        lane.terminal.crash_at(point)
        lane.bring()
        counter = lane.paid()
        authorized = counter.authorize(counter.snapshot())
        counter.patience = 0.0
        with pytest.raises((httpx.TransportError, CallError)):
            counter.write(authorized)
            # The last point lies behind the receipt: the push kills the service a moment later.
            assert point == "after_push"
            for _wait in range(200):
                lane.terminal.api.call("status")
                time.sleep(0.02)
        lane.terminal.revive()
        world.check_books(lane.customer, final=False)
        lane.finish()
        assert len(world.credits(lane.customer)) == len(world.orders(lane.customer))

    lanes.each(CRASH_POINTS, killed)
    for terminal in world.terminals:
        assert "whole" in terminal.verify_journal()


def test_an_order_sent_again_to_a_terminal_that_was_killed_in_it_is_not_carried_out_twice(world, lanes):
    def killed(lane, point):
        lane.terminal.crash_at(point)
        lane.bring()
        counter = lane.paid()
        authorized = counter.authorize(counter.snapshot())
        counter.patience = 0.0
        with pytest.raises(httpx.TransportError):
            counter.write(authorized)
        image = lane.chip.image()
        lane.terminal.revive()
        lane.terminal.wait_for_card()
        receipt = lane.terminal.counter().write(authorized)
        assert lane.chip.image() == image, "the card was not written by an order of an earlier insertion"
        assert lane.terminal.counter().write(authorized) == receipt
        lane.finish()

    lanes.each(["before_intent", "after_intent", "after_block_1", "after_commit"], killed)


@pytest.mark.parametrize("delays", [(0.1, 0.5), (0.9, 1.3), (1.7, 2.1)])
def test_the_card_service_killed_during_a_write_ends_in_exactly_one_credit(world, lanes, delays):
    sales = [Sale(Lane(world, slot)) for slot in range(2)]
    for sale in sales:
        sale.step("begin")
        sale.step("add_tender")
        sale.step("authorize")
        world.bench.fault(sale.lane.customer.serial, "slow", seconds=0.2)

    def write(sale):
        sale.receipt = sale.page.write(sale.authorized)

    strike(lanes, delays, [lambda sale=sale: write(sale) for sale in sales], world.restart_pcsc)
    for sale in sales:
        sale.page.deliver(sale.receipt)
        world.check_books(sale.lane.customer, final=False)
        sale.lane.finish()


@pytest.mark.parametrize("step", ["before the reading", "before the order", "before the write", "after the write"])
def test_the_card_service_killed_between_two_steps_does_not_harm_the_sale(world, lanes, step):
    sales = [Sale(Lane(world, slot)) for slot in range(2)]

    def reach(name):
        if name == step:
            world.restart_pcsc()

    reach("before the reading")
    reach("before the order")
    for sale in sales:
        sale.step("begin")
        sale.step("add_tender")
        if step in ("before the write", "after the write"):
            sale.step("authorize")
        if step == "after the write":
            sale.receipt = sale.page.write(sale.authorized)
    reach("before the write")
    reach("after the write")
    for sale in sales:
        if step == "before the write":
            sale.receipt = sale.page.write(sale.authorized)
            sale.page.deliver(sale.receipt)
            assert sale.page.status()["attempts"][0]["code"] == "O-106"
        sale.lane.finish()
