"""A payment of arrears taken back: two persons, and no money before the marketing system has let it go."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .marketing import MarketingCase
from .receipt_case import ReceiptChecks

BILLS = (("B1", "2026-01", 12000, 150, "open"), ("B2", "2026-02", 9000, 0, "open"))


@tagged("post_install", "-at_install")
class TestArrearsTakenBack(ReceiptChecks, MarketingCase):
    def setUp(self):
        super().setUp()
        self.owes(*BILLS)
        self.lookup()
        self.open_shift()
        self.order_back = self.paid()

    def paid(self):
        answer = self.begin_arrears()
        self.assertTrue(answer["ok"], answer)
        order = self.order(answer["order"]["uuid"])
        if order.state == "draft":
            self.pay(order, "211.50")
        self.assertEqual(order.state, "written")
        return order

    def reverse(self, user=None, order=None):
        counter = self.counter.with_user(user or self.supervisor)
        return counter.reverse_arrears((order or self.order_back).uuid, "wrong customer")

    def approved(self, order=None):
        self.assertTrue(self.reverse(self.supervisor, order)["ok"])
        answer = self.reverse(self.supervisor2, order)
        self.assertTrue(answer["ok"], answer)
        return answer["order"]

    def payment(self, **values):
        message = self.order_back.cis_message_ids.filtered(lambda each: each.kind == "payment")
        message.write(values)
        return message

    def reversal(self, **values):
        message = self.order_back.cis_message_ids.filtered(lambda each: each.kind == "reversal")
        message.write(values)
        return message

    def go_on(self):
        self.env["electricity.recharge"]._cron_taking_back()

    def assertNoMoneyOut(self):
        """Check that the bills count as paid and that nothing can be spent or handed out."""
        self.assertEqual(self.order_back.state, "written")
        self.assertEqual((self.account.balance, self.account.available_cents()), (0, 0))
        self.assertEqual(set(self.order_back.arrear_ids.mapped("state")), {"paid"})
        counter = self.counter.with_user(self.supervisor2)
        self.open_shift(counter=counter)
        self.assertRefused(counter.cancel(self.order_back.uuid, True), "S-112")
        self.assertLedger()

    def assertMoneyFree(self):
        self.assertEqual((self.order_back.state, self.order_back.taking_back), ("reversed", False))
        self.assertEqual((self.account.balance, self.account.arrears_total), (211.5, 211.5))
        self.assertLedger()

    # ------------------------------------------------------------------------------------------------- two persons

    def test_one_supervisor_alone_gets_no_money(self):
        status = self.counter.with_user(self.supervisor).status(self.order_back.uuid)["order"]
        self.assertIn("reverse", status["actions"])
        for _time in range(3):
            answer = self.reverse()
            self.assertTrue(answer["ok"], answer)
            self.assertEqual((answer["order"]["taking_back"], answer["order"]["code"]), ("proposed", "M-309"))
            self.assertNotIn("reverse", answer["order"]["actions"])
        self.go_on()
        self.assertFalse(self.reversal())
        self.assertNoMoneyOut()

    def test_the_receipt_of_what_was_taken_back_owes_the_bills_again(self):
        self.payment(state="done", tried=True)
        self.approved()
        self.reversal(state="done")
        self.go_on()
        self.assertMoneyFree()
        rows = self.assertAddsUp(self.order_back)
        self.assertEqual((rows["Taken back"], rows["Arrears left"], rows["Balance"]), (21150, 21150, 21150))
        self.assertNotIn("passed on", self.receipt_text(self.order_back))

    def test_everybody_sees_what_waits_for_whom(self):
        self.reverse()
        shown = self.counter.status(self.order_back.uuid)["order"]
        self.assertIn(self.supervisor.name, shown["message"])
        self.assertEqual([each["code"] for each in self.lookup()["warnings"]], ["M-309"])
        activity = self.order_back.activity_ids
        self.assertTrue(activity)
        self.assertNotEqual(activity.user_id, self.supervisor)
        second = self.order_back.with_user(self.supervisor2)
        self.assertIn("approve_back", second.allowed_actions)
        self.assertIn("withdraw_back", self.order_back.with_user(self.supervisor).allowed_actions)
        second.action_take_back()
        self.assertEqual([each["code"] for each in self.lookup()["warnings"]], ["M-310"])
        self.assertFalse(self.order_back.activity_ids)
        self.env["res.lang"]._activate_lang("zh_CN")
        chinese = self.counter.with_context(lang="zh_CN").status(self.order_back.uuid)["order"]
        self.assertIn("营销系统", chinese["message"])

    def test_a_clerk_neither_proposes_nor_approves(self):
        self.assertRefused(self.reverse(self.clerk), "S-116")
        self.reverse()
        self.assertRefused(self.reverse(self.clerk), "S-116")
        self.assertEqual(self.order_back.taking_back, "proposed")

    def test_a_proposal_is_withdrawn_by_its_own_person_only(self):
        self.reverse()
        with self.assertRaises(UserError):
            self.order_back.with_user(self.supervisor2).action_withdraw_taking_back()
        self.order_back.with_user(self.supervisor).action_withdraw_taking_back()
        self.assertFalse(self.order_back.taking_back or self.order_back.activity_ids)
        self.reverse(self.supervisor2)
        self.assertEqual(self.order_back.proposed_by_id, self.supervisor2)
        self.assertNoMoneyOut()

    def test_an_account_is_not_closed_over_it(self):
        self.reverse()
        self.assertTrue(self.account._has_open_order())

    # ------------------------------------------------------------------------------------- the marketing system's word

    def test_no_money_while_the_marketing_system_has_not_let_go(self):
        self.payment(state="done", tried=True)
        status = self.approved()
        self.assertEqual((status["state"], status["taking_back"], status["code"]), ("written", "approved", "M-310"))
        self.assertEqual(self.reversal().payload["reason"], "wrong customer")
        for state in ("queued", "unknown", "waiting", "refused", "dispute", "by_hand"):
            self.reversal(state=state)
            self.go_on()
            self.assertNoMoneyOut()
        self.assertTrue(self.reverse()["ok"], "a repeat answers the same")
        self.assertEqual(len(self.order_back.cis_message_ids), 2)

    def test_money_is_free_once_it_is_taken_back_there_and_is_handed_out_once(self):
        self.payment(state="done", tried=True)
        self.approved()
        self.reversal(state="done")
        self.go_on()
        self.go_on()
        self.assertMoneyFree()
        self.assertEqual(set(self.account.arrear_ids.mapped("state")), {"open"})
        counter = self.counter.with_user(self.supervisor)
        self.open_shift(counter=counter)
        self.assertEqual(counter.cancel(self.order_back.uuid, True)["handed_back"], "211.50")
        self.assertEqual(counter.cancel(self.order_back.uuid, True)["handed_back"], "211.50")
        self.assertEqual(self.account.balance, 0)
        self.assertLedger()

    def test_the_senders_word_frees_the_money(self):
        self.approved()
        triggers = self.env["ir.cron.trigger"].sudo()
        cron = self.env.ref("electricity_prepaid.ir_cron_taking_back")
        before = triggers.search_count([("cron_id", "=", cron.id)])
        self.payment()._leave_queue("withdraw")
        self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), before + 1)
        self.go_on()
        self.assertMoneyFree()

    def test_a_reversal_settled_by_two_persons_wakes_it(self):
        self.payment(state="done", tried=True)
        self.approved()
        self.reversal(state="refused", tried=True, result="1015")
        self.reversal()._propose("settle_done", self.supervisor, "seen there")
        self.reversal()._approve(self.supervisor2)
        self.go_on()
        self.assertMoneyFree()

    def test_what_stands_there_for_good_stands_here(self):
        self.payment(state="done", tried=True)
        self.approved()
        self.reversal(state="withdrawn")
        self.go_on()
        self.assertNoMoneyOut()
        self.assertRefused(self.reverse(), "M-311")
        self.assertEqual(self.counter.status(self.order_back.uuid)["order"]["taking_back"], "refused")

    def test_a_withdrawn_reversal_of_an_open_payment_proves_nothing(self):
        self.payment(state="refused", tried=True)
        self.approved()
        self.reversal(state="withdrawn")
        self.go_on()
        self.assertNoMoneyOut()

    def test_money_is_free_when_its_day_is_closed_without_the_payment(self):
        self.payment(state="refused", tried=True, uncertain=True, result="1037")
        self.approved()
        self.reversal(state="waiting")
        self.go_on()
        self.assertNoMoneyOut()
        self.payment().closed_without()
        self.assertEqual(self.payment().state, "withdrawn", "nobody books it there")
        self.env["electricity.cis.message"]._cron_send(self.payment()._shard())
        self.go_on()
        self.assertMoneyFree()

    def test_one_person_alone_does_not_give_up_what_its_day_is_closed_without(self):
        self.payment(state="refused", tried=True, uncertain=True, result="1037")
        self.reverse()
        self.payment().closed_without()
        self.assertEqual((self.payment().state, self.payment().code), ("refused", "M-140"))
        self.assertNoMoneyOut()

    def test_an_archived_connection_frees_no_money_of_what_may_stand_there(self):
        self.payment(state="done", tried=True)
        self.connection.active = False
        self.reverse()
        self.reverse(self.supervisor2)
        self.assertNoMoneyOut()

    def test_without_an_answer_nothing_is_decided(self):
        self.payment(state="done", tried=True)
        self.there.silence = "timeout"
        self.assertRefused(self.reverse(), "M-306")
        self.assertFalse(self.order_back.taking_back)

    def test_the_bills_can_be_paid_again_after_that(self):
        self.approved()
        self.payment()._leave_queue("withdraw")
        self.go_on()
        again = self.paid()
        self.assertEqual(self.account.balance, 0, "the balance covers it")
        self.assertEqual(self.account.arrear_ids.recharge_id, again)

    # --------------------------------------------------------------------------------------------------------- the day

    def test_on_a_later_day_it_is_left_to_the_marketing_system(self):
        for state, tried, uncertain in (
            ("done", True, False),
            ("unknown", True, True),
            ("refused", True, True),
            ("dispute", True, False),
        ):
            self.payment(accounting_date="2020-01-01", state=state, tried=tried, uncertain=uncertain)
            self.assertRefused(self.reverse(), "M-116")
            status = self.counter.with_user(self.supervisor).status(self.order_back.uuid)["order"]
            self.assertNotIn("reverse", status["actions"])
        self.assertNoMoneyOut()

    def test_what_never_stood_there_is_taken_back_on_any_day(self):
        for state, tried in (("refused", True), ("queued", False), ("withdrawn", True)):
            with self.subTest(state=state):
                self.payment(accounting_date="2020-01-01", state=state, tried=tried)
                status = self.counter.with_user(self.supervisor).status(self.order_back.uuid)["order"]
                self.assertIn("reverse", status["actions"])
                self.approved()
                (self.payment() | self.reversal()).write({"state": "withdrawn"})
                self.go_on()
                self.assertMoneyFree()
                self.order_back = self.paid()

    def test_what_is_not_a_payment_of_arrears_is_not_taken_back_so(self):
        self.account.sudo().book("correction", 100)
        self.assertRefused(self.reverse(order=self.sold()), "S-112")
