"""The client against the simulated marketing system: every fault that it knows, in both versions, over TLS."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from prepaid_addon.cis import Settings, connect
from prepaid_addon.core.cis_types import Unreachable, UnreadableFile
from stack.cis import CisProcess

from simulators.cis.faults import KINDS
from tests.cis import samples
from tests.cis.samples import ACCOUNT

#: The client's word for each fault, and whether the message had left.
OUTCOMES = {
    "timeout_before": ("timeout", True),
    "timeout_after": ("timeout", True),
    "late": ("timeout", True),
    "reset": ("connection", True),
    "http_500": ("http", True),
    "html": ("unreadable", True),
    "truncated": ("connection", True),
    "wrong_encoding": ("unreadable", True),
    "two_envelopes": ("unreadable", True),
    "other_serial": ("mismatch", True),
    "entity_bomb": ("unsafe", True),
    "external_entity": ("unsafe", True),
    "huge": ("too_large", True),
    "fault": ("fault", True),
    "certificate_expired": ("tls", False),
    "certificate_other_host": ("tls", False),
    "certificate_stranger": ("tls", False),
}
#: These do not keep the client from its answer.
HARMLESS = {"slow", "duplicate_answer", "answer"}
#: Spoils one entry of a list, not the answer.
OF_ONE_ENTRY = {"unreadable_file"}
PASSWORD = "planted-password-of-the-simulator"


@pytest.fixture(scope="module")
def cis(stack, tmp_path_factory):
    return stack.start(
        CisProcess(tmp_path_factory.mktemp("cis") / "state", tls=True, client_certificate=True, password=PASSWORD)
    )


@pytest.fixture
def control(cis):
    cis.client.reset()
    customer = {"account_no": ACCOUNT, "name": "Planted Zhang", "address": "Planted Road 8", "meter_no": "440000111222"}
    bill = {"receivable_id": "R-1", "month": "2026-10", "amount": 2345, "late_fee": 12}
    cis.client.put_customers({**customer, "bills": [bill]})
    yield cis.client
    cis.client.clear_faults()


def system(cis, soap="1.1", timeout=10.0, query=""):
    certificate, key = map(str, cis.client_certificate)
    return connect(
        Settings(
            "standard",
            (cis.url if soap == "1.1" else cis.url12) + query,
            soap,
            cis.username,
            cis.password,
            ca_file=str(cis.ca_file),
            client_cert=certificate,
            client_key=key,
            timeouts={"submit_payment": timeout},
            max_bytes=2_000_000,
        )
    )


@pytest.fixture
def payment():
    return replace(samples.PAYMENT, accounting_date=datetime.now(ZoneInfo("UTC")).date(), allocations=())


def codes(records):
    return [(each["serial"], each["amount"]) for each in records]


@pytest.mark.parametrize("soap", ["1.1", "1.2"])
class TestConversation:
    def test_a_payment_is_booked_found_and_reversed(self, cis, control, payment, soap):
        there = system(cis, soap)
        file = there.query_customer("account", ACCOUNT)
        assert (file.result.code, file.customer.name, file.customer.meter_no) == (
            "1001",
            "Planted Zhang",
            "440000111222",
        )
        assert there.query_arrears(ACCOUNT).arrears.total == 2357
        assert there.query_payment(payment.serial).result.code == "1003"
        booked = there.submit_payment(payment)
        assert booked.result.code == "1001"
        again = there.submit_payment(payment)
        assert (again.result.code, again.booking) == ("11004", booked.booking)
        reversal = replace(samples.REVERSAL, accounting_date=payment.accounting_date, operator=payment.operator)
        assert there.reverse_payment(reversal).result.code == "1001"
        found = there.query_payment(payment.serial)
        assert (found.booking, found.reversal.serial) == (booked.booking, reversal.serial)

    def test_another_content_under_the_serial_is_told(self, cis, control, payment, soap):
        there = system(cis, soap)
        there.submit_payment(payment)
        other = there.submit_payment(replace(payment, amount=payment.amount + 100))
        assert other.result.code == "11004"
        assert other.booking.amount == payment.amount

    def test_a_message_against_the_schema_is_not_understood(self, cis, control, payment, soap):
        answer = system(cis, soap).submit_payment(replace(payment, account_no="12"))
        assert answer.result.code == "1006"

    def test_a_wrong_password_is_a_fault(self, cis, control, payment, soap):
        certificate, key = map(str, cis.client_certificate)
        url = cis.url if soap == "1.1" else cis.url12
        options = {"ca_file": str(cis.ca_file), "client_cert": certificate, "client_key": key}
        stranger = connect(Settings("standard", url, soap, cis.username, "wrong", **options))
        with pytest.raises(Unreachable) as caught:
            stranger.submit_payment(payment)
        assert caught.value.kind == "fault"
        assert control.records()["payment"] == []


def test_every_fault_of_the_simulator_is_tried():
    assert set(KINDS) == set(OUTCOMES) | HARMLESS | OF_ONE_ENTRY


@pytest.mark.parametrize("kind", OUTCOMES)
def test_a_fault_is_called_by_its_name_and_what_was_booked_is_found_after_it(cis, control, payment, kind):
    short = kind in ("timeout_before", "timeout_after", "late")
    control.fault(kind)
    # Certificates are shown to new connections only: another address has none kept.
    query = "?fresh" if kind.startswith("certificate") else ""
    there = system(cis, timeout=1.0 if short else 10.0, query=query)
    with pytest.raises(Unreachable) as caught:
        there.submit_payment(payment)
    assert (caught.value.kind, caught.value.sent) == OUTCOMES[kind]
    control.clear_faults()
    booked = [payment.serial] if KINDS[kind].get("booked") or kind == "timeout_after" else []
    assert [each["serial"] for each in control.records()["payment"]] == booked
    after = system(cis).query_payment(payment.serial)
    assert after.result.code == ("1001" if booked else "1003")
    # The same serial again: the first result, or the first booking. Never two.
    again = system(cis).submit_payment(payment)
    assert again.result.code == ("11004" if booked else "1001")
    assert codes(control.records()["payment"]) == [(payment.serial, payment.amount)]
    assert control.fetches() == 0


@pytest.mark.parametrize("kind", sorted(HARMLESS))
def test_a_harmless_fault_hides_no_answer(cis, control, payment, kind):
    control.fault(kind, operation="SubmitPayment", **({"seconds": 0.2} if kind == "slow" else {}))
    answer = system(cis).submit_payment(payment)
    assert answer.result.code == ("1002" if kind == "answer" else "1001")
    other = replace(payment, serial="PAY-000000000002", count=payment.count + 1)
    # What is left of a double answer is not the next call's.
    assert system(cis).submit_payment(other).booking.serial == other.serial


@pytest.mark.parametrize("numbered", [True, False])
def test_a_customer_file_that_cannot_be_read_does_not_keep_the_others(cis, control, numbered):
    others = ["330100123457", "330100123458"]
    control.put_customers(*({"account_no": number} for number in others))
    control.fault("unreadable_file", file=2, numbered=numbered)
    since = datetime(2000, 1, 1, tzinfo=ZoneInfo("UTC"))
    found = system(cis).list_customer_changes(since, 1)
    assert [each.account_no for each in found.customers] == [ACCOUNT, others[1]]
    assert found.unreadable == (UnreadableFile(2, "schema", others[0] if numbered else ""),)
    assert len(system(cis).list_customer_changes(since, 1).customers) == 3
