"""The local interface: who gets in, and what the calls answer."""

import asyncio
import json
import threading
import time
import uuid

import httpx
import pytest
from jwcrypto import jwk

from hw_proxy.api.app import build
from hw_proxy.api.limits import RateLimit
from hw_proxy.cards.transport import CardGone
from hw_proxy.config import Config, Limits, Listen
from tests.hw_proxy.support import ORIGIN, Bench, FakeCard, silent

HOST = "127.0.0.1:8269"
OWN_ORIGIN = "http://localhost:8069"


class Page:
    """A page in a browser: calls the application without a network."""

    def __init__(self, bench, terminal=True):
        self.bench = bench
        self.app = build(bench.config, lambda: bench.terminal if terminal else None)

    def headers(self, **changes):
        token = self.bench.odoo.page(self.bench.identity.pairing.terminal)
        values = {
            "Host": HOST,
            "Origin": ORIGIN,
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token}",
            **{name.replace("_", "-"): value for name, value in changes.items()},
        }
        return {name: value for name, value in values.items() if value is not None}

    def send(self, path, body=None, method="POST", content=None, **headers):
        data = content if content is not None else json.dumps({} if body is None else body).encode()

        async def request():
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
                return await client.request(method, path, content=data, headers=self.headers(**headers))

        return asyncio.run(request())

    def code(self, *args, **kwargs):
        """Status and code of a refused call, after checking its shape."""
        answer = self.send(*args, **kwargs)
        assert set(answer.json()) == {"code", "params"}
        assert "Traceback" not in answer.text
        return answer.status_code, answer.json()["code"]


@pytest.fixture
def page(bench):
    return Page(bench)


def test_a_good_call_is_answered_with_its_origin(page):
    answer = page.send("/v1/status")
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "*",
        "https://evil.example",
        ORIGIN + "/",
        ORIGIN + ".evil",
        ORIGIN.upper(),
        "http://pos.example.com",
    ],
)
def test_another_origin_is_refused(page, origin):
    answer = page.send("/v1/status", Origin=origin)
    assert (answer.status_code, answer.json()["code"]) == (403, "P-101")
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:80", "rebind.example:8269", ""])
def test_another_host_is_refused(page, host):
    assert page.code("/v1/status", Host=host) == (403, "P-102")


def test_an_origin_of_the_configuration_is_let_in(tmp_path):
    bench = Bench(tmp_path, config=Config(data_dir=tmp_path, listen=Listen(origins=(OWN_ORIGIN,))))
    assert Page(bench).send("/v1/status", Origin=OWN_ORIGIN).status_code == 200
    bench.close()


def test_origins_follow_what_odoo_says(bench, page):
    bench.terminal.odoo.take("active", ["https://new.example.com", "not an origin", 7])
    assert page.code("/v1/status") == (403, "P-101")
    assert page.send("/v1/status", Origin="https://new.example.com").status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "PATCH"])
def test_only_posts_are_taken(page, method):
    answer = page.send("/v1/status", method=method)
    assert answer.status_code == 400
    if method != "HEAD":
        assert answer.json()["code"] == "P-104"


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_another_content_type_is_refused(page, kind):
    assert page.code("/v1/status", Content_Type=kind) == (400, "P-104")


@pytest.mark.parametrize("content", [b"", b"[]", b"1", b"{", b"\xff", b"[" * 5000, b'{"x": 1}'])
def test_a_malformed_body_is_refused(page, content):
    assert page.code("/v1/status", content=content) == (400, "P-104")


def test_a_large_body_is_refused(page):
    assert page.code("/v1/write", {"order": "x" * 70_000}) == (413, "P-105")


@pytest.mark.parametrize("length", ["9" * 5000, "9" * 21, "-1", "1e9", "x", "\u0662"])
def test_a_length_that_is_no_sensible_number_is_refused(page, length):
    assert page.code("/v1/status", Content_Length=length.encode()) == (413, "P-105")


def test_a_large_body_without_a_length_is_refused(page):
    async def request():
        async def chunks():
            for _number in range(80):
                yield b" " * 1000

        transport = httpx.ASGITransport(page.app)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
            return await client.post("/v1/status", content=chunks(), headers=page.headers())

    answer = asyncio.run(request())
    assert (answer.status_code, answer.json()["code"]) == (413, "P-105")


@pytest.mark.parametrize("value", [None, "", "Bearer", "Bearer ", "Bearer x.y.z", "Basic eDp5", "bearer x"])
def test_a_missing_or_malformed_token_is_refused(page, value):
    assert page.code("/v1/status", Authorization=value) == (401, "P-103")


def other_key(odoo, terminal):
    return odoo.page(terminal, key=jwk.JWK.generate(kty="OKP", crv="Ed25519"))


@pytest.mark.parametrize(
    "make",
    [
        lambda odoo, terminal: odoo.page(terminal, exp=int(time.time()) - 1),
        lambda odoo, terminal: odoo.page(str(uuid.uuid4())),
        lambda odoo, terminal: odoo.page(terminal, iss=str(uuid.uuid4())),
        lambda odoo, terminal: odoo.page(terminal, epoch=odoo.epoch - 1),
        lambda odoo, terminal: odoo.page(terminal, typ="order+jwt"),
        lambda odoo, terminal: odoo.page(terminal, sub=None),
        lambda odoo, terminal: odoo.page(terminal)[:-6] + "AAAAAA",
        lambda odoo, terminal: odoo.page(terminal) + "=",
        other_key,
    ],
    ids=["expired", "other terminal", "other Odoo", "old epoch", "order", "no user", "altered", "padded", "other key"],
)
def test_a_bad_token_is_refused(page, make):
    token = make(page.bench.odoo, page.bench.identity.pairing.terminal)
    assert page.code("/v1/status", Authorization=f"Bearer {token}") == (401, "P-103")


def test_an_unpaired_terminal_says_so(bench):
    assert Page(bench, terminal=False).code("/v1/status", Origin=OWN_ORIGIN) == (403, "P-101")
    bench.config = Config(data_dir=bench.config.data_dir, listen=Listen(origins=(OWN_ORIGIN,)))
    assert Page(bench, terminal=False).code("/v1/status", Origin=OWN_ORIGIN) == (503, "P-111")


def test_too_many_calls_are_refused(tmp_path):
    bench = Bench(tmp_path, config=Config(data_dir=tmp_path, limits=Limits(requests_per_second=0.001, burst=3)))
    page = Page(bench)
    assert [page.send("/v1/status").status_code for _number in range(4)] == [200, 200, 200, 429]
    bench.close()


def test_one_client_does_not_use_up_another_s_calls():
    now = [0.0]
    limit = RateLimit(1, 2, lambda: now[0])
    assert [limit.allow("a") for _number in range(3)] == [True, True, False]
    assert limit.allow("b")
    now[0] = 1.0
    assert limit.allow("a")


def preflight(page, **headers):
    values = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
        "Authorization": None,
        **headers,
    }
    return page.send("/v1/status", method="OPTIONS", **values)


def test_a_preflight_of_a_listed_origin_is_answered(page):
    answer = preflight(page, Access_Control_Request_Private_Network="true")
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert answer.headers["access-control-allow-private-network"] == "true"


def test_a_preflight_of_another_origin_gets_nothing(page):
    answer = preflight(page, Origin="https://evil.example", Access_Control_Request_Private_Network="true")
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_preflight_for_another_method_is_refused(page):
    assert preflight(page, Access_Control_Request_Method="GET").status_code == 400


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nothing", "/docs", "/openapi.json", "/v2/status", "/v1/status/"])
def test_other_paths_do_not_exist(page, path):
    assert page.code(path) == (404, "P-104")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/snapshot", {}),
        ("/v1/snapshot", {"nonce": 5}),
        ("/v1/snapshot", {"nonce": ""}),
        ("/v1/snapshot", {"nonce": "x" * 300}),
        ("/v1/write", {"sealed": "x"}),
        ("/v1/write", {"order": {}}),
        ("/v1/void", {}),
        ("/v1/receipts", {"after": "1"}),
        ("/v1/receipts", {"after": -1}),
        ("/v1/status", {"unknown": 1}),
    ],
)
def test_members_of_the_wrong_type_are_refused(page, path, body):
    assert page.code(path, body) == (400, "P-104")


def test_an_unexpected_fault_has_a_code_and_no_trace(page, monkeypatch):
    def bug():
        raise RuntimeError("secret detail")

    monkeypatch.setattr(page.bench.terminal, "status", bug)
    answer = page.send("/v1/status")
    assert (answer.status_code, answer.json()) == (500, {"code": "P-114", "params": {}})
    assert answer.headers["access-control-allow-origin"] == ORIGIN


def test_status_says_everything_and_never_acts(page):
    sent = len(page.bench.card.commands)
    answer = page.send("/v1/status").json()
    parts = {"terminal", "version", "clock", "readers", "devices", "journal", "odoo", "cash", "problems"}
    assert set(answer) == parts
    [reader] = answer["readers"]
    assert reader.pop("seen") == ["answer to reset 3b04a2131091", "reader's dialect acs", "taken by sle4442_demo"]
    wanted = {"name": "ACS Fake 00", "state": "card", "ins": page.bench.ins, "atr": "3b04a2131091", "code": None}
    assert reader == wanted
    assert answer["clock"]["kind"] == "signed"
    assert answer["journal"] == {"seq": 0, "unacknowledged": 0, "unresolved": 0}
    assert answer["problems"] == []
    assert len(page.bench.card.commands) == sent


def test_a_snapshot_is_signed_and_carries_the_nonce(page):
    bench = page.bench
    token = page.send("/v1/snapshot", {"nonce": "n1"}).json()["snapshot"]
    claims = bench.claims(token, "snapshot+jwt")
    assert (claims["nonce"], claims["ins"], claims["seq"], claims["clk"]) == ("n1", bench.ins, 0, "signed")
    assert claims["card"]["memory"] == bytes(bench.card.memory).hex()
    assert (claims["card"]["tries"], claims["card"]["protection"]) == (3, "ffffffff")
    assert (claims["driver"], claims["atr"]) == ("sle4442_demo", "3b04a2131091")


def test_a_snapshot_without_trusted_time_is_marked(page):
    page.bench.clock._anchor = None
    token = page.send("/v1/snapshot", {"nonce": "n1"}).json()["snapshot"]
    assert page.bench.claims(token, "snapshot+jwt")["clk"] == "wall"


@pytest.mark.parametrize("counter,tries", [(7, 3), (3, 2), (1, 1), (0, 0)])
def test_a_snapshot_counts_the_tries_that_are_left(page, counter, tries):
    page.bench.card.counter = counter
    token = page.send("/v1/snapshot", {"nonce": "n1"}).json()["snapshot"]
    assert page.bench.claims(token, "snapshot+jwt")["card"]["tries"] == tries
    assert page.bench.card.count(0x20) == 0


def test_a_snapshot_without_a_card_is_refused(page):
    page.bench.pull()
    assert page.code("/v1/snapshot", {"nonce": "n"}) == (409, "C-201")


def test_a_contact_that_slipped_is_read_again(page):
    bench = page.bench
    before = page.send("/v1/status").json()["readers"][0]["ins"]

    def slip(_command):
        bench.card.trouble = lambda _command: None
        threading.Timer(0.1, bench.reader.tick).start()
        raise CardGone("removed")

    bench.card.trouble = slip
    token = page.send("/v1/snapshot", {"nonce": "n1"}).json()["snapshot"]
    claims = bench.claims(token, "snapshot+jwt")
    assert claims["card"]["memory"] == bytes(bench.card.memory).hex() and claims["ins"] != before


def test_a_card_taken_out_while_it_is_read_is_not_there(page):
    def take_out(_command):
        page.bench.card.gone = True
        page.bench.reader.seen(False)
        raise CardGone("removed")

    page.bench.card.trouble = take_out
    assert page.code("/v1/snapshot", {"nonce": "n"}) == (409, "C-201")


def test_a_snapshot_of_another_reader_is_refused(page):
    assert page.code("/v1/snapshot", {"nonce": "n", "reader": "Other"}) == (409, "P-107")


def test_a_snapshot_of_a_silent_card_is_refused(page):
    page.bench.card.trouble = silent
    assert page.code("/v1/snapshot", {"nonce": "n"}) == (409, "C-206")


def test_an_unknown_chip_is_shown_and_refused(page):
    card = FakeCard()
    card.atr = bytes.fromhex("3b6800")
    page.bench.pull()
    page.bench.insert(card)
    reader = page.send("/v1/status").json()["readers"][0]
    assert (reader["state"], reader["code"], reader["atr"]) == ("error", "C-101", "3b6800")
    assert page.code("/v1/snapshot", {"nonce": "n"}) == (409, "C-101")


@pytest.mark.parametrize("memory", [b"\xff" * 256, b"\x00" * 256, bytes(range(256))])
def test_a_blank_or_foreign_card_still_gives_a_snapshot(page, memory):
    page.bench.pull()
    page.bench.insert(FakeCard(memory))
    assert page.send("/v1/snapshot", {"nonce": "n"}).status_code == 200
    assert page.bench.card.count(0x20) == 0


def test_a_write_goes_through_a_job_to_a_receipt(page):
    order, sealed = page.bench.order()
    answer = page.send("/v1/write", {"order": order, "sealed": sealed})
    assert answer.status_code == 202
    job = answer.json()["job"]
    page.bench.wait(job)
    state = page.send(f"/v1/jobs/{job}").json()
    assert (state["job"], state["state"], state["step"]) == (job, "done", "done")
    assert page.bench.claims(state["receipt"])["outcome"] == "written"
    assert page.send("/v1/receipts").json() == {"receipts": [state["receipt"]]}
    assert page.send("/v1/receipts", {"after": 1}).json() == {"receipts": []}
    assert page.send("/v1/void", {"order": order}).json() == {"receipt": state["receipt"]}


def test_an_order_that_is_not_genuine_is_an_error(page):
    assert page.code("/v1/write", {"order": "x.y.z", "sealed": None}) == (403, "O-101")


def test_an_unknown_job_is_an_error(page):
    assert page.code(f"/v1/jobs/{uuid.uuid4()}") == (404, "P-112")


def test_a_job_runs_while_its_steps_can_be_asked_for(page):
    order, sealed = page.bench.order()
    page.bench.reader.run(lambda _insertion: time.sleep(0.3))
    job = page.send("/v1/write", {"order": order, "sealed": sealed}).json()["job"]
    state = page.send(f"/v1/jobs/{job}").json()
    assert state == {"job": job, "state": "running", "step": "check", "receipt": None}
    page.bench.wait(job)


def test_events_are_told_as_they_happen(bench):
    seen = []

    async def listen():
        with bench.terminal.events.subscribe() as subscription:
            job = await asyncio.to_thread(bench.terminal.jobs.write, *bench.order())
            while True:
                event, data = await asyncio.wait_for(subscription.queue.get(), 5)
                seen.append((event, data))
                if event == "job" and data["state"] == "done":
                    return job

    job = asyncio.run(listen())
    assert [data["step"] for event, data in seen if event == "job"] == ["check", "check", "write", "verify", "done"]
    assert all(data["job"] == job for event, data in seen if event == "job")
    receipts = [data["receipt"] for event, data in seen if event == "job"]
    assert receipts[:-1] == [None] * 4
    assert receipts[-1] == bench.terminal.jobs.state(job)["receipt"]
    assert "busy" in [data["state"] for event, data in seen if event == "card"]


def test_too_many_event_streams_are_refused(tmp_path):
    bench = Bench(tmp_path, config=Config(data_dir=tmp_path, limits=Limits(max_event_streams=0)))
    assert Page(bench).code("/v1/events") == (429, "P-106")
    bench.close()
