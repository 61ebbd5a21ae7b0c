"""Odoo's rules and the terminal's service share formats, not code: what one side makes the other takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto import jwk
from prepaid_core import card_image, heartbeats, identity, keyring, orders, pages, pairing, receipts, tokens
from prepaid_core import sle4442_demo as codec
from prepaid_core.card_image import PurchaseBlock, WriteBack

from hw_proxy import orders as proxy_orders
from hw_proxy import tokens as proxy_tokens
from hw_proxy.cards import sle4442_demo as proxy_codec
from hw_proxy.pairing import PairingCode as ProxyCode

DB = "0f6c2a4e-0000-4000-8000-00000000000d"
TERMINAL = "00000001-0000-4000-8000-000000000000"
ATTEMPT = "00000002-0000-4000-8000-000000000000"
MEMORY = codec.encode_card("000000000123", "4567", "8901", PurchaseBlock(3, 100), WriteBack("valid", 3, 50))
WRITE = PurchaseBlock(4, 200, 10, 5, 1000, 1, 1)
U8, U16, U32 = (st.integers(0, 2**bits - 1) for bits in (8, 16, 32))
BLOCKS = st.builds(PurchaseBlock, count=U32, energy=U32, alarm1=U16, alarm2=U16, hoard=U32, issue=U8, flags=U8)


@pytest.fixture
def ring(tmp_path):
    return keyring.provision(tmp_path / "keys.json", DB)


@pytest.fixture
def issuer(ring):
    return proxy_tokens.Issuer(proxy_tokens.ed25519_public(ring.active.x), ring.active.kid, DB)


def issued(ring, box):
    order = orders.WriteOrder(
        iss=DB,
        aud=TERMINAL,
        jti=ATTEMPT,
        serial="R1",
        epoch=1,
        iat=1000,
        exp=1120,
        ins="insertion",
        op="purchase",
        card_serial="000000000123",
        issue=1,
        driver=codec.DRIVER,
        expect_count=3,
        expect_digest=card_image.digest(MEMORY),
        write=WRITE,
    )
    return orders.issue(order, ring.active, b"\xc0\xff\xee", box.export_public(as_dict=True)["x"])


def test_the_terminal_takes_an_order_of_odoo_and_opens_its_sealed_part(ring, issuer):
    box = jwk.JWK.generate(kty="OKP", crv="X25519")
    made = issued(ring, box)
    order = proxy_orders.verify(made.token, issuer, TERMINAL, 1)
    proxy_orders.check_sealed(order, made.sealed)
    assert proxy_orders.open_sealed(order, made.sealed, box) == b"\xc0\xff\xee"
    assert (order.write.count, order.write.energy, order.expect_count) == (4, 200, 3)


def test_the_terminal_takes_page_tokens_and_acknowledgements(ring, issuer):
    page = pages.issue(ring, TERMINAL, 2, 1000)
    assert proxy_tokens.verify(page, tokens.PAGE, issuer, TERMINAL)["sub"] == "user:2"
    ack = heartbeats.issue_ack(ring, TERMINAL, "n", 1, 0, receipts.first_prev(TERMINAL), "active", ["http://a"])
    assert proxy_tokens.verify(ack, tokens.ACK, issuer, TERMINAL)["state"] == "active"


def test_odoo_takes_a_receipt_of_the_terminal(ring):
    key = jwk.JWK.generate(kty="OKP", crv="Ed25519")
    box = jwk.JWK.generate(kty="OKP", crv="X25519")
    after = proxy_codec.apply(MEMORY, proxy_codec.plan(MEMORY, proxy_codec.WriteValues(**WRITE.as_claim())))

    def reading(memory):
        return {"memory": memory.hex(), "tries": 3, "digest": proxy_tokens.digest(memory)}

    claims = {
        "iss": TERMINAL,
        "aud": DB,
        "jti": "00000003-0000-4000-8000-000000000000",
        "attempt": ATTEMPT,
        "seq": 1,
        "prev": proxy_tokens.digest(TERMINAL),
        "iat": 1001,
        "clk": "signed",
        "outcome": "written",
        "code": None,
        "order": issued(ring, box).token,
        "ins": "insertion",
        "before": reading(MEMORY),
        "after": reading(after),
        "intent_at": 1,
        "done_at": 2,
        "driver": codec.DRIVER,
        "versions": {"proxy": "1", "driver": "1"},
    }
    token = proxy_tokens.sign(key, tokens.RECEIPT, claims)
    terminal = identity.TerminalKey(TERMINAL, key.export_public(as_dict=True)["x"])
    receipt = receipts.verify(token, terminal, DB, ring)
    assert receipts.chain(0, receipts.first_prev(TERMINAL), receipt) == "ok"


@given(BLOCKS, BLOCKS, BLOCKS, st.sampled_from(["both", "A newer", "B torn"]))
def test_both_codecs_plan_the_same_write(first, second, write, what):
    memory = bytearray(codec.encode_card("000000000123", "4567", "8901", first, WriteBack("valid", 3)))
    if what == "A newer":
        memory[0x40:0x54] = codec.encode_block(second)
    if what == "B torn":
        memory[0x60:0x6A] = b"\xff" * 10
    memory = bytes(memory)
    values = proxy_codec.WriteValues(**write.as_claim())
    assert proxy_codec.plan(memory, values) == codec.write_steps(memory, write)
    assert proxy_codec.apply(memory, proxy_codec.plan(memory, values)) == codec.expected_after(memory, write)


@given(st.binary(min_size=256, max_size=256), st.booleans())
def test_both_codecs_read_the_same_count(memory, ours):
    memory = codec.encode_identity("000000000123") + memory[0x20:] if ours else memory
    image = codec.decode(memory)
    assert (proxy_codec.decode(memory).count or 0) == (
        image.count if image.block else 0
    ) or image.condition == "foreign"


def test_both_sides_derive_the_same_pairing_key():
    code = pairing.new_code()
    other = ProxyCode.parse(code.shown)
    assert other.key() == pairing.derive_key(code)
    assert other.mac("terminal", code.handle, "ed", "x") == pairing.request_mac(
        pairing.derive_key(code), code.handle, "ed", "x"
    )
