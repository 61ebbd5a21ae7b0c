"""Signed messages: genuine ones are read, and nothing else is."""

import base64
import json
from pathlib import Path

import jsonschema
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwcrypto import jwe, jwk
from jwcrypto.jws import JWS
from prepaid_core import (
    card_image,
    collects,
    heartbeats,
    identity,
    keyring,
    orders,
    pages,
    receipts,
    snapshots,
    tenders,
    tokens,
)
from prepaid_core import sle4442_demo as codec
from prepaid_core.card_image import PurchaseBlock, WriteBack
from prepaid_core.errors import Refusal

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol"
DB = "0f6c2a4e-0000-4000-8000-00000000000d"
UUIDS = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(20)]
TERMINAL_KEY = keyring.SigningKey.generate()
TERMINAL = identity.TerminalKey(UUIDS[1], TERMINAL_KEY.x)
MEMORY = codec.encode_card("000000000123", "4567", "8901", PurchaseBlock(3, 100), WriteBack("valid", 3, 50))
WRITE = PurchaseBlock(4, 200)
AFTER = codec.expected_after(MEMORY, WRITE)
X25519 = jwk.JWK.generate(kty="OKP", crv="X25519")


@pytest.fixture
def ring(tmp_path):
    return keyring.provision(tmp_path / "keys.json", DB)


def order_of(**changes):
    values = {
        "iss": DB,
        "aud": TERMINAL.uuid,
        "jti": UUIDS[2],
        "serial": "R12345678901234567890",
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


def reading(memory):
    return {"memory": memory.hex(), "tries": 3, "digest": card_image.digest(memory)}


def snapshot_claims(**changes):
    return {
        "iss": TERMINAL.uuid,
        "aud": DB,
        "jti": UUIDS[3],
        "iat": 1000,
        "nonce": "nonce",
        "ins": "insertion",
        "seq": 0,
        "clk": "signed",
        "reader": "Virtual PCD 00 00",
        "atr": "3b04a2131091",
        "driver": codec.DRIVER,
        "card": {**reading(MEMORY), "protection": "00000000"},
        **changes,
    }


def receipt_claims(ring, **changes):
    return {
        "iss": TERMINAL.uuid,
        "aud": DB,
        "jti": UUIDS[4],
        "attempt": UUIDS[2],
        "seq": 1,
        "prev": receipts.first_prev(TERMINAL.uuid),
        "iat": 1001,
        "clk": "signed",
        "outcome": "written",
        "code": None,
        "order": orders.issue(order_of(), ring.active).token,
        "ins": "insertion",
        "before": reading(MEMORY),
        "after": reading(AFTER),
        "intent_at": 1000500,
        "done_at": 1000900,
        "driver": codec.DRIVER,
        "versions": {"proxy": "0.1.0", "driver": "1"},
        **changes,
    }


def tender_claims(**changes):
    notes = [{"denomination": 10000, "count": 1}, {"denomination": 5000, "count": 2}]
    values = {"iss": TERMINAL.uuid, "aud": DB, "jti": UUIDS[5], "iat": 1000, "recharge": UUIDS[6], "session": "s"}
    return {**values, "seq": 1, "notes": notes, "total": 20000, **changes}


def heartbeat_claims(**changes):
    values = {"iss": TERMINAL.uuid, "aud": DB, "iat": 1000, "nonce": "n", "seq": 0}
    values["head"] = receipts.first_prev(TERMINAL.uuid)
    values.update(epoch=1, clk="signed", wall=1_000_000, version="0.1.0", unresolved=0)
    return {**values, "readers": [{"name": "r", "state": "card"}], **changes}


def schema_of(name):
    schema = json.loads((PROTOCOL / f"{name}.schema.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema)


# -- one form, fixed by schemas ----------------------------------------------------------------------------------------


def test_what_odoo_signs_fits_the_schemas(ring):
    order = orders.issue(order_of(), ring.active, b"\xc0\xff\xee", X25519.export_public(as_dict=True)["x"])
    ack = heartbeats.issue_ack(
        ring, TERMINAL.uuid, "n", 1, 0, receipts.first_prev(TERMINAL.uuid), "active", ["http://a"]
    )
    for name, token in (("order", order.token), ("page", pages.issue(ring, TERMINAL.uuid, 2, 1000)), ("ack", ack)):
        header, claims = tokens.peek(token, "O-101")
        schema_of(name).validate(claims)
        assert header == {"alg": "EdDSA", "kid": ring.active.kid, "typ": f"{name}+jwt"}


def test_what_odoo_reads_fits_the_schemas(ring):
    for name, claims in (
        ("snapshot", snapshot_claims()),
        ("receipt", receipt_claims(ring)),
        ("tender", tender_claims()),
        ("heartbeat", heartbeat_claims()),
    ):
        schema_of(name).validate(claims)


def readers(ring):
    return {
        "snapshot": (snapshot_claims(), lambda token: snapshots.verify(token, TERMINAL, DB), "N-101"),
        "receipt": (receipt_claims(ring), lambda token: receipts.verify(token, TERMINAL, DB, ring), "R-101"),
        "tender": (tender_claims(), lambda token: tenders.verify(token, TERMINAL, DB, UUIDS[6]), "S-122"),
        "heartbeat": (heartbeat_claims(), lambda token: heartbeats.verify(token, TERMINAL, DB), "P-104"),
    }


KINDS = ["snapshot", "receipt", "tender", "heartbeat"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_genuine_message_is_read(kind, ring):
    claims, read, _ = readers(ring)[kind]
    assert read(tokens.sign(f"{kind}+jwt", claims, TERMINAL_KEY)).iat == claims["iat"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_a_superfluous_or_a_malformed_claim_is_refused(kind, ring):
    claims, read, code = readers(ring)[kind]
    bad = [{**claims, "extra": 1}]
    for name in claims:
        bad.append({key: value for key, value in claims.items() if key != name})
        bad.extend({**claims, name: value} for value in (True, [1], {}, -1, "\ud83d", "\0", "x" * 5000))
    for values in bad:
        with pytest.raises(Refusal) as refusal:
            read(tokens.sign(f"{kind}+jwt", values, TERMINAL_KEY))
        assert refusal.value.code == code


def compact(header, claims, signature=b"\0" * 64):
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(tokens.b64u(part) for part in parts)


def forged(claims, typ):
    """Every forgery of a message that we know of, by name."""
    good = tokens.sign(typ, claims, TERMINAL_KEY)
    header = {"alg": "EdDSA", "kid": TERMINAL.kid, "typ": typ}
    head, body, signature = good.split(".")
    stranger = keyring.SigningKey.generate()
    hs256 = JWS(json.dumps(claims).encode())
    secret = jwk.JWK(kty="oct", k=TERMINAL.x)
    hs256.add_signature(secret, protected=json.dumps({**header, "alg": "HS256"}))
    altered = tokens.b64u(json.dumps({**claims, "iat": claims["iat"] + 1}).encode())
    other_header = tokens.b64u(
        json.dumps({**header, "jwk": {"kty": "OKP", "crv": "Ed25519", "x": stranger.x}}).encode()
    )
    swapped = signature[:-1] + chr(ord(signature[-1]) + 1)
    return {
        "alg none": compact({**header, "alg": "none"}, claims, b""),
        "HS256 with the public key": hs256.serialize(compact=True),
        "another key": tokens.sign(typ, claims, stranger),
        "another key under this kid": _signed(header, claims, stranger),
        "another kid": compact({**header, "kid": stranger.kid}, claims),
        "no kid": compact({"alg": "EdDSA", "typ": typ}, claims),
        "a kid that is no text": compact({**header, "kid": ["x"]}, claims),
        "another type": tokens.sign("page+jwt" if typ != "page+jwt" else "ack+jwt", claims, TERMINAL_KEY),
        "another audience": tokens.sign(typ, {**claims, "aud": "other"}, TERMINAL_KEY),
        "another issuer": tokens.sign(typ, {**claims, "iss": UUIDS[9]}, TERMINAL_KEY),
        "altered claims": f"{head}.{altered}.{signature}",
        "a key in the header": f"{other_header}.{body}.{signature}",
        "a critical header": _signed({**header, "crit": ["exp"], "exp": 1}, claims, TERMINAL_KEY),
        "no signature": f"{head}.{body}.",
        "two parts": f"{head}.{body}",
        "four parts": f"{good}.x",
        "padding": f"{good}==",
        "a space": f"{good} ",
        "standard base64": good.replace("-", "+").replace("_", "/") + "+",
        "another spelling of the signature": f"{head}.{body}.{swapped}",
        "not JSON": f"{head}.{tokens.b64u(b'x')}.{signature}",
        "a list": f"{head}.{tokens.b64u(b'[]')}.{signature}",
        "deep nesting": f"{head}.{tokens.b64u(b'[' * 3000)}.{signature}",
        "oversize": good + "A" * tokens.SIZES[typ],
        "empty": "",
        "nothing": None,
        "bytes": good.encode(),
    }


def _signed(header, claims, key):
    token = JWS(json.dumps(claims).encode())
    token.allowed_algs = ["EdDSA"]
    if "crit" in header:
        head, body = (tokens.b64u(json.dumps(part).encode()) for part in (header, claims))
        private = Ed25519PrivateKey.from_private_bytes(tokens.unb64u(key.d))
        return f"{head}.{body}.{tokens.b64u(private.sign(f'{head}.{body}'.encode()))}"
    token.add_signature(key.jwk, protected=json.dumps(header))
    return token.serialize(compact=True)


@pytest.mark.parametrize("kind", KINDS)
def test_every_forgery_is_refused_with_the_code_of_its_kind(kind, ring):
    claims, read, code = readers(ring)[kind]
    for name, token in forged(claims, f"{kind}+jwt").items():
        with pytest.raises(Refusal) as refusal:
            read(token)
        assert refusal.value.code == code, name


def test_every_altered_character_is_noticed():
    good = tokens.sign(tokens.TENDER, tender_claims(), TERMINAL_KEY)
    for place in range(len(good)):
        other = "A" if good[place] != "A" else "B"
        with pytest.raises(Refusal):
            tenders.verify(good[:place] + other + good[place + 1 :], TERMINAL, DB, UUIDS[6])


def test_a_name_that_occurs_twice_is_refused():
    body = json.dumps(tender_claims())[:-1] + ', "total": 1}'
    token = JWS(body.encode())
    token.allowed_algs = ["EdDSA"]
    header = {"alg": "EdDSA", "kid": TERMINAL.kid, "typ": tokens.TENDER}
    token.add_signature(TERMINAL_KEY.jwk, protected=json.dumps(header))
    with pytest.raises(Refusal):
        tenders.verify(token.serialize(compact=True), TERMINAL, DB, UUIDS[6])


@pytest.mark.parametrize("bad", ["A", "AB", "AA=", "A-", "é", "AA\n", None, "AAA*"])
def test_only_canonical_base64url_is_read(bad):
    with pytest.raises(ValueError, match="base64url"):
        tokens.unb64u(bad)


def test_the_thumbprint_is_that_of_the_standard():
    # RFC 8037, appendix A.3
    x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert tokens.thumbprint(x) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


# -- orders ------------------------------------------------------------------------------------------------------------


def test_an_order_reads_back_even_under_a_retired_key(ring, tmp_path):
    token = orders.issue(order_of(), ring.active).token
    rotated = keyring.rotate(tmp_path / "keys.json")
    assert rotated.active.kid != ring.active.kid
    assert orders.verify_own(token, rotated, TERMINAL.uuid) == order_of()


def test_the_card_code_travels_sealed_and_bound_to_its_order(ring):
    issued = orders.issue(order_of(), ring.active, b"\xc0\xff\xee", X25519.export_public(as_dict=True)["x"])
    assert tokens.peek(issued.token, "O-101")[1]["sealed"] == tokens.token_hash(issued.sealed)
    box = jwe.JWE(algs=["ECDH-ES", "A256GCM"])
    box.deserialize(issued.sealed, X25519)
    assert json.loads(box.payload) == {"jti": UUIDS[2], "psc": "c0ffee"}
    assert "c0ffee" not in issued.token


@pytest.mark.parametrize(
    ("change", "code"),
    [({"aud": UUIDS[9]}, "O-103"), ({"iss": "other"}, "O-101"), ({"exp": 1121}, "O-101"), ({"exp": 1000}, "O-101")]
    + [({"op": "steal"}, "O-101"), ({"card_serial": "1"}, "O-101"), ({"epoch": 0}, "O-101")],
)
def test_an_order_that_is_not_as_it_must_be_is_refused(ring, change, code):
    with pytest.raises(Refusal) as refusal:
        orders.verify_own(orders.issue(order_of(**change), ring.active).token, ring, TERMINAL.uuid)
    assert refusal.value.code == code


def test_an_order_of_a_stranger_is_refused(ring):
    token = orders.issue(order_of(), keyring.SigningKey.generate()).token
    with pytest.raises(Refusal) as refusal:
        orders.verify_own(token, ring, TERMINAL.uuid)
    assert refusal.value.code == "O-102"


# -- snapshots ---------------------------------------------------------------------------------------------------------


def test_a_snapshot_gives_the_card():
    snapshot = snapshots.verify(tokens.sign(tokens.SNAPSHOT, snapshot_claims(), TERMINAL_KEY), TERMINAL, DB)
    assert snapshot.image.count == 3
    assert snapshot.image.writeback.remaining == 50


def test_a_digest_that_does_not_belong_is_refused():
    card = {**reading(MEMORY), "protection": "00000000", "digest": card_image.digest(AFTER)}
    with pytest.raises(Refusal):
        snapshots.verify(tokens.sign(tokens.SNAPSHOT, snapshot_claims(card=card), TERMINAL_KEY), TERMINAL, DB)


@pytest.mark.parametrize(
    ("nonce", "attempts", "old"), [(5, [], False), (5, [4], False), (5, [5], True), (5, [3, 6], True)]
)
def test_a_snapshot_older_than_an_attempt_settles_nothing(nonce, attempts, old):
    if not old:
        assert snapshots.check_newer(nonce, attempts) is None
        return
    with pytest.raises(Refusal) as refusal:
        snapshots.check_newer(nonce, attempts)
    assert refusal.value.code == "N-104"


# -- receipts ----------------------------------------------------------------------------------------------------------


def receipt(ring, **changes):
    return receipts.verify(
        tokens.sign(tokens.RECEIPT, receipt_claims(ring, **changes), TERMINAL_KEY), TERMINAL, DB, ring
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": "not_written", "after": reading(MEMORY), "code": "C-204"},
        {"outcome": "unknown", "after": None, "code": "C-205"},
        {"outcome": "void", "before": None, "after": None, "intent_at": None, "code": "O-105"},
    ],
)
def test_every_outcome_is_read(ring, changes):
    assert receipt(ring, **changes).outcome == changes["outcome"]


@pytest.mark.parametrize(
    "changes",
    [
        {"after": reading(MEMORY)},
        {"after": reading(AFTER[:-1] + b"\x00")},
        {"after": None},
        {"before": reading(AFTER)},
        {"before": None},
        {"intent_at": None},
        {"outcome": "not_written"},
        {"outcome": "not_written", "after": None},
        {"outcome": "not_written", "before": reading(AFTER)},
        {"outcome": "void"},
        {"attempt": UUIDS[9]},
        {"code": "X-999"},
        {"after": {**reading(AFTER), "digest": card_image.digest(MEMORY)}},
    ],
)
def test_a_receipt_whose_images_contradict_it_is_refused(ring, changes):
    with pytest.raises(Refusal) as refusal:
        receipt(ring, **changes)
    assert refusal.value.code == "R-101"


def test_a_receipt_for_an_order_that_is_not_ours_is_refused(ring):
    for order in (
        orders.issue(order_of(), keyring.SigningKey.generate()).token,
        orders.issue(order_of(aud=UUIDS[9]), ring.active).token,
        "x.y.z",
    ):
        with pytest.raises(Refusal) as refusal:
            receipt(ring, order=order)
        assert refusal.value.code == "R-101"


def test_receipts_form_a_chain(ring):
    first = receipt(ring)
    second = receipt(ring, seq=2, prev=first.hash, jti=UUIDS[7])
    third = receipt(ring, seq=3, prev=second.hash, jti=UUIDS[8])
    start = receipts.first_prev(TERMINAL.uuid)
    assert receipts.chain(0, start, first) == "ok"
    assert receipts.chain(1, first.hash, second) == "ok"
    assert receipts.chain(2, second.hash, first, first.hash) == "repeat"
    assert receipts.chain(1, first.hash, third) == "gap"
    assert receipts.chain(0, start, second) == "gap"
    assert receipts.chain(2, second.hash, receipt(ring, jti=UUIDS[9]), first.hash) == "fork"
    assert receipts.chain(1, second.hash, second) == "fork"


# -- tenders and heartbeats --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"total": 20001},
        {"recharge": UUIDS[7]},
        {"notes": [{"denomination": 20000, "count": 1}, {"denomination": 20000, "count": 0}]},
        {"notes": [{"denomination": 10000, "count": 1}, {"denomination": 10000, "count": 1}]},
        {"notes": [{"denomination": -10000, "count": 1}, {"denomination": 30000, "count": 1}]},
        {"notes": [], "total": 0},
        {"notes": [], "total": 0, "uncertain": []},
        {"notes": [], "total": 5000, "uncertain": [{"denomination": 5000, "at": 1}]},
        {"uncertain": [{"denomination": 0, "at": 1}]},
        {"uncertain": [{"denomination": 5000}]},
        {"uncertain": None},
    ],
)
def test_a_tender_that_does_not_add_up_is_refused(changes):
    with pytest.raises(Refusal) as refusal:
        tenders.verify(tokens.sign(tokens.TENDER, tender_claims(**changes), TERMINAL_KEY), TERMINAL, DB, UUIDS[6])
    assert refusal.value.code == "S-122"


def test_uncertain_notes_stand_beside_the_total():
    claims = tender_claims(notes=[], total=0, uncertain=[{"denomination": 5000, "at": 7}])
    schema_of("tender").validate(claims)
    statement = tenders.verify(tokens.sign(tokens.TENDER, claims, TERMINAL_KEY), TERMINAL, DB)
    assert (statement.total, statement.uncertain, statement.doubtful) == (0, ((5000, 7),), 5000)
    assert tenders.verify(tokens.sign(tokens.TENDER, tender_claims(), TERMINAL_KEY), TERMINAL, DB).doubtful == 0


@pytest.mark.parametrize(
    ("seq", "others", "pushed", "code"),
    [
        (4, False, True, None),
        (5, False, True, "A-206"),
        (5, False, False, None),
        (2, False, True, None),
        (3, True, True, "A-207"),
        (3, True, False, "A-207"),
    ],
)
def test_a_hole_and_a_fork_in_the_tenders_are_noticed(seq, others, pushed, code):
    statement = tenders.verify(tokens.sign(tokens.TENDER, tender_claims(seq=seq), TERMINAL_KEY), TERMINAL, DB)
    assert tenders.sequence_problem(statement, 3, others, pushed) == code


@pytest.mark.parametrize("text", ["", None, "1,1", "0", "10001", "1;5", "-1", ",".join(map(str, range(1, 40)))])
def test_what_is_no_list_of_notes_is_refused(text):
    with pytest.raises(Refusal) as refusal:
        collects.parse_denominations(text)
    assert refusal.value.code == "S-104"


def test_the_last_note_may_overpay_up_to_the_limit():
    assert collects.parse_denominations("10, 5,100") == [500, 1000, 10_000]
    assert collects.most_cents(3000, [500, 10_000], 500_000) == 12_999
    assert collects.most_cents(3000, [500, 10_000], 5000) == 5000
    assert collects.most_cents(3000, [500, 10_000], 0) == 12_999


def test_a_token_holds_no_private_key(ring):
    everything = orders.issue(order_of(), ring.active).token + repr(ring) + repr(ring.active)
    assert ring.active.d not in everything
    assert base64.b64encode(tokens.unb64u(ring.active.d)).decode() not in everything
