"""Whatever fails, whenever a worker dies: once the faults stop, both books agree and each serial is there once."""

from collections import Counter, deque
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from prepaid_core import arrears
from prepaid_core import cis_delivery as delivery
from prepaid_core.cis_types import Booking

from tests.core.marketing_world import AFTER, FAULTS, LATE, OTHER, Books, Outbox, midnight, noon

ACCOUNTS = ("100000000001", "100000000002")
accounts = st.sampled_from(ACCOUNTS)
anyways = st.sampled_from((False, False, False, True))


class BothBooks(RuleBasedStateMachine):
    """Sales, reversals, what the office does by hand, faults, deaths and midnights in any order."""

    @initialize()
    def start(self):
        self.books = Books()
        self.outbox = Outbox(self.books)
        self.foreign = set()
        self.hurried = False
        self.disputes = []

    def payments(self, counts):
        """Return the payments whose sale counts, or those whose sale was taken back."""
        return [each for each in self.outbox.messages if each.payment is None and each.counts == counts]

    def booked(self, taken_back):
        """Return our bookings in the other books that are taken back there, or those that are not."""
        return [
            booking
            for serial, booking in self.books.bookings.items()
            if booking.marketing_serial != OTHER and (serial in self.books.reversals) == taken_back
        ]

    @rule(account=accounts, amount=st.integers(1, 99999))
    def sell(self, account, amount):
        self.outbox.pay(account, amount)

    def may_be_given_up(self):
        """Return the payments that may be taken back; what people booked by hand they take back by hand."""
        return [each for each in self.payments(counts=True) if f"HAND{each.content.serial}" not in self.books.bookings]

    @precondition(lambda self: self.may_be_given_up())
    @rule(data=st.data())
    def give_up(self, data):
        self.outbox.take_back(data.draw(st.sampled_from(self.may_be_given_up())))

    @precondition(lambda self: self.payments(counts=False))
    @rule(data=st.data())
    def count_again(self, data):
        self.outbox.count_again(data.draw(st.sampled_from(self.payments(counts=False))))

    @precondition(lambda self: self.booked(taken_back=False))
    @rule(data=st.data())
    def the_office_takes_one_back(self, data):
        booking = data.draw(st.sampled_from(self.booked(taken_back=False)))
        self.books.take_back(f"OFFICE{len(self.books.effects)}", booking)

    @precondition(lambda self: self.booked(taken_back=True))
    @rule(data=st.data())
    def the_office_takes_one_back_again(self, data):
        booking = data.draw(st.sampled_from(self.booked(taken_back=True)))
        self.books.take_back_again(f"AGAIN{len(self.books.again)}", booking)

    @rule()
    def people_work(self):
        if not self.books.late:
            # While a booking may come they could not see what stands there.
            self.outbox.people_work()

    @rule(faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=4))
    def fail(self, faults):
        self.books.faults.extend(faults)

    @rule(account=accounts, dies=st.sampled_from((None, None, "sending", "recording", "slow")), steps=st.integers(0, 5))
    def work(self, account, dies, steps):
        self.outbox.work(account, dies)
        for _ in range(steps):
            self.outbox.work(account)

    @rule()
    def slow_workers_record(self):
        while self.outbox.slow:
            self.outbox.slow_worker_records()

    @rule(account=accounts, code=st.sampled_from((None, "1037", "11211", "1011")))
    def rules_change(self, account, code):
        self.books.refusing = {account: code} if code else {}

    @rule(count=st.integers(1, 2))
    def book_late(self, count):
        self.books.catch_up(count)

    @rule()
    def day_ends(self):
        midnight(self.books)

    @rule(anyway=anyways)
    def day_ends_and_is_compared(self, anyway):
        midnight(self.books)
        noon(self.books)
        self.past_days_are_compared(anyway)

    @rule(anyway=anyways)
    def past_days_are_compared(self, anyway):
        self.hurried |= anyway
        self.outbox.compare_past_days(anyway)

    @rule(account=accounts, amount=st.integers(1, 99999))
    def a_sale_of_the_last_second_arrives_when_the_cron_has_looked(self, account, amount):
        self.outbox.pay(account, amount)
        self.work(account, None, 3)
        midnight(self.books)
        self.outbox.compare_past_days()
        self.outbox.pay(account, amount, self.books.today - timedelta(days=1))
        self.work(account, None, 3)

    @rule()
    def hours_pass(self):
        noon(self.books)

    @rule(account=accounts, amount=st.integers(100000, 200000))
    def somebody_takes_the_next_serial(self, account, amount):
        serial = f"R{len(self.outbox.messages):010d}"
        self.books.bookings[serial] = Booking(serial, account, amount, self.books.today, OTHER, None)
        self.books.effects.append(serial)
        self.foreign.add(serial)
        self.outbox.pay(account, 1)

    @invariant()
    def each_serial_is_booked_at_most_once(self):
        assert max(Counter(self.books.effects).values(), default=1) == 1

    @invariant()
    def a_duplicate_with_another_content_never_counts_as_ours(self):
        for message in self.outbox.messages:
            if message.content.serial in self.foreign:
                assert message.standing.state != "done"
        assert not self.foreign & set(self.books.reversals)

    @invariant()
    def no_day_is_closed_before_its_payments_came(self):
        assert self.hurried or not self.books.too_late

    @invariant()
    def a_reversal_never_overtakes(self):
        for message in self.outbox.messages:
            if message.payment and message.standing.tried:
                assert message.payment.standing.state in ("done", "dispute", "refused", "unknown", "queued")
                assert message.content.original_serial in self.books.bookings

    @invariant()
    def only_people_end_a_dispute(self):
        for message in self.disputes:
            # A day that is closed without it, of a sale that was taken back, leaves nothing to decide.
            over = message.standing.state == "withdrawn" and not message.counts
            assert message.standing.state == "dispute" or message.decided or over, message
        self.disputes = [each for each in self.outbox.messages if each.standing.state == "dispute"]

    @invariant()
    def no_day_is_closed_with_a_second_reversal(self):
        closed = Counter(
            back.original_serial
            for back in [*self.books.reversals.values(), *self.books.again]
            if back.accounting_date in self.books.closed
        )
        assert max(closed.values(), default=1) == 1

    def teardown(self):
        """Stop the faults, let crons and people finish, and compare record by record."""
        self.books.faults.clear()
        self.books.refusing.clear()
        self.books.catch_up()
        self.outbox.settle_all(ACCOUNTS)
        self.outbox.put_right()
        for message in self.outbox.messages:
            if message.payment or message.content.serial in self.foreign:
                continue
            assert self.books.stands(message.content) == message.counts, message
            if not message.counts:
                self.check_money_is_free(message)

    def check_money_is_free(self, message):
        """Check that nobody waits for the money of a payment that two persons took back."""
        reversal = message.reversal and message.reversal.standing.state
        assert arrears.end_of_taking_back(message.standing.state, reversal) == arrears.FREE, message


TestBothBooks = BothBooks.TestCase
TestBothBooks.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)


def test_a_booking_that_comes_after_a_refusal_is_found_and_taken_back():
    books = Books(faults=deque([LATE]))
    outbox = Outbox(books)
    payment = outbox.pay(ACCOUNTS[0], 10000)
    outbox.work(ACCOUNTS[0])
    books.refusing = {ACCOUNTS[0]: "1037"}
    outbox.work(ACCOUNTS[0])
    outbox.work(ACCOUNTS[0])
    assert payment.standing.state == "refused"
    outbox.take_back(payment)
    outbox.work(ACCOUNTS[0])
    assert payment.reversal.standing.state == "waiting"
    books.refusing = {}
    books.catch_up()
    outbox.act(payment, "ask_again")
    outbox.work(ACCOUNTS[0])
    outbox.work(ACCOUNTS[0])
    assert (payment.standing.state, payment.reversal.standing.state) == ("done", "done")
    assert payment.content.serial in books.reversals


def test_a_payment_refused_for_certain_needs_no_reversal():
    books = Books(refusing={ACCOUNTS[0]: "1037"})
    outbox = Outbox(books)
    payment = outbox.pay(ACCOUNTS[0], 10000)
    outbox.work(ACCOUNTS[0])
    outbox.take_back(payment)
    outbox.work(ACCOUNTS[0])
    assert {each.standing.state for each in outbox.messages} == {"withdrawn"}
    assert not books.effects


def test_after_midnight_people_take_it_back_by_hand():
    books = Books()
    outbox = Outbox(books)
    payment = outbox.pay(ACCOUNTS[0], 10000)
    outbox.work(ACCOUNTS[0])
    midnight(books)
    outbox.take_back(payment)
    outbox.work(ACCOUNTS[0])
    assert (payment.reversal.standing.state, payment.reversal.result) == ("refused", "1015")
    outbox.settle_all(ACCOUNTS)
    assert payment.content.serial in books.reversals


def test_what_people_work_on_does_not_hold_up_the_next_sale():
    books = Books(refusing={ACCOUNTS[0]: "1037"})
    outbox = Outbox(books)
    outbox.pay(ACCOUNTS[0], 10000)
    outbox.work(ACCOUNTS[0])
    books.refusing = {}
    later = outbox.pay(ACCOUNTS[0], 20000)
    outbox.work(ACCOUNTS[0])
    assert later.standing.state == "done"


def test_a_refused_payment_is_not_forgotten_when_its_day_is_closed_without_it():
    books = Books(refusing={ACCOUNTS[0]: "1037"})
    outbox = Outbox(books)
    payment = outbox.pay(ACCOUNTS[0], 10000)
    outbox.work(ACCOUNTS[0])
    midnight(books)
    noon(books)
    outbox.compare_past_days()
    assert not books.closed
    outbox.compare_past_days(anyway=True)
    assert books.closed
    assert (payment.standing.state, payment.result) == ("refused", "706")
    outbox.settle_all(ACCOUNTS)
    assert payment.content.serial in books.bookings


def test_a_reversal_that_came_after_midnight_is_found_by_its_payment():
    books = Books()
    outbox = Outbox(books)
    payment = outbox.pay(ACCOUNTS[0], 10000)
    outbox.work(ACCOUNTS[0])
    outbox.take_back(payment)
    midnight(books)
    noon(books)
    outbox.work(ACCOUNTS[0])
    outbox.compare_past_days()
    assert (payment.reversal.standing.state, books.closed) == ("refused", set())
    books.take_back("OFFICE-1", books.bookings[payment.content.serial])
    outbox.act(payment.reversal, "by_hand")
    outbox.compare_past_days()
    assert (payment.reversal.standing.state, payment.reversal.there) == ("done", "OFFICE-1")
    outbox.compare_past_days()
    assert books.closed == {payment.day}


def test_a_sale_of_the_last_second_is_not_too_late():
    books = Books()
    outbox = Outbox(books)
    outbox.pay(ACCOUNTS[0], 10000)
    outbox.work(ACCOUNTS[0])
    midnight(books)
    outbox.compare_past_days()
    late = outbox.pay(ACCOUNTS[0], 20000, books.today - timedelta(days=1))
    noon(books)
    outbox.compare_past_days()
    outbox.work(ACCOUNTS[0])
    assert (late.standing.state, books.closed) == ("done", set())
    outbox.compare_past_days()
    assert books.closed == {late.day}


def test_a_dispute_is_not_settled_by_the_comparison_of_its_day():
    books = Books(faults=deque([AFTER]))
    outbox = Outbox(books)
    payment = outbox.pay(ACCOUNTS[0], 10000)
    outbox.work(ACCOUNTS[0])
    books.take_back("OFFICE-1", books.bookings[payment.content.serial])
    outbox.work(ACCOUNTS[0])
    assert payment.standing.state == "dispute"
    midnight(books)
    noon(books)
    outbox.compare_past_days(anyway=True)
    assert (payment.standing.state, books.closed) == ("dispute", set())


def test_a_second_reversal_there_closes_no_day():
    books = Books()
    outbox = Outbox(books)
    payment = outbox.pay(ACCOUNTS[0], 10000)
    outbox.work(ACCOUNTS[0])
    outbox.take_back(payment)
    outbox.work(ACCOUNTS[0])
    midnight(books)
    noon(books)
    outbox.compare_past_days()
    assert books.closed == {payment.day}
    books.take_back_again("OFFICE-1", books.bookings[payment.content.serial])
    outbox.pay(ACCOUNTS[0], 500)
    outbox.work(ACCOUNTS[0])
    midnight(books)
    noon(books)
    for _time in range(2):
        outbox.compare_past_days()
    assert (payment.reversal.there, books.closed) == ("", {payment.day})


def test_a_reversal_that_two_persons_settled_is_named_once():
    books = Books()
    outbox = Outbox(books)
    payment = outbox.pay(ACCOUNTS[0], 10000)
    outbox.work(ACCOUNTS[0])
    midnight(books)
    outbox.take_back(payment)
    outbox.work(ACCOUNTS[0])
    outbox.settle_all(ACCOUNTS)
    assert payment.reversal.standing.unnamed
    books.take_back_again("OFFICE-1", books.bookings[payment.content.serial])
    midnight(books)
    noon(books)
    for _time in range(3):
        outbox.compare_past_days()
    assert payment.reversal.there == f"HAND{payment.reversal.content.serial}"
    assert books.closed == {payment.day}


def test_a_slow_worker_books_nothing_over_a_decision_of_people():
    books = Books(refusing={ACCOUNTS[0]: "1037"})
    outbox = Outbox(books)
    payment = outbox.pay(ACCOUNTS[0], 10000)
    outbox.work(ACCOUNTS[0])
    outbox.take_back(payment)
    outbox.work(ACCOUNTS[0])
    outbox.count_again(payment)
    assert payment.standing.state == "dispute"
    outbox.act(payment, "ask_again")
    outbox.work(ACCOUNTS[0])
    books.refusing = {}
    outbox.work(ACCOUNTS[0], "slow")
    outbox.take_back(payment)
    payment.reversal.standing = delivery.leased(payment.reversal.standing, delivery.REVERSE)
    outbox.count_again(payment)
    outbox.slow_worker_records()
    assert (payment.standing.state, payment.standing.uncertain) == ("dispute", True)
    assert payment.reversal.standing.state == "waiting"
