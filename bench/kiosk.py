"""Bench ``kiosk``: what a sale at a kiosk costs the server, beside stock Odoo's order of a shop in the same run.

Both are called over HTTP, the same way, one by one, at one Odoo: all calls of a visit that buys with one note and
writes the card, and the job that makes the orders of the point of sale from the notes; beside ``sync_from_ui`` with one
order of one line for a known customer, paid in cash. Beside it: how soon a person sees what he waits for
(:mod:`bench.kiosk_visits`), and many kiosks at once (:mod:`bench.kiosk_fleet`).
"""

import statistics
import sys
import time
import uuid
from dataclasses import dataclass

from bench import kiosk_fleet, kiosk_visits
from bench.figures import paired
from bench.kiosk_paper import OdooClient, Refused
from bench.kiosk_server import DATABASE, KioskServer

WHOLE = 30
"""Runs that stand for all of it; fewer are that part of it."""
WARM_UP = 2
LIMIT = 1.5
SALES = 5
"""A kiosk sells once a minute, and the job that makes its orders of the point of sale comes every five minutes."""
ONE_BY_ONE = ("--workers=0", "--max-cron-threads=0", "--log-level=warn")
"""Nothing works beside what is measured; the job of the kiosk is called when its turn comes."""


def measure(runs):
    """Return the figures.

    :param int runs: of :data:`WHOLE` that stand for all rounds, visits and kiosks
    """
    return [*_sales(runs), *kiosk_visits.measure(runs / WHOLE), *kiosk_fleet.measure(runs / WHOLE)]


def _sales(runs):
    """Return the figures of the sale's cost.

    :param int runs: rounds of :data:`SALES` sales and as many orders of a shop, by turns
    """
    with KioskServer(1, ONE_BY_ONE) as server:
        (kiosk,) = server.kiosks()
        kiosk.log_in()
        rounds = _Rounds(kiosk, Shop(server), Books(server))
        found = [rounds.once() for _number in range(runs + WARM_UP)][WARM_UP:]
    _show([each.calls for each in found])
    goods = [(each.sale, each.goods) for each in found]
    service = [(each.sale, each.service) for each in found]
    return [
        paired("kiosk.sale", goods, "stock POS order of goods, by sync_from_ui", LIMIT),
        paired("kiosk.service", service, "the same of an untaxed service, which moves no stock", None),
    ]


@dataclass(frozen=True)
class Round:
    """Seconds of one sale, and of a shop's order, on the average of a round; ``calls``: of each call of the sale."""

    sale: float
    goods: float
    service: float
    calls: dict


class _Rounds:
    """What happens in five minutes at a kiosk with a sale a minute, beside as many orders of a shop."""

    def __init__(self, kiosk, shop, books):
        self.kiosk, self.shop, self.books = kiosk, shop, books

    def once(self):
        """Do it once, turn by turn."""
        self.kiosk.client.since()
        goods, service = [], []
        for _number in range(SALES):
            self.kiosk.sell()
            goods.append(self.shop.sell("goods"))
            service.append(self.shop.sell("service"))
        calls = self.kiosk.client.since()
        calls["projection"] = [self.books.make_orders()]
        sale = sum(map(sum, calls.values())) / SALES
        return Round(sale, statistics.mean(goods), statistics.mean(service), calls)


def _show(rounds):
    """Print the median of each call of a sale; what a round does once counts for each of its sales."""
    for name in rounds[0]:
        times = len(rounds[0][name]) / SALES
        spent = statistics.median(sum(each[name]) for each in rounds) / SALES * 1000
        sys.stdout.write(f"  {name:<12}{times:>4g} × a sale ={spent:>7.1f} ms\n")


class Books:
    """The job that makes orders of the point of sale, called by hand."""

    def __init__(self, server):
        self.client = OdooClient(server.odoo.url)
        self.client.log_in(DATABASE, "admin", "admin")
        self.cron = server.facts["cron"]

    def make_orders(self):
        """Run the job; return its seconds."""
        self.client.call("ir.cron", "method_direct_trigger", [self.cron])
        return sum(map(sum, self.client.since().values()))


class Shop:
    """A shop of stock Odoo, whose browser has just taken cash for an order."""

    def __init__(self, server):
        self.client = OdooClient(server.odoo.url)
        self.client.log_in(DATABASE, "shop", "shop")
        self.facts = server.facts["shop"]

    def sell(self, kind):
        """Sync one order as the browser does; return the seconds.

        :param str kind: of the product, ``goods`` or ``service``
        """
        order = self._order(self.facts[kind])
        answer = self.client.call("pos.order", "sync_from_ui", [order])
        (row,) = answer["pos.order"]
        if row["state"] != "paid":
            raise Refused(f"the shop's order is {row['state']}")
        return sum(map(sum, self.client.since().values()))

    def _order(self, product):
        facts, now = self.facts, time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        total = product["total"]
        line = {"uuid": str(uuid.uuid4()), "product_id": product["id"], "qty": 1, "price_unit": 100.0}
        line |= {"price_subtotal": 100.0, "price_subtotal_incl": total, "discount": 0, "pack_lot_ids": []}
        payment = {"uuid": str(uuid.uuid4()), "amount": total, "name": now, "payment_method_id": facts["method"]}
        return {
            "uuid": str(uuid.uuid4()),
            "session_id": facts["session"],
            "user_id": facts["user"],
            "partner_id": facts["partner"],
            "pricelist_id": facts["pricelist"],
            "fiscal_position_id": False,
            "date_order": now,
            "state": "paid",
            "lines": [(0, 0, {**line, "tax_ids": [(6, 0, product["taxes"])]})],
            "payment_ids": [(0, 0, payment)],
            "amount_total": total,
            "amount_paid": total,
            "amount_tax": total - 100.0,
            "amount_return": 0,
            "to_invoice": False,
            "last_order_preparation_change": "{}",
        }
