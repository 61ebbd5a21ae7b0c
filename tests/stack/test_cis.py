"""The marketing system as a process of the stack, and the demo's customers in its books."""

import json
import ssl
import urllib.request

import pytest
from stack.cis import SECRET, CisProcess
from stack.demo import MARKETING


@pytest.fixture(scope="module")
def cis(tmp_path_factory):
    with CisProcess(tmp_path_factory.mktemp("cis") / "state", tls=True) as running:
        yield running


def test_it_serves_its_contract_over_tls_and_its_books_on_the_loopback_address(cis):
    context = ssl.create_default_context(cafile=cis.ca_file)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    for url in (cis.url, cis.url12):
        with opener.open(f"{url}?wsdl", timeout=10) as answer:
            assert url.encode() in answer.read()
    assert cis.client.books()["url"] == cis.base
    assert all(path.exists() for path in cis.client_certificate)


def test_its_password_is_in_the_environment_only(cis):
    assert cis.environment_of_odoo == {SECRET: cis.password}
    assert not any(cis.password in part for part in cis.command)
    assert cis.password not in cis.log.read_text(encoding="utf-8")


def test_the_books_survive_a_kill(cis):
    cis.client.put_customers({"account_no": "100000000999", "name": "Lasting"})
    cis.kill()
    cis.start()
    assert [each["name"] for each in cis.client.books()["customers"]] == ["Lasting"]
    cis.client.reset()


def test_the_demo_s_customers_fit_the_books_and_show_every_case(cis):
    customers = json.loads(MARKETING.read_text(encoding="utf-8"))
    cis.client.put_customers(*customers)
    shown = cis.client.books()["customers"]
    assert [each["account_no"] for each in shown] == [each["account_no"] for each in customers]
    assert any(each["arrears"]["total"] for each in shown)
    assert {"11209", "1037"} <= {each["may_not_buy"] for each in shown}
    assert any((each["last_count"] or 0) > 1 for each in shown)
