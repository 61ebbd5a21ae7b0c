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


@pytest.fixture
def booked_by_hand(utility, sold):
    """Return a refused payment of yesterday that the office booked there under a serial of its own: (serial, day)."""
    serial = sold(refusal="11219")
    day = utility.yesterday(serial)
    with utility.work() as env:
        payload = utility.message(env, serial).payload
    utility.client.do("book-by-hand", payment={**payload, "serial": OFFICE})
    return serial, day


OFFICE = "OFFICE-0005"


def test_a_payment_that_two_persons_found_under_another_serial_lets_its_day_match(utility, booked_by_hand):
    serial, day = booked_by_hand
    utility.act(serial, "settle_done", there_name=OFFICE)
    assert utility.read(serial, "state", "there_name") == ("done", OFFICE)
    assert utility.compare_days() == {day: "matched"}


def test_a_payment_that_they_found_without_naming_it_is_explained_and_its_day_matches_then(utility, booked_by_hand):
    serial, day = booked_by_hand
    utility.act(serial, "settle_done")
    assert utility.compare_days() == {day: "differs"}
    with utility.work(utility.supervisors[0]) as env:
        found = env["electricity.cis.day"].search([("day", "=", day)])
        differences = {each.serial: each.resolution for each in found.difference_ids}
        assert differences == {serial: "one_payment", OFFICE: "one_payment"}
        found.action_bring_again()
    assert utility.compare_days() == {day: "matched"}
