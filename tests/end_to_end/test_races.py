"""Many clients at once: whoever asks, and however often, it is one order, one payment and one write.

``busy`` (S-101) is an answer: the page asks again with the same arguments, and so do these clients.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from stack.page import BUSY, CallError, Counter, OdooSession
from stack.world import new_uuid

from simulators.sle4442 import Sle4442

CLIENTS = 6
BY_ATTEMPT = "attempt_id.recharge_id.electricity_account_id"


@pytest.fixture(scope="module")
def sessions(world):
    """Six logins of one clerk: six tabs, or one page that repeats itself."""
    return [OdooSession(world.odoo.url, world.database, "clerk", "clerk") for _ in range(CLIENTS)]


@pytest.fixture(scope="module")
def second_clerk(world):
    """Another clerk, with a shift at both terminals."""
    session = world.user("second-clerk", "group_clerk")
    for terminal in world.terminals:
        terminal.counter(session).open_shift("50.00")
    return session


def at_once(*calls):
    """Make all calls at the same moment; return their results, the refusal of a call that was refused."""
    barrier = threading.Barrier(len(calls))

    def with_the_others(call):
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as clients:
        futures = [clients.submit(with_the_others, call) for call in calls]
    return [
        future.exception() if isinstance(future.exception(), (CallError, TimeoutError)) else future.result()
        for future in futures
    ]


def six(sessions, method, *arguments):
    """The answers of six clients that make the same call at once, and again while they are told that it is busy."""

    def insistently(session):
        answer = session.sale(method, *arguments)
        while answer.get("code") == BUSY:
            time.sleep(0.1)
            answer = session.sale(method, *arguments)
        return answer

    answers = at_once(*[partial(insistently, session) for session in sessions])
    assert all(answer["ok"] for answer in answers), answers
    return answers


def rows(world, customer, model, via="recharge_id.electricity_account_id"):
    return world.admin.call(model, "search_count", [(via, "=", customer.account_id)])


def codes(results):
    return [result.code if isinstance(result, CallError) else None for result in results]


def buy(counter: Counter, amount: str = "10.00", tender_uuid: str | None = None) -> None:
    """A whole sale, every call made whatever the others do, as a page does."""
    order = counter.begin(amount)
    counter.pay_cash(order["due"], tender_uuid)
    counter.deliver(counter.write(counter.authorize(counter.snapshot())))


def test_six_clients_at_once_with_one_uuid_make_one_order_one_payment_and_one_write(world, customer, sessions):
    for round_number in range(1, 4):
        page = world.terminal.counter()
        snapshot = page.snapshot()
        six(sessions, "begin", page.uuid, world.terminal.id, snapshot, "10.00")
        six(sessions, "add_tender", page.uuid, {"uuid": new_uuid(), "kind": "cash", "received": "20.00"})
        snapshot = page.snapshot()
        answers = six(sessions, "authorize", page.uuid, snapshot)
        issued = {(answer["attempt"], answer["write_order"], answer["sealed"]) for answer in answers}
        assert len(issued) == 1, "one write order, however often it is asked for"
        attempt, write_order, sealed = issued.pop()
        jobs = at_once(*[partial(page.api.write, write_order, sealed)] * CLIENTS)
        assert len(set(jobs)) == 1, f"one receipt: {jobs}"
        six(sessions, "confirm", [jobs[0]])
        page.deliver(jobs[0])
        status = page.status()
        assert (status["state"], [each["jti"] for each in status["attempts"]]) == ("written", [attempt])
        assert rows(world, customer, "electricity.recharge", "electricity_account_id") == round_number
        assert rows(world, customer, "electricity.tender") == round_number
        assert rows(world, customer, "electricity.recharge.attempt") == round_number
        assert (
            rows(world, customer, "electricity.receipt", "attempt_id.recharge_id.electricity_account_id")
            == round_number
        )
        assert world.carry(customer).accepted
        world.check_books(customer)
        world.insert(customer)


def test_six_whole_sales_at_once_under_one_uuid_are_one_sale(world, customer, sessions):
    pages = [world.terminal.counter(session) for session in sessions]
    tender_uuid = new_uuid()
    for page in pages:
        page.uuid = pages[0].uuid
    at_once(*[partial(buy, page, "10.00", tender_uuid) for page in pages])
    world.finish(customer)
    assert [order["state"] for order in world.orders(customer)] == ["written"]
    assert rows(world, customer, "electricity.tender") == 1
    world.check_books(customer)


def test_six_different_payments_at_once_pay_an_order_only_once(world, customer, sessions):
    page = world.terminal.counter()
    page.begin("10.00")
    tenders = [{"uuid": new_uuid(), "kind": "cash", "received": "10.00"} for _ in sessions]
    answers = at_once(
        *[
            partial(session.sale, "add_tender", page.uuid, tender)
            for session, tender in zip(sessions, tenders, strict=True)
        ]
    )
    assert sum(answer["ok"] for answer in answers) == 1, answers
    assert {answer["code"] for answer in answers if not answer["ok"]} <= {BUSY, "S-112"}
    assert page.status()["paid"] == "10.00"
    world.finish(customer)
    world.check_books(customer)


def test_a_uuid_repeated_with_other_parameters_is_a_conflict_and_changes_nothing(world, customer):
    page = world.terminal.counter()
    page.begin("10.00")
    with pytest.raises(CallError, match="S-102"):
        page.begin("20.00")
    tender = new_uuid()
    page.pay_cash("4.00", tender)
    with pytest.raises(CallError, match="S-102"):
        page.pay_cash("6.00", tender)
    assert page.pay_cash("4.00", tender)["order"]["paid"] == "4.00", "a repeat is answered, not taken twice"
    page.pay_cash("6.00")
    page.deliver(page.write(page.authorize(page.snapshot())))
    assert page.status()["state"] == "written"
    assert world.carry(customer).accepted
    world.insert(customer)
    other = world.terminal.counter()
    other.begin("10.00")
    with pytest.raises(CallError, match="S-102"):
        other.pay_cash("4.00", tender)
    assert other.status()["paid"] == "0.00", "the tender of one order does not pay another"
    with pytest.raises(CallError, match="S-102"):
        page.begin("10.01")
    assert page.begin("10.00")["state"] == "written", "the repeat of a finished order answers it"
    assert other.cancel(False)["order"]["state"] == "cancelled"
    world.check_books(customer)


def test_a_sale_begun_at_one_terminal_is_finished_at_the_other(world, customer):
    first = world.terminal.counter()
    first.pay_cash(first.begin("10.00")["due"])
    world.pull(0)
    world.finish(customer, slot=1)
    assert first.status()["state"] == "written"
    world.check_books(customer)


def test_an_order_that_left_for_one_terminal_is_not_issued_to_another_before_it_has_ended(world, customer):
    first, second = world.terminal.counter(), world.terminals[1].counter(patience=0)
    first.pay_cash(first.begin("10.00")["due"])
    authorized = first.authorize(first.snapshot())
    world.pull(0)
    world.insert(customer, slot=1)
    second.uuid = first.uuid
    with pytest.raises(CallError, match=BUSY):
        second.authorize(second.snapshot())
    assert second.resolve()["resolution"] == "none"
    # The card has left the first terminal, which therefore signs that it will never carry the order out.
    first.deliver(first.write(authorized))
    assert first.status()["attempts"][0]["state"] == "void"
    world.finish(customer, slot=1)
    world.check_books(customer)


def test_the_clone_of_a_card_at_the_other_terminal_gives_no_second_credit(world, customer):
    chip = world.bench.card(customer.serial)
    clone = f"clone-{customer.serial}"
    world.bench.add_card(clone, Sle4442.from_dict(chip.to_dict()))
    before = world.terminals[1].reader().get("ins")
    world.bench.insert(clone, 1)
    world.terminals[1].wait_for_card(besides=before)
    first, second = world.terminal.counter(), world.terminals[1].counter()
    results = at_once(partial(buy, first), partial(buy, second))
    assert set(codes(results)) <= {None, BUSY, "S-103", "S-112", "C-111", "N-104"}, results
    assert sum(code is None for code in codes(results)) <= 1, "one order at a time on one meter"
    world.finish(customer)
    # What the clone is allowed to carry is the same count again: the meter takes it once.
    quote = second.quote()
    assert not quote["allowed"]
    answer = second.resolve()
    if answer["resolution"] == "rewrite":
        second.uuid = answer["order"]["uuid"]
        second.deliver(second.write(second.authorize(second.snapshot())))
    credited = world.credits(customer)
    world.bench.carry(clone, customer.meter_no)
    assert world.credits(customer) == credited
    world.check_books(customer)


def test_two_clerks_who_sell_to_one_account_at_the_same_moment_sell_once(world, customer, second_clerk):
    for _round in range(4):
        written = len(world.credits(customer))
        pages = [world.terminal.counter(), world.terminal.counter(second_clerk)]
        results = at_once(*[partial(buy, page) for page in pages])
        # S-113: the empty order of the one gave way to that of the other before its money came.
        allowed = {None, BUSY, "S-103", "S-110", "S-112", "S-113", "C-108", "C-111", "N-104"}
        assert set(codes(results)) <= allowed, results
        world.finish(customer)
        assert len(world.credits(customer)) - written <= 1
        world.check_books(customer)
        world.insert(customer)
