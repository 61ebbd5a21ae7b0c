"""The kiosk's books are those of a model, to the cent, whatever comes in whatever order."""

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odoo.tests import tagged

from .box_case import BoxCase

NOTE = st.sampled_from((100, 1000, 5000, 10000))
NOTES = st.dictionaries(NOTE, st.integers(1, 3), min_size=1, max_size=2)
STEP = st.one_of(
    st.tuples(st.just("notes"), NOTES),
    st.tuples(st.just("late"), NOTES),
    st.tuples(st.just("empty"), st.dictionaries(NOTE, st.integers(-2, 2), max_size=2)),
    st.tuples(st.just("roll"), st.none()),
    st.tuples(st.just("explain"), st.none()),
    st.tuples(st.just("project"), st.none()),
)


class _UndoneError(Exception):
    """Takes what an example did back."""


@tagged("post_install", "-at_install")
class TestCashBoxProperty(BoxCase):
    @settings(max_examples=8, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(steps=st.lists(STEP, min_size=3, max_size=7))
    def check(self, steps):
        try:
            with self.env.cr.savepoint():
                self.seqs = {}
                self.run_steps(steps)
                raise _UndoneError
        except _UndoneError:
            self.env.invalidate_all()

    def run_steps(self, steps):
        taken, boxes, bearer = 0, {}, 0
        present = Counter()
        for kind, values in steps:
            if kind == "notes" or (kind == "late" and not boxes):
                self.put_in(values)
                present.update(values)
                taken += total(values)
            elif kind == "late":
                name = max(boxes)
                self.put_in(values, session=f"box-{name}")
                taken += total(values)
                boxes[name]["recorded"] += total(values)
                # What is recorded has changed: the slip is printed anew before the next box.
                boxes[name]["box"].with_user(self.teller).action_print_slip()
            elif kind == "empty":
                number = self.terminal.box_number
                counted = {value: max(0, present[value] + values.get(value, 0)) for value in {*present, *values}}
                box = self.count(self.take_out(), counted)
                box.with_user(self.teller).action_print_slip()
                boxes[number] = {"box": box, "recorded": total(present), "counted": total(counted), "explained": 0}
                present = Counter()
            elif kind == "roll":
                self.roll()
            elif kind == "project":
                self.project()
            elif boxes:
                bearer += self.explain_last(boxes[max(boxes)])
        self.book()
        self.roll()
        self.compare(taken, boxes, bearer)

    def explain_last(self, row):
        self.book()
        row["box"].invalidate_recordset()
        difference = row["counted"] - row["recorded"]
        left = difference - row["explained"]
        if left * difference <= 0:
            return 0
        self.explain(row["box"], left).with_user(self.supervisor).action_approve()
        row["explained"] += left
        return left

    def compare(self, taken, boxes, bearer):
        counted = sum(row["counted"] for row in boxes.values())
        recorded = sum(row["recorded"] for row in boxes.values())
        expected = {
            self.cash: taken - recorded,
            self.transit: counted,
            self.suspense: recorded - counted + bearer,
            self.bearer: -bearer,
            self.advances: -taken,
        }
        self.assertEqual(self.sums(), {account: cents for account, cents in expected.items() if cents})
        self.assertEqual(round(self.session().cash_register_balance_start * 100), taken - recorded)
        for row in boxes.values():
            box = row["box"]
            box.invalidate_recordset()
            self.assertTrue(box.is_booked)
            left = row["counted"] - row["recorded"] - row["explained"]
            self.assertEqual((round(box.open_difference * 100), box.state), (left, "counted" if left else "settled"))

    def test_the_books_are_those_of_the_model(self):
        self.check()


def total(notes):
    """Return the cents of {denomination: pieces}."""
    return sum(value * pieces for value, pieces in notes.items())
