"""The gate: every row of the table, and that no other card slips through."""

import itertools
from dataclasses import replace

import pytest
from prepaid_core import gate
from prepaid_core.card_image import CONDITIONS, CardImage, CpuBlock, PurchaseBlock, WriteBack
from prepaid_core.transitions import ORDER_STATES

LAST = PurchaseBlock(3, 100)
ORDERED = PurchaseBlock(4, 200)
CARD = CardImage(
    "sle4442_demo", "ok", "000000000123", 1, "000000004567", "000000008901", 2, 1, LAST, True, WriteBack("valid", 3)
)
ACCOUNT = gate.AccountState("000000004567", "000000008901", "000000000123", 1, 3, driver="sle4442_demo")
ORDER = gate.OrderAt(4, "unknown", ORDERED)
RESERVED = replace(ACCOUNT, last_count=4, order=ORDER)
BLANK = CardImage("sle4442_demo", "blank", "000000000124")

BAD_CARDS = [
    ({"condition": "unknown"}, "C-101"),
    ({"condition": "foreign"}, "C-103"),
    ({"condition": "locked", "tries": 0}, "C-104"),
    ({"tries": 2}, "C-114"),
    ({"tries": 1}, "C-114"),
    ({"condition": "blank"}, "C-102"),
    ({"condition": "damaged"}, "C-105"),
    ({"serial": "000000000999"}, "C-107"),
    ({"customer_no": "000000000001"}, "C-109"),
    ({"meter_no": "000000000001"}, "C-110"),
    ({"issue": 2}, "C-107"),
    ({"block": replace(LAST, issue=2)}, "C-107"),
    ({"driver": "at24_demo"}, "C-116"),
    ({"count_readable": False}, "C-117"),
]


def code(operation, card, account):
    result = gate.check(operation, card, account)
    assert result.allowed == (result.code is None)
    assert (result.count is not None) == result.allowed
    return result.code


@pytest.mark.parametrize(("changes", "expected"), BAD_CARDS)
@pytest.mark.parametrize(
    ("operation", "account"), [("purchase", ACCOUNT), ("rewrite", RESERVED), ("reverse", RESERVED)]
)
def test_a_wrong_card_is_refused_for_every_sale(operation, account, changes, expected):
    assert code(operation, replace(CARD, **changes), account) == expected


@pytest.mark.parametrize("operation", gate.OPERATIONS)
def test_a_card_that_is_not_registered_is_refused(operation):
    card = BLANK if operation in ("open", "replace") else CARD
    assert code(operation, card, None) == "C-106"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"writeback": WriteBack("empty")}, "C-108"),
        ({"writeback": WriteBack("valid", 2)}, "C-108"),
        ({"writeback": WriteBack("damaged")}, "C-118"),
        ({"writeback": WriteBack("damaged"), "block": replace(LAST, count=4)}, "C-111"),
        ({"writeback": WriteBack("damaged"), "condition": "damaged"}, "C-105"),
        ({"writeback": WriteBack("valid", 4)}, "C-111"),
        ({"block": replace(LAST, count=2)}, "C-111"),
        ({"block": replace(LAST, count=4)}, "C-111"),
    ],
)
def test_a_purchase_needs_the_last_one_in_the_meter(changes, expected):
    assert code("purchase", replace(CARD, **changes), ACCOUNT) == expected


def test_a_purchase_gets_the_next_count():
    assert gate.check("purchase", CARD, ACCOUNT).count == 4


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"card_generation": 2}, "C-112"),
        ({"status": "suspended"}, "S-111"),
        ({"status": "closed"}, "C-119"),
        ({"status": "draft"}, "S-111"),
    ],
)
def test_a_purchase_needs_an_account_in_order(changes, expected):
    assert code("purchase", CARD, replace(ACCOUNT, **changes)) == expected


@pytest.mark.parametrize("state", ORDER_STATES)
def test_a_purchase_waits_for_the_open_order(state):
    account = replace(ACCOUNT, order=gate.OrderAt(3, state, LAST))
    is_open = state in ("draft", "paid", "authorized", "unknown", "not_written")
    assert code("purchase", CARD, account) == ("S-103" if is_open else None)


BLOCKS = {
    "before": LAST,
    "ordered": ORDERED,
    "other amount": replace(ORDERED, energy=1),
    "older": replace(LAST, count=2),
    "newer": replace(LAST, count=5),
}
WRITE_BACKS = {
    "empty": WriteBack("empty"),
    "damaged": WriteBack("damaged"),
    **{str(count): WriteBack("valid", count) for count in (2, 3, 4, 5)},
}
REWRITE = {("before", "3"), ("ordered", "3"), ("ordered", "damaged")}


@pytest.mark.parametrize(("block", "writeback"), list(itertools.product(BLOCKS, WRITE_BACKS)))
def test_exactly_three_contents_are_written_again(block, writeback):
    card = replace(CARD, block=BLOCKS[block], writeback=WRITE_BACKS[writeback])
    result = gate.check("rewrite", card, RESERVED)
    assert result.allowed == ((block, writeback) in REWRITE)
    if result.allowed:
        assert result.count == 4
    if writeback == "4":
        assert result.code == "C-113"
    if (block, writeback) == ("ordered", "empty"):
        assert result.code == "C-108"


@pytest.mark.parametrize("state", ORDER_STATES)
def test_only_a_paid_order_that_was_not_given_up_is_written_again(state):
    allowed = state in ("draft", "paid", "authorized", "unknown", "not_written", "written")
    assert (code("rewrite", CARD, replace(RESERVED, order=replace(ORDER, state=state))) is None) == allowed
    assert code("rewrite", CARD, replace(RESERVED, order=replace(ORDER, state=state, paid=False))) == "S-112"


def test_nothing_is_written_again_without_an_order_at_the_highest_count():
    assert code("rewrite", CARD, replace(RESERVED, order=None)) == "S-112"
    assert code("rewrite", CARD, replace(RESERVED, last_count=5)) == "S-112"


def test_a_suspended_account_still_gets_what_it_paid_for():
    assert code("rewrite", CARD, replace(RESERVED, status="suspended")) is None


STAYED = replace(ORDER, state="written", card_stayed=True)
WRITTEN_CARD = replace(CARD, block=ORDERED, writeback=WriteBack("empty"))


@pytest.mark.parametrize(
    "changes", [{"state": "unknown"}, {"card_stayed": False}, {"rewritten": True}, {"block": LAST}]
)
def test_a_reversal_needs_every_condition(changes):
    assert code("reverse", WRITTEN_CARD, replace(RESERVED, order=STAYED)) is None
    assert code("reverse", WRITTEN_CARD, replace(RESERVED, order=replace(STAYED, **changes))) == "S-114"


def test_a_card_that_was_in_the_meter_is_not_reversed():
    card = replace(WRITTEN_CARD, writeback=WriteBack("valid", 4))
    assert code("reverse", card, replace(RESERVED, order=STAYED)) == "S-114"
    assert code("reverse", WRITTEN_CARD, replace(RESERVED, order=None)) == "S-114"


@pytest.mark.parametrize("operation", ["open", "replace"])
@pytest.mark.parametrize("condition", CONDITIONS)
def test_only_a_blank_card_is_issued(operation, condition):
    account = replace(ACCOUNT, last_count=0)
    card = replace(BLANK, condition=condition)
    assert (code(operation, card, account) is None) == (condition == "blank")


def test_a_card_of_a_closed_account_is_not_called_replaced():
    closed = replace(ACCOUNT, status="closed", serial="", meter_no="")
    for operation in ("purchase", "rewrite", "reverse"):
        assert code(operation, CARD, closed) == "C-119"


def test_an_account_is_opened_once():
    assert code("open", BLANK, ACCOUNT) == "S-124"
    assert code("open", BLANK, replace(ACCOUNT, last_count=0, status="suspended")) == "S-111"
    assert code("open", BLANK, replace(ACCOUNT, status="closed")) == "S-111"
    assert gate.check("open", BLANK, replace(ACCOUNT, last_count=0, status="draft")).count == 1


def test_a_replacement_carries_the_highest_reserved_count_unless_the_meter_has_it():
    assert gate.check("replace", BLANK, ACCOUNT).count == 3
    assert gate.check("replace", BLANK, replace(ACCOUNT, last_in_meter=True)).count == 4
    assert code("replace", BLANK, replace(ACCOUNT, status="closed")) == "S-111"


@pytest.mark.parametrize(
    ("changes", "expected"), [({}, "S-111"), ({"status": "closed"}, None), ({"settled": True}, None)]
)
def test_a_card_is_cleared_after_settlement_only(changes, expected):
    assert code("clear", CARD, replace(ACCOUNT, **changes)) == expected


def test_every_row_names_a_condition():
    for rows in gate.RULES.values():
        assert {condition for condition, _ in rows} <= set(gate.CONDITIONS)


def test_inserted_means_that_the_meter_wrote_back_the_last_count():
    assert gate.inserted(CARD, ACCOUNT)
    assert not gate.inserted(replace(CARD, writeback=WriteBack("valid", 2)), ACCOUNT)
    assert not gate.inserted(replace(CARD, writeback=WriteBack("empty", 3)), ACCOUNT)


def test_an_account_without_a_known_driver_takes_any_card():
    assert code("purchase", replace(CARD, driver="at24_demo"), replace(ACCOUNT, driver=None)) is None


def test_a_card_that_counts_in_another_unit_than_our_records_say_is_refused():
    ours = replace(ACCOUNT, unit="kwh")
    assert code("purchase", replace(CARD, unit="kwh"), ours) is None
    assert code("purchase", replace(CARD, unit="cents"), ours) == "C-116"
    assert code("purchase", replace(CARD, unit=None), ours) is None


@pytest.mark.parametrize("operation", ["open", "replace"])
def test_a_blank_card_of_another_kind_is_not_issued(operation):
    account = replace(ACCOUNT, last_count=0)
    assert code(operation, BLANK, account) is None
    assert code(operation, replace(BLANK, driver="gdw1365"), account) == "C-116"


def test_staff_may_go_on_where_the_count_cannot_be_read():
    card = replace(CARD, count_readable=False, block=replace(LAST, count=0))
    assert code("purchase", card, ACCOUNT) == "C-117"
    assert code("purchase", card, replace(ACCOUNT, staff=True)) is None


@pytest.mark.parametrize(("full_tries", "tries", "expected"), [(8, 8, None), (8, 7, "C-114"), (8, 3, "C-114")])
def test_every_chip_has_its_own_number_of_tries(full_tries, tries, expected):
    assert code("purchase", replace(CARD, full_tries=full_tries, tries=tries), ACCOUNT) == expected


@pytest.mark.parametrize(
    ("full_tries", "tries", "allowed", "expected"),
    [
        (3, 2, 2, None),
        (8, 7, 7, None),
        (8, 2, 2, None),
        (3, 3, 2, None),
        (3, 1, 1, "C-114"),
        (3, 1, 2, "C-114"),
        (3, 2, 3, "C-114"),
        (8, 6, 7, "C-114"),
        (8, 7, 6, "C-114"),
        (3, 2, 0, "C-114"),
    ],
)
@pytest.mark.parametrize("operation", ["purchase", "rewrite"])
def test_a_supervisor_allows_the_code_at_exactly_so_many_tries(operation, full_tries, tries, allowed, expected):
    account = replace(ACCOUNT if operation == "purchase" else RESERVED, tries=allowed)
    assert code(operation, replace(CARD, full_tries=full_tries, tries=tries), account) == expected


@pytest.mark.parametrize(("changes", "expected"), [case for case in BAD_CARDS if case[1] != "C-114"])
def test_what_a_supervisor_allowed_excuses_nothing_else(changes, expected):
    account = replace(ACCOUNT, tries=2)
    assert code("purchase", replace(CARD, **{"tries": 2, **changes}), account) == expected


# -- cards that carry no issue number, and torn ones -------------------------------------------------------------------

CPU_LAST, CPU_ORDERED = CpuBlock(3, 100), CpuBlock(4, 200)
CPU_CARD = replace(CARD, driver="gdw1365", serial="1234567890123456", issue=None, block=CPU_LAST)
CPU_ACCOUNT = replace(ACCOUNT, serial="1234567890123456", issue=7, driver="gdw1365")
CPU_RESERVED = replace(CPU_ACCOUNT, last_count=4, order=gate.OrderAt(4, "unknown", CPU_ORDERED))


def test_a_card_without_an_issue_number_is_current_by_its_serial():
    assert gate.check("purchase", CPU_CARD, CPU_ACCOUNT).count == 4
    assert code("purchase", replace(CPU_CARD, serial="1234567890123457"), CPU_ACCOUNT) == "C-107"


#: What a torn write leaves.
TORN = {
    "parameters": {"condition": "damaged", "block": None, "customer_no": "", "meter_no": "", "card_type": 0},
    "wallet of a new card": {"condition": "damaged", "block": None, "customer_no": "", "writeback": WriteBack("empty")},
    "a new card untouched": {"condition": "blank", "block": None, "customer_no": "", "writeback": WriteBack("empty")},
    "wallet": {"block": replace(CPU_ORDERED, count=3)},
}


@pytest.mark.parametrize("name", TORN)
def test_a_torn_card_of_our_own_making_is_written_again(name):
    card = replace(CPU_CARD, **TORN[name])
    torn = replace(CPU_RESERVED, order=replace(CPU_RESERVED.order, torn=True))
    assert gate.check("rewrite", card, torn).count == 4
    assert name == "wallet" or code("rewrite", card, CPU_RESERVED) in ("C-102", "C-105")
    assert code("purchase", card, replace(torn, last_count=3)) in ("C-102", "C-105", "S-103")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"serial": "1234567890123457"}, "C-107"),
        ({"condition": "locked", "tries": 0}, "C-104"),
        ({"condition": "foreign"}, "C-103"),
        ({"driver": "csg2015"}, "C-116"),
        ({"writeback": WriteBack("valid", 4)}, "C-113"),
        ({"writeback": WriteBack("valid", 5)}, "C-111"),
        ({"block": CPU_ORDERED, "writeback": WriteBack("empty")}, "C-108"),
    ],
)
def test_torn_excuses_only_what_cannot_be_read(changes, expected):
    torn = replace(CPU_RESERVED, order=replace(CPU_RESERVED.order, torn=True))
    assert code("rewrite", replace(CPU_CARD, **changes), torn) == expected


@pytest.mark.parametrize("state", ORDER_STATES)
def test_a_card_is_not_replaced_while_its_order_may_still_be_carried_out(state):
    account = replace(ACCOUNT, order=gate.OrderAt(3, state, LAST))
    assert code("replace", BLANK, account) == ("S-112" if state in ("authorized", "dispute") else None)
