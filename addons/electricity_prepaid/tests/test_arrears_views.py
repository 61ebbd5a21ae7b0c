"""Arrears in the back office: age, collectors, and asking again about many accounts."""

from ast import literal_eval
from datetime import date
from unittest.mock import patch

from lxml import etree
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..core import arrears
from ..core import cis_types as cis
from ..models import arrear_refresh
from .marketing import MarketingCase

BILL = ("B1", "2026-01", 12000, 150, "open")


@tagged("post_install", "-at_install")
class TestArrearsViews(MarketingCase):
    def setUp(self):
        super().setUp()
        self.owes(BILL)
        self.finance = self._make_user(f"finance{self.env.cr.now():%f}", "group_finance")

    def collect(self, bills, user=None):
        wizards = self.env["electricity.arrear.collect"].with_user(user or self.supervisor)
        return wizards.with_context(active_model="electricity.arrear", active_ids=bills.ids).create({})

    def test_a_collector_gets_one_activity_for_each_customer_and_no_second(self):
        self.owes(BILL, ("B2", "2026-02", 9000, 0, "open"))
        self.lookup()
        bills = self.account.arrear_ids
        wizard = self.collect(bills)
        self.assertEqual((wizard.account_count, wizard.new_count, wizard.due), (1, 1, 211.5))
        wizard.action_collect()
        self.assertEqual(self.account.activity_ids.user_id, self.supervisor)
        self.assertIn("211.50", self.account.activity_ids.summary)
        again = self.collect(bills)
        self.assertEqual((again.new_count, again.known_count), (0, 1))
        with self.assertRaises(UserError):
            again.action_collect()
        mine = [("electricity_account_id.activity_ids.user_id", "=", self.supervisor.id)]
        self.assertEqual(self.env["electricity.arrear"].with_user(self.supervisor).search(mine), bills)

    def test_settled_bills_are_not_collected(self):
        self.lookup()
        bills = self.account.arrear_ids
        self.owes()
        self.lookup()
        self.assertFalse(self.collect(bills).arrear_ids)

    def test_a_clerk_neither_collects_nor_refreshes_many(self):
        for model in ("electricity.arrear.collect", "electricity.arrear.refresh.wizard"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.clerk).create({})

    def test_bills_grow_older_by_themselves(self):
        self.lookup()
        bill = self.account.arrear_ids
        bill.flush_recordset()
        self.env.cr.execute("UPDATE electricity_arrear SET age = 'd30' WHERE id = %s", [bill.id])
        bill.invalidate_recordset()
        self.env["electricity.arrear"]._cron_age()
        today = fields.Date.context_today(bill)
        self.assertEqual(bill.age, arrears.age_of(date(2026, 2, 1), today))

    def test_groups_of_categories_are_headed_by_words_in_both_languages(self):
        self.lookup()
        bill = self.account.arrear_ids
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["electricity_prepaid"], ["zh_CN"], overwrite=True)
        (field,) = self.grouped_by("search", "//filter[@name='group_category']/@context")
        self.assertIn(field, self.grouped_by("graph", "//field/@name"))
        for category, words in (
            ("commercial", ("Commercial", "商业")),
            ("Z-7", ("Other Categories", "其他类别")),
            (False, (False, False)),
        ):
            self.account.category = category
            for lang, heading in zip(("en_US", "zh_CN"), words, strict=True):
                bills = bill.with_context(lang=lang)
                (group,) = bills.formatted_read_group([("id", "=", bill.id)], [field], ["__count"])
                labels = dict(bills.fields_get([field])[field]["selection"])
                self.assertEqual(labels.get(group[field], False), heading)

    def grouped_by(self, view, path):
        """Return the fields by which a view of the bills groups."""
        arch = etree.fromstring(self.env["electricity.arrear"].get_view(view_type=view)["arch"])
        found = [literal_eval(each)["group_by"] if "{" in each else each for each in arch.xpath(path)]
        return [name for name in found if name in self.env["electricity.arrear"]._fields]

    # ----------------------------------------------------------------------------------------- asking about many

    def refresh(self, everything=False):
        wizards = self.env["electricity.arrear.refresh.wizard"].with_user(self.finance)
        context = {} if everything else {"active_model": "electricity.account", "active_ids": self.account.ids}
        action = wizards.with_context(**context).create({}).action_refresh()
        return self.env["electricity.arrear.refresh"].browse(action["res_id"])

    def run_job(self):
        self.env["electricity.arrear.refresh"]._cron_refresh()

    def test_chosen_accounts_are_asked_about_in_the_background(self):
        job = self.refresh()
        self.assertEqual((job.total, job.state, self.there.calls), (1, "running", []))
        self.run_job()
        self.assertEqual((job.state, job.done, job.progress), ("done", 1, 100))
        self.assertEqual(self.account.arrears_total, 121.5)
        self.assertTrue(job.ended_at)

    def test_all_accounts_of_the_company_are_asked_about(self):
        other, _card = self._make_account("700000000002", "700000000102", "700000000202")
        job = self.refresh(everything=True)
        self.run_job()
        self.assertEqual((job.state, job.done), ("done", job.total))
        self.assertTrue(other.arrears_fetched_at)

    def test_silence_lets_the_job_wait_and_it_goes_on_where_it_was(self):
        job = self.refresh()
        self.there.silence = "timeout"
        self.run_job()
        self.assertEqual((job.state, job.done), ("waiting", 0))
        self.there.silence = None
        self.run_job()
        self.assertEqual((job.state, job.done), ("done", 1))

    def test_an_account_without_a_readable_answer_holds_nobody_up(self):
        job = self.refresh()
        self.there.silence = "mismatch"
        self.run_job()
        self.assertEqual((job.state, job.done, job.refused), ("done", 0, 1))
        self.assertFalse(self.account.arrears_fetched_at)

    def test_a_stopped_job_asks_nobody_any_more(self):
        job = self.refresh()
        job.with_user(self.finance).action_cancel()
        self.run_job()
        self.assertEqual((job.state, self.there.calls), ("cancelled", []))

    def test_an_account_that_is_being_decided_on_is_asked_about_later(self):
        job = self.refresh()
        with patch.object(type(self.account), "take", side_effect=arrears.Refusal("S-101")):
            self.run_job()
        self.assertEqual((job.state, job.done), ("running", 0))
        self.run_job()
        self.assertEqual((job.state, job.done), ("done", 1))

    @mute_logger("odoo.addons.base.models.ir_cron")
    def test_without_a_connection_the_clerk_hears_what_to_set_up(self):
        self.connection.active = False
        with self.assertRaises(UserError):
            self.refresh()

    def test_nobody_refreshes_the_accounts_of_a_company_that_is_not_his(self):
        other = self.env["res.company"].create({"name": "Elsewhere T"})
        wizard = self.env["electricity.arrear.refresh.wizard"].with_user(self.finance).create({"everything": True})
        wizard.sudo().company_id = other
        with self.assertRaises(AccessError):
            wizard.action_refresh()
        self.assertFalse(self.env["electricity.arrear.refresh"].search([("company_id", "=", other.id)]))

    def test_a_bad_answer_about_one_account_does_not_hold_up_the_others(self):
        other = self._make_account("700000000002", "700000000102", "700000000202")[0]
        ask = self.there.query_arrears
        for kind in arrear_refresh.OF_ONE_ACCOUNT:

            def answer(account_no, kind=kind):
                if account_no == self.account.name:
                    raise cis.Unreachable(kind)
                return ask(account_no)

            self.there.query_arrears = answer
            job = self.refresh(everything=True)
            self.run_job()
            self.assertEqual((job.state, job.refused), ("done", 1), kind)
            self.assertTrue(other.arrears_fetched_at)
            other.arrears_fetched_at = False

    def test_a_fault_about_every_account_is_not_taken_for_a_refusal_of_each(self):
        self.patch(arrear_refresh, "IN_A_ROW", 2)
        for number in range(2, 6):
            self._make_account(f"70000000000{number}", f"70000000010{number}", f"70000000020{number}")
        job = self.refresh(everything=True)
        self.there.silence = "fault"
        self.run_job()
        self.assertEqual((job.state, job.refused, len(self.there.calls)), ("waiting", 2, 2))
        self.there.silence = None
        self.run_job()
        self.assertEqual((job.state, job.done + job.refused), ("done", job.total))

    def test_a_rejected_password_is_not_taken_for_a_refusal_of_one_account(self):
        job = self.refresh()
        rejected = cis.Unreachable("fault", "FailedAuthentication")
        with patch.object(self.there, "query_arrears", side_effect=rejected):
            self.run_job()
        self.assertEqual((job.state, job.refused), ("waiting", 0))

    def test_a_job_waits_while_the_connection_is_archived(self):
        job = self.refresh()
        self.connection.active = False
        self.run_job()
        self.assertEqual((job.state, job.done), ("waiting", 0))
        self.connection.active = True
        self.run_job()
        self.assertEqual((job.state, job.done), ("done", 1))

    def test_a_run_whose_time_is_over_leaves_the_rest_to_a_run_of_its_own(self):
        self._make_account("700000000002", "700000000102", "700000000202")
        told = []
        self.patch(
            type(self.env["ir.cron"]), "_commit_progress", lambda _cron, _done=0, remaining=None: told.append(remaining)
        )
        self.refresh(everything=True)
        self.run_job()
        self.assertEqual((len(self.there.calls), told[-1]), (1, 0))
