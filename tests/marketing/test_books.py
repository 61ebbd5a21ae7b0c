"""Real processes: Odoo is killed, answers are lost, bookings come late, days end. Then both books agree."""

import threading

from tests.marketing.utility import wait_for


def test_odoo_killed_between_sending_and_recording_books_once(utility, stack):
    serial = utility.sell(utility.account())
    utility.client.fault("timeout_after", operation="SubmitPayment", serial=serial)
    odoo = utility.odoo(stack)
    utility.wake()
    wait_for(lambda: serial in utility.records()[0])
    odoo.kill()
    utility.client.clear_faults()
    state, tried, leased = utility.read(serial, "state", "tried", "leased_until")
    assert (state, tried, bool(leased)) == ("queued", True, True)
    assert not utility.operations(serial)
    utility.send()
    assert not utility.operations(serial)
    utility.pass_time(leases=True)
    utility.send()
    assert utility.operations(serial) == ["query_payment"]
    utility.check_books()


def test_odoo_killed_before_the_marketing_system_booked_it_sends_it_again(utility, stack):
    serial = utility.sell(utility.account())
    utility.client.fault("timeout_before", operation="SubmitPayment", serial=serial)
    odoo = utility.odoo(stack)
    utility.wake()
    wait_for(lambda: utility.read(serial, "leased_until") and not utility.client.armed())
    odoo.kill()
    utility.client.clear_faults()
    utility.pass_time(leases=True)
    utility.send()
    assert utility.operations(serial) == ["query_payment", "submit_payment"]
    utility.check_books()


def test_a_sale_is_uploaded_by_itself(utility, stack):
    odoo = utility.odoo(stack)
    serial = utility.sell(utility.account())
    wait_for(lambda: utility.read(serial) == "done")
    odoo.stop()
    utility.check_books()


def test_a_booking_that_comes_late_is_there_once_and_is_taken_back_with_its_sale(utility):
    serial = utility.sell(utility.account())
    utility.client.fault("late", operation="SubmitPayment", serial=serial, seconds=0.1)
    utility.client.fault("reset", operation="QueryPayment")
    utility.send()
    assert utility.read(serial) == "unknown"
    back = utility.take_back(serial)
    utility.client.book_late()
    utility.pass_time()
    utility.send()
    assert (utility.read(serial), utility.read(back)) == ("done", "done")
    utility.check_books()


def test_a_booking_later_than_the_question_about_it_is_there_once(utility):
    serial = utility.sell(utility.account())
    utility.client.fault("late", operation="SubmitPayment", serial=serial, seconds=0.1)
    utility.send()
    utility.client.book_late()
    assert utility.operations(serial)[:2] == ["submit_payment", "query_payment"]
    utility.check_books()


def test_a_booking_that_comes_after_a_refusal_is_found_and_taken_back(utility):
    number = utility.account()
    serial = utility.sell(number)
    utility.client.fault("late", operation="SubmitPayment", serial=serial, seconds=0.1)
    utility.client.fault("reset", operation="QueryPayment")
    utility.send()
    utility.client.put_customers({"account_no": number, "refusal": "11219"})
    utility.pass_time()
    utility.send()
    assert utility.read(serial, "state", "uncertain") == ("refused", True)
    back = utility.take_back(serial)
    utility.send()
    assert utility.read(back) == "waiting"
    utility.client.put_customers({"account_no": number, "refusal": None})
    utility.client.book_late()
    utility.act(serial, "ask_again")
    utility.send()
    assert (utility.read(serial), utility.read(back)) == ("done", "done")
    utility.check_books()


def test_a_sale_taken_back_before_it_left_is_never_sent(utility):
    serial = utility.sell(utility.account())
    back = utility.take_back(serial)
    utility.send()
    assert (utility.read(serial), utility.read(back)) == ("withdrawn", "withdrawn")
    assert not utility.records()[0]
    utility.check_books()


def test_a_reversal_follows_its_payment_through_silence(utility):
    serial = utility.sell(utility.account())
    utility.client.fault("reset", operation="SubmitPayment")
    utility.client.fault("reset", operation="QueryPayment")
    utility.send()
    back = utility.take_back(serial)
    utility.client.fault("reset", booked=True, operation="ReversePayment")
    utility.send()
    assert not utility.operations(back)
    utility.pass_time()
    utility.send()
    utility.pass_time()
    utility.send()
    assert utility.operations(back) == ["reverse_payment", "query_payment"]
    utility.check_books()


def test_nothing_is_decided_of_a_reversal_while_somebody_works_at_its_payment(utility):
    number = utility.account()
    serial = utility.sell(number)
    utility.client.put_customers({"account_no": number, "refusal": "11219"})
    utility.client.fault("reset", operation="SubmitPayment")
    utility.send()
    utility.pass_time()
    utility.send()
    assert utility.read(serial, "state", "uncertain") == ("refused", True)
    back = utility.take_back(serial)
    with utility.work() as env:
        env.cr.execute("SELECT id FROM electricity_cis_message WHERE name = %s FOR NO KEY UPDATE", [serial])
        utility.send()
        assert utility.read(back) == "queued"
    utility.send()
    assert utility.read(back) == "waiting"
    utility.client.put_customers({"account_no": number, "refusal": None})
    utility.act(serial, "ask_again")
    utility.send()
    assert (utility.read(serial), utility.read(back)) == ("done", "done")
    utility.check_books()


def test_after_midnight_the_office_takes_it_back_and_two_persons_settle_it(utility):
    serial = utility.sell(utility.account())
    utility.send()
    back = utility.take_back(serial)
    utility.client.advance(86400)
    utility.send()
    assert utility.read(back, "state", "code") == ("refused", "M-116")
    utility.client.do("reverse-by-hand", serial="OFFICE-0003", original_serial=serial, reason="after midnight")
    utility.act(back, "by_hand")
    utility.act(back, "settle_done")
    utility.check_books()


def test_a_marketing_system_that_is_away_is_left_alone_and_gets_all_when_it_is_back(utility):
    serials = [utility.sell(utility.account()) for _ in range(6)]
    utility.cis.stop()
    utility.send()
    with utility.work() as env:
        connection = env["electricity.cis.connection"].browse(utility.connection)
        assert connection.circuit_state == "open"
        messages = env["electricity.cis.message"].search([("name", "in", serials)])
        assert set(messages.mapped("state")) <= {"queued", "unknown"}
        tries = sum(messages.mapped("tries"))
        assert tries == connection.failures
    utility.send()
    with utility.work() as env:
        assert sum(env["electricity.cis.message"].search([("name", "in", serials)]).mapped("tries")) == tries
    utility.cis.start()
    utility.pass_time()
    utility.send()
    utility.check_books()


def test_two_senders_at_once_send_nothing_twice_and_keep_each_accounts_order(utility, stack):
    numbers = [utility.account() for _ in range(6)]
    sales = [(number, utility.sell(number, 10.0 + each)) for each in range(4) for number in numbers]
    odoo = utility.odoo(stack)
    threads = [threading.Thread(target=utility.send) for _ in range(2)]
    utility.wake()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_for(lambda: all(utility.read(serial) == "done" for _number, serial in sales))
    odoo.stop()
    counts = {}
    for each in utility.client.records()["payment"]:
        counts.setdefault(each["account_no"], []).append(each["count"])
    assert all(found == sorted(found) for found in counts.values())
    utility.check_books()


def test_kills_at_any_moment_lose_nothing_and_book_nothing_twice(utility, stack):
    serials = []
    for round_ in range(2):
        utility.client.fault("slow", seconds=0.3, times=None)
        serials += [utility.sell(utility.account()) for _ in range(4)]
        booked = len(utility.records()[0])
        odoo = utility.odoo(stack)
        utility.wake()
        wait_for(lambda booked=booked, round_=round_: len(utility.records()[0]) > booked + round_)
        odoo.kill()
        utility.client.clear_faults()
        utility.pass_time(leases=True)
    utility.take_back(serials[-1])
    utility.send()
    assert len(utility.records()[0]) >= len(serials) - 1
    utility.check_books()
