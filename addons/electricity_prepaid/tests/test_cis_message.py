"""From the sale to the marketing system's books: the outbox and what its sender makes of every answer."""

import re
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import file_open, mute_logger
from psycopg2.errors import SerializationFailure

from ..core import cis_results
from ..core.cis_types import Payment, Unreachable
from ..models.cis_message_queue import SHARDS
from ..models.cis_message_send import BATCH
from .cis_stub import StubMarketing
from .outbox_case import OutboxCase

SILENCE = Unreachable("timeout")


@tagged("post_install", "-at_install", "electricity")
class TestCisMessage(OutboxCase):
    # ------------------------------------------------------------------------------------------------------ unhappy

    def test_a_company_without_marketing_system_uploads_nothing(self):
        self.connection.unlink()
        order, message = self.sold_message()
        self.assertFalse(message)
        self.assertEqual(order.upload_state, "none")

    def test_what_is_sold_while_the_connection_is_archived_is_uploaded_after_it(self):
        self.connection.active = False
        order, message = self.sold_message()
        self.send()
        self.assertEqual((message.state, order.upload_state), ("queued", "queued"))
        self.assertFalse(self.marketing.calls)
        self.connection.active = True
        self.send()
        self.assertEqual((message.state, order.upload_state), ("done", "done"))

    def test_silence_is_asked_about_and_never_booked_twice(self):
        order, message = self.sold_message()
        self.marketing.script = ["lost"]
        self.send()
        self.assertEqual((message.state, order.upload_state), ("done", "done"))
        self.assertEqual([call[0] for call in self.marketing.calls], ["submit_payment", "query_payment"])
        self.assertTrue(message.uncertain)

    def test_silence_before_the_booking_sends_the_same_serial_again(self):
        order, message = self.sold_message()
        self.marketing.script = [SILENCE]
        self.send()
        self.assertEqual(message.state, "done")
        self.assertEqual(
            self.marketing.calls,
            [("submit_payment", order.name), ("query_payment", order.name), ("submit_payment", order.name)],
        )

    def test_a_long_silence_backs_off_and_keeps_every_try(self):
        _order, message = self.sold_message()
        self.marketing.script = [SILENCE] * 9
        self.send()
        self.assertEqual(message.state, "unknown")
        self.assertGreater(message.next_try_at, fields.Datetime.now())
        self.assertEqual(len(message.attempt_ids), message.tries)
        self.send()
        self.assertEqual(len(message.attempt_ids), message.tries)

    def test_a_paused_connection_is_no_try(self):
        _order, message = self.sold_message()
        self.marketing.script = [Unreachable("circuit", sent=False)]
        self.send()
        self.assertEqual((message.state, message.tried, message.tries), ("queued", False, 0))
        self.assertFalse(message.leased_until)
        self.assertFalse(message.attempt_ids)

    def test_a_message_that_cannot_be_made_goes_to_people_and_holds_up_nobody(self):
        order, message = self.sold_message()
        self.card.insert_in_meter()
        _second, later = self.sold_message("50.00")
        self.marketing.script = [Unreachable("unsendable", "no such character", sent=False)]
        self.send()
        self.assertEqual((message.state, message.code, message.uncertain), ("refused", "M-141", False))
        self.assertTrue(message.activity_ids)
        self.assertIn("settle_done", message.with_user(self.supervisor).allowed_actions)
        self.send()
        self.assertEqual(later.state, "done")

    def test_a_message_that_cannot_be_read_goes_to_people_and_holds_up_nobody(self):
        order, message = self.sold_message()
        self.card.insert_in_meter()
        _second, later = self.sold_message("50.00")
        message.write({"payload": {"serial": order.name}, "tried": True})
        message.leased_until = fields.Datetime.now() - timedelta(seconds=1)
        with self.assertLogs("odoo.addons.electricity_prepaid.models.cis_message_send", "ERROR"):
            self.send()
        self.assertEqual((message.state, message.code, message.uncertain), ("refused", "M-141", True))
        self.assertFalse(message.leased_until)
        self.assertEqual(later.state, "done")

    def second_company(self, message, count):
        """Return payments of another company, which are due before a message, and its connection."""
        company = self.env["res.company"].create({"name": "Other Power"})
        connection = self.connection.copy({"company_id": company.id})
        own = {"partner_id": self.account.partner_id.id, "regime": "card", "tariff_id": self.account.tariff_id.id}
        accounts = self.env["electricity.account"].create([{**own, "name": f"8{each:011d}"} for each in range(count)])
        others = message.browse()
        for number, account in enumerate(accounts):
            serial = f"R9{number:019d}"
            order = message.recharge_id.copy({"uuid": serial, "name": serial, "state": "written"})
            values = {"name": serial, "recharge_id": order.id}
            values |= {"electricity_account_id": account.id, "payload": {**message.payload, "serial": serial}}
            others |= message.copy({**values, "next_try_at": fields.Datetime.now() - timedelta(hours=1)})
        # The sender looks at the messages alone, and a whole second company would hide what matters.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE electricity_cis_message SET company_id = %s WHERE id IN %s", [company.id, others._ids]
        )
        self.env.invalidate_all()
        return others, connection

    def test_a_company_whose_marketing_system_is_away_holds_up_no_other(self):
        _order, message = self.sold_message()
        others, connection = self.second_company(message, BATCH + 10)
        for kind in ("circuit", "configuration"):
            with self.subTest(kind=kind):
                away = StubMarketing()
                away.script = [Unreachable(kind, sent=False)] * (BATCH + 10)
                self.systems[connection] = away
                message.write({"state": "queued"})
                self.send()
                self.assertEqual(message.state, "done")
                self.assertEqual(set(others.mapped("state")), {"queued"})
                self.assertLessEqual(len(away.calls), SHARDS)

    def test_when_time_is_up_the_rest_of_a_batch_was_never_tried(self):
        _order, message = self.sold_message()
        others, connection = self.second_company(message, 3 * SHARDS)
        self.systems[connection] = StubMarketing()
        shard = others[0]._shard()
        ours = others.filtered(lambda other: other._shard() == shard)
        more = self.env["electricity.cis.message"]._send_batch(shard, connection.company_id.id, 0)
        ours.invalidate_recordset()
        self.assertTrue(more)
        self.assertEqual(len(ours.filtered(lambda other: other.state == "done")), 1)
        rest = ours.filtered(lambda other: other.state == "queued")
        self.assertEqual(len(rest), len(ours) - 1)
        self.assertFalse(any(other.tried or other.leased_until for other in rest))

    def test_what_a_run_has_no_time_for_is_left_to_the_next_one_at_once(self):
        _order, message = self.sold_message()
        cron = self.env.ref(f"electricity_prepaid.ir_cron_cis_send_{message._shard()}")
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        late = message.with_context(cron_end_time=time.monotonic() - 1)
        late._cron_send(message._shard())
        self.assertEqual((message.state, message.tried), ("queued", False))
        self.assertGreater(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), triggers)

    def nobody_can_be_told(self, error=ValueError):
        """Let telling people fail; return what makes it work again."""
        messages = type(self.env["electricity.cis.message"])

        def broken(one):
            one.note = "half told"
            raise error("planted")

        patcher = patch.object(messages, "_call_for_help", broken)
        patcher.start()
        self.addCleanup(patch.stopall)
        return patcher.stop

    def test_an_outcome_of_which_nobody_could_be_told_is_recorded_with_all_others_and_told_later(self):
        mend = self.nobody_can_be_told()
        order, message = self.sold_message()
        self.card.insert_in_meter()
        _second, later = self.sold_message("50.00")
        self.marketing.script = ["1037"]
        with self.assertLogs("odoo.addons.electricity_prepaid.models.cis_message_tell", "ERROR"):
            self.send()
        message.invalidate_recordset()
        self.assertEqual((message.state, message.code, message.note), ("refused", "M-104", False))
        self.assertEqual((later.state, len(message.attempt_ids)), ("done", 1))
        self.assertFalse(message.activity_ids)
        mend()
        self.send()
        self.assertEqual((len(message.activity_ids), message.untold), (1, False))
        posts = len(order.sudo().message_ids)
        self.send()
        self.assertEqual((len(message.activity_ids), len(order.sudo().message_ids)), (1, posts))

    def test_whoever_changes_the_sale_while_people_are_told_of_it_keeps_them_from_it_for_a_moment_only(self):
        mend = self.nobody_can_be_told(SerializationFailure)
        _order, message = self.refused("1037")
        self.assertEqual((message.state, message.untold, len(message.activity_ids)), ("refused", True, 0))
        mend()
        self.send()
        self.assertTrue(message.activity_ids)

    def test_what_a_dispute_shows_is_kept_though_nobody_could_be_told_of_it(self):
        self.nobody_can_be_told()
        _order, message = self.sold_message()
        self.marketing.ask("submit_payment", Payment.from_json({**message.payload, "amount": 1}))
        with mute_logger("odoo.addons.electricity_prepaid.models.cis_message_tell"):
            self.send()
        message.invalidate_recordset()
        self.assertIn("0.01", message.found_text)

    def test_a_message_that_leaves_its_queue_though_nobody_can_be_told_holds_up_nobody(self):
        self.nobody_can_be_told()
        order, message = self.sold_message()
        self.card.insert_in_meter()
        _second, later = self.sold_message("50.00")
        message.write({"payload": {"serial": order.name}})
        with mute_logger(
            "odoo.addons.electricity_prepaid.models.cis_message_send",
            "odoo.addons.electricity_prepaid.models.cis_message_tell",
        ):
            self.send()
        self.assertEqual((message.state, message.code, later.state), ("refused", "M-141", "done"))

    def test_a_message_that_cannot_leave_its_queue_waits_longer_and_others_go_on(self):
        order, message = self.sold_message()
        others, connection = self.second_company(message, 3 * SHARDS)
        self.systems[connection] = StubMarketing()
        shard = others[0]._shard()
        ours = others.filtered(lambda other: other._shard() == shard)
        ours[0].write({"payload": {"serial": ours[0].name}})

        def broken(*_args):
            raise ValueError("planted")

        self.patch(type(message), "_to_people", broken)
        with self.assertLogs("odoo.addons.electricity_prepaid.models.cis_message_send", "ERROR"):
            self.env["electricity.cis.message"]._send_batch(shard, connection.company_id.id, 60)
        ours.invalidate_recordset()
        self.assertEqual(set(ours[1:].mapped("state")), {"done"})
        self.assertEqual((ours[0].state, ours[0].failures), ("queued", 1))
        self.assertGreater(ours[0].next_try_at, fields.Datetime.now())

    def test_a_withdrawal_of_which_nobody_could_be_told_stands(self):
        def broken(*_args, **_kwargs):
            raise ValueError("planted")

        order, message = self.sold_message()
        back = self.take_back(order)
        quiet = mute_logger("odoo.addons.electricity_prepaid.models.cis_message_tell")
        with patch.object(type(order), "_wake_taking_back", broken), quiet:
            self.send()
        self.assertEqual((message.state, back.state), ("withdrawn", "withdrawn"))
        self.send()
        self.assertIn("nothing is uploaded", order.sudo().message_ids[0].body)
        self.assertFalse((message | back).filtered("untold"))

    def test_an_answer_that_cannot_be_recorded_is_unknown_and_keeps_no_others_from_being_recorded(self):
        _order, message = self.sold_message()
        others, connection = self.second_company(message, 3 * SHARDS)
        odd = StubMarketing()
        self.systems[connection] = odd
        shard = others[0]._shard()
        ours = others.filtered(lambda other: other._shard() == shard)
        bad, book = ours[0], odd._submit_payment
        before_all_time = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8)))
        for name, value in (("booked_at", before_all_time), ("marketing_serial", "a\0b")):
            with self.subTest(name), self.cr.savepoint() as savepoint:

                def booked(payment, name=name, value=value):
                    answer = book(payment)
                    odd_one = payment.serial == bad.name
                    return replace(answer, booking=replace(answer.booking, **{name: value})) if odd_one else answer

                self.patch(odd, "_submit_payment", booked)
                with self.assertLogs("odoo.addons.electricity_prepaid.models.cis_message_record", "ERROR"):
                    self.env["electricity.cis.message"]._send_batch(shard, connection.company_id.id, 60)
                ours.invalidate_recordset()
                self.assertEqual(set((ours - bad).mapped("state")), {"done"})
                self.assertEqual((bad.state, bad.uncertain, bad.failures, bad.lease), ("unknown", True, 1, False))
                self.assertEqual(bad.attempt_ids.mapped("outcome"), ["internal"])
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def test_a_company_whose_batch_fails_stops_neither_the_job_nor_other_companies(self):
        _order, message = self.sold_message()
        others, connection = self.second_company(message, 3 * SHARDS)
        send_batch = type(message)._send_batch

        def broken(sender, shard, company_id, seconds):
            if company_id == connection.company_id.id:
                raise OverflowError("planted")
            return send_batch(sender, shard, company_id, seconds)

        self.patch(type(message), "_send_batch", broken)
        with self.assertLogs("odoo.addons.electricity_prepaid.models.answers", "ERROR"):
            self.send()
        self.assertEqual((message.state, set(others.mapped("state"))), ("done", {"queued"}))

    def test_a_paused_company_is_left_alone(self):
        _order, message = self.sold_message()
        self.connection.sudo().write(
            {"circuit_state": "open", "circuit_until": fields.Datetime.now() + timedelta(minutes=1)}
        )
        self.send()
        self.assertEqual((message.state, message.tried), ("queued", False))
        self.assertFalse(self.marketing.calls)

    def test_a_bug_in_the_client_stops_neither_the_job_nor_the_next_message(self):
        _order, message = self.sold_message()
        self.marketing.script = [ValueError("planted")]
        with self.assertLogs("odoo.addons.electricity_prepaid.models.cis_message_send", "ERROR"):
            self.send()
        self.assertEqual(message.state, "done")
        self.assertEqual(message.attempt_ids.mapped("outcome").count("internal"), 1)

    def test_a_worker_that_died_leaves_an_unknown_outcome(self):
        order, message = self.sold_message()
        sender = self.env["electricity.cis.message"]
        errands, _moved = sender._lease(message._shard(), message.company_id.id, "dead")
        self.assertEqual(len(errands), 1)
        self.marketing.ask("submit_payment", message._content())
        self.send()
        message.invalidate_recordset()
        self.assertEqual((message.state, message.lease), ("queued", "dead"))
        message.leased_until = fields.Datetime.now() - timedelta(seconds=1)
        self.send()
        message.invalidate_recordset()
        self.assertEqual(message.state, "done")
        self.assertEqual([call[0] for call in self.marketing.calls], ["submit_payment", "query_payment"])
        self.assertEqual(list(self.marketing.payments), [order.name])

    def test_what_a_dead_worker_had_stays_in_doubt_when_people_ask_about_it(self):
        order, message = self.sold_message()
        sender = self.env["electricity.cis.message"]
        sender._lease(message._shard(), message.company_id.id, "dead")
        message.invalidate_recordset()
        message.leased_until = fields.Datetime.now() - timedelta(seconds=1)
        message.with_user(self.supervisor).action_ask_again()
        self.assertEqual((message.state, message.uncertain, message.leased_until), ("unknown", True, False))
        self.marketing.script = ["1003", "1037"]
        self.send()
        back = self.take_back(order)
        self.send()
        self.assertEqual((message.state, back.state), ("refused", "waiting"))

    def test_a_worker_whose_lease_went_to_another_changes_nothing(self):
        _order, message = self.sold_message()
        sender = self.env["electricity.cis.message"].with_user(1)
        errands, _moved = sender._lease(message._shard(), message.company_id.id, "slow")
        self.env.cr.execute("UPDATE electricity_cis_message SET lease = 'fast' WHERE id = %s", [message.id])
        report = sender._send(errands[0], self.connection)
        sender._record([report], "slow")
        message.invalidate_recordset()
        self.assertEqual((message.state, message.lease), ("queued", "fast"))
        self.assertEqual(len(message.attempt_ids), 1)

    def test_another_content_under_our_serial_is_a_dispute(self):
        order, message = self.sold_message()
        other = cis_results.SUBMIT, message._content()
        self.marketing.ask(other[0], Payment.from_json({**message.payload, "amount": 1}))
        self.send()
        self.assertEqual((message.state, message.code, order.upload_state), ("dispute", "M-114", "refused"))
        self.assertIn("0.01", message.found_text)
        self.assertTrue(message.activity_ids)

    def test_only_the_first_message_of_an_account_is_sent(self):
        _first, earlier = self.sold_message()
        self.marketing.script = [SILENCE] * 2
        self.send()
        self.card.insert_in_meter()
        _second, later = self.sold_message("50.00")
        self.marketing.calls.clear()
        self.send()
        self.assertEqual((earlier.state, later.state, later.tries), ("unknown", "queued", 0))
        self.assertFalse(self.marketing.calls)
        self.pass_delay(earlier)
        self.send()
        self.assertEqual((earlier.state, later.state), ("done", "done"))

    # ---------------------------------------------------------------------------------------------------- reversals

    def test_a_payment_that_never_left_is_withdrawn_with_its_reversal(self):
        order, message = self.sold_message()
        back = self.take_back(order)
        self.send()
        self.assertEqual((message.state, back.state, order.upload_state), ("withdrawn", "withdrawn", "none"))
        self.assertFalse(self.marketing.calls)

    def test_a_withdrawn_payment_whose_sale_counts_again_is_sent_and_can_be_taken_back_again(self):
        order, message = self.sold_message()
        first = self.take_back(order)
        self.send()
        self.assertEqual((message.state, first.state), ("withdrawn", "withdrawn"))
        self.count_again(order)
        self.assertEqual((message.state, order.upload_state), ("queued", "queued"))
        self.send()
        self.assertEqual((message.state, message.tries), ("done", 1))
        second = self.take_back(order)
        self.assertNotEqual(second, first)
        self.send()
        self.assertEqual((first.state, second.state), ("withdrawn", "done"))
        self.assertEqual(list(self.marketing.reversals), [order.name])

    def test_a_payment_that_was_sent_and_withdrawn_goes_to_people_when_its_sale_counts_again(self):
        order, message = self.refused("1037")
        self.take_back(order)
        self.send()
        self.assertEqual((message.state, message.tried), ("withdrawn", True))
        self.count_again(order)
        self.assertEqual((message.state, message.code, order.upload_state), ("dispute", "M-129", "refused"))
        self.assertTrue(message.activity_ids)

    def lease(self, message):
        """Let a worker take a message; return what it is to do."""
        errands, _moved = (
            self.env["electricity.cis.message"].sudo()._lease(message._shard(), message.company_id.id, "worker")
        )
        message.invalidate_recordset()
        self.assertEqual([errand.id for errand in errands], message.ids)
        return errands[0]

    def record(self, errand):
        """Let that worker make its call and record it."""
        sender = self.env["electricity.cis.message"].sudo()
        sender._record([sender._send(errand, self.connection)], "worker")
        sender.invalidate_model()

    def test_a_reversal_that_never_left_is_withdrawn_when_its_sale_counts_again_while_the_payment_is_sent(self):
        order, message = self.sold_message()
        errand = self.lease(message)
        back = self.take_back(order)
        self.count_again(order)
        self.record(errand)
        self.send()
        self.assertEqual((message.state, back.state, order.upload_state), ("done", "withdrawn", "done"))
        self.assertFalse(self.marketing.reversals)

    def test_a_reversal_that_may_have_left_never_goes_out_again_when_its_sale_counts_again(self):
        order, message = self.sold_message()
        self.send()
        back = self.take_back(order)
        errand = self.lease(back)
        self.count_again(order)
        self.assertEqual((message.state, message.code), ("dispute", "M-129"))
        self.assertEqual((back.state, back.uncertain, back.lease), ("waiting", True, False))
        self.marketing.script = [SILENCE]
        self.record(errand)
        self.assertEqual(back.state, "waiting", "a worker whose message people have decides nothing")
        message.with_user(self.supervisor).action_ask_again()
        self.send()
        self.assertEqual((message.state, back.state), ("done", "waiting"))
        self.assertFalse(self.marketing.reversals)
        self.take_back(order)
        self.send()
        self.assertEqual(list(self.marketing.reversals), [order.name], "taken back after all")

    def test_a_payment_that_people_have_is_not_booked_by_a_worker_that_is_late(self):
        order, message = self.refused("1037")
        back = self.take_back(order)
        back.write({"state": "refused", "tried": True})
        message.with_user(self.supervisor).action_send_again()
        errand = self.lease(message)
        self.count_again(order)
        self.record(errand)
        self.assertEqual((message.state, message.code, message.uncertain), ("dispute", "M-129", True))

    def test_payment_and_reversal_are_withdrawn_once_the_payment_is_refused_for_certain(self):
        order, message = self.sold_message()
        other = Payment.from_json({**message.payload, "amount": 1})
        self.marketing.ask("submit_payment", other)
        self.send()
        back = self.take_back(order)
        self.send()
        self.assertEqual((message.state, back.state), ("dispute", "waiting"))
        self.marketing.payments.clear()
        message.with_user(self.supervisor).action_ask_again()
        self.marketing.script = ["1003", "1037"]
        self.send()
        self.send()
        self.assertEqual((message.state, back.state, order.upload_state), ("withdrawn", "withdrawn", "none"))

    def test_a_payment_of_doubt_is_sent_until_it_is_known_and_then_taken_back(self):
        order, message = self.sold_message()
        self.marketing.script = [SILENCE] * 2
        self.send()
        back = self.take_back(order)
        self.pass_delay(message)
        self.send()
        self.assertEqual((message.state, back.state), ("done", "done"))
        self.assertEqual(list(self.marketing.reversals), [order.name])

    def test_a_reversal_waits_for_a_payment_that_people_work_on_and_follows_it(self):
        order, message = self.sold_message()
        self.marketing.script = [SILENCE, "1003", "1037"]
        self.send()
        self.assertEqual((message.state, message.uncertain), ("refused", True))
        back = self.take_back(order)
        self.send()
        self.assertEqual(back.state, "waiting")
        message.with_user(self.supervisor).action_ask_again()
        self.send()
        self.assertEqual((message.state, back.state), ("done", "done"))

    def test_a_reversal_put_aside_while_its_payment_was_settled_goes_on(self):
        order, message = self.sold_message()
        self.marketing.script = [SILENCE, "1003", "1037"]
        self.send()
        back = self.take_back(order)
        self.send()
        self.assertEqual(back.state, "waiting")
        self.marketing.ask("submit_payment", message._content())
        # As the one who settles it writes it, who does not see yet that the reversal waits.
        self.env.flush_all()
        self.env.cr.execute("UPDATE electricity_cis_message SET state = 'done' WHERE id = %s", [message.id])
        self.env.invalidate_all()
        self.send()
        self.assertEqual(back.state, "done")

    def test_after_midnight_the_reversal_goes_to_people_who_do_it_by_hand(self):
        order, message = self.sold_message()
        self.send()
        back = self.take_back(order)
        self.marketing.script = ["1015"]
        self.send()
        self.assertEqual((back.state, back.code), ("refused", "M-116"))
        self.assertIn("by_hand", back.with_user(self.supervisor).allowed_actions)
        self.decide(back, "by_hand", self.supervisor)
        self.assertEqual(back.state, "by_hand")
        back.settle_reconciled(True)
        self.assertEqual((back.state, message.state, order.upload_state), ("done", "done", "done"))
        self.assertFalse(back.activity_ids)

    def test_the_sale_taken_back_on_its_card_is_taken_back_there(self):
        order, message = self.sold_message()
        self.send()
        answer = self.counter.with_user(self.supervisor).reverse(
            order.uuid, self.snapshot(counter=self.counter.with_user(self.supervisor))
        )
        self.assertTrue(answer["ok"], answer)
        self.confirm(self.proxy.write(self.card, answer["write_order"]))
        self.assertEqual(order.state, "reversed")
        self.send()
        self.assertEqual(set(order.sudo().cis_message_ids.mapped("state")), {"done"})
        self.assertEqual(list(self.marketing.reversals), [message.name])

    def test_the_utility_reads_in_the_language_of_whoever_set_a_sale_back(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["electricity_prepaid"], ["zh_CN"], overwrite=True)
        self.supervisor.lang = "zh_CN"
        order, message = self.sold_message()
        self.send()
        counter = self.counter.with_user(self.supervisor)
        answer = counter.reverse(order.uuid, self.snapshot(counter=counter))
        self.assertTrue(answer["ok"], answer)
        # Whoever carries the receipt does not matter.
        self.confirm(self.proxy.write(self.card, answer["write_order"]))
        back = (order.sudo().cis_message_ids - message)._content()
        self.assertEqual(back.reason, "售电后当场在卡上冲正")

    def test_no_sale_is_taken_back_on_a_later_day_than_its_upload(self):
        order, message = self.sold_message()
        self.send()
        message.accounting_date = fields.Date.subtract(fields.Date.today(), days=1)
        counter = self.counter.with_user(self.supervisor)
        self.assertRefused(counter.reverse(order.uuid, self.snapshot(counter=counter)), "M-116")

    # ------------------------------------------------------------------------------------------------------ happy

    def test_a_sale_is_uploaded_once_with_what_the_customer_paid(self):
        order, message = self.sold_message()
        self.assertEqual(order.upload_state, "queued")
        payment = message._content()
        self.assertEqual(
            (payment.serial, payment.account_no, payment.kind, payment.method, payment.channel, payment.count),
            (order.name, order.account_no, "energy", "cash", "counter", order.count),
        )
        self.assertEqual(payment.amount, round(order.cost * 100))
        self.assertEqual(payment.energy, round(order.energy * 100))
        self.send()
        self.send()
        self.assertEqual((message.state, message.marketing_serial, message.tries), ("done", "M1", 1))
        self.assertEqual(len(self.marketing.payments), 1)
        self.assertEqual(message.invoice_lines[0]["price"], "0.5486")

    def test_the_same_receipt_again_uploads_nothing_more(self):
        self.counter.lookup(self.terminal.id, self.account.name)
        order, answer = self.authorized()
        receipt = self.proxy.write(self.card, answer["write_order"])
        self.confirm(receipt)
        self.confirm(receipt)
        self.env["electricity.cis.message"]._queue_payment(order)
        self.assertEqual(len(order.sudo().cis_message_ids), 1)

    def test_orders_are_found_by_their_upload_state(self):
        order, _message = self.sold_message()
        orders = self.env["electricity.recharge"]
        for state in ("queued", "done"):
            self.assertIn(order, orders.search([("upload_state", "=", state)]))
            self.assertNotIn(order, orders.search([("upload_state", "not in", [state])]))
            self.send()

    # ----------------------------------------------------------------------------------------------- what is kept

    def test_each_outcome_of_a_try_has_a_label(self):
        _order, message = self.sold_message()
        self.marketing.script = [SILENCE]
        self.send()
        labels = dict(message.attempt_ids._fields["outcome"]._description_selection(self.env))
        self.assertEqual(
            [labels[each.outcome] for each in message.attempt_ids], ["Booked", "To Be Sent", "No Answer in Time"]
        )
        silences = re.findall(r"``(\w+)``", (Unreachable.__doc__ or "").split(":param detail")[0])
        self.assertFalse(set(silences) - set(labels))

    def test_long_numbers_are_masked_in_the_journal(self):
        _order, message = self.refused("1037")
        self.assertIn("…0001", message.attempt_ids.text)
        self.assertNotIn("100000000001", message.attempt_ids.text)

    def test_old_tries_of_finished_messages_are_removed_and_the_message_stays(self):
        _order, message = self.sold_message()
        self.send()
        self.env.cr.execute("UPDATE electricity_cis_attempt SET tried_at = '2020-01-01'")
        self.env["electricity.cis.attempt"]._gc_attempts()
        self.assertFalse(message.attempt_ids)
        self.assertEqual(message.state, "done")

    def test_a_neutralized_copy_uploads_nothing(self):
        _order, message = self.sold_message()
        self.env.flush_all()
        with file_open("electricity_prepaid/data/neutralize.sql") as stream:
            self.env.cr.execute(stream.read())
        self.env.invalidate_all()
        self.send()
        self.assertEqual(message.state, "queued")
        self.assertFalse(self.marketing.calls)
