"""Forged, foreign, old and repeated orders: refused with a code, and nothing on the card changes."""

import json
import time
import uuid

import pytest
from jwcrypto import jwk, jws

from hw_proxy import tokens
from hw_proxy.errors import Refusal
from hw_proxy.keys import Identity, TerminalKeys
from tests.hw_proxy.support import PSC, Bench, FakeCard, FakeOdoo, seal


def refused(bench, order, sealed):
    """Code of an order that leaves no receipt, after making sure that it left none and touched nothing."""
    sent = len(bench.card.commands)
    with pytest.raises(Refusal) as refusal:
        bench.terminal.jobs.write(order, sealed)
    bench.idle()
    assert bench.terminal.journal.head()[0] == 0
    assert len(bench.card.commands) == sent
    return refusal.value.code


def resigned(key, header, claims):
    """A compact JWS with any header."""
    token = jws.JWS(json.dumps(claims))
    token.allowed_algs = ["EdDSA", "HS256"]
    token.add_signature(key, alg=header["alg"], protected=json.dumps(header))
    return token.serialize(compact=True)


@pytest.mark.parametrize("text", [None, 7, "", "a.b", "a.b.c", "x" * 60_000, "é.é.é", "..", "eyJ9.eyJ9.eyJ9"])
def test_what_is_not_a_token_is_refused(bench, text):
    assert refused(bench, text, None) == "O-101"


def test_an_altered_order_is_refused(bench):
    order, sealed = bench.order()
    head, body, signature = order.split(".")
    claims = json.loads(tokens.unb64(body))
    claims["write"]["energy"] += 1
    forged = f"{head}.{tokens.b64(json.dumps(claims).encode())}.{signature}"
    assert refused(bench, forged, sealed) == "O-101"


def test_a_signature_with_a_second_spelling_is_refused(bench):
    order, sealed = bench.order()
    # 64 bytes end in a character of which only two bits count.
    last = order[-1]
    other = {"A": "B", "Q": "R", "g": "h", "w": "x"}[last]
    assert refused(bench, order[:-1] + other, sealed) == "O-101"


def test_an_order_by_another_key_is_refused(bench):
    order, sealed = bench.order(key=jwk.JWK.generate(kty="OKP", crv="Ed25519"))
    assert refused(bench, order, sealed) == "O-102"


def test_another_key_under_the_pinned_kid_is_refused(bench):
    order, sealed = bench.order()
    claims = json.loads(tokens.unb64(order.split(".")[1]))
    header = {"alg": "EdDSA", "kid": bench.odoo.key.thumbprint(), "typ": "order+jwt"}
    forged = resigned(jwk.JWK.generate(kty="OKP", crv="Ed25519"), header, claims)
    assert refused(bench, forged, sealed) == "O-101"


def test_a_symmetric_signature_with_the_public_key_is_refused(bench):
    order, sealed = bench.order()
    claims = json.loads(tokens.unb64(order.split(".")[1]))
    key = jwk.JWK(kty="oct", k=bench.odoo.public)
    forged = resigned(key, {"alg": "HS256", "kid": bench.odoo.key.thumbprint(), "typ": "order+jwt"}, claims)
    assert refused(bench, forged, sealed) == "O-101"


def test_an_unsigned_order_is_refused(bench):
    order, sealed = bench.order()
    header = tokens.b64(b'{"alg":"none","kid":"' + bench.odoo.key.thumbprint().encode() + b'","typ":"order+jwt"}')
    assert refused(bench, f"{header}.{order.split('.')[1]}.AAAA", sealed) == "O-101"


def test_another_kind_of_odoo_s_messages_is_no_order(bench):
    assert refused(bench, *bench.order(typ="page+jwt")) == "O-101"


def test_an_order_to_another_terminal_is_refused(bench):
    assert refused(bench, *bench.order(aud=str(uuid.uuid4()))) == "O-103"


def test_an_order_of_another_database_is_refused(bench):
    assert refused(bench, *bench.order(iss=str(uuid.uuid4()))) == "O-101"


def test_an_order_of_an_older_epoch_is_refused(bench):
    assert refused(bench, *bench.order(epoch=2)) == "O-104"


def test_a_higher_epoch_once_seen_bars_the_lower_one_for_ever(bench):
    assert bench.write(epoch=9)["outcome"] == "written"
    again = bench.reopen()
    with pytest.raises(Refusal) as refusal:
        again.terminal.jobs.write(*again.order(epoch=8))
    assert refusal.value.code == "O-104"
    again.close()


@pytest.mark.parametrize(
    "changes",
    [
        {"jti": "1"},
        {"exp": int(time.time()) + 121, "iat": int(time.time())},
        {"exp": 0},
        {"op": "format"},
        {"epoch": "3"},
        {"epoch": True},
        {"write": {}},
        {"card": []},
        {"expect": {"count": -1, "digest": "x"}},
        {"sealed": 5},
        {"ins": ""},
    ],
)
def test_a_signed_order_of_the_wrong_form_is_refused(bench, changes):
    assert refused(bench, *bench.order(**changes)) == "O-101"


IMAGE = {"count": 5, "quantity": 1, "image": "00" * 119, "files": {"3": "00" * 199, "4": "00", "5": "00" * 16}}


@pytest.mark.parametrize(
    "change",
    [
        {"image": "0"},
        {"image": "AA"},
        {"image": None},
        {"image": "00" * 2049},
        {"quantity": -1},
        {"quantity": 1 << 32},
        {"count": "5"},
        {"files": []},
        {"files": {"2": "00"}},
        {"files": {"03": "00"}},
        {"files": {"3": ""}},
        {"files": {"3": 5}},
        {"files": {"3": "00" * 259}},
    ],
)
def test_an_image_of_the_wrong_form_is_refused(bench, change):
    assert refused(bench, *bench.order(write={**IMAGE, **change})) == "O-101"


@pytest.mark.parametrize("missing", sorted(IMAGE))
def test_an_image_without_one_of_its_members_is_refused(bench, missing):
    write = {name: value for name, value in IMAGE.items() if name != missing}
    assert refused(bench, *bench.order(write=write)) == "O-101"


@pytest.mark.parametrize("serial", ["", "1" * 11, "1" * 13, "1" * 17, "1" * 12 + "x" * 4, "１" * 12, 123456789012])
def test_a_serial_of_another_length_than_12_or_16_digits_is_refused(bench, serial):
    card = {"serial": serial, "issue": 1, "driver": "sle4442_demo"}
    assert refused(bench, *bench.order(card=card)) == "O-101"


def test_a_swapped_sealed_part_is_refused(bench):
    order, _sealed = bench.order()
    _other, sealed = bench.order()
    assert refused(bench, order, sealed) == "O-107"


def test_another_sealed_part_for_the_same_order_is_refused(bench):
    jti = str(uuid.uuid4())
    order, _sealed = bench.order(jti=jti)
    _order, other = bench.order(jti=jti, psc=b"\x00\x00\x00")
    assert refused(bench, order, other) == "O-107"


def test_a_sealed_part_beside_an_order_without_one_is_refused(bench):
    order, sealed = bench.order(sealed=None)
    assert refused(bench, order, sealed) == "O-107"


@pytest.mark.parametrize("sealed", [None, "", 5, "a.b.c.d.e", "é"])
def test_a_missing_or_malformed_sealed_part_is_refused(bench, sealed):
    order, _sealed = bench.order()
    assert refused(bench, order, sealed) == "O-107"


def test_a_sealed_part_that_names_another_order_inside_is_refused(bench):
    assert refused(bench, *bench.order(inside={"jti": str(uuid.uuid4())})) == "O-107"


@pytest.mark.parametrize("psc", ["", "c0ffe", "C0FFEE", "zzzzzz", None, 5])
def test_a_sealed_part_without_a_code_is_refused(bench, psc):
    assert refused(bench, *bench.order(inside={"psc": psc})) == "O-107"


def test_a_sealed_part_to_another_terminal_is_refused(bench):
    sealed = seal(TerminalKeys.generate().x25519, {"jti": "x", "psc": PSC.hex()})
    order, _sealed = bench.order(sealed=tokens.digest(sealed))
    assert refused(bench, order, sealed) == "O-107"


def test_an_order_without_a_sealed_part_cannot_write_this_card(bench):
    order, _sealed = bench.order(sealed=None)
    assert refused(bench, order, None) == "O-107"


def test_an_expired_order_is_void(bench):
    now = int(time.time())
    receipt = bench.write(iat=now - 121, exp=now - 1)
    assert (receipt["outcome"], receipt["code"], receipt["intent_at"]) == ("void", "O-105", None)
    assert bench.card.count(0x20) == 0


def test_an_order_that_expires_while_it_waits_is_void(bench):
    order, sealed = bench.order(iat=int(time.time()) - 119, exp=int(time.time()) + 1)
    bench.reader.run(lambda _insertion: time.sleep(2.1))
    receipt = bench.write(order, sealed)
    assert (receipt["outcome"], receipt["code"]) == ("void", "O-105")
    assert bench.card.count(0x20) == 0


def test_an_order_from_the_future_is_void(bench):
    now = int(time.time()) + 600
    assert bench.write(iat=now, exp=now + 60)["code"] == "O-105"


def test_an_order_after_the_card_left_is_void_even_when_the_same_card_is_back(bench):
    order, sealed = bench.order()
    card = bench.card
    bench.pull()
    card.gone = False
    bench.insert(card)
    assert bench.reader.status.state == "card"
    receipt = bench.write(order, sealed)
    assert (receipt["outcome"], receipt["code"]) == ("void", "O-106")


def test_an_order_that_waited_while_the_card_left_and_came_back_is_void(bench):
    order, sealed = bench.order()
    bench.reader.run(lambda _insertion: time.sleep(0.2))
    bench.card.pull()
    bench.reader.seen(False)
    bench.slot.card = FakeCard(bytes(bench.card.memory))
    bench.reader.seen(True)
    receipt = bench.write(order, sealed)
    assert (receipt["outcome"], receipt["code"]) == ("void", "O-106")
    assert bench.slot.card.count(0x20) == 0


def test_an_order_for_an_unknown_insertion_is_void(bench):
    assert bench.write(ins="f" * 32)["code"] == "O-106"


def test_a_known_order_answers_its_receipt_and_writes_nothing(bench):
    order, sealed = bench.order()
    first = bench.write(order, sealed)
    sent = len(bench.card.commands)
    assert bench.write(order, sealed) == first
    assert bench.claims(bench.terminal.jobs.void(order)) == first
    assert len(bench.card.commands) == sent
    assert bench.terminal.journal.head()[0] == 1


def test_one_order_sent_many_times_at_once_is_executed_once(bench):
    order, sealed = bench.order()
    bench.reader.run(lambda _insertion: time.sleep(0.2))
    jobs = {bench.terminal.jobs.write(order, sealed) for _time in range(20)}
    assert len(jobs) == 1
    assert bench.wait(jobs.pop())["outcome"] == "written"
    assert bench.card.count(0x20) == 1


def test_a_second_order_for_the_same_image_is_void(bench):
    one, two = bench.order(), bench.order()
    first, second = bench.write(*one), bench.write(*two)
    assert (first["outcome"], second["outcome"], second["code"]) == ("written", "void", "C-203")


def test_a_voided_order_is_never_executed(bench):
    order, sealed = bench.order()
    void = bench.claims(bench.terminal.jobs.void(order))
    assert (void["outcome"], void["code"], void["order"]) == ("void", "O-109", order)
    assert bench.write(order, sealed) == void
    assert bench.card.count(0x20) == 0


def test_voiding_an_order_that_is_being_written_answers_how_it_ended(bench):
    order, sealed = bench.order()
    bench.reader.run(lambda _insertion: time.sleep(0.2))
    bench.terminal.jobs.write(order, sealed)
    assert bench.claims(bench.terminal.jobs.void(order))["outcome"] == "written"


def test_a_forged_order_cannot_be_voided(bench):
    order, _sealed = bench.order(key=jwk.JWK.generate(kty="OKP", crv="Ed25519"))
    with pytest.raises(Refusal) as refusal:
        bench.terminal.jobs.void(order)
    assert refusal.value.code == "O-102"


def test_without_a_signed_time_no_write_begins_but_a_void_is_given(bench):
    bench.clock.restore(None)
    bench.clock._anchor = None
    order, sealed = bench.order()
    assert refused(bench, order, sealed) == "P-109"
    assert bench.claims(bench.terminal.jobs.void(order))["clk"] == "wall"


def test_orders_of_another_odoo_are_refused_after_pairing_anew(tmp_path):
    odoo = FakeOdoo()
    bench = Bench(tmp_path, odoo=odoo, identity=Identity(TerminalKeys.generate(), odoo.pairing()))
    order, sealed = FakeOdoo().order(bench.identity, bench.ins, bytes(bench.card.memory))
    assert refused(bench, order, sealed) == "O-102"
    bench.close()
