"""Whatever fails, whenever a worker dies: once the faults stop, both books agree and each serial is there once."""

from collections import Counter, deque
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from prepaid_core import cis_delivery as delivery
from prepaid_core.cis_types import Booking

from tests.core.marketing_world import FAULTS, LATE, OTHER, Books, Message, Outbox, midnight, noon

ACCOUNTS = ("100000000001", "100000000002")
accounts = st.sampled_from(ACCOUNTS)
anyways = st.sampled_from((False, False, False, True))


class BothBooks(RuleBasedStateMachine):
    """Sales, reversals, faults, deaths and midnights in any order."""

    @initialize()
    def start(self):
        self.books = Books()
        self.outbox = Outbox(self.books)
        self.foreign = set()
        self.hurried = False

    def standing(self):
        """Return the payments that no reversal was written for."""
        return [each for each in self.outbox.messages if each.payment is None and each.reversal is None]

    @rule(account=accounts, amount=st.integers(1, 99999))
    def sell(self, account, amount):
        self.outbox.pay(account, amount)

    @precondition(lambda self: self.standing())
    @rule(data=st.data())
    def give_up(self, data):
        self.outbox.take_back(data.draw(st.sampled_from(self.standing())))

    @rule(faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=4))
    def fail(self, faults):
        self.books.faults.extend(faults)

    @rule(account=accounts, dies=st.sampled_from((None, None, "sending", "recording")), steps=st.integers(0, 5))
    def work(self, account, dies, steps):
        self.outbox.work(account, dies)
        for _ in range(steps):
            self.outbox.work(account)

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

    def teardown(self):
        """Stop the faults, let crons and people finish, and compare record by record."""
        self.books.faults.clear()
        self.books.refusing.clear()
        self.books.catch_up()
        over = {each.content.serial for each in self.outbox.messages if each.standing.state in ("withdrawn", "refused")}
        disputes = self._disputes_of_foreign_serials()
        self.outbox.settle_all(ACCOUNTS)
        for message in self.outbox.messages:
            if message.payment or message.content.serial in self.foreign:
                continue
            serial = message.content.serial
            stands = serial in self.books.bookings and serial not in self.books.reversals
            assert stands == (message.reversal is None), message
            if serial in self.books.bookings:
                assert self.books.bookings[serial].is_of(message.content)
        tried = {each.content.serial for each in self.outbox.messages if each.standing.tried}
        # What the comparison of its day ended never came to a dispute.
        assert disputes == self.foreign & tried - over

    def _disputes_of_foreign_serials(self):
        found = set()
        for _ in range(8 * len(self.outbox.messages) + 8):
            for account in ACCOUNTS:
                self.outbox.work(account)
            for message in list(self.outbox.at_work()):
                if message.standing.state == "dispute":
                    found.add(message.content.serial)
                    self._give_way(message)
        return found

    def _give_way(self, message: Message):
        """Two persons decide that the other booking stands and ours never will."""
        self.outbox.act(message, "settle_void")
        assert message.standing.state in delivery.FINAL


TestBothBooks = BothBooks.TestCase
TestBothBooks.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


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
