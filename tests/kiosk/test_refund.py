"""A refund over real HTTP: Odoo's own job, its processes and commits, and a gateway that loses answers and is slow."""

import threading
import uuid

import pytest
from stack.page import CallError
from stack.processes import wait_until

from tests.kiosk.kiosk_calls import KioskCalls

TAKES = 100
"""Seconds that Odoo's job may take: it runs once a minute."""


@pytest.fixture
def payment(world, customer, phone):
    """What this customer paid by QR code for a purchase that he gave up: the tender, whose money is balance now."""
    world.insert(customer)
    page, reference = KioskCalls(world), uuid.uuid4().hex
    order = page.begin("100.00")
    page.ask("pay", order["uuid"], reference, "qr")
    phone.pay(reference)

    def is_paid():
        domain = [("electricity_account_id", "=", customer.account_id), ("kind", "=", "qr")]
        return world.admin.call("electricity.tender", "search", domain)

    (tender,) = wait_until(is_paid, TAKES, "the payment")
    page.ask("give_up", order["uuid"])
    return tender


def propose(world, customer, tender, amount):
    """Propose in the window, as a clerk does; return the id of the payout."""
    values = {"account_id": customer.account_id, "way": "gateway", "source_tender_id": tender}
    values |= {"amount": amount, "reason": "Moves away"}
    (window,) = world.clerk.call("electricity.payout.propose", "create", [values])
    return world.clerk.call("electricity.payout.propose", "action_propose", [window])["res_id"]


def read(world, payout):
    return world.clerk.call("electricity.payout", "read", [payout], ["state", "reference", "gateway_questions"])[0]


def wait_for(world, payout, state):
    return wait_until(lambda: read(world, payout)["state"] == state, TAKES, f"the payout to be {state}")


def asked(world, payout):
    """Press *Ask the Payment Service*; return whether it is known now, by this or by the job that is at it, too."""
    if read(world, payout)["state"] == "paid":
        return True
    try:
        return world.clerk.call("electricity.payout", "action_ask", [payout])
    except CallError as error:
        assert "S-101" in str(error) or read(world, payout)["state"] == "paid", error
        return None


def approve_at_once(world, payout):
    """Let two persons approve at the same moment; return who could, and the codes of the others."""
    ends = {}

    def approve(session, name):
        try:
            session.call("electricity.payout", "action_approve", [payout])
            ends[name] = "approved"
        except CallError as error:
            ends[name] = str(error)

    people = (world.supervisor, world.second_supervisor)
    threads = [threading.Thread(target=approve, args=(each, number)) for number, each in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TAKES)
    return ends


def test_two_approvals_at_once_a_lost_answer_and_a_slow_bank_are_one_refund(world, customer, phone, payment):
    phone.fault("timeout_after", operation="refund")
    phone.fault("refund_slow")
    phone.fault("refund_twice")
    payout = propose(world, customer, payment, 60.0)
    ends = approve_at_once(world, payout)
    assert sorted(end == "approved" for end in ends.values()) == [False, True], ends
    (made,) = wait_until(lambda: phone.books()["refunds"], TAKES, "the gateway to be asked")
    assert made["state"] == "pending"
    account = world.admin.call("electricity.account", "read", [customer.account_id], ["balance", "held"])[0]
    assert (account["balance"], account["held"]) == (100, 60)
    world.check_books(customer)
    phone.clear_faults()
    phone.settle(made["reference"])
    wait_until(lambda: asked(world, payout), TAKES, "the clerk to get through beside the job")
    wait_for(world, payout, "paid")
    assert len(phone.books()["refunds"]) == 1
    assert read(world, payout)["gateway_questions"] == 1
    assert phone.books()["refunds"][0]["refunded_amount"] == 6_000
    account = world.admin.call("electricity.account", "read", [customer.account_id], ["balance", "held"])[0]
    assert (account["balance"], account["held"]) == (40, 0)
    world.check_books(customer)


def test_a_refusal_frees_the_money_and_the_rest_goes_back_by_another_refund(world, customer, phone, payment):
    phone.fault("refund_refused")
    payout = propose(world, customer, payment, 100.0)
    world.supervisor.call("electricity.payout", "action_approve", [payout])
    wait_for(world, payout, "refused")
    world.check_books(customer)
    again = propose(world, customer, payment, 100.0)
    world.supervisor.call("electricity.payout", "action_approve", [again])
    wait_for(world, again, "paid")
    states = [refund["state"] for refund in phone.books()["refunds"]]
    assert states == ["refunded", "refused"]
    world.check_books(customer)
