"""Cards that may not be sold to, amounts that may not be sold, clocks that are wrong: each has its code, a sentence in
English and one in Chinese, and takes no money.
"""

from __future__ import annotations

import re
import time

import pytest
from stack.processes import wait_until
from stack.world import new_uuid

from simulators import layout
from simulators.issue import open_card, write_purchase
from simulators.sle4442 import Sle4442
from tests.end_to_end.forge import claims_of
from tests.end_to_end.paper import PaperTerminal
from tests.end_to_end.refusals import code_of, nothing_changes

TEN_MINUTES = 600
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MISSING = "—"


@pytest.fixture(scope="module")
def languages(world):
    """Chinese beside English."""
    found = world.admin.call("res.lang", "search", [("code", "=", "zh_CN"), ("active", "in", (True, False))])
    world.admin.call("res.lang", "write", found, {"active": True})
    return ("en_US", "zh_CN")


@pytest.fixture
def hand(world):
    """Insert any chip into the first reader: ``hand(name)``; nothing is left in it afterwards."""
    # The test before may have taken its card out a moment ago, which the terminal then still shows.
    world.clear_slots()
    world.terminal.wait_for_card("empty")
    yield lambda name: world.bench.insert(name, 0)
    world.clear_slots()
    # Whoever waits for the next card must not be told of this one.
    world.terminal.wait_for_card("empty")


def check_sentences(answers, code):
    """The refusals of one call in both languages: the code, and what to do in the user's own words."""
    english, chinese = (answer["message"] for answer in answers)
    assert [answer["code"] for answer in answers] == [code, code]
    assert len(english.split()) > 4 and not CHINESE.search(english), english
    assert CHINESE.search(chinese), chinese
    assert MISSING not in english + chinese, f"a value is missing: {english} {chinese}"


def refused_in(languages, session, method, *arguments):
    """The same refused call in both languages."""
    calls = [
        session.call("electricity.recharge", method, *arguments, context={"lang": language}) for language in languages
    ]
    assert not any(answer.get("allowed", answer["ok"]) for answer in calls), calls
    return calls


def card_values(write_order):
    """What an order wants on the card, in the simulator's words."""
    values = claims_of(write_order)["write"]
    return {"hoard_limit" if name == "hoard" else name: value for name, value in values.items()}


def odd_cards(world, customer):
    """Cards that must not be sold to: name on the bench -> (chip, code)."""
    keys, chip = world.bench.keys.master("sle4442_demo"), world.bench.card(customer.serial)
    other = world.customer()
    stored = chip.to_dict()

    def with_bytes(*changes):
        memory = bytearray(chip.image())
        for address, data in changes:
            memory[address : address + len(data)] = data
        return Sle4442.from_dict({**stored, "memory": bytes(memory).hex()})

    def contract(customer_no=customer.customer_no, meter_no=customer.meter_no, issue=1):
        return open_card(
            customer.serial,
            layout.Contract(customer_no, meter_no, layout.CARD_PURCHASE, issue),
            layout.Purchase(1, 10_000, 20, 5, 0, issue, 1),
            keys,
        )

    class OtherChip(Sle4442):
        def atr(self):
            return bytes.fromhex("3b0477231091")

    cards = {
        "unknown chip": (OtherChip.from_dict(stored), "C-101"),
        "factory": (Sle4442(), "C-103"),
        "other layout": (with_bytes((0x08, b"\x02")), "C-103"),
        "damaged": (with_bytes((0x42, b"\x55"), (0x62, b"\x55")), "C-105"),
        "damaged contract": (with_bytes((0x22, b"\x99")), "C-105"),
        "damaged write-back": (with_bytes((0x85, b"\x77")), "C-118"),
        "other customer": (contract(customer_no=other.customer_no), "C-109"),
        "other meter": (contract(meter_no=other.meter_no), "C-110"),
        "other issue": (contract(issue=2), "C-107"),
        "not inserted": (contract(), "C-108"),
        "unregistered": (
            open_card("399999999999", layout.Contract("1", "2", 2, 1), layout.Purchase(1, 1, 1, 1, 0, 1, 1), keys),
            "C-106",
        ),
    }
    cards["locked"] = (Sle4442.from_dict({**stored, "counter": 0}), "C-104")
    cards["tried"] = (Sle4442.from_dict({**stored, "counter": 3}), "C-114")
    return {f"{name.replace(' ', '-')}-{customer.serial}": found for name, found in cards.items()}


def test_cards_that_may_not_be_sold_to_are_named_in_both_languages_and_take_no_money(world, languages, hand):
    customer = world.customer()
    counter = world.terminal.counter()
    blank = world.bench.blank_card("388888888888")
    names = {"388888888888": "C-102"}
    assert blank.counter == 0x07
    for name, (chip, code) in odd_cards(world, customer).items():
        world.bench.add_card(name, chip)
        names[name] = code
    with nothing_changes(world):
        for name, code in names.items():
            hand(name)
            if code == "C-101":
                assert world.terminal.wait_for_card("error")["code"] == code
                assert code_of(counter.snapshot) == code
                sentences = [
                    counter.odoo.call(
                        "electricity.recharge", "counter_state", world.terminal.id, context={"lang": language}
                    )["codes"][code]
                    for language in languages
                ]
                assert not CHINESE.search(sentences[0]) and CHINESE.search(sentences[1])
            else:
                world.terminal.wait_for_card()
                check_sentences(
                    refused_in(languages, counter.odoo, "quote", world.terminal.id, counter.snapshot()), code
                )
                assert code_of(counter.begin, "10.00") == code, name
            world.pull()


def test_a_card_that_was_not_in_its_meter_since_the_last_purchase_is_not_sold_to(world, customer, languages):
    world.terminal.counter().sell("10.00")
    counter = world.terminal.counter()
    with nothing_changes(world, customer):
        check_sentences(refused_in(languages, counter.odoo, "quote", world.terminal.id, counter.snapshot()), "C-108")
        assert code_of(counter.begin, "10.00") == "C-108"
    assert world.carry(customer).accepted
    world.insert(customer)
    counter.sell("10.00")
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_amounts_that_may_not_be_sold_are_refused_before_any_money(world, languages, hand):
    model = world.meter_model_with(
        min_amount=10.0, max_amount=500.0, step_amount=5.0, hoard_limit_energy=700.0, purchases_per_day=1
    )
    customer = world.customer(600, meter_model=model)
    hand(customer.serial)
    world.terminal.wait_for_card()
    counter = world.terminal.counter()
    refused = {
        "S-104": [
            "-10.00",
            "10.001",
            "ten",
            "",
            "1e2",
            "NaN",
            "١٠",
            " 10.00",
            "10,00",
            10,
            10.0,
            None,
            ["10.00"],
            True,
        ],
        "S-105": ["0.00", "5.00", "9.99"],
        "S-106": ["500.01", "505.00", "99999999.00"],
        "S-107": ["12.00", "10.01"],
        "S-108": ["60.00", "500.00"],
    }
    with nothing_changes(world, customer):
        for code, amounts in refused.items():
            for amount in amounts:
                answer = counter.odoo.sale("begin", new_uuid(), world.terminal.id, counter.snapshot(), amount)
                assert not answer["ok"] and answer["code"] == code, f"{amount!r}: {answer}"
            text = next(amount for amount in amounts if isinstance(amount, str) and amount)
            calls = refused_in(
                languages, counter.odoo, "begin", new_uuid(), world.terminal.id, counter.snapshot(), text
            )
            check_sentences(calls, code)
    counter.sell("50.00")
    assert world.carry(customer).accepted
    world.check_books(customer)
    world.bench.consume(customer.meter_no, "600")
    world.bring(customer)
    assert code_of(world.terminal.counter().begin, "10.00") == "S-109"


def test_money_that_is_not_an_amount_is_refused_by_the_drawer_too(world, customer):
    counter = world.terminal.counter()
    counter.begin("10.00")
    with nothing_changes(world, customer):
        for received in ("-10.00", "10.001", "ten", "", "0.00", 10, None):
            answer = counter.odoo.sale(
                "add_tender", counter.uuid, {"uuid": new_uuid(), "kind": "cash", "received": received}
            )
            assert answer["code"] == "S-104", received
        over = {"uuid": new_uuid(), "kind": "cash"}
        assert counter.odoo.sale("add_tender", counter.uuid, over)["code"] == "S-104"
        assert (
            counter.odoo.sale("add_tender", counter.uuid, {**over, "uuid": "1", "received": "1.00"})["code"] == "P-104"
        )
    answer = counter.pay_cash("50.00")
    assert (answer["change"], answer["order"]["paid"]) == ("40.00", "10.00")
    world.finish(customer)
    world.check_books(customer)


@pytest.mark.parametrize("error", [-TEN_MINUTES, TEN_MINUTES])
def test_a_terminal_whose_clock_is_ten_minutes_off_sells_nothing_but_its_receipts_are_taken(world, languages, error):
    paper = PaperTerminal(world, f"CLOCK{error}")
    world.terminal.counter().sale("open_shift", paper.id, "0.00")
    customer = world.customer()
    chip = world.bench.card(customer.serial)
    page = world.terminal.counter()
    page.terminal_id = paper.id

    def reading(shift):
        nonce = page.sale("new_nonce", paper.id)["nonce"]
        return paper.snapshot(nonce, chip, iat=int(time.time()) + shift)

    with nothing_changes(world, customer):
        check_sentences(refused_in(languages, page.odoo, "quote", paper.id, reading(error)), "T-104")
        assert code_of(page.begin, "10.00", reading(error)) == "T-104"
    page.pay_cash(page.begin("10.00", reading(0))["due"])
    assert code_of(page.authorize, reading(error)) == "T-104", "nothing is written by a clock that went wrong later"
    order = page.authorize(reading(0))
    before = chip.image()
    write_purchase(chip, layout.Purchase(**card_values(order["write_order"])), world.bench.keys.master("sle4442_demo"))
    now = int(time.time()) + error
    receipt = paper.receipt(
        order["write_order"], "written", before, chip.image(), iat=now, intent_at=now * 1000, done_at=now * 1000
    )
    assert page.confirm(receipt)["results"][0]["code"] is None
    assert page.status()["state"] == "written"
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_a_terminal_that_never_heard_odoos_time_neither_sells_nor_writes(world, customer):
    """Its own clock may be right, but nobody vouches for it."""
    terminal = world.terminal
    counter = terminal.counter()
    counter.pay_cash(counter.begin("10.00")["due"])
    authorized = counter.authorize(counter.snapshot())
    image = world.bench.card(customer.serial).image()
    terminal.forget_time()
    try:
        assert "P-109" in terminal.api.call("status")["problems"]
        counter.patience = 0.0
        assert code_of(counter.write, authorized) == "P-109"
        assert world.bench.card(customer.serial).image() == image
    finally:
        terminal.reconnect()
    wait_until(lambda: terminal.api.call("status")["odoo"]["reachable"], 20, "the terminal to reach Odoo")
    world.finish(customer)
    world.check_books(customer)
