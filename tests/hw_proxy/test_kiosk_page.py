"""The kiosk's first page: who may see it, what it hands out, and what it says while nothing works."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from hw_proxy.api.app import build
from hw_proxy.config import Kiosk, parse
from hw_proxy.errors import ConfigError
from hw_proxy.kiosk.routes import build as kiosk_routes
from tests.hw_proxy.support import ORIGIN

HOST = "127.0.0.1:8269"
OWN = f"http://{HOST}"
FORM = {"Host": HOST, "Origin": OWN, "Content-Type": "application/json"}


class Front:
    """The service's HTTP interface without a network."""

    def __init__(self, bench, terminal=True, **kiosk):
        config = replace(bench.config, kiosk=Kiosk(enabled=True, phone="95598", **kiosk))
        bench.terminal.config = config
        bench.terminal.odoo.reachable = True

        def current():
            return bench.terminal if terminal else None

        self.app = build(config, current, kiosk_routes(config, current))

    def ask(self, method, path, headers):
        async def run():
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url=OWN) as client:
                return await client.request(method, path, headers=headers, content=b"{}" if method == "POST" else None)

        return asyncio.run(run())

    def page(self, path="/kiosk", **headers):
        return self.ask("GET", path, {"Host": HOST, **headers})

    def login(self, **changes):
        return self.ask("POST", "/kiosk/login", {**FORM, **changes})


@pytest.fixture
def front(bench):
    return Front(bench)


def test_the_page_comes_without_a_token_and_may_load_nothing_of_others(front):
    answer = front.page()
    assert answer.status_code == 200 and "正在启动" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for file in ("start.js", "start.css", "keys.js", "voucher.js"):
        assert front.page(f"/kiosk/{file}").status_code == 200


def test_a_page_that_brings_an_order_and_a_reason_gets_the_same_page(front):
    query = "recharge=00000001-0000-4000-8000-000000000009&why=S-115"
    assert front.page(f"/kiosk?{query}").content == front.page().content


def test_it_goes_to_this_odoo_only(bench):
    policy = Front(bench, url="https://odoo.example.com/x").page().headers["content-security-policy"]
    assert "form-action https://odoo.example.com;" in policy


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Host": "127.0.0.1:1"}])
def test_a_name_that_is_not_this_machines_gets_nothing(front, headers):
    assert front.page(**headers).json()["code"] == "P-102"
    assert front.login(**headers).json()["code"] == "P-102"


@pytest.mark.parametrize("origin", [ORIGIN, "https://evil.example", "null", f"{OWN}0"])
def test_no_page_but_its_own_gets_a_statement(front, origin):
    assert front.login(Origin=origin).json()["code"] == "P-101"


def test_a_statement_is_genuine_and_another_one_each_time(front, bench):
    said = [front.login().json() for _each in range(2)]
    claims = [bench.claims(one["token"], "login+jwt") for one in said]
    assert said[0]["action"].endswith("/electricity/kiosk/login")
    assert claims[0]["iss"] == bench.identity.pairing.terminal and claims[0]["aud"] == bench.identity.pairing.iss
    assert claims[0]["jti"] != claims[1]["jti"]


def test_while_odoo_is_away_or_wants_it_not_it_hands_out_none(front, bench):
    bench.terminal.odoo.reachable = False
    assert (front.login().status_code, front.login().json()["code"]) == (503, "P-117")
    bench.terminal.odoo.reachable = True
    bench.terminal.odoo.take("disabled", [ORIGIN])
    assert front.login().json()["code"] == "T-103"


def test_a_machine_that_is_not_paired_says_so(bench):
    front = Front(bench, terminal=False)
    assert front.page().status_code == 200
    assert front.login().json()["code"] == "P-111"


def test_the_rest_of_the_interface_is_as_closed_as_ever(front):
    assert front.ask("POST", "/v1/status", FORM).json()["code"] == "P-101"
    assert front.page("/kioskx").json()["code"] == "P-101"


def test_a_terminal_that_is_no_kiosk_has_no_such_page(bench):
    answer = asyncio.run(
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=build(bench.config, lambda: bench.terminal)), base_url=OWN
        ).get("/kiosk", headers={"Host": HOST})
    )
    assert answer.json()["code"] == "P-101"


@pytest.mark.parametrize(
    "kiosk",
    [{"enabled": True}, {"url": "odoo.example.com"}, {"url": "http://odoo.example.com"}, {"phone": 1}]
    + [{"zone": "Asia/Nowhere"}, {"zone": "/etc/localtime"}, {"zone": 8}],
)
def test_a_configuration_that_cannot_work_is_refused(tmp_path, kiosk):
    with pytest.raises(ConfigError):
        parse({"kiosk": kiosk}, tmp_path)
