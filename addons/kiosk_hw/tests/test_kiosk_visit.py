"""What a visit leaves behind: written by the server, bound to the kiosk, masked, bounded, and joined with the money."""

import inspect
import uuid
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..models import kiosk_trail
from .common import KioskCase


@tagged("post_install", "-at_install")
class TestKioskVisit(KioskCase):
    def setUp(self):
        super().setUp()
        self.visit_uuid = str(uuid.uuid4())
        self.kiosk = self.page(self.visit_uuid)

    def page(self, visit, config=None):
        return self._page_of(config or self.config).with_context(kiosk_visit=visit)

    def visits(self, user=None):
        self.env.invalidate_all()
        visits = self.env["electricity.kiosk.visit"]
        return (visits.with_user(user) if user else visits).search([], order="id")

    def steps(self):
        return [(step.call, step.outcome, step.code) for step in self.visits().step_ids]

    def bought(self, amount="100.00", seq=1):
        """A whole purchase with two notes at the kiosk; return its order."""
        self.terminal.takes_notes = True
        order_uuid = str(uuid.uuid4())
        self.kiosk.begin(order_uuid, self.reading(), amount)
        self.kiosk.collect(order_uuid)
        self.kiosk.add_tender(order_uuid, self.proxy.tender(order_uuid, {5_000: 2}, seq=seq))
        answer = self.kiosk.authorize(order_uuid, self.reading())
        self.assertTrue(answer["ok"], answer)
        self.kiosk.confirm([self.proxy.write(self.card, answer["write_order"])])
        order = self.env["electricity.recharge"].search([("uuid", "=", order_uuid)])
        self.assertEqual(order.state, "written")
        return order

    # -- what goes wrong ------------------------------------------------------------------------------------------

    def test_a_refused_call_leaves_its_step(self):
        self.assertRefused(self.kiosk.status("nonsense"), "S-115")
        self.assertRefused(self.kiosk.authorize(str(uuid.uuid4()), None), "N-101")
        self.assertEqual(self.steps(), [("status", "refused", "S-115"), ("authorize", "refused", "N-101")])

    def test_each_call_of_the_page_leaves_its_step_with_nothing_of_what_was_sent(self):
        page = type(self.kiosk)
        calls = [name for name in dir(page) if getattr(getattr(page, name), "is_kiosk_call", False)]
        self.assertIn("finish_here", calls)
        for name in set(calls) - kiosk_trail.QUIET:
            parameters = list(inspect.signature(getattr(page, name)).parameters.values())[2:]
            values = ["secret" for each in parameters if each.default is inspect.Parameter.empty]
            with self.subTest(name):
                getattr(self.kiosk, name)(*values)
                step = self.visits().step_ids[-1]
                self.assertEqual(step.call, name)
                self.assertNotIn("secret", str(step.read()))

    def test_a_call_that_crashes_leaves_its_step_although_it_is_undone(self):
        broken = patch.object(type(self.env["electricity.recharge"]), "resolve", side_effect=RuntimeError("bug"))
        crashed = False
        with self.enter_registry_test_mode(), broken:
            try:
                self.kiosk.resolve("anything")
            except RuntimeError:
                # Not assertRaises: Odoo's would undo the step, too.
                crashed = True
        self.assertTrue(crashed)
        self.assertEqual(self.steps(), [("resolve", "crashed", False)])

    def test_looking_whether_it_may_be_used_leaves_nothing(self):
        self.kiosk.start()
        self.assertFalse(self.visits())

    def test_others_than_a_kiosk_leave_nothing(self):
        for user in (self.clerk, self.env.ref("base.user_admin")):
            self.assertRefused(self.kiosk.with_user(user).status("x"), "S-116")
        self.assertFalse(self.visits())

    def test_what_is_no_visit_is_kept_together(self):
        for nonsense in (None, "", "x" * 5000, 7, ["a"], self.visit_uuid.upper(), f"{self.visit_uuid}\n"):
            self.page(nonsense).new_nonce()
        self.assertEqual(self.visits().mapped("uuid"), ["unnamed"])
        self.assertEqual(len(self.visits().step_ids), 7)

    def test_a_visit_belongs_to_the_kiosk_that_called(self):
        terminal = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02"})
        other = self._make_kiosk(terminal, "Kiosk U", "KSKU")
        self.kiosk.new_nonce()
        self.page(self.visit_uuid, other).new_nonce()
        self.assertEqual(self.visits().terminal_id, self.terminal | terminal)
        self.assertEqual([len(visit.step_ids) for visit in self.visits()], [1, 1])

    def test_a_stolen_session_fills_no_table(self):
        terminal = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02"})
        other = self._make_kiosk(terminal, "Kiosk U", "KSKU")
        with patch.dict(kiosk_trail.MOST_A_MINUTE, {"server": 5, "page": 3}):
            for _turn in range(12):
                self.assertTrue(self.kiosk.new_nonce()["ok"])
                self.assertTrue(self.kiosk.report([["screen", "amount"]])["ok"])
                self.page(str(uuid.uuid4())).new_nonce()
            self.assertTrue(self.page(self.visit_uuid, other).new_nonce()["ok"])
        mine = self.visits().filtered(lambda visit: visit.terminal_id == self.terminal)
        counts = [sum(step.source == source for step in mine.step_ids) for source in ("server", "page")]
        self.assertEqual(counts, [5, 3])
        self.assertLessEqual(len(mine), 5)
        self.assertTrue(mine[0].is_cut)
        self.assertEqual(len((self.visits() - mine).step_ids), 1, "one kiosk keeps no other from its steps")

    def test_asking_again_and_again_is_one_step(self):
        for _turn in range(5):
            self.kiosk.status("nonsense")
        self.kiosk.new_nonce()
        self.kiosk.status("nonsense")
        self.assertEqual([call for call, *_rest in self.steps()], ["status", "new_nonce", "status"])

    def test_what_the_page_says_of_itself_stands_apart(self):
        self.assertTrue(
            self.kiosk.report([["screen", "amount"], ["key", "digit"], ["error", "<b>\n" + "x" * 500]])["ok"]
        )
        steps = self.visits().step_ids
        self.assertEqual(set(steps.mapped("source")), {"page"})
        self.assertEqual(set(steps.mapped("outcome")), {"said"})
        self.assertLessEqual(max(map(len, steps.mapped("detail"))), 120)
        self.assertNotIn("\n", "".join(steps.mapped("detail")))
        self.assertIn("&lt;b&gt;", self.visits().with_user(self.supervisor).trail)
        for nonsense in (
            None,
            "x",
            [["screen"]],
            [["ok", "x"]],
            [["key", "x", "1"]],
            [["key", "x", True]],
            [["screen", 7]],
            [["key", "x"]] * 21,
        ):
            self.assertRefused(self.kiosk.report(nonsense), "P-104")
        self.assertEqual(len(self.visits().step_ids), 3)

    def test_what_was_touched_stands_before_what_it_caused(self):
        self.kiosk.new_nonce()
        self.env.cr.execute("UPDATE electricity_kiosk_visit SET started_at = started_at - interval '20 seconds'")
        self.env.cr.execute("UPDATE electricity_kiosk_step SET at = at - interval '3 seconds'")
        self.kiosk.report([["key", "Buy", 5_000], ["screen", "amount", 2_000], ["key", "Pay", 100]])
        events = [(event["source"], event["what"]) for event in self.visits().events()]
        page = [("page", "Key touched"), ("page", "Screen shown"), ("page", "Key touched")]
        self.assertEqual(events, [page[0], ("server", "Asks for a reading of the card"), *page[1:]])

    def test_a_forged_age_moves_nothing_out_of_its_visit_and_makes_no_room(self):
        with patch.dict(kiosk_trail.MOST_A_MINUTE, {"page": 4}):
            for age in (-5, 10**400, -(10**400), 86_400_000, 7):
                self.assertTrue(self.kiosk.report([["key", "x", age]])["ok"])
        visit = self.visits()
        self.assertEqual(len(visit.step_ids), 4, "what counts is when they came")
        now = fields.Datetime.now() + timedelta(seconds=1)
        for event in visit.events():
            self.assertTrue(visit.started_at <= event["at"] <= now, event)
        self.env.cr.execute("UPDATE electricity_kiosk_visit SET started_at = started_at - interval '1 day'")
        self.kiosk.report([["key", "x", 86_400_000]])
        self.assertEqual(self.visits().step_ids[-1].age, 60_000)

    def test_digits_are_one_row_and_screens_have_words(self):
        self.kiosk.report([["screen", "identify"], *[["key", "digit"]] * 3, ["key", "Next"], ["key", "digit"]])
        told = [event["text"] for event in self.visits().events()]
        self.assertEqual(told, ["Asks who the customer is", "Digits, 3 times", "Next", "Digits, 1 times"])

    def found(self, *domain):
        return self.env["electricity.kiosk.visit"].with_user(self.supervisor).search(list(domain))

    def test_a_quote_that_says_no_is_a_refusal_and_one_the_page_goes_on_from_is_none(self):
        self.terminal.takes_notes = True
        order_uuid = str(uuid.uuid4())
        self.kiosk.begin(order_uuid, self.reading(), "100.00")
        self.kiosk.add_tender(order_uuid, self.proxy.tender(order_uuid, {10_000: 1}))
        for table, column in (("kiosk_visit", "started_at"), ("kiosk_step", "at"), ("tender", "occurred_at")):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s - interval '1 minute'",
                    SQL.identifier(f"electricity_{table}"),
                    *[SQL.identifier(column)] * 2,
                )
            )
        self.kiosk = self.page(str(uuid.uuid4()))
        self.assertEqual(self.kiosk.quote(self.reading())["code"], "S-103")
        first, visit = self.visits()
        self.assertEqual((visit.refusal_count, visit.latest_code, visit.ending), (0, False, "nothing"))
        self.kiosk.give_up(order_uuid)
        answer = self.kiosk.quote(self.reading(), "0.01")
        self.assertEqual((answer["ok"], answer["allowed"]), (True, False))
        visit = self.visits()[-1]
        self.assertEqual((visit.refusal_count, visit.latest_code), (1, answer["code"]))
        self.assertEqual((first.ending, visit.ending, visit.amount_taken), ("kept", "given_up", 0))

    def test_a_page_that_starts_with_a_card_that_is_refused_has_refused_nobody(self):
        self.assertFalse(self.kiosk.interrupted("nonsense")["ok"])
        visit = self.visits(self.supervisor)
        self.assertEqual((visit.refusal_count, visit.latest_code, visit.ending), (0, False, "nothing"))
        self.assertFalse(self.found(("went_wrong", "=", True)))
        (event,) = visit.events()
        self.assertEqual((event["what"], event["tone"]), ("Started anew: asks what was interrupted", ""))
        self.assertTrue(event["code"], "what the server answered stays on record")
        self.assertFalse(self.kiosk.quote("nonsense")["ok"])
        visit = self.visits(self.supervisor)
        self.assertEqual((visit.refusal_count, visit.ending, visit.went_wrong), (1, "refused", True))

    def test_each_call_of_the_page_has_words_of_its_own(self):
        page, names = type(self.kiosk), self.env["electricity.kiosk.visit"]._call_names()
        calls = {name for name in dir(page) if getattr(getattr(page, name), "is_kiosk_call", False)}
        self.assertFalse(calls - kiosk_trail.QUIET - set(names))

    def test_each_visit_says_how_it_ended_and_what_it_took(self):
        self.terminal.takes_notes = True
        ended = {}
        for ending, notes, gives_up in (("walked_away", 0, False), ("given_up", 0, True), ("kept", 1, True)):
            kiosk, order_uuid = self.page(str(uuid.uuid4())), str(uuid.uuid4())
            kiosk.begin(order_uuid, self.reading(), "300.00")
            if notes:
                kiosk.add_tender(order_uuid, self.proxy.tender(order_uuid, {10_000: notes}))
            if gives_up:
                kiosk.give_up(order_uuid)
            ended[ending] = self.visits()[-1]
        self.bought("200.00", seq=2)
        ended["written"] = written = self.found(("uuid", "=", self.visit_uuid))
        self.page(str(uuid.uuid4())).status("nonsense")
        ended["refused"] = self.visits()[-1]
        self.assertEqual([visit.ending for visit in ended.values()], list(ended))
        for ending, visit in ended.items():
            self.assertEqual(self.found(("ending", "=", ending)), visit)
        self.assertEqual(self.found(("went_wrong", "=", True)), ended["kept"] | ended["refused"])
        self.assertEqual([ended[name].amount_taken for name in ("written", "kept", "refused")], [100, 100, 0])
        self.assertRegex(written.with_user(self.supervisor).display_name, r"^T01 · \d{4}-\d\d-\d\d \d\d:\d\d$")

    def test_a_card_that_was_not_written_is_money_in_even_when_it_is_put_right_later(self):
        order = self.bought()
        self.env.cr.execute("UPDATE electricity_kiosk_step SET at = at - interval '10 minutes'")
        visit = self.found(("ending", "=", "unwritten"))
        self.assertEqual((order.state, visit), ("written", self.visits()))
        self.assertTrue(visit.went_wrong)

    def test_daily_figures_count_people_and_not_what_the_page_says_or_the_cards(self):
        self.kiosk.new_nonce()
        self.kiosk.new_nonce()
        self.page(str(uuid.uuid4())).new_nonce()
        self.page(None).new_nonce()
        self.page(str(uuid.uuid4())).report([["screen", "attract"]])
        self.page(str(uuid.uuid4())).end_visit()
        started = self.page(str(uuid.uuid4()))
        started.new_nonce()
        started.interrupted("nonsense")
        self.terminal.sudo().last_heartbeat = fields.Datetime.now()
        self.env["electricity.terminal.day"]._count(self.company, 2)
        figures = self.env["electricity.terminal.day"].search([("terminal_id", "=", self.terminal.id)])
        self.assertEqual(figures.sorted("day")[-1].visits, 2)

    # -- what is there --------------------------------------------------------------------------------------------

    def test_a_purchase_is_one_list_from_the_card_to_the_receipt(self):
        order = self.bought()
        visit = self.visits(self.supervisor)
        events = visit.events()
        whats = [event["what"] for event in events]
        for what in ("Begins a purchase", "Asks for leave to write the card", "Receipt about the write"):
            self.assertIn(what, whats)
        self.assertIn("Money: 100.00", whats)
        self.assertEqual(events, sorted(events, key=lambda event: event["at"]))
        (receipt,) = [event for event in events if event["what"] == "Receipt about the write"]
        self.assertEqual(receipt["source"], "terminal")
        self.assertRegex(receipt["text"], r"Written · card before \S{12}, after \S{12} · sle4442_demo ")
        (money,) = [event for event in events if event["what"] == "Money: 100.00"]
        self.assertIn("2 × 50.00", money["text"])
        text = str(visit.trail)
        self.assertIn(order.name, text)
        for number in (self.account.name, order.card_no, order.meter_no):
            self.assertNotIn(number, text)

    def test_an_uncertain_note_alone_is_no_money_of_nothing(self):
        self.terminal.takes_notes = True
        order_uuid = str(uuid.uuid4())
        self.kiosk.begin(order_uuid, self.reading(), "100.00")
        doubt = [{"denomination": 2000, "at": 1}]
        self.assertTrue(self.kiosk.add_tender(order_uuid, self.proxy.tender(order_uuid, {}, uncertain=doubt))["ok"])
        events = {event["what"]: event["text"] for event in self.visits(self.supervisor).events()}
        self.assertIn("20.00", events["A note whose end is not certain"])
        self.assertFalse([what for what in events if what.startswith("Money")])

    def test_a_customer_without_a_card_has_a_trail_without_token_and_digits(self):
        self.company.kiosk_account_check = "phone"
        self.account.partner_id.phone = "138-0000-4711"
        number, visit = self.account.name, str(uuid.uuid4())
        self.assertRefused(self.kiosk.identify(visit, number, "4712"), "K-151")
        token = self.kiosk.identify(visit, number, "4711")["token"]
        self.kiosk.file_of(token)
        self.kiosk.arrears({"token": token})
        self.kiosk.end_visit()
        self.assertRefused(self.kiosk.arrears({"token": token}), "K-153")
        steps = self.visits().step_ids
        self.assertEqual(
            [(step.call, step.code, step.account) for step in steps],
            [
                ("identify", "K-151", False),
                ("identify", False, number),
                ("file_of", False, number),
                ("arrears", "M-306", number),
                ("end_visit", False, False),
                ("arrears", "K-153", False),
            ],
        )
        self.assertFalse(steps.filtered("order_uuid"), "the page's identifier of its visit is no order")
        for secret in (token, "4711", "4712"):
            # Identifiers and times may hold any four digits.
            self.assertNotIn(
                secret, str(steps.read(["call", "outcome", "code", "account", "detail"])).replace(number, "")
            )

    def test_it_is_found_by_account_serial_number_code_and_terminal(self):
        order = self.bought()
        self.kiosk.status("nonsense")
        self.page(str(uuid.uuid4())).new_nonce()
        visits = self.env["electricity.kiosk.visit"].with_user(self.supervisor)
        found = self.visits()[0]
        for domain in (
            [("account", "=", self.account.name)],
            [("recharge_serial", "=", order.name)],
            [("latest_code", "=", "S-115")],
            [("step_ids.outcome", "=", "refused"), ("terminal_id", "=", self.terminal.id)],
        ):
            self.assertEqual(visits.search(domain), found, domain)
        self.assertEqual((found.latest_code, found.refusal_count), ("S-115", 1))
        self.assertEqual(found.with_user(self.supervisor).account, "********0001")

    def test_a_technician_sees_what_broke_and_not_whose_visit_it_was(self):
        order = self.bought()
        technician = self._make_user("visit_technician", "group_technician")
        visit = self.visits(technician)
        text = str(visit.trail)
        self.assertIn("Begins a purchase", text)
        for secret in (order.name, order.uuid, "Money", self.account.name[-4:]):
            self.assertNotIn(secret, text)
        for name in ("account", "recharge_serial"):
            with self.assertRaises(AccessError):
                visit.read([name])
        for name in ("account", "order_uuid"):
            with self.assertRaises(AccessError):
                visit.step_ids.read([name])
        with self.assertRaises(AccessError):
            visit.search([("account", "=", self.account.name)])

    def test_nobody_writes_or_removes_a_trail(self):
        self.kiosk.new_nonce()
        administrator = self._make_user("visit_administrator", "group_administrator")
        step = self.visits(administrator).step_ids
        for records in (step, step.visit_id):
            for change in (lambda r=records: r.unlink(), lambda r=records: r.write({}), lambda r=records: r.create({})):
                with self.assertRaises(AccessError):
                    change()
        with self.assertRaises(AccessError):
            self.visits(self.clerk)

    def test_another_company_sees_nothing_of_it(self):
        self.kiosk.new_nonce()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._make_user("visit_stranger", "group_supervisor", company)
        self.assertFalse(self.visits(stranger))
        with self.assertRaises(AccessError):
            self.visits().with_user(stranger).events()

    @mute_logger("odoo.models.unlink")
    def test_old_visits_go_and_what_was_paid_stays(self):
        order = self.bought()
        self.env["ir.config_parameter"].set_param("kiosk_hw.visit_days", "30")
        visit = self.visits()
        for days, stays in ((29, True), (31, False)):
            began = fields.Datetime.now() - timedelta(days=days)
            self.env.cr.execute("UPDATE electricity_kiosk_visit SET started_at = %s", [began])
            self.env["electricity.kiosk.visit"]._gc_old()
            self.assertEqual(bool(visit.exists()), stays)
        self.assertFalse(self.env["electricity.kiosk.step"].search([]))
        self.assertTrue(order.exists().tender_ids)
