"""Faults that meet: several sales with a random choice of everything that can go wrong, then a clerk finishes.

``PREPAID_SALES`` is the number of sales, ``PREPAID_SEED`` the seed; a failure prints both and what happened.
"""

from __future__ import annotations

import os
import random

import httpx
from stack.page import CallError
from stack.processes import ProcessError

SALES = int(os.environ.get("PREPAID_SALES", "8"))
SEED = int(os.environ.get("PREPAID_SEED", "1"))
CRASH_POINTS = ("before_intent", "after_intent", "after_code", "after_block_1", "after_commit", "after_outcome")


def card_fault(dice):
    """A fault of the card: kind and parameters."""
    return dice.choice(
        (
            ("pull", {"bytes": dice.randrange(41), "inside": dice.random() < 0.5}),
            ("pull_at_apdu", {"apdu": dice.randint(1, 12)}),
            ("lost_write", {"writes": dice.randint(1, 4)}),
            ("wrong_read", {"reads": dice.randint(1, 4), "address": dice.choice((None, 0x42, 0x62, 0x80, 0x85))}),
            ("silent", {"seconds": 0.6, "apdus": dice.randint(1, 3)}),
        )
    )


class Disturbed:
    """A household whose purchases are disturbed.

    :param dice: the source of all choices
    """

    def __init__(self, world, dice):
        self.world, self.dice = world, dice
        self.customer = world.customer()
        self.told: list[str] = []

    def happens(self, what: str, chance: float) -> bool:
        """Throw the dice, and remember what they said."""
        if self.dice.random() < chance:
            self.told.append(what)
            return True
        return False

    def sale(self) -> None:
        """One purchase, with whatever goes wrong in it."""
        world, slot = self.world, self.dice.randrange(2)
        terminal = world.terminals[slot]
        self.told.append(f"sale at terminal {slot}")
        if self.happens("the terminal will be killed", 0.25):
            terminal.crash_at(self.dice.choice(CRASH_POINTS))
        world.bring(self.customer, slot)
        receipt = None
        try:
            receipt = self._buy(terminal.counter(patience=4.0))
        except CallError as error:
            assert error.code, f"an exception reached the page: {error}"
            self.told.append(f"refused: {error.code}")
        except httpx.TransportError as error:
            self.told.append(f"no answer: {type(error).__name__}")
        # What did not strike in this sale must not strike in the next, whose story would not tell of it.
        world.bench.clear_faults(self.customer.serial)
        if terminal.will_crash or not terminal.process.is_running():
            terminal.revive()
        if self.happens("the card service is killed", 0.1):
            world.restart_pcsc()
        if self.happens("to the meter", 0.5):
            pulled = {"pull_after_byte": self.dice.randrange(26)} if self.happens("pulled there", 0.5) else {}
            world.carry(self.customer, **pulled)
        if receipt and self.happens("the receipt comes late", 0.5):
            terminal.counter().deliver(receipt)

    def _buy(self, counter):
        world = self.world
        if self.happens("a fault from the start", 0.2):
            self._arm()
        order = counter.begin(self.dice.choice(("10.00", "33.33", "120.00")))
        if self.happens("Odoo is killed", 0.08):
            world.restart_odoo()
        counter.pay_cash(order["due"])
        if self.happens("the clerk gives up", 0.1):
            counter.cancel(self.dice.random() < 0.5)
            return None
        authorized = counter.authorize(counter.snapshot())
        if self.happens("the card leaves before the write", 0.1):
            world.bring(self.customer, self.dice.randrange(2))
        if self.happens("a fault in the write", 0.6):
            self._arm()
        receipt = counter.write(authorized)
        if self.happens("the page loses the receipt", 0.3):
            return receipt
        counter.deliver(receipt)
        return receipt

    def _arm(self):
        kind, parameters = card_fault(self.dice)
        self.told.append(f"{kind} {parameters}")
        self.world.bench.fault(self.customer.serial, kind, **parameters)

    def finish(self) -> None:
        """Faults stop."""
        self.told.append("finish")
        self.world.finish(self.customer, self.dice.randrange(2))
        self.world.check_books(self.customer)


def test_faults_in_any_combination_end_in_one_credit_for_each_paid_order(world):
    dice = random.Random(SEED)
    household = Disturbed(world, dice)
    try:
        for _sale in range(SALES):
            household.sale()
            world.check_books(household.customer, final=False)
            if household.happens("the clerk finishes", 0.6):
                household.finish()
        household.finish()
        states = world.admin.call("electricity.terminal", "search_read", [("code", "like", "E2E")], ["state"])
        assert {each["state"] for each in states} == {"active"}, "no terminal was accused of anything"
    except (AssertionError, CallError, ProcessError, TimeoutError, httpx.TransportError) as error:
        story = "\n".join(household.told)
        raise AssertionError(f"PREPAID_SEED={SEED} PREPAID_SALES={SALES}:\n{story}\n{error!r}") from error
    finally:
        world.clear_slots()
