"""Requests to the key service and handovers: what is read, what the schema says, and what is refused."""

import functools
import json
import uuid
from pathlib import Path

import jsonschema
import pytest
from prepaid_core import codecs, identity, key_requests, keyring, orders, tokens
from prepaid_core import key_suite_demo as suite
from prepaid_core.card_image import CpuBlock, ImageWrite, WriteBack
from prepaid_core.errors import Refusal

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol"
DB = "0f6c2a4e-0000-4000-8000-00000000000d"
KEY = keyring.SigningKey.generate()
TERMINAL = identity.TerminalKey(str(uuid.UUID(int=1)), KEY.x)
ATTEMPT = str(uuid.UUID(int=2))
SERIAL = "6500000000001234"
NOW = 1_000_000
MORE = {
    "authenticate": {"r": suite.internal_challenge(ATTEMPT).hex(), "answer": "11" * 8},
    "mac": {"header": "04d681002f", "data": "00" * 43},
    "update_key": {},
}
DRIVERS = ["gdw1365", "csg2015"]


def claims(op="authenticate", **changes):
    values = {"iss": TERMINAL.uuid, "aud": DB, "jti": str(uuid.UUID(int=3)), "iat": NOW, "attempt": ATTEMPT}
    values |= {"serial": SERIAL, "version": 1, "op": op, "challenge": "01" * 8}
    return {**values, **MORE.get(op, {}), **changes}


def read(values):
    return key_requests.verify(tokens.sign(tokens.KEY, values, KEY), TERMINAL, DB)


@functools.cache
def schema(name):
    content = json.loads((PROTOCOL / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(content)
    return jsonschema.Draft202012Validator(content)


@pytest.mark.parametrize("op", MORE)
def test_a_request_is_read_and_fits_the_schema(op):
    schema("key").validate(claims(op))
    request = read(claims(op))
    assert (request.op, request.serial, request.version, request.attempt) == (op, SERIAL, 1, ATTEMPT)
    assert {request.internal is None, request.answer is None} == {op != "authenticate"}
    assert {request.header is None, request.data is None} == {op != "mac"}


@pytest.mark.parametrize("op", MORE)
def test_the_digest_names_the_content_but_not_the_time(op):
    first = read(claims(op)).digest
    assert read(claims(op, iat=NOW + 1)).digest == first
    for change in ({"challenge": "02" * 8}, {"version": 2}, {"serial": "6500000000001235"}):
        assert read(claims(op, **change)).digest != first


def test_what_the_schema_refuses_is_refused_and_nothing_else():
    bad = []
    for op in MORE:
        good = claims(op)
        bad += [{name: value for name, value in good.items() if name != left} for left in good]
        bad += [{**good, name: value} for name in good for value in (None, True, [], {}, -1, "x", "", "0" * 600)]
        bad += [{**good, "extra": 1}]
        bad += [{**good, **MORE[other]} for other in MORE if other != op and MORE[other]]
    for values in bad:
        # The signature's own claims are compared, not read.
        fits = schema("key").is_valid(values) and (values.get("iss"), values.get("aud")) == (TERMINAL.uuid, DB)
        if fits:
            assert read(values)
            continue
        with pytest.raises(Refusal) as refusal:
            read(values)
        assert refusal.value.code == "P-104", values


def test_a_handover_fits_the_schema(tmp_path):
    keyring.provision(tmp_path / "keys.json", DB)
    ring = keyring.announce(tmp_path / "keys.json")
    _header, values = tokens.peek(ring.handovers[0], "X")
    schema("handover").validate(values)


def order(driver, op="purchase", version=1, files=None):
    """A signed order for a card of version 1 (0 where it is issued), and the image before."""
    codec = codecs.codec_of(driver)
    blank = op == "open"
    block = None if blank else CpuBlock(count=3, amount=100)
    before = codec.encode_card(
        SERIAL, "700000000001", "700000000101", block, WriteBack("valid", 3, 50, time="2601010000"), int(not blank)
    )
    image = codec.image_for(
        op, before, block=CpuBlock(4, 5000), customer_no="700000000001", meter_no="700000000101", key_version=version
    )
    made = orders.WriteOrder(
        *(DB, TERMINAL.uuid, ATTEMPT, "R1", 1, NOW, NOW + 60, "ins", op, SERIAL, 0, driver, 3),
        expect_digest=tokens.sha256_b64u("x"),
        write=ImageWrite(4, 5000, image, files or {}),
    )
    return orders.issue(made, KEY).token, before, codec.secure_updates(before, made.write)


@pytest.mark.parametrize("driver", DRIVERS)
def test_each_update_of_an_order_may_be_signed_and_no_other(driver):
    token, before, updates = order(driver, files={3: bytes(199)})
    assert len(updates) >= 4
    for header, data in updates:
        request = read(claims("mac", header=header.hex(), data=data.hex()))
        assert key_requests.check(request, token, before, NOW, False) == (driver, 1)
        for place in range(0, len(data), 7):
            other = data[:place] + bytes([data[place] ^ 0x01]) + data[place + 1 :]
            if (header, other) not in updates:
                with pytest.raises(Refusal) as refusal:
                    key_requests.check(
                        read(claims("mac", header=header.hex(), data=other.hex())), token, before, NOW, False
                    )
                assert refusal.value.code == "K-103"


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize(("late", "code"), [(0, None), (180, None), (181, "K-102")])
def test_the_time_of_an_order_has_a_grace_and_an_end(driver, late, code):
    token, before, _updates = order(driver)
    if code is None:
        assert key_requests.check(read(claims()), token, before, NOW + late, False)
        return
    with pytest.raises(Refusal) as refusal:
        key_requests.check(read(claims()), token, before, NOW + late, False)
    assert refusal.value.code == code


@pytest.mark.parametrize("driver", DRIVERS)
def test_new_keys_are_those_that_the_image_names(driver):
    token, before, _updates = order(driver, "open", version=2)
    update = read(claims("update_key", version=0))
    assert key_requests.check(update, token, before, NOW, False) == (driver, 2)
    assert key_requests.check(read(claims(version=0)), token, before, NOW, False)
    assert key_requests.check(read(claims(version=2)), token, before, NOW, True)
    for version, updated in ((2, False), (1, True), (1, False)):
        with pytest.raises(Refusal) as refusal:
            key_requests.check(read(claims(version=version)), token, before, NOW, updated)
        assert refusal.value.code == "K-103"
    kept, before, _updates = order(driver, "open", version=None)
    with pytest.raises(Refusal):
        key_requests.check(update, kept, before, NOW, False)
