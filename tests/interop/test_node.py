"""Node's SOAP stack against ours, both ways: a booking, a query and a fault."""

import json
from dataclasses import replace
from datetime import date

import pytest
from prepaid_addon.cis import Settings, connect
from prepaid_addon.core.cis_types import Payment, Unreachable

from .conftest import PASSWORD, PROGRAMS, USERNAME

ACCOUNT, BROKEN = "100000000101", "100000000666"
DAY = date(2026, 3, 4)
PAYMENT = Payment("SERIAL-0001", ACCOUNT, DAY, "energy", "cash", "counter", "clerk", 10_050, "C01", (), 15_000, 2)


def submit(serial, account=ACCOUNT):
    """SubmitPayment as Node's soap takes it: members in the order of the schema."""
    payment = {"serial": serial, "accountNo": account, "accountingDate": DAY.isoformat(), "kind": "energy"}
    payment |= {"method": "cash", "channel": "counter", "operator": "clerk", "amount": "100.50"}
    payment |= {
        "allocation": [{"receivableId": "B-1", "amount": "20.00"}, {"receivableId": "B-2", "amount": "30.25"}],
        "energy": "80.00",
        "purchaseCount": 2,
        "reconciliationBatch": "C01",
    }
    return ["SubmitPayment", {"payment": payment}]


# -- Node calls the simulated marketing system -------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_node_books_asks_and_is_refused(cis, call_from_node, version):
    bills = [
        {"receivable_id": "B-1", "month": "2026-01", "amount": 2000},
        {"receivable_id": "B-2", "month": "2026-02", "amount": 3025},
    ]
    cis.client.put_customers({"account_no": ACCOUNT, "name": "李伟", "address": "民族大道", "bills": bills})
    calls = [
        ["QueryArrears", {"accountNo": ACCOUNT}],
        submit("SERIAL-0001"),
        submit("SERIAL-0001"),
        ["QueryPayment", {"serial": "SERIAL-0001"}],
        ["QueryCustomer", {"by": "account", "number": ACCOUNT}],
        ["QueryArrears", {"accountNo": "1"}],
        submit("SERIAL-0002", BROKEN),
    ]
    url = cis.url if version == "1.1" else cis.url12
    arrears, booked, again, asked, customer, fault, unknown = call_from_node(f"{url}?wsdl", version, calls)
    assert [bill["receivableId"] for bill in arrears["arrears"]["bill"]] == ["B-1", "B-2"]
    assert (booked["result"]["code"], again["result"]["code"], asked["result"]["code"]) == ("1001", "11004", "1001")
    assert booked["booking"]["marketingSerial"] == again["booking"]["marketingSerial"]
    assert asked["booking"]["serial"] == "SERIAL-0001"
    assert customer["customer"]["name"] == "李伟"
    detail = fault["fault"]["detail" if version == "1.1" else "Detail"]["ServiceFault"]
    assert (detail["code"], detail["field"]) == ("1006", "accountNo")
    assert unknown["result"]["code"] == "1004"
    assert [each["amount"] for each in cis.client.records()["payment"]] == [10050]


def test_node_with_another_password_is_refused(cis, call_from_node):
    calls = [["QueryPayment", {"serial": "SERIAL-0001"}]]
    answer = call_from_node(f"{cis.url}?wsdl", "1.1", calls, password="another")[0]
    assert answer["fault"]["faultcode"].endswith("FailedAuthentication")
    assert "QueryPayment" not in cis.client.books()["calls"]


# -- our client calls Node ---------------------------------------------------------------------------------------------


@pytest.fixture
def marketing(node_server):
    version, url = node_server
    return connect(Settings("standard", url, soap=version, username=USERNAME, password=PASSWORD))


def test_our_client_books_with_node(marketing):
    first, again = marketing.submit_payment(PAYMENT), marketing.submit_payment(PAYMENT)
    assert (first.result.code, again.result.code) == ("1001", "11004")
    assert first.booking.is_of(PAYMENT)
    assert first.booking == again.booking
    assert first.booking.accounting_date == DAY


def test_our_client_asks_node(marketing):
    assert marketing.query_payment("SERIAL-0009").result.code == "1003"
    marketing.submit_payment(PAYMENT)
    assert marketing.query_payment(PAYMENT.serial).booking.amount == 10_050
    found = marketing.query_customer("account", ACCOUNT)
    assert (found.result.code, found.customer.name, found.customer.may_buy) == ("1001", "李伟", True)
    assert marketing.query_customer("account", BROKEN).result.code == "1004"


def test_a_fault_of_node_leaves_the_outcome_unknown(marketing):
    with pytest.raises(Unreachable) as error:
        marketing.submit_payment(replace(PAYMENT, account_no=BROKEN))
    assert (error.value.kind, error.value.sent) == ("fault", True)


def test_node_refuses_our_client_with_another_password(node_server):
    version, url = node_server
    marketing = connect(Settings("standard", url, soap=version, username=USERNAME, password="another"))
    with pytest.raises(Unreachable):
        marketing.query_payment("SERIAL-0001")


def test_the_lock_file_pins_every_package_and_names_no_registry():
    packages = json.loads((PROGRAMS / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    pinned = [each for name, each in packages.items() if name]
    assert pinned
    assert all("integrity" in each and "resolved" not in each for each in pinned)
