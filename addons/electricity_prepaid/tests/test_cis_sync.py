"""Changed customer files: what is taken, what only a person decides, and what is never touched."""

from dataclasses import replace
from datetime import UTC, datetime
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..core.cis_types import UnreadableFile
from .marketing import MarketingCase

MODULE = "odoo.addons.electricity_prepaid.models.cis_sync"
UNTIL = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@tagged("post_install", "-at_install")
class TestCisSync(MarketingCase):
    def setUp(self):
        super().setUp()
        self.there.until = UNTIL
        self.file = self.there.customers["700000000001"]

    def bring(self, *pages, dry_run=False):
        self.there.changes = list(pages)
        sync = self.env["electricity.cis.sync"].start(self.company, dry_run)
        self.env["electricity.cis.sync"]._cron_sync()
        return sync

    def conflicts(self, sync):
        return [(conflict.kind, conflict.field, conflict.state) for conflict in sync.conflict_ids.sorted("id")]

    def test_empty_fields_are_filled_and_nothing_else_is_touched(self):
        before = self.account.read(["balance", "purchase_count", "state", "total_energy", "card_id", "meter_id"])
        sync = self.bring([replace(self.file, district="Qingxiu", last_count=99, may_buy=False)])
        self.assertEqual((sync.state, sync.seen, sync.changed), ("done", 1, 1))
        self.assertEqual((self.account.district, self.account.category), ("Qingxiu", "residential"))
        self.assertEqual(
            self.account.read(["balance", "purchase_count", "state", "total_energy", "card_id", "meter_id"]), before
        )
        self.assertTrue(self.account.marketing_may_buy)

    def test_what_came_from_there_follows_there(self):
        self.bring([replace(self.file, district="Qingxiu")])
        sync = self.bring([replace(self.file, district="Xixiangtang")])
        self.assertEqual((self.account.district, self.conflicts(sync)), ("Xixiangtang", []))

    def test_what_was_equal_once_follows_there_too(self):
        self.account.district = "Qingxiu"
        trial = self.bring([replace(self.file, district="Qingxiu")], dry_run=True)
        self.assertFalse(self.account.marketing_values, "a trial remembers nothing")
        sync = self.bring([replace(self.file, district="Qingxiu")])
        self.assertEqual(sync.changed, trial.changed)
        sync = self.bring([replace(self.file, district="Xixiangtang")])
        self.assertEqual((self.account.district, self.conflicts(sync)), ("Xixiangtang", []))

    def test_what_was_edited_here_waits_for_a_person(self):
        self.bring([replace(self.file, district="Qingxiu")])
        self.account.write({"district": "Jiangnan", "supply_address": "8 Own Road"})
        sync = self.bring([replace(self.file, district="Xixiangtang", address="9 New Road")])
        self.assertEqual(
            sorted(self.conflicts(sync)), [("edited_here", "address", "open"), ("edited_here", "district", "open")]
        )
        self.assertEqual(self.account.district, "Jiangnan")
        take, keep = sync.conflict_ids.sorted("field")
        take.with_user(self.supervisor).action_take_theirs()
        keep.with_user(self.supervisor).action_keep_ours()
        self.assertEqual((self.account.supply_address, self.account.district), ("9 New Road", "Jiangnan"))
        self.assertEqual((take.state, keep.state, keep.resolved_by_id), ("taken", "kept", self.supervisor))
        again = self.bring([replace(self.file, district="Xixiangtang", address="9 New Road")])
        self.assertEqual(self.conflicts(again), [], "what was decided is not asked again")

    def test_an_unknown_account_may_be_created_as_a_draft(self):
        sync = self.bring([replace(self.file, account_no="700000000088", name="New Customer", meter_no="", card_no="")])
        self.assertEqual(self.conflicts(sync), [("unknown_account", "account_no", "open")])
        sync.conflict_ids.with_user(self.supervisor).action_create_account()
        account = self.env["electricity.account"].search([("name", "=", "700000000088")])
        self.assertEqual((account.state, account.partner_id.name, account.balance), ("draft", "New Customer", 0))
        with self.assertRaises(UserError):
            sync.conflict_ids.with_user(self.supervisor).action_create_account()

    def test_another_meter_is_told_and_not_hung_up(self):
        sync = self.bring([replace(self.file, meter_no="700000000999")])
        self.assertIn(("meter_differs", "meter_no", "open"), self.conflicts(sync))
        self.assertEqual(self.account.meter_id.name, "700000000101")
        with self.assertRaises(UserError):
            sync.conflict_ids.with_user(self.supervisor).action_take_theirs()

    def test_numbers_of_another_customer_are_told(self):
        self._make_account("700000000002", "700000000102", "700000000202")
        sync = self.bring([replace(self.file, meter_no="700000000102", card_no="700000000202")])
        kinds = [kind for kind, _field, _state in self.conflicts(sync)]
        self.assertEqual(sorted(kinds), ["card_elsewhere", "meter_elsewhere"])

    def test_a_tariff_is_taken_by_its_code_when_it_is_known(self):
        new = self.tariff.copy({"name": "New tariff", "marketing_code": "R2"})
        self.tariff.marketing_code = "R1"
        self.account.marketing_values = {"tariff_code": "R1"}
        self.bring([replace(self.file, tariff_code="R2")])
        self.assertEqual(self.account.tariff_id, new)
        sync = self.bring([replace(self.file, tariff_code="R9")])
        self.assertEqual(self.conflicts(sync), [("tariff_unknown", "tariff_code", "open")])
        self.assertEqual(self.account.tariff_id, new)

    def test_a_trial_changes_nothing_and_moves_no_watermark(self):
        sync = self.bring([replace(self.file, district="Qingxiu")], dry_run=True)
        self.assertFalse(self.account.district)
        self.assertIn(("change", "district", "shown"), self.conflicts(sync))
        self.assertEqual(sync.changed, 1)
        real = self.bring([self.file])
        self.assertEqual(real.since, datetime(2000, 1, 1))
        self.assertEqual(self.bring([]).since, UNTIL.replace(tzinfo=None))

    def test_a_run_goes_on_with_the_page_after_the_last_one(self):
        self.there.changes = [[replace(self.file, district="A")], [replace(self.file, account_no="700000000077")]]
        sync = self.env["electricity.cis.sync"].start(self.company)
        self.assertTrue(sync._next_page())
        self.assertEqual((sync.page, sync.pages, sync.state), (1, 2, "running"))
        self.there.silence = "connection"
        self.env["electricity.cis.sync"]._cron_sync()
        self.assertEqual((sync.page, sync.state), (1, "waiting"))
        self.there.silence = None
        self.env["electricity.cis.sync"]._cron_sync()
        self.assertEqual(sync.page, 1, "its time has not come")
        sync.with_user(self.supervisor).action_retry()
        self.env["electricity.cis.sync"]._cron_sync()
        self.assertEqual((sync.page, sync.state, sync.seen), (2, "done", 2))
        self.assertFalse(sync.result_text or sync.waiting_since or sync.failures or sync.next_at)
        asked = [call[2] for call in self.there.calls if call[0] == "list_customer_changes"]
        self.assertEqual(asked, [1, 2, 2])

    def test_the_same_conflict_is_open_once(self):
        self.bring([replace(self.file, meter_no="700000000999")])
        self.bring([replace(self.file, meter_no="700000000998")])
        found = self.env["electricity.cis.conflict"].search([("kind", "=", "meter_differs"), ("state", "=", "open")])
        self.assertEqual(found.theirs, "700000000998")

    def test_a_refusal_ends_the_run_and_is_explained(self):
        self.there.refuse["list_customer_changes"] = "1006"
        sync = self.bring([])
        self.assertEqual(sync.state, "refused")
        self.assertTrue(sync.result_text)

    def test_only_one_run_at_a_time_and_only_by_the_office(self):
        first = self.env["electricity.cis.sync"].start(self.company)
        self.assertEqual(self.env["electricity.cis.sync"].start(self.company), first)
        with self.assertRaises(AccessError):
            self.env["electricity.cis.sync"].with_user(self.clerk).action_start()

    def test_a_file_that_cannot_be_taken_does_not_hold_up_the_others(self):
        other = self._make_account("700000000002", "700000000102", "700000000202")[0]
        take = type(self.account).take_master_values

        def fail(account, values):
            if account == self.account:
                raise ValidationError(account.name)
            return take(account, values)

        self.patch(type(self.account), "take_master_values", fail)
        files = [
            replace(self.file, district="Bad"),
            replace(self.file, account_no=other.name, meter_no="", card_no="", name="", district="Good"),
        ]
        with mute_logger("odoo.addons.electricity_prepaid.models.cis_sync"):
            sync = self.bring(files)
        self.assertEqual((sync.state, sync.seen), ("done", 2))
        self.assertEqual((self.account.district, other.district), (False, "Good"))
        self.assertEqual(self.conflicts(sync), [("bad_file", "account_no", "open")])
        self.assertIn("M-143", sync.conflict_ids.code_text)

    def test_a_file_that_cannot_be_read_does_not_hold_up_the_others(self):
        number = self.account.name
        self.there.unreadable = [
            (UnreadableFile(2, "schema", number), UnreadableFile(3, "value"), UnreadableFile(4, "schema"))
        ]
        pages = [[replace(self.file, district="Qingxiu")], [replace(self.file, district="Xixiangtang")]]
        trial = self.bring(*pages, dry_run=True)
        self.assertEqual([each.state for each in trial.conflict_ids.filtered("code")], ["shown"] * 3)
        sync = self.bring(*pages)
        self.assertEqual((sync.state, sync.page, sync.seen), ("done", 2, 5))
        self.assertEqual(self.account.district, "Xixiangtang")
        self.assertEqual(self.conflicts(sync), [("unreadable_file", "account_no", "open")] * 3)
        known, *nameless = sync.conflict_ids.sorted("id")
        self.assertEqual((known.account_no, known.electricity_account_id, known.theirs), (number, self.account, "1/2"))
        self.assertEqual([(each.account_no, each.theirs) for each in nameless], [(False, "1/3"), (False, "1/4")])
        self.assertIn("1/3", nameless[0].code_text)
        self.assertIn("M-142", nameless[0].code_text)
        for action in ("action_take_theirs", "action_create_account"):
            with self.assertRaises(UserError):
                getattr(nameless[0].with_user(self.supervisor), action)()
        again = self.bring(*pages)
        self.assertEqual(known.sync_id, again, "the same account is open once")
        (known | nameless[0] | nameless[1]).with_user(self.supervisor).action_keep_ours()
        self.assertEqual(known.state, "kept")

    def test_a_page_that_cannot_be_read_is_tried_again_later_each_time_and_says_why(self):
        self.there.silence = "invalid"
        sync = self.bring([self.file])
        since, waits = sync.waiting_since, []
        for _each in range(6):
            waits.append(round((sync.next_at - fields.Datetime.now()).total_seconds() / 60))
            self.assertEqual((sync.state, sync.waiting_since), ("waiting", since))
            sync.next_at = fields.Datetime.now()
            self.env["electricity.cis.sync"]._cron_sync()
        self.assertEqual(waits, [10, 20, 40, 80, 160, 160])
        self.assertEqual(sync.failures, 7)
        self.assertIn("M-212", sync.result_text)
        self.assertTrue(self.env["ir.cron.trigger"].search([("call_at", "=", sync.next_at)]))
        sync.with_user(self.supervisor).action_cancel()
        self.there.silence = None
        self.env["electricity.cis.sync"]._cron_sync()
        self.assertEqual((sync.state, sync.page), ("cancelled", 0))

    def test_a_fault_of_our_own_lets_that_run_rest(self):
        def broken(_sync, _answer):
            raise ZeroDivisionError

        with patch.object(type(self.env["electricity.cis.sync"]), "_take_page", broken), mute_logger(MODULE):
            sync = self.bring([self.file])
        self.assertEqual((sync.state, sync.page, sync.failures), ("waiting", 0, 1))
        sync.next_at = fields.Datetime.now()
        self.env["electricity.cis.sync"]._cron_sync()
        self.assertEqual((sync.state, sync.page, sync.failures), ("done", 1, 0))

    def test_what_opened_the_circuit_is_told_not_that_it_is_open(self):
        self.there.silence = "timeout"
        sync = self.bring([self.file])
        self.assertIn("M-206", sync.result_text)
        self.there.silence = "circuit"
        sync.next_at = fields.Datetime.now()
        self.env["electricity.cis.sync"]._cron_sync()
        self.assertIn("M-206", sync.result_text)
        self.assertEqual(sync.failures, 1, "no try was made")

    def test_only_the_office_lets_a_run_try_at_once(self):
        self.there.silence = "timeout"
        sync = self.bring([self.file])
        with self.assertRaises(AccessError):
            sync.with_user(self.clerk).action_retry()

    def test_a_contact_with_other_accounts_is_not_renamed(self):
        other = self._make_account("700000000002", "700000000102", "700000000202")[0]
        other.partner_id = self.account.partner_id
        name = self.account.partner_id.name
        self.account.marketing_values = {"name": name}
        sync = self.bring([replace(self.file, name="Renamed")])
        self.assertEqual(self.conflicts(sync), [("partner_shared", "name", "open")])
        with self.assertRaises(UserError):
            sync.conflict_ids.with_user(self.supervisor).action_take_theirs()
        self.assertEqual(self.account.partner_id.name, name)

    def test_a_contact_made_of_a_file_belongs_to_the_company(self):
        sync = self.bring([replace(self.file, account_no="700000000088", name="New", meter_no="", card_no="")])
        sync.conflict_ids.with_user(self.supervisor).action_create_account()
        self.assertEqual(sync.conflict_ids.electricity_account_id.partner_id.company_id, self.company)
