"""Receipts that are lost, late, repeated or out of order, readings that are too old, and a card that goes to the meter
before the point of sale knows how its write ended.

Two couriers bring a receipt to Odoo: the page, and the terminal itself.
"""

from __future__ import annotations

import json
import uuid

import httpx
import pytest
from stack import postgres
from stack.page import CallError
from stack.processes import wait_until

from tests.end_to_end.forge import claims_of, first_head, heartbeat, sign, terminal_key
from tests.end_to_end.tables import rows_of


@pytest.fixture
def cut_off(world):
    """The first terminal without its own way to Odoo: only pages carry its receipts."""
    world.terminal.cut_off()
    yield world.terminal
    world.terminal.reconnect()
    wait_until(lambda: world.terminal.api.call("receipts")["receipts"] == [], 20, "the receipts to be pushed")


def paid_order(counter, amount="10.00"):
    counter.pay_cash(counter.begin(amount)["due"])
    return counter


def write(counter):
    """Authorize and write; nobody carries the receipt."""
    return counter.write(counter.authorize(counter.snapshot()))


def confirm_codes(counter, *receipts):
    return [result["code"] for result in counter.confirm(*receipts)["results"]]


def written(counter):
    return wait_until(lambda: counter.status()["state"] == "written", 30, "the receipt to arrive")


def expire_attempts(world):
    """Let the time of every issued write order be over: nobody waits for a minute here."""
    over = "expires_at = now() at time zone 'utc' - interval '1 minute'"
    postgres.query(f"UPDATE electricity_recharge_attempt SET {over} WHERE state = 'issued'", world.database)


def push(world, terminal, *receipts):
    """What the terminal itself sends; anybody who has its keys could. Returns the HTTP answer."""
    key, pairing = terminal_key(terminal.data), json.loads((terminal.data / "pairing.json").read_text("utf-8"))
    beat = heartbeat(key, pairing["terminal"], pairing["iss"], 0, first_head(pairing["terminal"]))
    return httpx.post(
        f"{world.odoo.url}/electricity/terminal/sync",
        json={"heartbeat": beat, "receipts": list(receipts)},
        headers={"X-Odoo-Database": world.database},
    ).json()


def reactivate(world, terminal):
    """What an administrator does; waits until the terminal has heard of it."""
    values = {"terminal_id": terminal.id, "reason": "a test"}
    wizard = world.admin.call("electricity.terminal.reason", "create", [values])
    world.admin.call("electricity.terminal.reason", "action_reactivate", wizard)
    wait_until(lambda: "T-102" not in terminal.api.call("status")["problems"], 20, "the terminal to sell again")


@pytest.fixture
def quarantined(world):
    """A test that quarantines the first terminal; it sells again afterwards."""
    yield world.terminal
    if _state(world, world.terminal) == "quarantined":
        reactivate(world, world.terminal)


def test_a_receipt_that_the_page_loses_is_pushed_by_the_terminal(world, customer):
    counter = paid_order(world.terminal.counter())
    write(counter)
    written(counter)
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_a_receipt_that_is_late_on_both_ways_still_ends_the_sale(world, customer):
    counter = paid_order(world.terminal.counter())
    authorized = counter.authorize(counter.snapshot())
    world.odoo.kill()
    receipt = counter.write(authorized)
    world.odoo.start()
    assert counter.status()["state"] in ("authorized", "written")
    counter.deliver(receipt)
    written(counter)
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_a_receipt_carried_by_both_and_again_and_again_counts_once(world, customer):
    counter = paid_order(world.terminal.counter())
    receipt = write(counter)
    for _time in range(4):
        counter.deliver(receipt)
    counter.confirm(receipt, receipt, receipt)
    written(counter)
    world.carry(customer)
    world.check_books(customer)
    before = rows_of(world)
    assert confirm_codes(counter, receipt) == [None]
    assert rows_of(world) == before


def test_receipts_out_of_order_change_nothing_until_their_predecessors_are_there(world, customer, cut_off):
    counter = paid_order(cut_off.counter())
    world.bench.fault(customer.serial, "pull", bytes=10)
    torn = write(counter)
    other = world.customer()
    world.insert(other)
    second = paid_order(cut_off.counter())
    complete = write(second)
    assert claims_of(complete)["seq"] == claims_of(torn)["seq"] + 1
    before = rows_of(world)
    assert confirm_codes(counter, complete) == ["R-102"]
    assert rows_of(world) == before, "a gap that a page brings proves nothing and changes nothing"
    assert confirm_codes(counter, complete, torn) == ["R-102", None]
    assert (counter.status()["state"], second.status()["state"]) == ("unknown", "authorized")
    assert confirm_codes(counter, torn, complete) == [None, None]
    assert second.status()["state"] == "written"
    assert world.carry(other).accepted
    world.check_books(other)
    world.finish(customer)
    world.check_books(customer)


def test_a_gap_that_the_terminal_pushes_quarantines_it_until_an_administrator_has_looked(world, customer, quarantined):
    terminal = quarantined
    counter = terminal.counter()
    counter.sell("10.00")
    sold = wait_until(lambda: terminal.api.call("receipts")["receipts"] == [], 20, "the acknowledgement")
    assert sold
    receipt = claims_of(_last_receipt(world, customer))
    gap = resigned_receipt(terminal, receipt, seq=receipt["seq"] + 2, prev="A" * 43)
    before = rows_of(world)
    assert push(world, terminal, gap)["results"][0]["code"] == "R-102"
    assert _state(world, terminal) == "quarantined"
    after = rows_of(world)
    assert {name for name in after if after[name] != before[name]} == {"electricity_terminal"}
    world.carry(customer)
    world.insert(customer)
    quote = counter.quote()
    assert (quote["allowed"], quote["code"]) == (False, "T-102")
    reactivate(world, terminal)
    world.bring(customer)
    terminal.counter().sell("10.00")
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_two_receipts_with_one_number_quarantine_the_terminal_whoever_brings_them(world, customer, quarantined):
    terminal = quarantined
    counter = paid_order(terminal.counter())
    receipt = write(counter)
    written(counter)
    fork = resigned_receipt(terminal, claims_of(receipt), outcome="unknown", code="C-205", after=None)
    before = rows_of(world)
    assert confirm_codes(counter, fork) == ["R-103"]
    after = rows_of(world)
    assert {name for name in after if after[name] != before[name]} == {"electricity_terminal"}
    assert _state(world, terminal) == "quarantined"
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_receipts_of_a_quarantined_terminal_are_still_taken(world, customer, quarantined, cut_off):
    counter = paid_order(cut_off.counter())
    receipt = write(counter)
    gap = resigned_receipt(cut_off, claims_of(receipt), seq=claims_of(receipt)["seq"] + 5, prev="A" * 43)
    push(world, cut_off, gap)
    assert _state(world, cut_off) == "quarantined"
    counter.deliver(receipt)
    assert counter.status()["state"] == "written"
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_a_receipt_after_a_reading_elsewhere_has_ended_the_order_changes_nothing(world, customer):
    """The terminal dies with the receipt in its journal; the card is read elsewhere; then the receipt comes."""
    world.terminal.crash_at("after_outcome")
    world.bring(customer)
    counter = paid_order(world.terminal.counter())
    authorized = counter.authorize(counter.snapshot())
    counter.patience = 0.0
    with pytest.raises(httpx.TransportError):
        counter.write(authorized)
    expire_attempts(world)
    world.bench.pull(0)
    world.finish(customer, slot=1)
    world.check_books(customer)
    before = world.orders(customer)
    world.terminal.revive()
    wait_until(lambda: world.terminal.api.call("receipts")["receipts"] == [], 20, "the late receipt to be pushed")
    assert world.orders(customer) == before
    world.check_books(customer)


def test_a_reading_from_before_the_attempt_neither_resolves_nor_authorizes(world, customer):
    counter = paid_order(world.terminal.counter())
    old = counter.snapshot()
    authorized = counter.authorize(counter.snapshot())
    world.bench.fault(customer.serial, "pull", bytes=25)
    counter.deliver(counter.write(authorized))
    before = rows_of(world)
    for call in (counter.resolve, counter.authorize):
        with pytest.raises(CallError, match="N-104"):
            call(old)
    assert rows_of(world) == before
    world.finish(customer)
    world.check_books(customer)


def test_a_reading_decides_only_once(world, customer):
    counter = world.terminal.counter()
    reading = counter.snapshot()
    counter.begin("10.00", reading)
    before = rows_of(world)
    second = world.terminal.counter()
    with pytest.raises(CallError, match="N-103"):
        second.begin("10.00", reading)
    with pytest.raises(CallError, match="N-103"):
        second.quote(snapshot=reading)
    assert rows_of(world) == before
    counter.cancel(False)
    world.check_books(customer)


@pytest.mark.parametrize(
    "torn", [None, 10, 30, 40], ids=["complete", "first block", "second block", "before the commit"]
)
def test_a_card_carried_to_the_meter_before_its_receipt_arrives_is_credited_once(world, customer, cut_off, torn):
    counter = paid_order(cut_off.counter())
    if torn is not None:
        world.bench.fault(customer.serial, "pull", bytes=torn)
    receipt = write(counter)
    result = world.carry(customer)
    assert (result.credited > 0) == (torn is None)
    world.check_books(customer, final=False)
    counter.deliver(receipt)
    world.finish(customer)
    assert world.credits(customer) == [(2, 1823)]
    world.check_books(customer)


def test_a_card_that_was_in_the_meter_settles_an_order_whose_receipt_is_lost(world, customer, cut_off):
    counter = paid_order(cut_off.counter())
    receipt = write(counter)
    assert world.carry(customer).credited == 1823
    world.insert(customer)
    assert counter.resolve()["resolution"] == "written"
    assert counter.status()["state"] == "written"
    before = world.orders(customer)
    assert confirm_codes(counter, receipt) == [None]
    assert world.orders(customer) == before
    world.check_books(customer)


def resigned_receipt(terminal, claims, **changes):
    """Another receipt that only the terminal's key can have signed."""
    return sign(terminal_key(terminal.data), "receipt+jwt", {**claims, "jti": str(uuid.uuid4()), **changes})


def _last_receipt(world, customer):
    domain = [("attempt_id.recharge_id.electricity_account_id", "=", customer.account_id)]
    return world.admin.call("electricity.receipt", "search_read", domain, ["token"], order="id desc", limit=1)[0][
        "token"
    ]


def _state(world, terminal):
    return world.admin.call("electricity.terminal", "read", [terminal.id], ["state"])[0]["state"]
