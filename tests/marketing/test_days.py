"""The night compares past days with the other books: nothing is closed over what people still have to do."""

import pytest


@pytest.fixture
def sold(utility):
    """Return a maker of sales of yesterday, which are uploaded."""

    def sell(**customer):
        serial = utility.sell(utility.account(**customer))
        utility.yesterday(serial)
        utility.send()
        return serial

    return sell


def test_a_refused_payment_keeps_its_day_open_until_it_is_booked(utility, sold):
    refused = sold(refusal="11219")
    day = utility.yesterday(refused)
    assert utility.read(refused) == "refused"
    assert utility.compare_days() == {day: "open"}
    assert utility.read(refused) == "refused"
    with utility.work() as env:
        number = utility.order(env, refused).account_no
    utility.client.put_customers({"account_no": number, "refusal": None})
    utility.act(refused, "send_again")
    utility.send()
    assert utility.compare_days() == {day: "matched"}
    utility.check_books()


def test_a_reversal_done_by_hand_is_found_on_the_day_of_its_payment(utility, sold):
    serial = sold()
    day = utility.yesterday(serial)
    back = utility.take_back(serial)
    utility.send()
    assert utility.read(back, "state", "code") == ("refused", "M-116")
    assert utility.compare_days() == {day: "open"}
    utility.client.do("reverse-by-hand", serial="OFFICE-0004", original_serial=serial, reason="after midnight")
    utility.act(back, "by_hand")
    assert utility.compare_days() == {day: "differs"}
    assert utility.read(back, "state", "there_name") == ("done", "OFFICE-0004")
    with utility.work(utility.supervisors[0]) as env:
        env["electricity.cis.day"].search([("day", "=", day)]).action_bring_again()
    assert utility.compare_days() == {day: "matched"}
    utility.check_books()
