"""The property: never more than one credit per paid order, exactly one once faults stop. Library, terminal and meter
are run against Odoo's own gate and resolution, through every way in which a write can end.
"""

import itertools
from dataclasses import replace

import pytest
from prepaid_core import codecs, gate, resolution
from prepaid_core.vendor_image import VendorBlock

from simulators.vendor.cards import read_card
from tests.hw_proxy.vendor.support import CUSTOMER, MAKERS, METER, SERIAL, VendorBench

ENDINGS = (None, "sell:crash", "sell:hang", "sell:lie", "sell:fail", "late:crash", "late:hang", "sell:garbage")
TORN = ("torn:crash", "torn:hang")
QUANTITY = 700


class Clerk:
    """One order of one account, decided by the gate and the resolution alone."""

    def __init__(self, bench):
        self.bench = bench
        self.driver = f"vendor:{bench.name}"
        self.state, self.images = "paid", []
        self.account = gate.AccountState(CUSTOMER, METER, SERIAL, 1, last_count=1, staff=True)
        self.block = VendorBlock(count=2, energy=QUANTITY)

    def card(self):
        """What a snapshot says."""
        claims = self.bench.claims(self.bench.terminal.snapshot("n" * 20), "snapshot+jwt")
        return bytes.fromhex(claims["card"]["memory"])

    def write(self, op):
        """Write if the gate allows it; whether it did."""
        memory = self.card()
        account = self.account
        if op == "rewrite":
            order = gate.OrderAt(2, self.state, self.block, torn=self.torn(memory))
            account = replace(account, last_count=2, order=order)
        if not gate.check(op, codecs.decode(self.driver, memory), account).allowed:
            return False
        self.images.append((memory, codecs.expected_after(self.driver, memory, self.block)))
        expect = {
            "count": codecs.decode(self.driver, memory).count,
            "digest": codecs.decode(self.driver, memory).digest,
        }
        self.state = self.bench.sell(2, QUANTITY, op=op, expect=expect)["outcome"]
        return self.state != "void"

    def torn(self, memory):
        """Whether an attempt of ours can have left this image."""
        return resolution.is_torn(self.driver, memory, self.images)

    def resolve(self):
        """What the card says of the order."""
        memory = self.card()
        ordered = resolution.Ordered(self.block, torn=self.torn(memory))
        return resolution.resolve(codecs.decode(self.driver, memory), ordered)


@pytest.mark.parametrize(
    ("name", "ending", "visits", "again"),
    [
        case
        for case in itertools.product(("huali", "zongliang"), ENDINGS + TORN, (0, 1), (None, "sell:crash"))
        if not (case[0] == "zongliang" and case[1] in (*TORN, "sell:fail"))
    ],
)
def test_a_paid_order_is_credited_at_most_once_and_once_when_faults_stop(built, tmp_path, name, ending, visits, again):
    bench = VendorBench(tmp_path, built, name, ending)
    clerk = Clerk(bench)
    try:
        assert clerk.write("purchase")
        held = clerk.state != "written" and (name == "zongliang" or ending in TORN)
        for trick in (again, None):
            bench.misbehave(trick)
            for _visit in range(visits):
                bench.visit_meter()
            if clerk.resolve() == "rewrite" and not held:
                clerk.write("rewrite")
        bench.visit_meter()
        bench.visit_meter()
    finally:
        bench.close()
    credited = [quantity for _mark, quantity in bench.meter.credits[1:]]
    assert credited in ([], [QUANTITY])
    if clerk.state == "written":
        assert credited == [QUANTITY]
    if not held:
        assert clerk.state == "written"
        assert read_card(MAKERS[name], bench.chip).remaining == 20_000 + QUANTITY
