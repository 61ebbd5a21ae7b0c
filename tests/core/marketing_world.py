"""A marketing system and an outbox in memory, for the test that no fault makes their books differ.

The marketing system keeps its rules in a way of its own; the outbox moves by :mod:`prepaid_core.cis_delivery` alone, as
the addon's does: commit the lease, send, record.
"""

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from prepaid_core import cis_compare, cis_days, cis_results
from prepaid_core import cis_delivery as delivery
from prepaid_core.cis_delivery import Standing
from prepaid_core.cis_types import (
    AMOUNT,
    ONLY_CALLER,
    ONLY_MARKETING,
    BookedAnswer,
    Booking,
    Difference,
    Payment,
    PaymentAnswer,
    Record,
    Result,
    Reversal,
    ReversalAnswer,
    ReversalBooking,
    Unreachable,
)

BEFORE, AFTER, LATE, AWAY, BROKEN, ODD = "before", "after", "late", "away", "broken", "odd"
FAULTS = (BEFORE, AFTER, LATE, AWAY, BROKEN, ODD)
"""The answer is lost before it is booked, after, it is booked later, nothing left us, its database fails (1013), the
answer holds what cannot be recorded."""
OTHER = "other"
"""Number there of what another caller booked."""
AT = datetime(2026, 5, 3, 9, 0, tzinfo=UTC)


@dataclass
class Books:
    """The other side.

    :param bookings: serial → ``Booking``
    :param reversals: serial of the payment → ``ReversalBooking``
    :param late: requests that arrived and are not booked yet
    :param refusing: account → code by which it refuses payments
    :param faults: for the next calls
    :param again: further reversals of payments that were taken back already
    :param effects: serials in the order in which they were booked
    :param closed: days that matched: nothing is booked in them any more
    :param too_late: serials of payments that came when their day was closed
    :param time: of day
    """

    today: date = date(2026, 5, 3)
    time: time = time(12)
    bookings: dict = field(default_factory=dict)
    reversals: dict = field(default_factory=dict)
    late: list = field(default_factory=list)
    refusing: dict = field(default_factory=dict)
    faults: deque = field(default_factory=deque)
    again: list = field(default_factory=list)
    effects: list = field(default_factory=list)
    closed: set = field(default_factory=set)
    too_late: list = field(default_factory=list)

    def call(self, operation, subject):
        """Carry out a call, or the next fault."""
        fault = self.faults.popleft() if self.faults else None
        if fault == AWAY:
            raise Unreachable("connection", sent=False)
        if fault == BEFORE:
            raise Unreachable("timeout")
        if fault == LATE:
            self.late.append((operation, subject))
            raise Unreachable("timeout")
        answer = getattr(self, f"_{operation}")(subject)
        if (operation, answer.result.code) == (delivery.SUBMIT, "706"):
            self.too_late.append(subject.serial)
        if fault in (AFTER, ODD):
            raise Unreachable("timeout" if fault == AFTER else "internal")
        return replace(answer, result=Result("1013")) if fault == BROKEN else answer

    def catch_up(self, count=None):
        """Book what came late."""
        for _ in range(len(self.late) if count is None else min(count, len(self.late))):
            operation, subject = self.late.pop(0)
            getattr(self, f"_{operation}")(subject)

    def _submit_payment(self, payment):
        if payment.serial in self.bookings:
            return PaymentAnswer(Result("11004"), self.bookings[payment.serial])
        if payment.account_no in self.refusing:
            return PaymentAnswer(Result(self.refusing[payment.account_no]))
        if payment.accounting_date in self.closed:
            return PaymentAnswer(Result("706"))
        return PaymentAnswer(Result("1001"), self.book(payment, payment.accounting_date))

    def book(self, payment, day):
        """Book a payment, also as somebody there does it by hand on a later day."""
        booking = Booking(payment.serial, payment.account_no, payment.amount, day, f"M{len(self.effects)}", AT)
        self.bookings[payment.serial] = booking
        self.effects.append(payment.serial)
        return booking

    def _query_payment(self, serial):
        if serial not in self.bookings:
            return BookedAnswer(Result("1003"))
        return BookedAnswer(Result("1001"), self.bookings[serial], self.reversals.get(serial))

    def _reverse_payment(self, reversal):
        known = self.reversals.get(reversal.original_serial)
        if known:
            return ReversalAnswer(Result("11004" if known.serial == reversal.serial else "11007"), known)
        booking = self.bookings.get(reversal.original_serial)
        if booking is None:
            return ReversalAnswer(Result("1003"))
        if booking.accounting_date != self.today:
            return ReversalAnswer(Result("1015"))
        if reversal.accounting_date in self.closed:
            return ReversalAnswer(Result("706"))
        return ReversalAnswer(Result("1001"), self.take_back(reversal.serial, booking))

    def take_back(self, serial, booking):
        """Take a payment back, also as somebody there does it by hand: on the payment's day while that is open."""
        day = self.today if booking.accounting_date in self.closed else booking.accounting_date
        self.reversals[booking.serial] = ReversalBooking(
            serial, booking.serial, booking.amount, day, f"M{len(self.effects)}", AT
        )
        self.effects.append(serial)
        return self.reversals[booking.serial]

    def take_back_again(self, serial, booking):
        """Take a payment back by hand that was taken back before."""
        self.again.append(ReversalBooking(serial, booking.serial, booking.amount, self.today, "M0", AT))

    def book_by_hand(self, payment):
        """Book a payment by hand under a serial of its own, as its first one cannot be used again."""
        self.bookings[f"HAND{payment.serial}"] = Booking(
            payment.serial, payment.account_no, payment.amount, self.today, OTHER, AT
        )

    def stands(self, payment):
        """Tell whether a payment is in the books and not taken back."""
        own = self.bookings.get(payment.serial)
        booked = own and own.is_of(payment) and payment.serial not in self.reversals
        return bool(booked) or f"HAND{payment.serial}" in self.bookings

    def compare(self, day, records):
        """Compare a past day, and close it when it matches.

        :return: the differences
        """
        here = {record.serial: record for record in self._records(day)}
        there = {record.serial: record for record in records}
        differences = [
            Difference(
                AMOUNT if serial in there and serial in here else ONLY_MARKETING if serial in here else ONLY_CALLER,
                serial,
                (here.get(serial) or there[serial]).account_no,
                marketing_amount=here[serial].amount if serial in here else None,
                original_serial=here[serial].original_serial if serial in here else "",
            )
            for serial in here.keys() | there.keys()
            if here.get(serial) != there.get(serial)
        ]
        if not differences:
            self.closed.add(day)
        return differences

    def _records(self, day):
        """Return what counts on a day of our batch."""
        for booking in self.bookings.values():
            if booking.accounting_date == day and booking.marketing_serial != OTHER:
                yield Record(booking.serial, booking.account_no, booking.amount)
        for back in [*self.reversals.values(), *self.again]:
            if back.accounting_date == day:
                account = self.bookings[back.original_serial].account_no
                yield Record(back.serial, account, -back.amount, back.original_serial)


@dataclass(eq=False)
class Lease:
    """What a worker has of a message.

    :param step: at which it is
    """

    step: str


@dataclass(eq=False)
class Message:
    """A row of the outbox.

    :param content: ``Payment`` or ``Reversal``
    :param payment: of a reversal: the message that it takes back
    :param reversal: of a payment: the message that takes it back
    :param lease: of the worker that is at it; it stays when the worker dies
    :param there: serial under which it stands there, when somebody did it by hand
    :param day: on which it counts
    :param counts: of a payment: its sale was not taken back
    :param decided: people settled it
    """

    content: object
    standing: Standing
    payment: "Message" = None
    reversal: "Message" = None
    lease: Lease | None = None
    result: str = ""
    there: str = ""
    day: date = None
    counts: bool = True
    decided: bool = False

    def __post_init__(self):
        self.day = self.content.accounting_date

    def record(self):
        """Return this message in its day's detail."""
        payment = (self.payment or self).content
        name = self.there or self.content.serial
        if self.payment:
            return Record(name, payment.account_no, -payment.amount, payment.serial)
        return Record(name, payment.account_no, payment.amount)


class Outbox:
    """Our side: messages in the order in which the sale wrote them.

    :param books: the other side
    """

    def __init__(self, books):
        self.books = books
        self.messages = []
        self.slow = []

    def pay(self, account, amount, day=None):
        """Write the payment of a sale.

        :param day: on which it counts, when it is not today: a sale may arrive just after midnight
        """
        serial, day = f"R{len(self.messages):010d}", day or self.books.today
        payment = Payment(serial, account, day, "energy", "cash", "counter", "T-1", amount, "batch")
        self.messages.append(Message(payment, Standing(delivery.PAYMENT)))
        return self.messages[-1]

    def take_back(self, message):
        """Write the reversal of a sale."""
        message.counts = False
        if message.standing.state == "withdrawn":
            return
        if message.reversal:
            self.payment_settled(message)
            return
        serial = f"V{len(self.messages):010d}"
        reversal = Reversal(serial, message.content.serial, self.books.today, "T-1", "given up")
        message.reversal = Message(reversal, Standing(delivery.REVERSAL), payment=message)
        self.messages.append(message.reversal)

    def count_again(self, message):
        """Let a sale count that was taken back, as evidence of the card says."""
        message.counts = True
        back = message.reversal
        standing, of_back = delivery.counted_again(message.standing, back and back.standing)
        if of_back and of_back != back.standing:
            self._to_people(back, of_back.state)
        if of_back and of_back.state == "withdrawn":
            message.reversal = None
        if standing.state == "dispute":
            self._to_people(message, "dispute")
        message.standing = replace(message.standing, state=standing.state)

    @staticmethod
    def _to_people(message, state):
        """End what a worker has of a message, whose outcome nobody will record."""
        if message.lease:
            message.standing, message.lease = delivery.abandoned(message.standing), None
        message.standing, message.decided = replace(message.standing, state=state), False

    def head(self, account):
        """Return the first live message of an account, None when there is none."""
        for message in self.messages:
            owner = message.payment or message
            if owner.content.account_no == account and message.standing.state in delivery.LIVE:
                return message
        return None

    def work(self, account, dies=None):
        """Do the next step of an account's queue.

        :param dies: ``sending`` before the call, ``recording`` after it, None not at all; ``slow``: it records the
            outcome later, when its lease ran out
        """
        message = self.head(account)
        if message is None:
            return
        if message.lease:
            message.standing, message.lease = delivery.abandoned(message.standing), None
        payment = message.payment
        step = delivery.next_step(message.standing, payment and payment.standing, bool(message.reversal))
        if step in (delivery.WITHDRAW, delivery.WAIT):
            self._leave(message, step)
            return
        before = message.standing
        message.standing, message.lease = delivery.leased(before, step), Lease(step)
        if dies == "sending":
            return
        answer = self._send(message, step)
        if dies == "recording":
            return
        if dies == "slow":
            self.slow.append((message, message.lease, before, answer))
            return
        self._record(message, message.lease, before, answer)

    def slow_worker_records(self):
        """Let a slow worker come to its end."""
        self._record(*self.slow.pop(0))

    def _leave(self, message, step):
        if step == delivery.WAIT:
            message.standing = replace(message.standing, state="waiting")
            return
        payment = message.payment or message
        for each in (payment, payment.reversal):
            each.standing, each.lease = replace(each.standing, state="withdrawn"), None
        payment.reversal = None

    def _send(self, message, step):
        subject = message.content
        if step == delivery.QUERY:
            subject = (message.payment or message).content.serial
        try:
            return self.books.call(step, subject)
        except Unreachable as failure:
            return failure

    def _record(self, message, lease, before, answer):
        payment = message.payment or message
        follows = message.content if message.payment else message.reversal and message.reversal.content
        outcome = delivery.after(before, lease.step, answer, payment.content, follows)
        if message.lease is not lease:
            return
        message.standing, message.lease, message.result = outcome.standing, None, outcome.result
        self.payment_settled(message)

    def payment_settled(self, message):
        """Let the reversal that waits go on once its payment is settled, unless the sale counts."""
        follower = message.reversal
        if not follower or message.counts or follower.standing.state != "waiting":
            return
        if delivery.releases(message.standing):
            follower.standing = replace(follower.standing, state="queued")

    def act(self, message, action):
        """Do what the work list offers."""
        assert action in delivery.actions(message.standing, message.result)
        message.standing = delivery.after_action(message.standing, action)
        message.decided = True
        self.payment_settled(message)

    def compare_past_days(self, anyway=False):
        """Compare the days that are over and not closed.

        :param anyway: two persons compare them although messages have no end
        """
        days = {each.day for each in self.messages} - self.books.closed
        now = datetime.combine(self.books.today, self.books.time, UTC)
        for day in sorted(each for each in days if each < cis_compare.over_before(now, UTC)):
            concerned = [
                each for each in self.messages if each.day == day or (each.payment and each.payment.day == day)
            ]
            states = [each.standing.state for each in concerned]
            if anyway or not cis_days.is_held_up(states, self.books.today - day):
                self._compare(day)

    def _compare(self, day):
        done = [each for each in self.messages if each.day == day and each.standing.state == delivery.S_DONE]
        differences = self.books.compare(day, [each.record() for each in done])
        if not differences:
            for each in done:
                each.standing = replace(each.standing, unnamed=False)
            for each in self.messages:
                if each.day == day:
                    self._closed_without(each)
            return
        for found in differences:
            for each in self.messages:
                if cis_days.shows(found, each.standing, each.record()):
                    each.there, each.day, each.lease = found.serial, day, None
                    each.standing = replace(each.standing, state=delivery.S_DONE, unnamed=False)
                    self.payment_settled(each)

    def _closed_without(self, message):
        outcome = cis_days.closed_without(message.standing, (message.payment or message).counts)
        if outcome:
            message.standing, message.result, message.lease = outcome.standing, outcome.result, None
            self.payment_settled(message)

    def at_work(self):
        """Return the messages on the work list."""
        return [message for message in self.messages if message.standing.state in delivery.WORK]

    def settle_all(self, accounts):
        """Work until nothing is left, as the crons and the people at the work list do when the faults have stopped."""
        for _ in range(20 * len(self.messages) + 20):
            for account in accounts:
                self.work(account)
            if not any(self.head(account) for account in accounts):
                if not self.at_work():
                    return
                self.people_work()
        raise AssertionError("the queue does not come to its end")

    def _by_people(self, message):
        offered = delivery.actions(message.standing, message.result)
        state = message.standing.state
        if state == "waiting":
            self._put_aside(message)
        elif state == "dispute":
            self._decide(message)
        elif state == "refused" and cis_results.BY_HAND in offered:
            self._reverse_by_hand(message)
        elif state == "by_hand":
            self.act(message, cis_results.SETTLE_DONE)
        elif state == "refused" and message.result == cis_days.CLOSED:
            self._by_finance(message)
        elif state == "refused":
            self.act(message, cis_results.SEND_AGAIN)
        else:
            raise AssertionError(f"nobody knows what to do with {message}")

    def people_work(self):
        """Let people do one round of their work; they look into the other books."""
        for message in self.at_work():
            # What they did just now may have moved it.
            if message.standing.state in delivery.WORK:
                self._by_people(message)

    def _put_aside(self, message):
        """Settle a reversal that waits although its payment is settled: its sale counts again."""
        payment = message.payment
        if payment.counts and payment.standing.state in delivery.FINAL:
            self.act(message, cis_results.SETTLE_DONE if self._is_taken_back(message) else cis_results.SETTLE_VOID)

    def _is_taken_back(self, message):
        return message.content.original_serial in self.books.reversals

    def _reverse_by_hand(self, message):
        if not self._is_taken_back(message):
            booking = self.books.bookings[message.content.original_serial]
            self.books.take_back(f"HAND{message.content.serial}", booking)
        self.act(message, cis_results.BY_HAND)

    def _decide(self, message):
        """Let two persons decide of a dispute: the books there become what the sale here is."""
        if message.payment:
            self.act(message, cis_results.ACCEPT if self._is_taken_back(message) else cis_results.SETTLE_VOID)
            return
        own = self.books.bookings.get(message.content.serial)
        if own and not own.is_of(message.content):
            self.act(message, cis_results.SETTLE_VOID)
            return
        if message.counts and not self.books.stands(message.content):
            self.books.book_by_hand(message.content)
        self.act(message, cis_results.SETTLE_DONE if message.counts or own else cis_results.SETTLE_VOID)

    def _by_finance(self, message):
        """Book a payment by hand whose day is closed there without it, unless it is not to stand there."""
        if not message.counts or message.content.serial in self.books.bookings:
            self.act(message, cis_results.SETTLE_VOID)
            return
        self.books.book(message.content, self.books.today)
        self.act(message, cis_results.SETTLE_DONE)

    def put_right(self):
        """Book again what the office took back although its sale counts; only a day that differs shows it."""
        for message in self.messages:
            back = self.books.reversals.get(message.content.serial)
            if message.payment or not back or not message.counts or self.books.stands(message.content):
                continue
            assert message.decided or back.accounting_date not in self.books.closed, message
            self.books.book_by_hand(message.content)


def midnight(books):
    """Begin the next day."""
    books.today += timedelta(days=1)
    books.time = time(0)


def noon(books):
    """Let the hours pass after which the day before is compared."""
    books.time = time(12)
