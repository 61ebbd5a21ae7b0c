"""The check of the property itself: it must see each way in which a sale can go wrong."""

import copy

import pytest
from stack.books import Books


def good_books():
    """Two purchases: one written and credited, one given up with its money handed back."""
    order = {"id": 1, "uuid": "a", "state": "written", "op": "purchase", "unit": "kwh"}
    order |= {"amount": 10.0, "cost": 10.0, "remainder": 0.0}
    order |= {"energy": 18.23, "count": 2, "paid_amount": 10.0, "price": 0.5483}
    given_up = {**order, "id": 2, "uuid": "b", "state": "cancelled", "count": 0}

    def tender(number, recharge, direction):
        return {
            "id": number,
            "uuid": str(number),
            "amount": 10.0,
            "direction": direction,
            "recharge_id": [recharge, ""],
        }

    def entry(kind, money, energy, recharge, number):
        linked = [number, ""] if number else False
        return {"kind": kind, "money": money, "energy": energy, "recharge_id": [recharge, ""], "tender_id": linked}

    return Books(
        account={"balance": 0.0, "held": 0.0, "purchase_count": 2, "total_energy": 18.23},
        orders=[order, given_up],
        tenders=[tender(1, 1, "in"), tender(2, 2, "in"), tender(3, 2, "out")],
        entries=[
            entry("tender", 10.0, 0.0, 1, 1),
            entry("energy", -10.0, 18.23, 1, None),
            entry("tender", 10.0, 0.0, 2, 2),
            entry("refund", -10.0, 0.0, 2, 3),
        ],
        attempts=[{"recharge_id": [1, ""], "state": "written", "op": "purchase", "jti": "j"}],
        credits=[(2, 1823)],
        payouts=[],
    )


def credited_twice(books):
    books.credits.append((2, 1823))


def credited_without_an_order(books):
    books.credits.append((3, 1823))


def credited_another_quantity(books):
    books.credits[0] = (2, 18_230)


def not_credited(books):
    books.credits.clear()


def given_up_after_an_unknown_end(books):
    books.attempts.append({"recharge_id": [2, ""], "state": "unknown", "op": "purchase", "jti": "k"})


def written_after_it_was_given_up(books):
    books.orders[1]["state"] = "dispute"


def left_unknown(books):
    books.orders[0]["state"] = "unknown"


def money_lost(books):
    books.tenders.pop()


def money_taken_twice(books):
    books.tenders.append({**books.tenders[0], "id": 4})


def energy_booked_twice(books):
    books.entries.append(copy.deepcopy(books.entries[1]))


def balance_off_by_a_cent(books):
    books.account["balance"] = 0.01


def money_held_for_nothing(books):
    books.account["held"] = 10.0


def payout_in_the_books_but_not_paid(books):
    books.payouts.append({"amount": 10.0, "state": "paid", "tender_ids": []})


def payout_approved_but_not_held(books):
    books.payouts.append({"amount": 10.0, "state": "approved", "tender_ids": []})


def count_not_reserved(books):
    books.account["purchase_count"] = 3


def more_energy_than_paid_for(books):
    books.orders[0]["energy"] = books.entries[1]["energy"] = books.account["total_energy"] = 18.24
    books.credits[0] = (2, 1824)


def two_orders_with_one_count(books):
    books.orders[1].update(state="written", count=2)


def test_good_books_pass():
    good_books().check(final=True)


def set_back_books():
    """The written purchase was set back on its card before it came to the meter; its money is the balance."""
    books = good_books()
    books.orders[0]["state"] = "reversed"
    books.account.update(balance=10.0, purchase_count=1, total_energy=0.0)
    books.entries.append({**books.entries[1], "kind": "reversal", "money": 10.0, "energy": -18.23})
    books.attempts.append({"recharge_id": [1, ""], "state": "written", "op": "reverse", "jti": "r"})
    books.credits.clear()
    return books


def test_books_with_a_purchase_that_was_set_back_pass():
    set_back_books().check(final=True)


def set_back_without_a_receipt(books):
    books.attempts[-1]["state"] = "unknown"


def set_back_and_credited(books):
    books.credits.append((2, 1823))


def set_back_and_money_kept(books):
    books.entries.pop()


@pytest.mark.parametrize("break_them", [set_back_without_a_receipt, set_back_and_credited, set_back_and_money_kept])
def test_a_purchase_that_was_set_back_badly_is_seen(break_them):
    books = set_back_books()
    break_them(books)
    with pytest.raises(AssertionError):
        books.check(final=True)


@pytest.mark.parametrize(
    "break_them",
    [
        credited_twice,
        credited_without_an_order,
        credited_another_quantity,
        not_credited,
        given_up_after_an_unknown_end,
        written_after_it_was_given_up,
        left_unknown,
        money_lost,
        money_taken_twice,
        energy_booked_twice,
        balance_off_by_a_cent,
        money_held_for_nothing,
        payout_in_the_books_but_not_paid,
        payout_approved_but_not_held,
        count_not_reserved,
        more_energy_than_paid_for,
        two_orders_with_one_count,
    ],
)
def test_broken_books_are_seen(break_them):
    books = good_books()
    break_them(books)
    with pytest.raises(AssertionError):
        books.check(final=True)
