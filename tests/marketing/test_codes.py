"""Every result code: the simulator answers it by its own rules, and the upload does with it what the table says."""

from dataclasses import dataclass, field

import pytest


@dataclass(frozen=True)
class Case:
    """How a code comes about and what it does.

    :param code: of the marketing system
    :param sentence: what people read
    :param state: of the message
    :param upload: upload state of the order
    :param offers: what the work list must offer, at least
    :param customer: members of the customer there
    :param armed: the code is answered by a fault: the rules of the simulator do not come to it by a payment
    """

    code: str
    sentence: str | None
    state: str = "refused"
    upload: str = "refused"
    offers: tuple = ("send_again", "settle_done", "settle_void")
    customer: dict = field(default_factory=dict)
    armed: bool = False


BILL = {"receivable_id": "Y1", "month": "2026-01", "amount": 5000, "late_fee": 0}
PAYMENTS = (
    Case("1001", None, "done", "done", ()),
    Case("1002", "M-111", "unknown", "queued", ("ask_again",), armed=True),
    Case("1004", "M-105", customer={"status": "closed"}),
    Case("1006", "M-112", armed=True),
    Case("1007", "M-122", offers=("settle_done", "settle_void"), armed=True),
    Case("1008", "M-123", offers=("settle_done", "settle_void"), armed=True),
    Case("1009", "M-124", offers=("settle_done", "settle_void"), armed=True),
    Case("1011", "M-106", "queued", "queued", ("ask_again",), armed=True),
    Case("1013", "M-111", "unknown", "queued", ("ask_again",), armed=True),
    Case("1035", "M-108", armed=True),
    Case("1037", "M-104", customer={"advance_with_arrears": False, "bills": [BILL]}),
    Case("1039", "M-107", customer={"refusal": "1039"}),
    Case("706", "M-120", armed=True),
    Case("707", "M-121", armed=True),
    Case("11008", "M-113", armed=True),
    Case("11209", "M-109", customer={"refusal": "11209"}),
    Case("11211", "M-103", customer={"last_count": 7}),
    Case("11219", "M-110", customer={"refusal": "11219"}),
)
REVERSALS = (
    Case("1001", None, "done", "done", ()),
    Case("1002", "M-111", "unknown", "queued", ("ask_again",), armed=True),
    Case("1003", "M-131", "dispute", offers=("ask_again", "accept", "settle_done", "settle_void"), armed=True),
    Case("1005", "M-115", offers=("by_hand", "send_again", "settle_done"), armed=True),
    Case("1015", "M-116", offers=("by_hand", "send_again", "settle_done")),
    Case("11006", "M-117", offers=("by_hand", "send_again", "settle_done"), armed=True),
    Case("11007", "M-118", "dispute", offers=("ask_again", "accept", "settle_done", "settle_void")),
    Case("11061", "M-119", offers=("by_hand", "send_again", "settle_done")),
)


def check(utility, case, serial, order):
    with utility.work(utility.supervisors[0]) as env:
        message = utility.message(env, serial)
        assert (message.state, message.code or None) == (case.state, case.sentence)
        assert set(case.offers) <= set(message.allowed_actions.split())
        assert utility.order(env, order).upload_state == case.upload
        if case.sentence:
            assert message.code_text.startswith(f"{case.sentence} ")
        on_the_work_list = case.state in ("refused", "dispute")
        history = utility.order(env, order).message_ids.mapped("body")
        assert any(case.sentence in str(body) for body in history if case.sentence) == on_the_work_list
        assert bool(message.activity_ids) == on_the_work_list


@pytest.mark.parametrize("case", PAYMENTS, ids=lambda case: case.code)
def test_each_answer_to_a_payment(utility, case):
    number = utility.account(**case.customer)
    serial = utility.sell(number)
    if case.armed:
        utility.client.fault("answer", code=case.code, times=None, account=number, operation="SubmitPayment")
        utility.client.fault("answer", code=case.code, times=1, operation="QueryPayment", serial=serial)
    utility.send()
    check(utility, case, serial, serial)
    if case.state != "done":
        utility.client.clear_faults()
        ways_out(utility, case, number)
        if case.state == "refused" and "send_again" in case.offers:
            utility.act(serial, "send_again")
        elif case.state == "refused":
            assert serial not in utility.records()[0]
            utility.act(serial, "settle_void")
            return
        utility.pass_time()
        utility.send()
    utility.check_books()


def ways_out(utility, case, number):
    """Remove there what made the marketing system refuse."""
    cured = {"status": "active", "advance_with_arrears": True, "refusal": None, "last_count": 1}
    changes = {name: cured[name] for name in case.customer if name in cured}
    if changes:
        utility.client.put_customers({"account_no": number, **changes})


@pytest.mark.parametrize("case", REVERSALS, ids=lambda case: case.code)
def test_each_answer_to_a_reversal(utility, case):
    serial = utility.sell(utility.account())
    utility.send()
    if case.code == "11007":
        utility.client.do("reverse-by-hand", serial="OFFICE-0001", original_serial=serial, reason="office")
    if case.code == "11061":
        utility.client.do("remit")
    if case.code == "1015":
        utility.client.advance(86400)
    back = utility.take_back(serial)
    if case.armed:
        utility.client.fault("answer", code=case.code, times=None, serial=back, operation="ReversePayment")
        utility.client.fault("answer", code=case.code, times=1, operation="QueryPayment", serial=serial)
    utility.send()
    check(utility, case, back, serial)
    utility.client.clear_faults()
    settle_reversal(utility, case, serial, back)
    utility.check_books()


def settle_reversal(utility, case, serial, back):
    """Do at the work list what its code calls for."""
    if case.state == "unknown":
        utility.pass_time()
        utility.send()
    elif "by_hand" in case.offers:
        utility.client.do("reverse-by-hand", serial=f"OFFICE-{case.code}", original_serial=serial, reason="office")
        utility.act(back, "by_hand")
        utility.act(back, "settle_done")
    elif case.code == "11007":
        utility.act(back, "accept")
    elif case.state == "dispute":
        utility.act(back, "ask_again")
        utility.send()


def test_another_content_under_our_serial_is_a_dispute_for_two_persons(utility):
    number, other = utility.account(), utility.account()
    serial = utility.sell(number)
    with utility.work() as env:
        payment = {**utility.message(env, serial).payload, "account_no": other, "amount": 100}
    utility.client.do("book-by-hand", payment=payment)
    utility.send()
    case = Case("11004", "M-114", "dispute", offers=("ask_again", "accept", "settle_done", "settle_void"))
    check(utility, case, serial, serial)
    assert other in utility.read(serial, "found_text")
    utility.act(serial, "ask_again")
    utility.send()
    assert utility.read(serial) == "dispute"


def test_a_payment_that_the_office_took_back_is_a_dispute(utility):
    serial = utility.sell(utility.account())
    utility.client.fault("reset", booked=True, operation="SubmitPayment")
    utility.client.fault("reset", operation="QueryPayment")
    utility.send()
    utility.client.do("reverse-by-hand", serial="OFFICE-0002", original_serial=serial, reason="office")
    utility.pass_time()
    utility.send()
    assert utility.read(serial, "state", "code") == ("dispute", "M-118")


def test_no_record_sends_the_same_serial_again(utility):
    serial = utility.sell(utility.account())
    utility.client.fault("reset", operation="SubmitPayment")
    utility.send()
    assert utility.operations(serial) == ["submit_payment", "query_payment", "submit_payment"]
    utility.check_books()
