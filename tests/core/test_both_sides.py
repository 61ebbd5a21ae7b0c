"""Odoo's rules and the terminal's service share formats, not code: what one side makes the other takes."""

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto import jwk
from prepaid_core import (
    card_image,
    collects,
    cpu_fields,
    csg2015,
    gdw1365,
    heartbeats,
    identity,
    keyring,
    orders,
    pages,
    pairing,
    prints,
    receipts,
    tenders,
    tokens,
    trails,
)
from prepaid_core import sle4442_demo as codec
from prepaid_core.card_image import CpuBlock, ImageWrite, PurchaseBlock, WriteBack
from prepaid_core.errors import Refusal

from hw_proxy import orders as proxy_orders
from hw_proxy import tokens as proxy_tokens
from hw_proxy.cards import cpu_layout as proxy_cpu
from hw_proxy.cards import demo_layout as proxy_codec
from hw_proxy.cards.cpu import Directory
from hw_proxy.cards.csg2015 import Csg2015
from hw_proxy.cards.gdw1365 import Gdw1365
from hw_proxy.clock import Clock
from hw_proxy.errors import Refusal as ProxyRefusal
from hw_proxy.journal import Journal
from hw_proxy.keys import Identity, Pairing, TerminalKeys
from hw_proxy.notes import collect as proxy_collect
from hw_proxy.notes.book import RETURN, RETURNED, STACK, STACKED, UNCERTAIN, NoteBook
from hw_proxy.orders import WriteValues
from hw_proxy.pairing import PairingCode as ProxyCode
from hw_proxy.paper import order as proxy_print
from hw_proxy.pusher import tenders_of as pusher_tenders
from hw_proxy.trail import REJECTED, Steps, Trail

DB = "0f6c2a4e-0000-4000-8000-00000000000d"
TERMINAL = "00000001-0000-4000-8000-000000000000"
ATTEMPT = "00000002-0000-4000-8000-000000000000"
MEMORY = codec.encode_card("000000000123", "4567", "8901", PurchaseBlock(3, 100), WriteBack("valid", 3, 50))
WRITE = PurchaseBlock(4, 200, 10, 5, 1000, 1, 1)
U8, U16, U32 = (st.integers(0, 2**bits - 1) for bits in (8, 16, 32))
CARD_FOUND = Directory(None, application=True, sixth=True)
BLOCKS = st.builds(PurchaseBlock, count=U32, energy=U32, alarm1=U16, alarm2=U16, hoard=U32, issue=U8, flags=U8)


@pytest.fixture
def ring(tmp_path):
    return keyring.provision(tmp_path / "keys.json", DB)


@pytest.fixture
def issuer(ring):
    return proxy_tokens.Issuer(proxy_tokens.ed25519_public(ring.active.x), ring.active.kid, DB)


def order_of(**changes):
    values = {
        "iss": DB,
        "aud": TERMINAL,
        "jti": ATTEMPT,
        "serial": "R1",
        "epoch": 1,
        "iat": 1000,
        "exp": 1120,
        "ins": "insertion",
        "op": "purchase",
        "card_serial": "000000000123",
        "issue": 1,
        "driver": codec.DRIVER,
        "expect_count": 3,
        "expect_digest": card_image.digest(MEMORY),
        "write": WRITE,
    }
    return orders.WriteOrder(**{**values, **changes})


def issued(ring, box, psc=b"\xc0\xff\xee"):
    return orders.issue(order_of(), ring.active, psc, box.export_public(as_dict=True)["x"])


def test_the_terminal_takes_an_order_of_odoo_and_opens_its_sealed_part(ring, issuer):
    box = jwk.JWK.generate(kty="OKP", crv="X25519")
    made = issued(ring, box)
    order = proxy_orders.verify(made.token, issuer, TERMINAL, 1)
    proxy_orders.check_sealed(order, made.sealed)
    assert proxy_orders.open_sealed(order, made.sealed, box) == b"\xc0\xff\xee"
    assert (order.write.count, order.write.energy, order.expect_count) == (4, 200, 3)


@pytest.mark.parametrize("psc", [b"\xff\xff", b"\xff\xff\xff"])
def test_codes_of_two_and_of_three_bytes_travel(ring, issuer, psc):
    box = jwk.JWK.generate(kty="OKP", crv="X25519")
    made = issued(ring, box, psc)
    order = proxy_orders.verify(made.token, issuer, TERMINAL, 1)
    assert proxy_orders.open_sealed(order, made.sealed, box) == psc


@pytest.mark.parametrize("tries", [None, 2, 7])
def test_what_a_supervisor_allowed_reaches_the_terminal(ring, issuer, tries):
    made = orders.issue(order_of(tries=tries), ring.active)
    assert proxy_orders.verify(made.token, issuer, TERMINAL, 1).tries == tries
    assert ("tries" in tokens.peek(made.token, "O-101")[1]) == (tries is not None)
    assert orders.verify_own(made.token, ring, TERMINAL).tries == tries


@pytest.mark.parametrize("tries", [0, 1, 8, -1, True, "2", 2.5, None, [2]])
def test_neither_side_takes_an_order_that_allows_the_last_try_or_nonsense(ring, issuer, tries):
    claims = {**order_of().as_claims(None), "tries": tries}
    token = tokens.sign(tokens.ORDER, claims, ring.active)
    with pytest.raises(Refusal) as refusal:
        orders.verify_own(token, ring, TERMINAL)
    assert refusal.value.code == "O-101"
    with pytest.raises(ProxyRefusal) as refusal:
        proxy_orders.verify(token, issuer, TERMINAL, 1)
    assert refusal.value.code == "O-101"


@pytest.mark.parametrize("op", orders.OPERATIONS)
def test_the_terminal_takes_an_order_that_carries_an_image(ring, issuer, op):
    layout = csg2015.CODEC
    before = cpu_card(layout)
    files = {3: b"\x01" * 199, 5: bytes(16)}
    write = ImageWrite(4, 200, layout.image_for("purchase", before, CpuBlock(4, 200)), files)
    cpu = {"driver": "csg2015", "card_serial": SERIAL, "issue": 0, "expect_digest": card_image.digest(before)}
    made = orders.issue(order_of(op=op, write=write, **cpu), ring.active)
    order = proxy_orders.verify(made.token, issuer, TERMINAL, 1)
    assert (order.card_serial, order.driver, order.sealed, made.sealed) == (SERIAL, "csg2015", None, None)
    assert (order.write.count, order.write.quantity) == (4, 200)
    assert (order.write.image, order.write.files) == (write.image, files)
    driver = Csg2015(None, CARD_FOUND)
    assert driver.accepts(order)
    assert driver.matches(before, order)


def test_the_terminal_takes_page_tokens_and_acknowledgements(ring, issuer):
    page = pages.issue(ring, TERMINAL, 2, 1000)
    assert proxy_tokens.verify(page, tokens.PAGE, issuer, TERMINAL)["sub"] == "user:2"
    ack = heartbeats.issue_ack(ring, TERMINAL, "n", 1, 0, receipts.first_prev(TERMINAL), "active", ["http://a"])
    assert proxy_tokens.verify(ack, tokens.ACK, issuer, TERMINAL)["state"] == "active"


def test_odoo_takes_a_receipt_of_the_terminal(ring):
    key = jwk.JWK.generate(kty="OKP", crv="Ed25519")
    box = jwk.JWK.generate(kty="OKP", crv="X25519")
    after = proxy_codec.apply(MEMORY, proxy_codec.plan(MEMORY, WriteValues(**WRITE.as_claim())))

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
    values = WriteValues(**write.as_claim())
    assert proxy_codec.plan(memory, values) == codec.write_steps(memory, write)
    assert proxy_codec.apply(memory, proxy_codec.plan(memory, values)) == codec.expected_after(memory, write)


@given(st.binary(min_size=256, max_size=256), st.booleans())
def test_both_codecs_read_the_same_count(memory, ours):
    memory = codec.encode_identity("000000000123") + memory[0x20:] if ours else memory
    image = codec.decode(memory)
    assert (proxy_codec.decode(memory).count or 0) == (
        image.count if image.block else 0
    ) or image.condition == "foreign"


# -- images of CPU cards -----------------------------------------------------------------------------------------------

SERIAL = "1234567890123456"
SIDES = {"gdw1365": (gdw1365.CODEC, proxy_cpu.GDW1365, Gdw1365), "csg2015": (csg2015.CODEC, proxy_cpu.CSG2015, Csg2015)}
CENTS = st.integers(0, cpu_fields.MOST_CENTS)
CPU_BLOCKS = st.builds(CpuBlock, count=U32, amount=CENTS, user_type=U8, update_flag=U8, alarm1=CENTS, alarm2=CENTS)


def cpu_card(layout, block=CpuBlock(3, 100), count=3):  # noqa: B008
    answer = WriteBack("valid", count) if count is not None else WriteBack("empty")
    return layout.encode_card(SERIAL, "4567", "8901", block, answer)


def images(layout, before, block):
    """Images that orders ask for: op, before, wanted."""
    blank = layout.encode_card(SERIAL, "", "", None, None, key_version=0)
    bought = layout.image_for("purchase", before, block)
    new = layout.image_for("replace", blank, block, "4567", "8901", key_version=1)
    return {
        "purchase": (before, bought),
        "rewrite": (bought[:69] + before[69:], bought),
        "reverse": (bought, layout.reversed_image(bought, before)),
        "clear": (before, layout.image_for("clear", before)),
        "open": (blank, layout.image_for("open", blank, block, "4567", "8901", key_version=1)),
        "replace": (blank, new),
        "rewrite of a replacement": (new[:16] + bytes(45) + new[61:], new),
        "reverse of a replacement": (new, layout.reversed_image(new, blank)),
    }


def proxy_order(op, before, write):
    claims = {"token": "", "jti": ATTEMPT, "serial": "R1", "epoch": 1, "iat": 1, "exp": 2, "ins": "i", "op": op}
    values = proxy_orders.ImageWrite(write.count, write.quantity, write.image, write.files)
    card = {"card_serial": SERIAL, "card_issue": 0, "driver": "", "expect_count": 0}
    return proxy_orders.Order(**claims, **card, expect_digest=card_image.digest(before), write=values, sealed=None)


@given(st.sampled_from(sorted(SIDES)), CPU_BLOCKS, CPU_BLOCKS, st.booleans())
def test_both_sides_plan_the_same_secure_updates(driver, block, ordered, with_files):
    layout, _proxy, proxy_driver = SIDES[driver]
    before = cpu_card(layout, block, block.count)
    for name, (memory, image) in images(layout, before, ordered).items():
        may_carry = with_files and name in ("purchase", "rewrite", "open", "replace")
        files = {3: layout.TARIFF_SET().encode(), 4: layout.TARIFF_SET().encode()} if may_carry else {}
        write = ImageWrite(ordered.count, ordered.amount, image, files)
        order = proxy_order(name.split()[0], memory, write)
        terminal = proxy_driver(None, CARD_FOUND)
        assert terminal.matches(memory, order), name
        headers = [
            bytes((0x04, 0xD6, 0x80 + step.file, step.offset, len(step.data) + 4))
            for step in terminal.plan(memory, order)
        ]
        data = [step.data for step in terminal.plan(memory, order)]
        assert list(zip(headers, data, strict=True)) == layout.secure_updates(memory, write), name
        assert terminal.expected(memory, order, []) == image


@given(st.sampled_from(sorted(SIDES)), CPU_BLOCKS, st.binary(min_size=119, max_size=119), st.integers(0, 118), U8)
def test_both_sides_read_the_same_cpu_card(driver, block, noise, start, length):
    layout, proxy, _driver = SIDES[driver]
    memory = bytearray(cpu_card(layout, block))
    memory[start : start + length] = noise[start : start + length]
    memory = bytes(memory[: layout.SIZE])
    ours, theirs = layout.decode(memory), proxy_cpu.decode(proxy, memory)
    if theirs.serial is None:
        return
    assert (ours.serial, ours.issuer) == (theirs.serial, theirs.issuer)
    assert ours.writeback.state == theirs.write_back
    assert ours.writeback.state != "valid" or ours.writeback.count == theirs.write_back_count
    assert ours.count in (theirs.count, 0)
    if ours.block is not None:
        assert (ours.customer_no, ours.meter_no, ours.card_type) == (theirs.customer, theirs.meter, theirs.card_type)
        assert (ours.block.count, ours.block.amount) == (theirs.count, theirs.amount)


@given(BLOCKS, BLOCKS)
def test_both_sides_plan_the_same_images_of_memory_cards(block, ordered):
    before = codec.encode_card("000000000123", "4567", "8901", block, WriteBack("valid", block.count))
    blank = codec.encode_identity("000000000123").ljust(256, b"\xff")
    bought = codec.image_for("purchase", before, ordered)
    new = codec.image_for("replace", blank, ordered, "4567", "8901")
    for memory, image in (
        (before, bought),
        (bought, before),
        (before, codec.image_for("clear", before)),
        (blank, new),
        (new, blank),
        (new[:0x40] + blank[0x40:0x80] + new[0x80:], new),
    ):
        assert proxy_codec.plan_image(memory, image) == codec.CODEC.image_steps(memory, image)
        assert proxy_codec.may_become(memory, image)


def test_both_sides_derive_the_same_pairing_key():
    code = pairing.new_code()
    other = ProxyCode.parse(code.shown)
    assert other.key() == pairing.derive_key(code)
    assert other.mac("terminal", code.handle, "ed", "x") == pairing.request_mac(
        pairing.derive_key(code), code.handle, "ed", "x"
    )


# -- cash ------------------------------------------------------------------------------------------------------------

RECHARGE = "00000003-0000-4000-8000-000000000000"
SCHEMAS = Path(__file__).parents[2] / "docs" / "protocol"


def fits(name, claims):
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(claims)


def collect_of(ring, **changes):
    token = collects.issue(ring, TERMINAL, 1000, ATTEMPT, RECHARGE, "box-1", [5000, 1000], 12_000)
    claims = tokens.peek(token, "A-201")[1]
    fits("collect", claims)
    return tokens.sign(tokens.COLLECT, {**claims, **changes}, ring.active) if changes else token


def test_the_terminal_takes_a_collect_order_of_odoo(ring, issuer):
    order = proxy_collect.verify(collect_of(ring), issuer, TERMINAL, 1, 1_000_000)
    assert (order.jti, order.recharge, order.session) == (ATTEMPT, RECHARGE, "box-1")
    assert (order.denominations, order.most, order.wait) == ({1000, 5000}, 12_000, 60)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ATTEMPT},
        {"epoch": 0},
        {"exp": 1121},
        {"exp": 999},
        {"recharge": "1"},
        {"session": ""},
        {"session": "x" * 65},
        {"denominations": []},
        {"denominations": [1000, 1000]},
        {"denominations": [0]},
        {"denominations": [1_000_001]},
        {"denominations": ["1000"]},
        {"denominations": list(range(1, 34))},
        {"most": 0},
        {"most": 10.5},
        {"most": True},
        {"wait": 14},
        {"wait": 301},
        {"jti": None},
    ],
)
def test_another_collect_order_opens_nothing(ring, issuer, changes):
    with pytest.raises(ProxyRefusal) as refusal:
        proxy_collect.verify(collect_of(ring, **changes), issuer, TERMINAL, 1, 1_000_000)
    assert refusal.value.code == "A-201"


@pytest.mark.parametrize("now", [1_060_000, 800_000])
def test_a_collect_order_of_another_time_opens_nothing(ring, issuer, now):
    with pytest.raises(ProxyRefusal):
        proxy_collect.verify(collect_of(ring), issuer, TERMINAL, 1, now)


def test_an_order_to_write_is_no_order_to_collect(ring, issuer):
    with pytest.raises(ProxyRefusal):
        proxy_collect.verify(pages.issue(ring, TERMINAL, 2, 1000), issuer, TERMINAL, 1, 1_000_000)


@pytest.fixture
def note_book(ring, tmp_path):
    keys = TerminalKeys.generate()
    values = dict.fromkeys(Pairing.__dataclass_fields__, "")
    values.update(terminal=TERMINAL, iss=DB, kid=ring.active.kid, key=ring.active.x, epoch=1, origins=())
    values = {name: value for name, value in values.items() if value != ""}
    pairing = Pairing(**{"name": "Kiosk", "url": "http://127.0.0.1:1", "database": "", **values})
    journal = Journal(tmp_path / "journal.sqlite", TERMINAL)
    yield NoteBook(Identity(keys, pairing), journal, Clock()), identity.TerminalKey(uuid=TERMINAL, x=keys.ed25519)
    journal.close()


@pytest.mark.parametrize(
    ("ends", "total", "doubtful"),
    [((STACKED, STACKED), 6000, 0), ((STACKED, UNCERTAIN), 5000, 1000), ((UNCERTAIN, UNCERTAIN), 0, 6000)],
)
def test_odoo_takes_the_statement_of_a_terminal(ring, issuer, note_book, ends, total, doubtful):
    book, key = note_book
    collection = book.begin(proxy_collect.verify(collect_of(ring), issuer, TERMINAL, 1, 1_000_000))
    for denomination, end in zip((5000, 1000), ends, strict=True):
        book.settle(collection, book.hold(collection, denomination, STACK), end)
    tender = book.submit(collection)
    fits("tender", tokens.peek(tender.token, "S-122")[1])
    statement = tenders.verify(tender.token, key, DB, RECHARGE)
    assert (statement.jti, statement.seq, statement.session) == (tender.jti, 1, "box-1")
    assert (statement.total, statement.doubtful) == (total, doubtful)


def test_odoo_takes_the_trail_of_a_terminal(ring, issuer, tmp_path, note_book):
    book, key = note_book
    collection = book.begin(proxy_collect.verify(collect_of(ring), issuer, TERMINAL, 1, 1_000_000))
    book.settle(collection, book.hold(collection, 5000, STACK), STACKED)
    book.settle(collection, book.hold(collection, 1000, RETURN), RETURNED)
    book.came_back(None, None, REJECTED, "not recognised")
    steps = Steps(None)
    steps.begin("check")
    steps.begin("write", "block 1")
    steps.keep(book._journal, ATTEMPT, 5, 6)
    report = Trail(book._identity, book._journal, Clock()).report(1)
    fits("trail", tokens.peek(report.token, "P-104")[1])
    jti, (stacked, returned, rejected, write) = trails.verify(report.token, key, DB)
    assert jti == report.jti
    told = [(row.recharge, row.denomination, row.end, row.wish) for row in (stacked, returned, rejected)]
    assert told == [
        (RECHARGE, 5000, trails.STACKED, trails.STACK),
        (RECHARGE, 1000, trails.RETURNED, trails.RETURN),
        (None, None, trails.REJECTED, None),
    ]
    assert (write.attempt, write.at, write.done, write.text) == (ATTEMPT, 5, 6, "check – · write block 1 –")


def test_an_acknowledgement_may_name_the_report_of_a_trail(ring):
    head = receipts.first_prev(TERMINAL)
    for named in (ATTEMPT, None):
        claims = tokens.peek(heartbeats.issue_ack(ring, TERMINAL, "n", 1, 0, head, "active", [], trail=named), "P-104")[
            1
        ]
        fits("ack", claims)
        assert claims["trail"] == named


def test_an_acknowledgement_may_speak_of_cash_sessions(ring):
    head = receipts.first_prev(TERMINAL)
    without = heartbeats.issue_ack(ring, TERMINAL, "n", 1, 0, head, "active", [])
    named = heartbeats.issue_ack(
        ring, TERMINAL, "n", 1, 0, head, "active", [], [("box-1", 2, ATTEMPT), ("box-2", 0, None)]
    )
    assert "tenders" not in tokens.peek(without, "P-104")[1]
    claims = tokens.peek(named, "P-104")[1]
    fits("ack", claims)
    assert pusher_tenders(claims) == {"box-1": (2, ATTEMPT), "box-2": (0, None)}
    assert pusher_tenders(tokens.peek(without, "P-104")[1]) == {}


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(prints.TEXTS | prints.PAIRS | {"rule"})), st.text(), st.text()), min_size=1
    )
)
def test_the_terminal_prints_whatever_names_odoo_has(tmp_path_factory, parts):
    ring = keyring.provision(tmp_path_factory.mktemp("ring") / "keys.json", DB)
    token = prints.issue(ring, TERMINAL, 1000, ATTEMPT, [prints.line(*part) for part in parts])
    fits("print", tokens.peek(token, "A-405")[1])
    key = proxy_tokens.ed25519_public(ring.active.x)
    order = proxy_print.verify(token, proxy_tokens.Issuer(key, key.thumbprint(), DB), TERMINAL, 1)
    assert [line.kind for line in order.lines] == [part[0] for part in parts][: prints.MOST_LINES]
    assert proxy_print.is_current(order, 1_000_000) and not proxy_print.is_current(order, 1_120_000)
