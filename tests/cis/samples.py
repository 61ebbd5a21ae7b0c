"""Types with ordinary content, and strategies that make any."""

from datetime import UTC, date, datetime

from hypothesis import strategies as st
from prepaid_addon.core import cis_types as types
from stack import logs

ACCOUNT = logs.plant("330100123456", "a customer's number")
PAYMENT = types.Payment(
    serial="PAY-000000000001",
    account_no=ACCOUNT,
    accounting_date=date(2026, 11, 25),
    kind="energy",
    method="cash",
    channel="counter",
    operator="clerk-7",
    amount=10_000,
    batch="B-20261125",
    allocations=(types.Allocation("R-1", 2_345),),
    energy=13_960,
    count=7,
)
BOOKING = types.Booking(
    serial=PAYMENT.serial,
    account_no=ACCOUNT,
    amount=PAYMENT.amount,
    accounting_date=PAYMENT.accounting_date,
    marketing_serial="YX-1",
    booked_at=datetime(2026, 11, 25, 1, 2, 3, tzinfo=UTC),
)
REVERSAL = types.Reversal("REV-000000000001", PAYMENT.serial, date(2026, 11, 25), "clerk-7", "the card was pulled")
REVERSED = types.ReversalBooking(
    REVERSAL.serial, PAYMENT.serial, PAYMENT.amount, REVERSAL.accounting_date, "YX-2", BOOKING.booked_at
)
OK = types.Result("1001")


def _text(least, most):
    # What XML carries unchanged: no control characters, and no spaces at the ends of a value.
    letters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Zs", "Zl", "Zp"))
    return st.text(letters, min_size=least, max_size=most)


def _digits(count):
    return st.text("0123456789", min_size=count, max_size=count)


WORDS, TEXTS = _text(1, 40), _text(0, 60)
ACCOUNTS = _digits(12)
CARDS = st.one_of(_digits(12), _digits(16))
SERIALS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-", min_size=8, max_size=40)
POSITIVE = st.integers(1, 10**13)
MONEY = st.integers(-(10**13), 10**13)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
COUNTS = st.integers(0, 2**31 - 1)
CODES = st.sampled_from(["1002", "1003", "1004", "1011", "1013", "1015", "1037", "706", "707", "11061", "11219"])
RESULTS = st.builds(types.Result, CODES, TEXTS)


def maybe(strategy, nothing=None):
    return st.one_of(st.just(nothing), strategy)


CUSTOMERS = st.builds(
    types.CustomerFile,
    account_no=ACCOUNTS,
    name=TEXTS,
    address=TEXTS,
    status=st.sampled_from(["active", "suspended", "closed"]),
    category=WORDS,
    regime=st.sampled_from(["card", "remote", "token"]),
    district=maybe(WORDS, ""),
    phone=maybe(WORDS, ""),
    tariff_code=maybe(WORDS, ""),
    meter_no=maybe(ACCOUNTS, ""),
    maker=maybe(WORDS, ""),
    model=maybe(WORDS, ""),
    batch=maybe(WORDS, ""),
    ct_ratio=maybe(st.integers(1, 10_000)),
    pt_ratio=maybe(st.integers(1, 10_000)),
    card_no=maybe(CARDS, ""),
    purchase_min=maybe(MONEY),
    purchase_max=maybe(MONEY),
    last_count=maybe(COUNTS),
    may_buy=st.booleans(),
    reason=maybe(RESULTS),
    changed_at=maybe(MOMENTS),
)
BILLS = st.builds(
    types.Bill,
    receivable_id=WORDS,
    month=st.dates(date(2000, 1, 1), date(2099, 12, 31)).map(lambda day: f"{day:%Y-%m}"),
    amount=st.integers(0, 10**11),
    late_fee=st.integers(0, 10**11),
    status=st.sampled_from([types.OPEN, types.COLLECTING, types.DISPUTED]),
)


@st.composite
def arrears(draw):
    bills = draw(st.lists(BILLS, max_size=6, unique_by=lambda bill: bill.receivable_id))
    bills = tuple(sorted(bills, key=lambda bill: bill.month))
    fee = sum(bill.late_fee for bill in bills)
    return types.Arrears(draw(ACCOUNTS), sum(bill.due for bill in bills), fee, draw(MONEY), bills)


PAYMENTS = st.builds(
    types.Payment,
    serial=SERIALS,
    account_no=ACCOUNTS,
    accounting_date=DAYS,
    kind=st.sampled_from(types.KINDS),
    method=st.sampled_from(types.METHODS),
    channel=st.sampled_from(types.CHANNELS),
    operator=WORDS,
    amount=POSITIVE,
    batch=WORDS,
    allocations=st.lists(st.builds(types.Allocation, WORDS, POSITIVE), max_size=4).map(tuple),
    energy=maybe(st.integers(0, 10**13)),
    count=maybe(COUNTS),
)
REVERSALS = st.builds(types.Reversal, SERIALS, SERIALS, accounting_date=DAYS, operator=WORDS, reason=_text(0, 250))
LINES = st.builds(
    types.InvoiceLine,
    description=TEXTS,
    amount=MONEY,
    energy=maybe(st.integers(0, 10**13)),
    price=maybe(st.integers(0, 10**8).map(lambda number: f"{number / 10000:.4f}"), ""),
)


def bookings(**fixed):
    values = {
        "serial": SERIALS,
        "account_no": ACCOUNTS,
        "amount": MONEY,
        "accounting_date": DAYS,
        "marketing_serial": WORDS,
        "booked_at": MOMENTS,
        "invoice_lines": st.lists(LINES, max_size=3).map(tuple),
    }
    return st.builds(types.Booking, **values | {name: st.just(value) for name, value in fixed.items()})


def reversals(**fixed):
    values = {
        "serial": SERIALS,
        "original_serial": SERIALS,
        "amount": MONEY,
        "accounting_date": DAYS,
        "marketing_serial": WORDS,
        "booked_at": MOMENTS,
    }
    return st.builds(types.ReversalBooking, **values | {name: st.just(value) for name, value in fixed.items()})


CHANGES = st.builds(
    types.ChangesAnswer,
    result=st.just(OK),
    pages=st.integers(0, 1000),
    until=MOMENTS,
    customers=st.lists(CUSTOMERS, max_size=3).map(tuple),
)
PAGES = st.builds(
    types.DayPage,
    accounting_date=DAYS,
    batch=WORDS,
    count=st.integers(0, 10**9),
    total=MONEY,
    page=st.integers(1, 1000),
    pages=st.integers(1, 1000),
    records=st.lists(st.builds(types.Record, SERIALS, ACCOUNTS, MONEY, maybe(SERIALS, "")), max_size=4).map(tuple),
)
COMPARISONS = st.builds(
    types.DayAnswer,
    result=st.one_of(st.just(OK), RESULTS),
    complete=st.booleans(),
    marketing_count=maybe(st.integers(0, 10**9)),
    marketing_total=maybe(MONEY),
    differences=st.lists(
        st.builds(
            types.Difference,
            kind=st.sampled_from([types.ONLY_CALLER, types.ONLY_MARKETING, types.AMOUNT]),
            serial=SERIALS,
            account_no=ACCOUNTS,
            caller_amount=maybe(MONEY),
            marketing_amount=maybe(MONEY),
            marketing_serial=maybe(WORDS, ""),
            original_serial=maybe(SERIALS, ""),
        ),
        max_size=4,
    ).map(tuple),
    more=st.booleans(),
)
