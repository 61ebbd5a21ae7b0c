"""Forged, stolen, replayed and misdirected messages, and people without the right: each is refused with its code, and
no row and no byte of a card is changed by it.
"""

from __future__ import annotations

import json
import time
import uuid

import httpx
import pytest
from jwcrypto import jwe, jwk
from stack.page import CallError, OdooSession, TerminalApi
from stack.processes import wait_until
from stack.world import new_uuid

from tests.end_to_end.forge import altered, claims_of, new_key, odoo_key, resigned, sign, terminal_key
from tests.end_to_end.paper import PaperTerminal, digest
from tests.end_to_end.refusals import code_of, nothing_changes
from tests.end_to_end.tables import rows_of


@pytest.fixture(scope="module")
def paper(world):
    """A terminal whose keys the forger has."""
    terminal = PaperTerminal(world, "FORGE")
    world.terminal.counter().sale("open_shift", terminal.id, "0.00")
    return terminal


@pytest.fixture
def authorized(world, customer):
    """A page with a genuine write order that has not been sent; it is carried out in the end."""
    counter = world.terminal.counter()
    counter.pay_cash(counter.begin("10.00")["due"])
    answer = counter.authorize(counter.snapshot())
    yield counter, answer["write_order"], answer["sealed"]
    counter.deliver(counter.write(answer))
    world.finish(customer)
    world.check_books(customer)


def send(counter, order, sealed):
    return counter.api.call("write", order=order, sealed=sealed)


def sealed_to(terminal, jti, psc="c0ffee"):
    """A code sealed to a terminal by somebody who knows its public key: everybody may."""
    public = jwk.JWK(**json.loads((terminal.data / "keys.json").read_text("utf-8"))["x25519"])
    header = json.dumps({"alg": "ECDH-ES", "enc": "A256GCM"})
    box = jwe.JWE(json.dumps({"jti": jti, "psc": psc}).encode(), header, algs=["ECDH-ES", "A256GCM"])
    box.add_recipient(public)
    return box.serialize(compact=True)


# -- what reaches a terminal ------------------------------------------------------------------------------------------


def test_a_terminal_refuses_orders_that_odoo_did_not_sign_for_it(world, customer, authorized):
    counter, order, sealed = authorized
    odoo, claims = odoo_key(world.keyring), claims_of(order)
    energy = {**claims["write"], "energy": claims["write"]["energy"] * 100}
    other = world.terminals[1].counter().sale("counter_state", world.terminals[1].id)["terminal"]["uuid"]
    forged = {
        "O-101 altered": altered(order, write=energy),
        "O-101 altered life": altered(order, exp=claims["exp"] + 3600),
        "O-101 another type": resigned(order, "page+jwt", odoo),
        "O-101 no signature": order.rsplit(".", 1)[0] + ".",
        "O-101 not a token": "order",
        "O-101 too long a life": resigned(order, "order+jwt", odoo, exp=claims["iat"] + 86_400),
        "O-101 another database": resigned(order, "order+jwt", odoo, iss=new_uuid()),
        "O-102 another key": resigned(order, "order+jwt", new_key(), write=energy),
        "O-102 the terminal's own key": resigned(order, "order+jwt", terminal_key(world.terminal.data)),
        "O-103 another terminal": resigned(order, "order+jwt", odoo, aud=other),
        "O-104 lower epoch": resigned(order, "order+jwt", odoo, epoch=0),
    }
    with nothing_changes(world, customer):
        answers = {name: code_of(send, counter, token, sealed) for name, token in forged.items()}
        assert answers == {name: name[:5] for name in forged}


def test_a_terminal_refuses_a_code_that_does_not_belong_to_the_order(world, customer, authorized):
    counter, order, sealed = authorized
    jti = claims_of(order)["jti"]
    swapped = {"other content": sealed_to(world.terminal, jti), "nothing": None, "no JWE": sealed[:-4] + "AAAA"}
    with nothing_changes(world, customer):
        for name, other in swapped.items():
            assert code_of(send, counter, order, other) == "O-107", name


def test_a_genuine_code_of_another_order_is_refused_even_under_a_stolen_signing_key(world, customer, authorized):
    counter, order, sealed = authorized
    stolen = resigned(
        order, "order+jwt", odoo_key(world.keyring), jti=str(uuid.uuid4()), sealed=digest(sealed.encode())
    )
    with nothing_changes(world, customer):
        assert code_of(send, counter, stolen, sealed) == "O-107"


def test_an_expired_order_and_one_for_another_content_of_the_card_end_as_void(world, customer):
    counter = world.terminal.counter()
    counter.pay_cash(counter.begin("10.00")["due"])
    answer = counter.authorize(counter.snapshot())
    odoo = odoo_key(world.keyring)
    now = int(time.time())
    image = world.bench.card(customer.serial).image()
    for changes, code in (
        ({"iat": now - 200, "exp": now - 100}, "O-105"),
        ({"expect": {"count": 1, "digest": digest(bytes(256))}}, "C-203"),
        ({"ins": uuid.uuid4().hex}, "O-106"),
    ):
        jti = str(uuid.uuid4())
        sealed = sealed_to(world.terminal, jti)
        token = resigned(answer["write_order"], "order+jwt", odoo, jti=jti, sealed=digest(sealed.encode()), **changes)
        receipt = claims_of(counter.api.write(token, sealed))
        assert (receipt["outcome"], receipt["code"], receipt["intent_at"]) == ("void", code, None)
    assert world.bench.card(customer.serial).image() == image
    assert world.bench.card(customer.serial).counter == 0x07, "no code was presented"
    counter.deliver(counter.write(answer))
    assert counter.status()["state"] == "written"
    # Orders that our key signed and this database does not know: it has lost rows, or the key was stolen.
    wait_until(lambda: "T-106" in problems(world), 20, "the sales to stop")
    world.accept_database()
    assert problems(world) == []
    world.finish(customer)
    world.check_books(customer)


def problems(world):
    return world.clerk.sale("counter_state", world.terminal.id)["problems"]


def test_an_order_after_the_card_has_left_and_a_replayed_order_write_nothing(world, customer):
    counter = world.terminal.counter()
    counter.pay_cash(counter.begin("10.00")["due"])
    left = counter.authorize(counter.snapshot())
    world.pull()
    world.insert(customer)
    image = world.bench.card(customer.serial).image()
    receipt = claims_of(counter.write(left))
    assert (receipt["outcome"], receipt["code"]) == ("void", "O-106")
    counter.deliver_receipts()
    again = counter.authorize(counter.snapshot())
    assert world.bench.card(customer.serial).image() == image
    counter.deliver(first := counter.write(again))
    with nothing_changes(world, customer):
        assert counter.write(again) == first, "a replayed order answers its receipt"
        assert claims_of(counter.write(left))["outcome"] == "void"
    assert world.carry(customer).accepted
    world.insert(customer)
    with nothing_changes(world, customer):
        assert counter.write(again) == first
        assert counter.deliver(first)["ok"]
    world.check_books(customer)


def test_a_terminal_talks_only_to_pages_of_its_odoo_with_its_token(world, customer):
    counter = world.terminal.counter()
    good = dict(counter.api._http.headers)
    odoo, page = odoo_key(world.keyring), counter.sale("counter_state", world.terminal.id)["token"]
    foreign = world.terminals[1].counter().sale("counter_state", world.terminals[1].id)["token"]
    now = int(time.time())
    headers = {
        "P-101 no origin": {"origin": None},
        "P-101 wrong origin": {"origin": "https://evil.example"},
        "P-101 null origin": {"origin": "null"},
        "P-101 a port beside": {"origin": good["origin"] + "0"},
        "P-102 rebound name": {"host": f"evil.example:{world.terminal.port}"},
        "P-102 no port": {"host": "127.0.0.1"},
        "P-103 no token": {"authorization": None},
        "P-103 not a token": {"authorization": "Bearer x"},
        "P-103 foreign terminal's token": {"authorization": f"Bearer {foreign}"},
        "P-103 altered token": {"authorization": f"Bearer {altered(page, sub='user:1')}"},
        "P-103 foreign key": {"authorization": f"Bearer {resigned(page, 'page+jwt', new_key())}"},
        "P-103 expired": {"authorization": f"Bearer {resigned(page, 'page+jwt', odoo, iat=now - 9, exp=now - 5)}"},
        "P-103 lower epoch": {"authorization": f"Bearer {resigned(page, 'page+jwt', odoo, epoch=0)}"},
        "P-103 not a page's": {"authorization": f"Bearer {resigned(page, 'order+jwt', odoo)}"},
    }
    with nothing_changes(world, customer):
        for path in ("snapshot", "write", "receipts", "status", "void"):
            url = f"{world.terminal.url}/v1/{path}"
            answers = {name: _code_with(url, {**good, **change}) for name, change in headers.items()}
            assert answers == {name: name[:5] for name in headers}, path


def _code_with(url, headers):
    headers = {name: value for name, value in headers.items() if value is not None}
    return httpx.post(url, json={"nonce": "x"}, headers=headers).json().get("code")


# -- what reaches Odoo from terminals ---------------------------------------------------------------------------------


def test_odoo_refuses_readings_that_are_not_the_terminals_or_not_for_this_moment(world, customer, paper):
    counter = world.terminal.counter()
    chip = world.bench.card(customer.serial)
    nonce = counter.sale("new_nonce", world.terminal.id)["nonce"]
    genuine = counter.api.call("snapshot", nonce=nonce)["snapshot"]
    odoo = odoo_key(world.keyring)
    readings = {
        "N-101 altered card": altered(genuine, card={**claims_of(genuine)["card"], "memory": "00" * 256}),
        "N-101 another key": resigned(genuine, "snapshot+jwt", new_key()),
        "N-101 another terminal's key": resigned(genuine, "snapshot+jwt", paper.key),
        "N-101 Odoo's key": resigned(genuine, "snapshot+jwt", odoo),
        "N-101 another terminal": paper.snapshot(nonce, chip),
        "N-101 another database": resigned(
            genuine, "snapshot+jwt", terminal_key(world.terminal.data), aud=str(uuid.uuid4())
        ),
        "N-101 not a reading": resigned(genuine, "receipt+jwt", terminal_key(world.terminal.data)),
        "N-101 nothing": "",
    }
    unknown = resigned(genuine, "snapshot+jwt", terminal_key(world.terminal.data), nonce="never handed out")
    with nothing_changes(world, customer):
        for method in ("quote", "begin", "resolve"):
            for name, token in {**readings, "N-102 own nonce": unknown}.items():
                assert _answer(counter, method, token) == name[:5], f"{method}: {name}"
        of_other = paper.snapshot(nonce, chip)
        assert counter.odoo.sale("quote", paper.id, of_other)["code"] == "N-102", "a nonce belongs to one terminal"


def _answer(counter, method, token):
    arguments = {
        "quote": (counter.terminal_id, token),
        "begin": (new_uuid(), counter.terminal_id, token, "10.00"),
        "resolve": (counter.terminal_id, token),
    }[method]
    return counter.odoo.sale(method, *arguments).get("code")


def test_odoo_refuses_receipts_that_the_terminal_did_not_sign_or_that_contradict_themselves(world, customer, paper):
    """The strongest forger: with the keys of a terminal, but without the card in its reader."""
    page = world.terminal.counter()
    chip = world.bench.card(customer.serial)
    order = paper_order(world, page, paper, chip)
    before = chip.image()
    mine, own = paper.key, {"before": before, "after": before}
    genuine = paper.receipt(order["write_order"], "not_written", **own)
    other_order = resigned(order["write_order"], "order+jwt", new_key())
    receipts = {
        "altered": altered(genuine, outcome="written"),
        "another key": resigned(genuine, "receipt+jwt", new_key()),
        "another terminal": resigned(genuine, "receipt+jwt", terminal_key(world.terminal.data)),
        "written, but the card says otherwise": paper.receipt(order["write_order"], "written", **own),
        "written without images": paper.receipt(order["write_order"], "written", None, None),
        "an order that is not ours": paper.receipt(other_order, "not_written", **own),
        "another attempt's order": paper.receipt(order["write_order"], "not_written", **own, attempt=new_uuid()),
        "void after its intent": resigned(genuine, "receipt+jwt", mine, outcome="void"),
        "no number": resigned(genuine, "receipt+jwt", mine, seq=0),
        "not a receipt": "receipt",
    }
    with nothing_changes(world, customer):
        answers = {name: page.confirm(token)["results"][0]["code"] for name, token in receipts.items()}
        assert answers == dict.fromkeys(receipts, "R-101")
        assert (
            page.confirm(paper.receipt(order["write_order"], "void", None, None, seq=9))["results"][0]["code"]
            == "R-102"
        )
    paper.sent(genuine)
    assert page.confirm(genuine)["results"][0]["code"] is None
    assert page.status()["state"] == "not_written"
    world.finish(customer)
    world.check_books(customer)


def paper_order(world, page, paper, chip):
    """A genuine write order for a terminal on paper."""

    def fresh():
        return paper.snapshot(page.sale("new_nonce", paper.id)["nonce"], chip)

    page.terminal_id = paper.id
    order = page.begin("10.00", fresh())
    page.pay_cash(order["due"])
    return page.authorize(fresh())


def test_cash_that_a_terminal_did_not_count_for_this_order_is_refused(world, customer, paper):
    page = world.terminal.counter()
    page.begin("10.00")
    claims = {
        "iss": claims_of(page.snapshot())["iss"],
        "aud": paper.database_uuid,
        "jti": new_uuid(),
        "iat": int(time.time()),
        "recharge": page.uuid,
        "session": "1",
        "seq": 1,
        "notes": [{"denomination": 1000, "count": 1}],
        "total": 1000,
    }
    real = terminal_key(world.terminal.data)
    statements = {
        "another key": sign(new_key(), "tender+jwt", claims),
        "another terminal's": sign(paper.key, "tender+jwt", {**claims, "iss": paper.uuid}),
        "another order's": sign(real, "tender+jwt", {**claims, "recharge": new_uuid()}),
        "more than its notes": sign(real, "tender+jwt", {**claims, "total": 10_000}),
        "no notes": sign(real, "tender+jwt", {**claims, "notes": [], "total": 1000}),
        "negative": sign(
            real, "tender+jwt", {**claims, "notes": [{"denomination": -1000, "count": 1}], "total": -1000}
        ),
        "not a statement": sign(real, "receipt+jwt", claims),
        "unsigned": {"total": 1000},
    }
    with nothing_changes(world, customer):
        for name, statement in statements.items():
            tender = {"uuid": claims["jti"], "kind": "terminal_cash", "statement": statement}
            assert page.odoo.sale("add_tender", page.uuid, tender)["code"] == "S-122", name
    genuine = {"kind": "terminal_cash", "statement": sign(real, "tender+jwt", claims)}
    for _repeat in range(3):
        assert page.sale("add_tender", page.uuid, genuine)["order"]["paid"] == "10.00", "counted once"
    world.finish(customer)
    world.check_books(customer)


# -- people without the right -----------------------------------------------------------------------------------------


def test_cash_is_asserted_only_by_a_clerk_with_an_open_shift_at_the_terminal(world, customer):
    page = world.terminal.counter()
    page.begin("10.00")
    others = {name: world.user(f"cash-{name}", f"group_{name}") for name in ("technician", "finance", "clerk")}
    portal = world.portal_user("cash-portal")
    with nothing_changes(world, customer):
        cash = {"uuid": new_uuid(), "kind": "cash", "received": "10.00"}
        for session in (others["technician"], others["finance"], portal):
            assert code_of(session.sale, "add_tender", page.uuid, cash) is None, "an access error of Odoo"
            assert code_of(session.sale, "begin", new_uuid(), world.terminal.id, page.snapshot(), "10.00") is None
            assert code_of(session.sale, "confirm", []) is None
        without_shift = others["clerk"].sale("add_tender", page.uuid, cash)
        assert without_shift["code"] == "S-117", "another clerk's shift is not one's own"
        assert page.odoo.sale("add_tender", page.uuid, {**cash, "kind": "bank"})["code"] == "S-116"
        with pytest.raises(CallError):
            OdooSession(world.odoo.url, world.database, "clerk", "wrong password")
    page.cancel(False)


def test_a_clerk_asserts_no_more_cash_for_an_order_than_the_company_allows(world, customer):
    page = world.terminal.counter()
    page.begin("10.00")
    world.admin.call("res.company", "write", [1], {"electricity_clerk_cash_limit": 6.0})
    try:
        with nothing_changes(world, customer):
            assert code_of(page.pay_cash, "10.00") == "S-118"
        assert page.pay_cash("6.00")["order"]["paid"] == "6.00"
        assert code_of(page.pay_cash, "0.10") == "S-118", "all its tenders count together"
    finally:
        world.admin.call("res.company", "write", [1], {"electricity_clerk_cash_limit": 10_000.0})
    world.finish(customer)
    world.check_books(customer)


def test_a_clerk_of_other_terminals_or_of_another_company_is_refused(world, customer):
    page = world.terminal.counter()
    page.begin("10.00")
    elsewhere = world.user("elsewhere", "group_clerk")
    foreign = world.foreign_clerk("foreign")
    world.admin.call("electricity.terminal", "write", [world.terminal.id], {"user_ids": [(4, world.clerk.uid)]})
    try:
        with nothing_changes(world, customer):
            snapshot, cash = page.snapshot(), {"uuid": new_uuid(), "kind": "cash", "received": "10.00"}
            assert elsewhere.sale("quote", world.terminal.id, snapshot)["code"] == "S-116"
            assert elsewhere.sale("add_tender", page.uuid, cash)["code"] == "S-116"
            assert foreign.sale("quote", world.terminal.id, snapshot)["code"] == "T-110"
            for method, arguments in (("add_tender", (cash,)), ("authorize", ()), ("cancel", (True,)), ("status", ())):
                assert foreign.sale(method, page.uuid, *arguments)["code"] == "S-115", method
    finally:
        world.admin.call("electricity.terminal", "write", [world.terminal.id], {"user_ids": [(5,)]})
    page.cancel(False)


def test_what_only_the_sale_may_write_cannot_be_written_by_a_call(world, customer):
    page = world.terminal.counter()
    page.sell("10.00")
    order = world.orders(customer)[-1]["id"]
    clerk, administrator = world.clerk, world.admin
    models = [
        "electricity.recharge",
        "electricity.recharge.attempt",
        "electricity.tender",
        "electricity.ledger.entry",
        "electricity.receipt",
        "electricity.snapshot",
        "electricity.cash.session",
    ]
    account = customer.account_id
    with nothing_changes(world, customer):
        for session in (clerk, administrator):
            for model in models:
                found = administrator.call(model, "search", [], limit=1)
                for method, arguments in (("create", [{}]), ("write", (found, {"company_id": 1})), ("unlink", [found])):
                    with pytest.raises(CallError):
                        session.call(model, method, *arguments)
            for values in ({"balance": 1000.0}, {"held": -5.0}, {"purchase_count": 0}):
                with pytest.raises(CallError):
                    session.call("electricity.account", "write", [account], values)
            for model, ids, method, arguments in (
                ("electricity.account", [account], "book", ["tender", 100_000]),
                ("electricity.account", [account], "hold", [-100]),
                ("electricity.recharge", [order], "_apply", ["cancel"]),
                ("electricity.recharge", [order], "approve_reading", [1]),
                ("electricity.recharge", [], "_take_receipts", [[], "push"]),
                ("electricity.terminal", [world.terminal.id], "reactivate", ["because"]),
                ("electricity.keyring", [], "load", []),
            ):
                with pytest.raises(CallError):
                    session.call(model, method, ids, *arguments)
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_a_page_of_another_origin_cannot_use_a_stolen_token(world, customer):
    page = world.terminal.counter()
    token = page.sale("counter_state", world.terminal.id)["token"]
    evil = TerminalApi(world.terminal.url, token, "https://evil.example")
    before = rows_of(world)
    for path in ("status", "snapshot", "receipts"):
        assert code_of(evil.call, path) == "P-101"
    assert rows_of(world) == before
