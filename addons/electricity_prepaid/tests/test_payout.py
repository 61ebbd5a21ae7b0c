"""Paying out a balance by two persons: what is refused first, then one tender out of one drawer for each payout."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import CounterCase


@tagged("post_install", "-at_install", "electricity")
class TestPayout(CounterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.finance = cls._make_user("finance", "group_finance")
        cls.technician = cls._make_user("technician", "group_technician")

    def setUp(self):
        super().setUp()
        self.shift = self.open_shift("500.00")
        order = self.begin("100.00")
        self.pay(order)
        self.counter.cancel(order.uuid, False)
        self.assertEqual(self.account.balance, 100)

    def propose(self, amount=60.0, user=None, **values):
        """Propose a payout in the window, as a clerk does."""
        account = self.account.with_user(user or self.clerk)
        action = account.action_pay_out_balance()
        form = Form(self.env[action["res_model"]].with_user(user or self.clerk).with_context(**action["context"]))
        self.assertEqual(form.amount, account.available, "all that is free is proposed first")
        form.amount = amount
        form.reason = "Moves away"
        shown = form.save().action_propose()
        return self.env["electricity.payout"].browse(shown["res_id"])

    def approved(self, amount=60.0):
        payout = self.propose(amount)
        payout.with_user(self.supervisor).action_approve()
        return payout

    def assertMoney(self, balance, held, in_drawer):
        self.assertEqual((self.account.balance, self.account.held, self.shift.cash_now), (balance, held, in_drawer))
        self.assertLedger()

    # -- what is refused

    def test_nobody_approves_his_own(self):
        payout = self.propose(user=self.supervisor)
        self.assertEqual(payout.with_user(self.supervisor).approval, "other")
        with self.assertRaisesRegex(UserError, "S-121"):
            payout.with_user(self.supervisor).action_approve()
        self.assertMoney(100, 0, 600)

    def test_clerks_and_technicians_approve_nothing(self):
        payout = self.propose(user=self.supervisor)
        with self.assertRaisesRegex(UserError, "S-116"):
            payout.with_user(self.clerk).action_approve()
        with self.assertRaises(AccessError):
            payout.with_user(self.technician).action_approve()
        self.assertEqual(payout.state, "proposed")

    def test_a_second_approval_of_one_payout_holds_nothing_more(self):
        payout = self.approved()
        for user in (self.supervisor2, self.finance):
            with self.assertRaisesRegex(UserError, "S-128"):
                payout.with_user(user).action_approve()
        self.assertMoney(100, 60, 600)

    def test_more_than_is_free_is_not_proposed(self):
        for amount in (100.1, 5000.0):
            with self.assertRaisesRegex(UserError, "S-125"):
                self.propose(amount)
        for amount in (0.0, -5.0):
            with self.assertRaisesRegex(UserError, "S-104"):
                self.propose(amount)
        self.assertFalse(self.env["electricity.payout"].search([]))

    def test_what_was_spent_since_the_proposal_is_not_held(self):
        payout = self.propose(100.0)
        order = self.begin("50.00")
        answer = self.authorize(order)
        with self.assertRaisesRegex(UserError, "S-125"):
            payout.with_user(self.supervisor).action_approve()
        self.assertTrue(answer["write_order"])
        self.assertEqual((payout.state, self.account.held), ("proposed", order.amount_held))

    def test_two_proposals_for_the_same_money_are_paid_once(self):
        first, second = self.propose(60.0), self.propose(60.0)
        first.with_user(self.supervisor).action_approve()
        with self.assertRaisesRegex(UserError, "S-125"):
            second.with_user(self.supervisor).action_approve()
        self.assertMoney(100, 60, 600)

    def test_a_purchase_does_not_spend_what_is_held(self):
        self.approved(60.0)
        order = self.begin("100.00")
        self.assertEqual(order._due_cents(), 6000)
        self.assertRefused(self.counter.authorize(order.uuid, self.snapshot()), "S-110")
        self.assertMoney(100, 60, 600)

    def test_an_amount_that_no_coins_make_is_not_proposed_in_cash(self):
        self.company.electricity_smallest_coin = 0.1
        with self.assertRaisesRegex(UserError, r"60\.00.*S-126"):
            self.propose(60.05)

    def test_nothing_is_paid_before_it_is_approved_without_a_shift_or_out_of_an_empty_drawer(self):
        payout = self.propose()
        with self.assertRaisesRegex(UserError, "S-128"):
            payout.with_user(self.clerk).action_pay_out()
        payout.with_user(self.supervisor).action_approve()
        with self.assertRaisesRegex(UserError, "S-117"):
            payout.with_user(self.supervisor2).action_pay_out()
        other = self.env["electricity.recharge"].with_user(self.supervisor2)
        self.open_shift("59.90", counter=other)
        with self.assertRaisesRegex(UserError, r"59\.90.*S-127"):
            payout.with_user(self.supervisor2).action_pay_out()
        with self.assertRaisesRegex(UserError, "S-116"):
            payout.with_user(self.finance).action_pay_out()
        self.assertMoney(100, 60, 600)

    def test_another_company_sees_and_decides_nothing(self):
        company = self.env["res.company"].create({"name": "Other Power"})
        stranger = self._make_user("stranger", "group_supervisor", company)
        payout = self.propose()
        self.assertFalse(self.env["electricity.payout"].with_user(stranger).search([]))
        for step in ("action_approve", "action_withdraw", "action_pay_out"):
            with self.assertRaises(AccessError):
                getattr(payout.with_user(stranger), step)()
        with self.assertRaises(AccessError):
            self.env["electricity.payout"].with_user(stranger).propose(
                self.account.with_user(stranger), 10.0, "cash", "No"
            )

    def test_a_callers_defaults_decide_nothing(self):
        payouts = self.env["electricity.payout"].with_user(self.clerk)
        payouts = payouts.with_context(default_state="approved", default_approved_by_id=self.supervisor.id)
        payout = payouts.propose(self.account.with_user(self.clerk), 60.0, "cash", "Moves away")
        self.assertEqual((payout.state, payout.approved_by_id), ("proposed", self.env["res.users"]))

    # -- how it goes

    def test_an_approved_payout_goes_out_of_the_drawer_once(self):
        payout = self.approved()
        self.assertMoney(100, 60, 600)
        payout.with_user(self.clerk).action_pay_out()
        with self.assertRaisesRegex(UserError, "S-128"):
            payout.with_user(self.clerk).action_pay_out()
        self.assertMoney(40, 0, 540)
        tender = payout.tender_ids
        self.assertEqual(
            (tender.kind, tender.direction, tender.amount, tender.user_id), ("cash", "out", 60, self.clerk)
        )
        self.assertEqual((payout.state, payout.ended_by_id), ("paid", self.clerk))
        entry = self.env["electricity.ledger.entry"].search([("tender_id", "=", tender.id)])
        self.assertEqual((entry.kind, entry.money, entry.balance_after), ("refund", -60, 40))

    def test_a_slip_is_printed_of_what_was_paid_only(self):
        payout = self.approved()
        report = self.env["ir.actions.report"].with_user(self.clerk)
        html, _kind = report._render_qweb_html("electricity_prepaid.payout_slip", payout.ids)
        self.assertNotIn(payout.name, html.decode())
        payout.with_user(self.clerk).action_pay_out()
        html, _kind = report._render_qweb_html("electricity_prepaid.payout_slip", payout.ids)
        for text in (payout.name, self.account.name, "60.00", "Sixty", self.supervisor.name):
            self.assertIn(text, html.decode())

    def test_it_counts_in_the_shift_and_in_the_days_figures(self):
        self.approved().with_user(self.clerk).action_pay_out()
        self.env["electricity.terminal.day"]._count(self.company, 1)
        day = self.env["electricity.terminal.day"].search([("terminal_id", "=", self.terminal.id)])
        self.assertEqual((day.amount_clerk, day.amount_out, day.amount_total), (100, 60, 40))
        self.assertEqual(self.terminal._unremitted_cents(), 4000)
        self.shift.close_counted({"1000": 54}, self.clerk)
        self.assertEqual((self.shift.expected, self.shift.difference), (540, 0))

    def test_taking_it_back_frees_the_money(self):
        payout = self.approved()
        with self.assertRaisesRegex(UserError, "S-116"):
            payout.with_user(self.clerk).action_withdraw()
        self.assertFalse(payout.with_user(self.clerk).may_withdraw)
        payout.with_user(self.finance).action_withdraw()
        self.assertMoney(100, 0, 600)
        own = self.propose()
        own.with_user(self.clerk).action_withdraw()
        self.assertEqual((payout.state, own.state), ("withdrawn", "withdrawn"))
        for gone in (payout, own):
            with self.assertRaisesRegex(UserError, "S-128"):
                gone.with_user(self.supervisor).action_approve()

    def test_another_clerk_does_not_take_a_proposal_back(self):
        payout = self.propose()
        other = self._make_user("clerk2", "group_clerk")
        with self.assertRaisesRegex(UserError, "S-116"):
            payout.with_user(other).action_withdraw()

    def test_a_second_person_is_called_and_is_done_when_it_is_decided(self):
        payout = self.propose(user=self.supervisor)
        (activity,) = payout.activity_ids
        self.assertNotEqual(activity.user_id, self.supervisor)
        self.assertIn(payout.name, activity.summary)
        self.assertIn("second person", activity.note)
        payout.with_user(self.supervisor2).action_approve()
        self.assertFalse(payout.activity_ids)

    def test_the_second_person_is_called_in_his_own_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        kind = self.env.ref("electricity_prepaid.mail_activity_payout")
        kind.with_context(lang="zh_CN").default_note = "须由第二人审批"
        (self.env.ref("electricity_prepaid.group_supervisor").all_user_ids - self.supervisor).lang = "zh_CN"
        payout = self.propose(user=self.supervisor)
        self.assertEqual((self.supervisor.lang, payout.activity_ids.user_id.lang), ("en_US", "zh_CN"))
        self.assertIn("须由第二人审批", payout.activity_ids.note)

    def test_what_the_customer_owes_is_shown_to_both_persons(self):
        self.account.arrears_total = 33
        payout = self.propose()
        for user in (self.clerk, self.supervisor, self.finance):
            self.assertEqual(payout.with_user(user).arrears_total, 33)
        window = (
            self.env["electricity.payout.propose"]
            .with_user(self.clerk)
            .create({"account_id": self.account.id, "amount": 1.0, "reason": "Moves away"})
        )
        self.assertEqual(window.arrears_total, 33)

    def test_the_account_shows_its_payouts(self):
        payout = self.propose()
        account = self.account.with_user(self.clerk)
        self.assertEqual(account.payout_count, 1)
        action = account.action_open_payouts()
        self.assertEqual(self.env["electricity.payout"].with_user(self.clerk).search(action["domain"]), payout)

    def test_a_payout_stays_on_record(self):
        payout = self.propose()
        with self.assertRaisesRegex(UserError, "on record"):
            payout.unlink()

    def test_what_a_paid_purchase_waits_for_is_not_paid_out(self):
        order = self.begin("100.00")
        self.assertEqual(order.state, "paid", "by the balance")
        self.assertEqual(self.account.payable_cents(), 0)
        payouts = self.env["electricity.payout"].with_user(self.clerk)
        with self.assertRaisesRegex(UserError, "S-125"):
            payouts.propose(self.account.with_user(self.clerk), 10.0, "cash", "Moves away")
        self.counter.cancel(order.uuid, False)
        self.assertEqual(self.account.payable_cents(), 10_000)
