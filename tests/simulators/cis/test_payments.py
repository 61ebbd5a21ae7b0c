"""What the marketing system's books do with payments and reversals, call by call."""

from __future__ import annotations

from datetime import timedelta

import pytest

from .conftest import ACCOUNT, DAY

BOTH_BILLS = (("B-2026-01", "51.50"), ("B-2026-02", "40.00"))


def arrears(caller) -> str:
    return caller.call("QueryArrears", ("accountNo", ACCOUNT)).text("arrears/total")


def last_count(caller) -> str:
    return caller.call("QueryCustomer", ("by", "account"), ("number", ACCOUNT)).text("customer/lastCount")


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_payment_is_booked_with_its_invoice(caller, version):
    reply = caller.pay(version=version, allocations=[("B-2026-01", "51.50")])
    assert reply.code == "1001"
    assert reply.text("booking/amount") == "100.00"
    assert reply.text("booking/marketingSerial")
    assert [line[-1].text for line in reply.body.iter("{*}invoiceLine")] == ["51.50", "48.50"]
    assert arrears(caller) == "40.00"
    assert last_count(caller) == "2"


def test_a_repeat_answers_the_first_booking_and_books_nothing(cis, caller):
    first = caller.pay()
    again = caller.pay()
    assert again.code == "11004"
    for name in ("amount", "accountNo", "marketingSerial", "bookedAt"):
        assert again.text(f"booking/{name}") == first.text(f"booking/{name}")
    other = caller.pay(amount="70.00", purchaseCount="3")
    assert (other.code, other.text("booking/amount")) == ("11004", "100.00")
    assert len(cis.client.records()["payment"]) == 1


def test_a_refused_serial_is_judged_anew(caller):
    assert caller.pay(purchaseCount="1").code == "11211"
    assert caller.query().code == "1003"
    assert caller.pay(purchaseCount="2").code == "1001"


@pytest.mark.parametrize("refusal", ["11209", "11219"])
def test_a_customer_who_may_not_buy(cis, caller, refusal):
    cis.client.put_customers({"account_no": ACCOUNT, "refusal": refusal})
    file = caller.call("QueryCustomer", ("by", "account"), ("number", ACCOUNT))
    assert (file.text("customer/mayBuy"), file.text("customer/mayNotBuyReason/code")) == ("false", refusal)
    assert caller.pay().code == refusal
    assert caller.pay_arrears(amount="40.00", allocations=[("B-2026-02", "40.00")]).code == "1001"


def test_no_part_payment_where_the_contract_forbids_it(cis, caller):
    assert caller.pay_arrears("SERIAL-0001", "10.00", [("B-2026-01", "10.00")]).code == "1001"
    assert arrears(caller) == "81.50"
    cis.client.put_customers({"account_no": ACCOUNT, "part_payment": False})
    assert caller.pay_arrears("SERIAL-0002", "10.00", [("B-2026-01", "10.00")]).code == "1035"
    assert caller.pay_arrears("SERIAL-0003", "41.50", [("B-2026-01", "41.50")]).code == "1001"


def test_no_advance_while_arrears_exist_where_the_contract_forbids_it(cis, caller):
    cis.client.put_customers({"account_no": ACCOUNT, "advance_with_arrears": False})
    file = caller.call("QueryCustomer", ("by", "account"), ("number", ACCOUNT))
    assert file.text("customer/mayNotBuyReason/code") == "1037"
    assert caller.pay(allocations=[("B-2026-01", "51.50")]).code == "1037"
    assert caller.pay(amount="100.00", allocations=BOTH_BILLS).code == "1001"
    assert arrears(caller) == "0.00"


def test_no_collection_from_a_card_meter_customer_where_the_contract_forbids_it(cis, caller):
    cis.client.put_customers({"account_no": ACCOUNT, "collection": False})
    assert caller.pay_arrears(amount="40.00", allocations=[("B-2026-02", "40.00")]).code == "1039"


@pytest.mark.parametrize(
    ("kind", "amount", "allocations", "code"),
    [
        ("arrears", "50.00", [("B-2026-02", "40.00")], "11008"),
        ("arrears", "60.00", [("B-2026-02", "60.00")], "11008"),
        ("energy", "30.00", [("B-2026-02", "40.00")], "11008"),
        ("arrears", "40.00", [("B-9999-99", "40.00")], "11008"),
        ("arrears", "40.00", [], "1006"),
        ("arrears", "40.00", [("B-2026-02", "20.00"), ("B-2026-02", "20.00")], "1006"),
    ],
)
def test_amounts_that_do_not_fit(caller, kind, amount, allocations, code):
    pay = caller.pay if kind == "energy" else caller.pay_arrears
    assert pay(amount=amount, allocations=allocations).code == code
    assert arrears(caller) == "91.50"


def test_a_settled_bill_is_not_paid_again(caller):
    paid = [("B-2026-02", "40.00")]
    assert caller.pay_arrears("SERIAL-0001", "40.00", paid).code == "1001"
    assert caller.pay_arrears("SERIAL-0002", "40.00", paid).code == "11008"


def test_a_disputed_bill_is_not_paid_here(cis, caller):
    cis.client.do(
        "bill", receivable_id="B-2026-02", account_no=ACCOUNT, month="2026-02", amount=4000, status="disputed"
    )
    assert caller.pay_arrears(amount="40.00", allocations=[("B-2026-02", "40.00")]).code == "11008"


def test_unknown_and_closed_accounts(cis, caller):
    assert caller.pay(accountNo="999999999999").code == "1004"
    assert caller.call("QueryArrears", ("accountNo", "999999999999")).code == "1004"
    assert caller.call("QueryCustomer", ("by", "meter"), ("number", "999999999999")).code == "1004"
    cis.client.put_customers({"account_no": ACCOUNT, "status": "closed"})
    assert caller.pay().code == "1004"
    file = caller.call("QueryCustomer", ("by", "account"), ("number", ACCOUNT))
    assert (file.text("customer/status"), file.text("customer/mayBuy")) == ("closed", "false")


def test_a_closed_marketing_system_does_nothing_for_now(cis, caller):
    cis.client.do("open", is_open=False)
    assert caller.pay().code == "1011"
    assert caller.query().code == "1011"
    cis.client.do("open", is_open=True)
    assert caller.pay().code == "1001"


def test_a_purchase_on_a_card_names_its_count(caller):
    assert caller.pay(purchaseCount=None).code == "1006"


def test_an_old_card_is_known_as_such(caller):
    assert caller.call("QueryCustomer", ("by", "card"), ("number", "000000000099")).code == "11219"
    assert (
        caller.call("QueryCustomer", ("by", "card"), ("number", "000000000101")).text("customer/accountNo") == ACCOUNT
    )


# -- reversals ---------------------------------------------------------------------------------------------------------


def test_a_reversal_takes_everything_back(caller):
    caller.pay(allocations=BOTH_BILLS)
    reply = caller.reverse()
    assert (reply.code, reply.text("reversal/amount")) == ("1001", "100.00")
    assert arrears(caller) == "91.50"
    assert last_count(caller) == "1"
    standing = caller.query()
    assert (standing.code, standing.text("reversal/serial")) == ("1001", "REVERSAL-01")
    own = caller.query("REVERSAL-01")
    assert (own.text("booking/serial"), own.text("reversal/originalSerial")) == (None, "SERIAL-0001")


def test_a_repeated_reversal_and_a_second_one(caller):
    caller.pay()
    caller.reverse()
    again, second = caller.reverse(), caller.reverse("REVERSAL-02")
    assert (again.code, second.code) == ("11004", "11007")
    assert again.text("reversal/serial") == second.text("reversal/serial") == "REVERSAL-01"


def test_a_reversed_serial_stays_booked(caller):
    caller.pay()
    caller.reverse()
    assert caller.pay().code == "11004"
    assert caller.pay("REVERSAL-01", purchaseCount="2").code == "1006"


def test_a_reversal_after_midnight_is_for_the_office(cis, caller):
    caller.pay()
    cis.client.advance(12 * 3600)
    assert caller.reverse().code == "1015"
    assert caller.reverse(day=DAY + timedelta(1)).code == "1015"
    cis.client.do("reverse-by-hand", serial="OFFICE-0001", original_serial="SERIAL-0001", reason="slip")
    assert caller.query().text("reversal/serial") == "OFFICE-0001"


def test_reversals_that_do_not_fit(caller):
    caller.pay()
    assert caller.reverse(original="SERIAL-0009").code == "1003"
    assert caller.reverse(operator="another").code == "11006"
    assert caller.reverse(day=DAY - timedelta(1)).code == "1005"
    assert caller.reverse("SERIAL-0001").code == "1005"
    caller.pay("SERIAL-0002", purchaseCount="3")
    assert caller.reverse().code == "1005"
    assert caller.reverse("REVERSAL-02", "SERIAL-0002").code == "1001"
    assert caller.reverse("REVERSAL-03", "REVERSAL-02").code == "1005"
    assert caller.reverse().code == "1001"


def test_cash_that_is_at_the_bank_is_not_given_back(cis, caller):
    caller.pay()
    caller.pay("SERIAL-0002", method="qr", purchaseCount="3")
    assert cis.client.do("remit", operator="clerk")["remitted"] == 1
    assert caller.reverse("REVERSAL-02", "SERIAL-0002").code == "1001"
    assert caller.reverse().code == "11061"


def test_the_office_books_what_the_rules_refused(cis, caller):
    assert caller.pay(purchaseCount="1").code == "11211"
    payment = {"serial": "SERIAL-0001", "account_no": ACCOUNT, "accounting_date": DAY.isoformat(), "kind": "energy"}
    payment |= {"method": "cash", "channel": "counter", "operator": "office", "amount": 10000, "batch": "B", "count": 1}
    cis.client.do("book-by-hand", payment=payment)
    assert caller.pay(purchaseCount="1").code == "11004"
