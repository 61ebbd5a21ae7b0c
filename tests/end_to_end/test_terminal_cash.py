"""Notes at the real Odoo: page and terminal bring the same statement at the same moment, and it counts once."""

from __future__ import annotations

import time
from functools import partial

import httpx
import pytest
from stack.page import BUSY, OdooSession
from stack.world import new_uuid

from tests.end_to_end.forge import claims_of
from tests.end_to_end.paper import PaperTerminal
from tests.end_to_end.test_races import at_once, rows

PAGES = 3


@pytest.fixture(scope="module")
def paper(world):
    made = PaperTerminal(world, "NOTES")
    world.admin.call("electricity.terminal", "write", [made.id], {"takes_notes": True})
    return made


@pytest.fixture(scope="module")
def sessions(world):
    return [OdooSession(world.odoo.url, world.database, "clerk", "clerk") for _ in range(PAGES)]


def insistently(call):
    """Repeat a call while it is told that somebody else decides on the same rows."""
    code = call()
    while code == BUSY:
        time.sleep(0.05)
        code = call()
    return code


def push(world, paper, statement):
    """One synchronisation of the terminal; the code of its statement."""
    heartbeat = paper.sign(
        "heartbeat+jwt",
        {
            "iat": int(time.time()),
            "nonce": new_uuid(),
            "seq": paper.seq,
            "head": paper.head,
            "epoch": 1,
            "clk": "signed",
            "wall": int(time.time() * 1000),
            "version": "paper",
            "readers": [],
            "unresolved": 0,
        },
    )
    body = {"heartbeat": heartbeat, "receipts": [], "tenders": [statement], "sessions": ["box-1"]}
    url = f"{world.odoo.url}/electricity/terminal/sync"
    answer = httpx.post(url, json=body, headers={"X-Odoo-Database": world.database}, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()["tenders"][0]["code"]


def carry(session, order, statement):
    """One call of a page; its code."""
    return session.sale("add_tender", order, {"kind": "terminal_cash", "statement": statement}).get("code")


def test_whoever_brings_a_statement_at_whatever_moment_it_counts_once(world, customer, paper, sessions):
    page = world.terminal.counter()
    page.terminal_id = paper.id
    nonce = page.sale("new_nonce", paper.id)["nonce"]
    page.begin("100.00", paper.snapshot(nonce, world.bench.card(customer.serial)))
    order = claims_of(page.sale("collect", page.uuid)["collect"])
    assert (order["aud"], order["recharge"], order["session"]) == (paper.uuid, page.uuid, "box-1")
    for seq in range(1, 6):
        statement = paper.sign(
            "tender+jwt",
            {
                "jti": new_uuid(),
                "iat": int(time.time()),
                "recharge": page.uuid,
                "session": order["session"],
                "seq": seq,
                "notes": [{"denomination": 1000, "count": 1}],
                "total": 1000,
            },
        )
        calls = [partial(insistently, partial(carry, session, page.uuid, statement)) for session in sessions]
        calls += [partial(insistently, partial(push, world, paper, statement)) for _ in range(PAGES)]
        assert at_once(*calls) == [None] * 2 * PAGES
        assert page.status()["paid"] == f"{seq * 10}.00"
    assert rows(world, customer, "electricity.tender") == 5
    assert (
        world.admin.call("electricity.terminal", "read", [paper.id], ["state", "tender_count"])[0]["state"] == "active"
    )
    world.check_books(customer)
