"""Orders that carry a whole image, and the readings and receipts of cards of every size."""

import json
from pathlib import Path

import jsonschema
import pytest
from prepaid_core import card_image, codecs, keyring, orders, receipts, snapshots, tokens
from prepaid_core.card_image import CpuBlock, ImageWrite, PurchaseBlock, WriteBack
from prepaid_core.errors import Refusal
from prepaid_core.identity import TerminalKey

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol"
DB = "0f6c2a4e-0000-4000-8000-00000000000d"
TERMINAL_KEY = keyring.SigningKey.generate()
TERMINAL = TerminalKey("00000001-0000-4000-8000-000000000000", TERMINAL_KEY.x)
ATTEMPT = "00000002-0000-4000-8000-000000000000"
LAYOUT = codecs.CODECS["csg2015"]
BEFORE = LAYOUT.encode_card("1234567890123456", "4567", "8901", CpuBlock(3, 100), WriteBack("valid", 3))
AFTER = LAYOUT.image_for("purchase", BEFORE, CpuBlock(4, 20000))
WRITE = ImageWrite(4, 20000, AFTER, {3: b"\x01" * 199, 5: bytes(16)})


@pytest.fixture
def ring(tmp_path):
    return keyring.provision(tmp_path / "keys.json", DB)


def order_of(**changes):
    values = {
        "iss": DB,
        "aud": TERMINAL.uuid,
        "jti": ATTEMPT,
        "serial": "R1",
        "epoch": 1,
        "iat": 1000,
        "exp": 1060,
        "ins": "insertion",
        "op": "purchase",
        "card_serial": "1234567890123456",
        "issue": 0,
        "driver": "csg2015",
        "expect_count": 3,
        "expect_digest": card_image.digest(BEFORE),
        "write": WRITE,
    }
    return orders.WriteOrder(**{**values, **changes})


def valid(name, claims):
    """Whether claims have the form of their schema."""
    schema = json.loads((PROTOCOL / f"{name}.schema.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema).is_valid(claims)


@pytest.mark.parametrize("op", orders.OPERATIONS)
def test_an_order_with_an_image_reads_back(ring, op):
    order = order_of(op=op)
    issued = orders.issue(order, ring.active)
    assert orders.verify_own(issued.token, ring, TERMINAL.uuid) == order
    assert issued.sealed is None
    assert valid("order", tokens.peek(issued.token, "O-101")[1])


BAD_WRITES = [
    {"image": AFTER.hex()[:-2]},
    {"image": AFTER.hex().upper()},
    {"image": AFTER.hex() + "0"},
    {"image": 1},
    {"image": None},
    {"files": {"6": "00"}},
    {"files": {"3": ""}},
    {"files": {"3": "0"}},
    {"files": {"3": "00" * 259}},
    {"files": {"3": None}},
    {"files": []},
    {"count": -1},
    {"quantity": 2**32},
    {"energy": 1},
]


@pytest.mark.parametrize("changes", BAD_WRITES)
def test_a_malformed_image_order_is_refused(ring, changes):
    claims = order_of().as_claims(None)
    claims["write"].update(changes)
    with pytest.raises(Refusal) as refusal:
        orders.parse(claims)
    assert refusal.value.code == "O-101"


@pytest.mark.parametrize("changes", [change for change in BAD_WRITES if change != {"image": AFTER.hex()[:-2]}])
def test_the_schema_refuses_it_too(changes):
    claims = order_of().as_claims(None)
    assert valid("order", claims)
    claims["write"].update(changes)
    assert not valid("order", claims)


@pytest.mark.parametrize("tries", [2, 7, 1, 0, 8, -1, True, "2", 2.5, None])
def test_the_schema_knows_which_tries_may_be_allowed(tries):
    claims = {**order_of().as_claims(None), "tries": tries}
    assert valid("order", claims) == (tries in (2, 7))


@pytest.mark.parametrize("serial", ["1" * 11, "1" * 13, "1" * 15, "1" * 17, "1" * 15 + "a", "１" * 16, ""])
def test_a_serial_has_twelve_or_sixteen_digits(serial):
    claims = order_of(card_serial=serial).as_claims(None)
    with pytest.raises(Refusal):
        orders.parse(claims)
    assert not valid("order", claims)


def reading(memory, tries=3):
    return {"memory": memory.hex(), "tries": tries, "digest": card_image.digest(memory)}


def snapshot_claims(memory, driver, protection="", tries=3):
    values = {"iss": TERMINAL.uuid, "aud": DB, "jti": ATTEMPT, "iat": 1, "nonce": "n", "ins": "i", "seq": 0}
    values.update(clk="signed", reader="R", atr="3b", driver=driver)
    return {**values, "card": {**reading(memory, tries), "protection": protection}}


def snapshot(*args, **kwargs):
    claims = snapshot_claims(*args, **kwargs)
    return snapshots.verify(tokens.sign(tokens.SNAPSHOT, claims, TERMINAL_KEY), TERMINAL, DB)


@pytest.mark.parametrize(
    ("driver", "size", "protection", "tries"),
    [
        ("sle4442_demo", 256, "00000000", 3),
        ("sle4428_demo", 256, "ff" * 128, 8),
        ("at24_demo", 256, "", 3),
        ("gdw1365", 118, "", 3),
        ("csg2015", 119, "", 0),
        ("vendor:acme", 2048, "", 3),
        ("unheard_of", 5, "", 3),
    ],
)
def test_cards_of_every_size_are_read(driver, size, protection, tries):
    found = snapshot(bytes(size), driver, protection, tries)
    assert (found.driver, len(found.memory), found.image.condition in card_image.CONDITIONS) == (driver, size, True)
    assert valid("snapshot", snapshot_claims(bytes(size), driver, protection, tries))


@pytest.mark.parametrize(
    ("driver", "size", "protection", "tries"),
    [
        ("sle4442_demo", 255, "", 3),
        ("gdw1365", 119, "", 3),
        ("csg2015", 118, "", 3),
        ("vendor:acme", 2049, "", 3),
        ("gdw1365", 118, "0", 3),
        ("gdw1365", 118, "00" * 129, 3),
        ("gdw1365", 118, "", 9),
    ],
)
def test_a_card_of_another_size_than_its_driver_has_is_refused(driver, size, protection, tries):
    with pytest.raises(Refusal) as refusal:
        snapshot(bytes(size), driver, protection, tries)
    assert refusal.value.code == "N-101"


def receipt(ring, order, **changes):
    values = {"iss": TERMINAL.uuid, "aud": DB, "jti": ATTEMPT, "attempt": ATTEMPT, "seq": 1, "iat": 1, "clk": "wall"}
    values.update(prev=receipts.first_prev(TERMINAL.uuid), outcome="written", code=None, ins="insertion")
    values.update(order=orders.issue(order, ring.active).token, before=reading(BEFORE), after=reading(AFTER))
    values.update(intent_at=1, done_at=2, driver="csg2015", versions={"proxy": "1", "driver": "1"})
    claims = {**values, **changes}
    assert valid("receipt", claims)
    return receipts.verify(tokens.sign(tokens.RECEIPT, claims, TERMINAL_KEY), TERMINAL, DB, ring)


def test_a_receipt_for_an_image_is_believed_when_the_card_holds_it(ring):
    assert receipt(ring, order_of()).after.memory == AFTER
    for changes in ({"after": reading(BEFORE)}, {"after": reading(AFTER[:-1] + b"\x01")}, {"before": reading(AFTER)}):
        with pytest.raises(Refusal) as refusal:
            receipt(ring, order_of(), **changes)
        assert refusal.value.code == "R-101"


def test_a_receipt_says_why_the_keys_or_a_library_refused(ring):
    for code in ("K-105", "V-102", "C-117"):
        got = receipt(ring, order_of(), outcome="unknown", after=None, code=code)
        assert (got.outcome, got.code) == ("unknown", code)


@pytest.mark.parametrize(
    ("driver", "size", "files"),
    [("vendor:" + "a" * 24, 2048, {}), ("gdw1365", 118, dict.fromkeys((3, 4, 5), b"\xff" * 258))],
)
def test_the_largest_messages_fit(ring, driver, size, files):
    largest = bytes(size)
    write = ImageWrite(2**32 - 1, 2**32 - 1, largest, files)
    digest = card_image.digest(largest)
    order = order_of(write=write, ins="i" * 64, driver=driver, serial="R" * 64, expect_digest=digest)
    assert orders.verify_own(orders.issue(order, ring.active).token, ring, TERMINAL.uuid) == order
    images = {"before": reading(largest), "after": reading(largest)}
    got = receipt(ring, order, driver=driver, outcome="unknown", code="V-102", ins="i" * 64, **images)
    assert got.before.memory == largest
    assert len(snapshot(largest, driver, "ff" * 128).memory) == size


def test_a_block_is_read_back_by_its_driver():
    for driver, block in (("gdw1365", CpuBlock(4, 200)), ("at24_demo", PurchaseBlock(4, 200))):
        assert codecs.block_from_claim(driver, block.as_claim()) == block
        assert block.quantity == 200
    assert (codecs.unit("csg2015"), codecs.unit("sle4428_demo")) == ("cents", "kwh")


def test_an_unknown_driver_has_no_codec():
    for call in (
        lambda: codecs.unit("other"),
        lambda: codecs.block_from_claim("nothing:acme", {}),
        lambda: codecs.lies_between("other", b"", b"", b""),
    ):
        with pytest.raises(Refusal) as refusal:
            call()
        assert refusal.value.code == "O-108"
