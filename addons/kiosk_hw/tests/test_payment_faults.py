"""A gateway or a provider in trouble: it keeps nobody else from his money, and nothing that was paid is lost."""

import uuid
from unittest.mock import patch

from lxml import etree
from odoo import fields
from odoo.addons.electricity_prepaid.core import gateway
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.tests import HttpCase, tagged
from odoo.tools.safe_eval import safe_eval

from .payment_case import PaymentCase


@tagged("post_install", "-at_install")
class TestPaymentFaults(PaymentCase, HttpCase):
    def test_a_refused_query_keeps_no_other_from_being_looked_at(self):
        (_first, bad), (_second, good) = self.paying(), self.paying()
        ask = self.gateway.ask

        def refuse(operation, claims):
            if claims["reference"] == bad:
                raise gateway.ServiceRefused("not_now")
            return ask(operation, claims)

        self.gateway.ask = refuse
        self.run_cron(minutes=5)
        self.assertEqual((self.payment(bad).state, self.payment(good).state), ("pending", "cancel"))
        self.assertGreater(self.payment(bad).gateway_next_at, fields.Datetime.now(), "the others come first")

    def test_who_was_away_for_one_that_is_being_worked_at_is_not_away(self):
        (_first, busy), (_second, good) = self.paying(), self.paying()
        self.payment(busy).gateway_trouble = "no connection"
        transactions = type(self.env["payment.transaction"])
        lease = transactions._lease

        def busy_lease(payment, operation):
            if payment.reference == busy:
                raise Refusal("S-101")
            return lease(payment, operation)

        with patch.object(transactions, "_lease", busy_lease):
            self.run_cron(minutes=5)
        self.assertEqual(self.payment(good).state, "cancel")

    def test_a_gateway_that_keeps_people_waiting_is_left_alone_by_their_pages(self):
        (_first, slow), (_second, other) = self.paying(), self.paying()
        self.gateway.away = {"query"}
        self.gateway.fault = gateway.ServiceAway("no answer in time", slow=True)
        self.later(slow)
        self.kiosk.pay_status(slow)
        asked = len(self.gateway.calls)
        self.later(other)
        answer = self.kiosk.pay_status(other)["payment"]
        self.assertEqual((answer["state"], answer["code"]), ("waiting", "A-303"))
        self.assertRefused(self.kiosk.pay(self.begun(), uuid.uuid4().hex, "qr"), "A-301")
        self.assertEqual(len(self.gateway.calls), asked)
        self.gateway.away = set()
        self.gateway.pay(slow)
        self.run_cron()
        self.assertEqual(len(self.tenders()), 1, "the job goes on asking")
        self.assertEqual(self.asked(other), "waiting", "it answers again")

    def test_a_payment_of_which_the_gateway_never_heard_is_over(self):
        self.gateway.away = {"create"}
        self.gateway.fault = gateway.ServiceAway("no connection", sent=False)
        order_uuid, reference = self.paying()
        payment = self.kiosk.pay(order_uuid, reference, "qr")["payment"]
        self.assertEqual((payment["state"], payment["code"]), ("closed", "A-301"))
        self.gateway.away = set()
        self.assertTrue(self.kiosk.pay(order_uuid, uuid.uuid4().hex, "qr")["ok"])

    def test_what_cannot_be_paid_any_more_is_told_masked(self):
        order_uuid = self.begun()
        self.order(order_uuid).expires_at = "2020-01-01 00:00:00"
        for code in ("S-113", "S-112"):
            answer = self.kiosk.pay(order_uuid, uuid.uuid4().hex, "qr")
            self.assertRefused(answer, code)
            self.assertEqual(answer["order"]["account"], "********0001")
            self.assertMasked(answer)
            # Paid from the balance it waits for no money.
            self.order(order_uuid).write({"state": "paid", "cancel_reason": False})

    def test_one_that_perhaps_arrived_before_is_not_over(self):
        self.gateway.away = {"create"}
        order_uuid, reference = self.paying()
        self.gateway.fault = gateway.ServiceAway("no connection", sent=False)
        payment = self.kiosk.pay(order_uuid, reference, "qr")["payment"]
        self.assertEqual((payment["state"], payment["code"]), ("asking", "A-301"))

    def test_a_closed_payment_is_looked_after_until_there_is_an_answer(self):
        order_uuid, reference = self.paying()
        self.kiosk.pay_cancel(reference)
        self.payment(reference).gateway_closed_at = "2020-01-01 00:00:00"
        self.gateway.pay(reference)
        self.gateway.away = {"query"}
        self.run_cron()
        self.assertTrue(self.payment(reference).gateway_next_at)
        self.gateway.away = set()
        self.run_cron()
        self.assertPaidOnce(order_uuid)

    def test_a_provider_that_is_switched_off_is_still_heard(self):
        order_uuid, reference = self.paying()
        self.gateway.pay(reference)
        self.provider.state = "disabled"
        self.notify(self.gateway.notice(reference))
        self.assertPaidOnce(order_uuid)

    def test_money_that_has_the_name_of_a_payment_keeps_it_from_nothing(self):
        reference = uuid.uuid4().hex
        named_so = self.env["electricity.tender"].keep_without_account(
            self.company, {"uuid": str(uuid.UUID(reference)), "kind": "terminal_cash", "amount": 5}
        )
        order_uuid = self.begun()
        self.assertTrue(self.kiosk.pay(order_uuid, reference, "qr")["ok"])
        self.gateway.pay(reference)
        self.assertEqual(self.asked(reference), "paid")
        self.notify(self.gateway.notice(reference))
        self.assertPaidOnce(order_uuid)
        self.assertTrue(named_so.is_unassigned, "it was nobody's, and stays so")

    def stated(self, statement):
        """Let the terminal push a statement about notes; return the code."""
        (result,) = self.env["electricity.recharge"]._take_tenders([statement], self.terminal)
        return result["code"]

    def assertNotesAndPayment(self, reference):
        """Check that $ 20 in notes and a payment of $ 100 with one name are both in the account and the books, once."""
        notes = self.env["electricity.tender"].search([("kind", "=", "terminal_cash")])
        self.assertEqual((notes.uuid, notes.amount), (str(uuid.UUID(reference)), 20))
        payment = self.payment(reference)
        self.assertEqual((payment.state, payment.electricity_tender_ids.amount), ("done", 100))
        self.assertNotEqual(payment.electricity_tender_ids, notes)
        self.assertEqual(self.account.balance, 120)
        self.assertLedger()
        self.project()
        self.assertEqual(sorted((notes | self.tenders()).pos_order_id.mapped("amount_total")), [20, 100])

    def test_notes_stated_under_the_name_of_a_payment_keep_it_from_nothing(self):
        order_uuid, reference = self.paying()
        statement = self.proxy.tender(str(uuid.uuid4()), {2_000: 1}, jti=str(uuid.UUID(reference)))
        self.assertIsNone(self.stated(statement))
        self.gateway.pay(reference)
        self.notify(self.gateway.notice(reference))
        self.notify(self.gateway.notice(reference))
        self.assertPaidOnce(order_uuid)
        self.assertEqual(self.env["electricity.tender"].search_count([("kind", "=", "terminal_cash")]), 1)

    def test_notes_and_payment_of_one_name_count_both_whichever_comes_first(self):
        for notes_first in (True, False):
            with self.subTest(notes_first=notes_first), self.cr.savepoint() as savepoint:
                order_uuid, reference = self.paying()
                statement = self.proxy.tender(order_uuid, {2_000: 1}, jti=str(uuid.UUID(reference)))
                if notes_first:
                    self.assertIsNone(self.stated(statement))
                self.gateway.pay(reference)
                self.assertEqual(self.asked(reference), "paid")
                for _time in range(2):
                    self.assertIsNone(self.stated(statement), "said again it is the same statement")
                self.assertEqual(self.asked(reference), "paid")
                self.assertNotesAndPayment(reference)
                savepoint.rollback()
                self.env.invalidate_all()

    def unknown(self, currency=None, **claims):
        """Bring a notice about a payment that is not known here; return it."""
        reference = uuid.uuid4().hex
        order = {"state": "waiting", "amount": 5_000, "currency": currency or self.company.currency_id.name, **claims}
        self.gateway.orders[reference] = order
        self.gateway.pay(reference)
        return self.gateway.notice(reference)

    def test_money_of_a_payment_that_nobody_knows_is_kept_and_told(self):
        notice = self.unknown()
        self.notify(notice)
        self.notify(notice)
        tender = self.tenders()
        self.assertEqual((tender.amount, tender.is_unassigned, tender.evidence), (50, True, notice))
        activities = self.company.partner_id.activity_ids.filtered(lambda each: "A-307" in each.summary)
        self.assertEqual(len(activities), 1)

    def test_money_by_qr_code_without_an_account_is_shown_as_such_with_who_says_whose_it_is(self):
        self.notify(self.unknown())
        tender = self.tenders()
        tender.with_user(self.supervisor).propose_account(self.account, "The service's statement names her.")
        form = etree.fromstring(self.env["electricity.tender"].get_view(view_type="form")["arch"])

        def shown(xpath):
            (element,) = form.xpath(xpath)
            conditions = [
                each.get("invisible") for each in (element, *element.iterancestors()) if each.get("invisible")
            ]
            values = {name: tender[name] for name in ("kind", "is_unassigned", "statement_session", "amount")}
            values["proposed_by_id"] = tender.proposed_by_id.id
            return not any(safe_eval(condition, values) for condition in conditions)

        self.assertTrue(shown("//div[contains(., 'payment service took')]"))
        self.assertFalse(shown("//div[contains(., 'took these notes')]"))
        self.assertTrue(shown("//sheet//field[@name='proposed_note']"))

    def test_what_was_paid_nobody_knows_where_is_in_the_books_too(self):
        self.notify(self.unknown())
        self.project()
        self.assertEqual(self.tenders().pos_order_id.amount_total, 50)

    def test_what_cannot_be_kept_has_to_be_told_again(self):
        notices = [self.unknown(currency="XQQ")]
        _order, reference = self.paying()
        self.gateway.pay(reference)
        self.payment(reference).provider_id = self.provider.copy({"name": "Another gateway"})
        notices.append(self.gateway.notice(reference))
        for notice in notices:
            with self.assertLogs("odoo.addons.kiosk_hw.models.payment_transaction_booking", "ERROR"):
                self.notify(notice, 503)
        self.assertFalse(self.tenders())

    def test_money_of_a_way_that_is_gone_is_booked_by_another_bank_method(self):
        _order, reference = self.paying()
        # As an administrator could between two sessions.
        config = self.config.with_context(bypass_payment_method_ids_forbidden_change=True)
        config.payment_method_ids = [(3, self.qr_method.id)]
        self.gateway.pay(reference)
        self.notify(self.gateway.notice(reference))
        session = self.config.open_kiosk_session()
        self.project()
        self.assertEqual(self.tenders().pos_order_id.payment_ids.payment_method_id, self.card_method)
        self.assertTrue((session._cannot_close_session() or {"successful": True})["successful"])
        self.tenders().pos_order_id = False
        config.payment_method_ids = [(3, self.card_method.id)]
        self.assertFalse(session._cannot_close_session(), "it is not kept open for ever")
