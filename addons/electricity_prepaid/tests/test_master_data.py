"""What accounts, meters, installations, cards and tariffs refuse, and what a change of meter does."""

from contextlib import contextmanager
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

SUPERVISOR = "electricity_prepaid.group_supervisor,base.group_partner_manager"
TECHNICIAN = "electricity_prepaid.group_technician"


class MasterDataCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supervisor = new_test_user(cls.env, "md_supervisor", SUPERVISOR)
        cls.technician = new_test_user(cls.env, "md_technician", TECHNICIAN)
        cls.maker = cls.env["electricity.meter.maker"].create({"name": "Test Maker", "code": "TM"})
        cls.model = cls.env["electricity.meter.model"].create({"name": "T1", "maker_id": cls.maker.id, "batch": "1"})
        cls.tariff = cls.env["electricity.tariff"].create(
            {"name": "Flat", "version_ids": [Command.create({"valid_from": "2020-01-01", "price": 0.5483})]}
        )
        cls.partner = cls.env["res.partner"].create({"name": "Mei"})
        cls.account = cls.make_account("910000000001")
        cls.meter = cls.make_meter("920000000001")

    @classmethod
    def make_account(cls, number):
        return cls.env["electricity.account"].create(
            {"name": number, "partner_id": cls.partner.id, "tariff_id": cls.tariff.id}
        )

    @classmethod
    def make_meter(cls, number):
        return cls.env["electricity.meter"].create({"name": number, "model_id": cls.model.id})

    def make_card(self, serial, issue=1, account=None):
        return self.env["electricity.card"].create(
            {"name": serial, "issue": issue, "electricity_account_id": (account or self.account).id}
        )

    @contextmanager
    def refused_by_database(self):
        """Expect a constraint of the database or of the model; everything else is undone."""
        try:
            with self.env.cr.savepoint():
                yield
                self.env.flush_all()
        except (IntegrityError, ValidationError):
            return
        self.fail("it was not refused")


@tagged("post_install", "-at_install")
class TestNumbers(MasterDataCase):
    def test_numbers_that_do_not_fit_the_card_are_refused(self):
        for number in ("12345", "1234567890123", "12345678901a", "１２３４５６７８９０１２", "-12345678901"):
            with self.subTest(number=number), self.assertRaises(ValidationError):
                self.make_account(number)
            with self.subTest(number=number), self.assertRaises(ValidationError):
                self.make_meter(number)
            with self.subTest(number=number), self.assertRaises(ValidationError):
                self.make_card(number)

    def test_the_driver_decides_how_long_a_card_serial_is(self):
        for driver, good, bad in (
            ("at24_demo", "900000000001", "9000000000000001"),
            ("gdw1365", "9000000000000002", "900000000002"),
            ("csg2015", "9000000000000003", "90000000000000030"),
        ):
            with self.subTest(driver=driver):
                card = self.env["electricity.card"].create({"name": good, "driver": driver})
                with self.assertRaises(ValidationError):
                    card.name = bad

    @mute_logger("odoo.sql_db")
    def test_account_and_meter_numbers_are_unique_in_a_company_only(self):
        with self.refused_by_database():
            self.make_account(self.account.name)
        with self.refused_by_database():
            self.make_meter(self.meter.name)
        other = self.env["res.company"].create({"name": "Other Power"})
        meter = self.env["electricity.meter"].create(
            {"name": self.meter.name, "model_id": self.model.id, "company_id": other.id}
        )
        self.assertEqual(meter.name, self.meter.name)

    @mute_logger("odoo.sql_db")
    def test_card_serials_are_unique_everywhere(self):
        card = self.make_card("900000000001")
        with self.refused_by_database():
            self.env["electricity.card"].create({"name": card.name})


@tagged("post_install", "-at_install")
class TestMeterModel(MasterDataCase):
    @mute_logger("odoo.sql_db")
    def test_limits_that_contradict_each_other_are_refused(self):
        for values in (
            {"min_amount": 0},
            {"min_amount": 100, "max_amount": 50},
            {"step_amount": 0},
            {"purchases_per_day": -1},
            {"alarm1_energy": 10.5},
            {"alarm1_energy": 65536},
            {"alarm1_energy": 5, "alarm2_energy": 10},
            {"alarm2_energy": -1},
            {"hoard_limit_energy": -1},
            {"hoard_limit_energy": 1000000},
            {"hoard_limit_money": 1000000},
            {"alarm1_money": -0.01},
            {"alarm1_money": 5, "alarm2_money": 10},
        ):
            with self.subTest(values=values), self.refused_by_database():
                self.model.write(values)

    def test_the_driver_decides_what_the_card_carries(self):
        for driver, unit in (("sle4428_demo", "kwh"), ("gdw1365", "cents"), ("csg2015", "cents"), ("at24_demo", "kwh")):
            with self.subTest(driver=driver):
                self.model.driver = driver
                self.assertEqual(self.model.unit, unit)

    @mute_logger("odoo.sql_db")
    def test_a_driver_that_is_not_there_is_refused(self):
        for driver in ("vendor:nobody", "sle9999", False):
            with self.subTest(driver=driver), self.refused_by_database():
                self.model.driver = driver
        with self.assertRaises(ValidationError):
            self.env["electricity.card"].create({"name": "900000000001", "driver": "vendor:nobody"})


@tagged("post_install", "-at_install")
class TestInstallation(MasterDataCase):
    def test_installing_a_meter_takes_over_its_count(self):
        self.account.with_user(self.technician).install_meter(self.meter, initial_count=7)
        self.assertEqual(self.account.meter_id, self.meter)
        self.assertEqual(self.account.purchase_count, 7)
        self.assertEqual(self.meter.state, "installed")
        self.assertEqual(self.meter.electricity_account_id, self.account)
        self.assertEqual(self.account.version, 1)

    def test_the_dialog_installs_a_meter(self):
        action = self.account.with_user(self.technician).action_install_meter()
        form = Form(self.env[action["res_model"]].with_user(self.technician).with_context(**action["context"]))
        form.meter_id = self.meter
        installation = form.save()
        self.assertEqual(self.account.installation_id, installation)

    def test_a_number_instead_of_a_meter_is_refused_in_words(self):
        for value in (self.meter.id, False, "920000000001", []):
            with self.subTest(value=value), self.assertRaises(UserError):
                self.account.install_meter(value)

    @mute_logger("odoo.sql_db")
    def test_ratios_and_user_type_fit_the_card(self):
        for values in ({"ct_ratio": 0}, {"pt_ratio": 1000000}, {"user_type": 256}, {"user_type": -1}):
            with self.subTest(values=values), self.refused_by_database():
                self.env["electricity.meter.installation"].create(
                    {"electricity_account_id": self.account.id, "meter_id": self.meter.id, **values}
                )

    @mute_logger("odoo.sql_db")
    def test_a_meter_hangs_at_one_account_and_an_account_has_one_meter(self):
        self.account.install_meter(self.meter)
        other = self.make_account("910000000002")
        with self.assertRaises(UserError), self.env.cr.savepoint():
            other.install_meter(self.meter)
        with self.assertRaises(UserError):
            self.account.install_meter(self.make_meter("920000000002"))

    def test_the_partial_unique_indexes_exist(self):
        self.env.cr.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename IN %s AND indexdef LIKE 'CREATE UNIQUE INDEX%%WHERE%%'",
            [("electricity_meter_installation", "electricity_card")],
        )
        found = {name for (name,) in self.env.cr.fetchall()}
        self.assertLessEqual(
            {
                "electricity_meter_installation_meter_current_unique",
                "electricity_meter_installation_account_current_unique",
                "electricity_card_account_active_unique",
            },
            found,
        )

    def test_a_change_of_meter_starts_a_new_generation_and_count(self):
        self.account.install_meter(self.meter)
        self.account.sudo().write({"purchase_count": 12})
        self.account.with_user(self.technician).action_remove_meter()
        old = self.account.installation_ids
        self.assertEqual((old.final_count, old.removed_on), (12, fields.Date.context_today(old)))
        self.assertEqual(self.meter.state, "stock")
        self.assertFalse(self.account.meter_id)
        new = self.account.with_user(self.technician).install_meter(self.make_meter("920000000002"))
        self.assertEqual((new.generation, self.account.purchase_count), (2, 0))

    def test_removing_the_meter_suspends_an_active_account(self):
        self.account.install_meter(self.meter)
        self.account.sudo().write({"state": "active"})
        self.account.action_remove_meter()
        self.assertEqual(self.account.state, "suspended")

    def test_a_meter_stays_while_an_order_is_open(self):
        self.account.install_meter(self.meter)
        self.env["electricity.recharge"].create(
            {
                "uuid": "00000000-0000-4000-8000-000000000001",
                "company_id": self.env.company.id,
                "currency_id": self.env.company.currency_id.id,
                "electricity_account_id": self.account.id,
                "installation_id": self.account.installation_id.id,
                "meter_id": self.meter.id,
                "amount": 100,
                "state": "unknown",
            }
        )
        with self.assertRaisesRegex(UserError, "unfinished"):
            self.account.action_remove_meter()
        with self.assertRaisesRegex(UserError, "unfinished"):
            self.account.action_close()

    def test_history_cannot_be_rewritten(self):
        installation = self.account.install_meter(self.meter)
        as_technician = installation.with_user(self.technician)
        for values in ({"initial_count": 3}, {"removed_on": "2026-01-01"}, {"generation": 5}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                as_technician.write(values)
        as_technician.write({"note": "seal 42"})
        with self.assertRaises(UserError):
            installation.unlink()

    def test_a_caller_does_not_choose_the_generation(self):
        installation = self.env["electricity.meter.installation"].create(
            {
                "electricity_account_id": self.account.id,
                "meter_id": self.meter.id,
                "generation": 9,
                "removed_on": "2030-01-01",
            }
        )
        self.assertEqual((installation.generation, installation.removed_on), (1, False))

    def test_a_meter_cannot_be_installed_tomorrow(self):
        tomorrow = fields.Date.context_today(self.account) + timedelta(days=1)
        with self.assertRaises(ValidationError):
            self.account.install_meter(self.meter, installed_on=tomorrow)

    def test_a_meter_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other Power"})
        meter = self.env["electricity.meter"].create(
            {"name": "920000000009", "model_id": self.model.id, "company_id": other.id}
        )
        with self.assertRaises(UserError):
            self.account.install_meter(meter)


@tagged("post_install", "-at_install")
class TestMeter(MasterDataCase):
    def test_an_installed_meter_is_not_retired_archived_renumbered_or_deleted(self):
        self.account.install_meter(self.meter)
        meter = self.meter.with_user(self.technician)
        with self.assertRaises(UserError):
            meter.action_retire()
        with self.assertRaises(ValidationError):
            meter.write({"active": False})
        with self.assertRaises(UserError):
            meter.write({"name": "920000000005"})
        with self.assertRaises(UserError):
            self.meter.unlink()

    def test_a_retired_meter_is_not_installed_until_it_is_back_in_stock(self):
        self.meter.with_user(self.technician).action_retire()
        with self.assertRaises(UserError):
            self.account.install_meter(self.meter)
        self.meter.with_user(self.technician).action_restock()
        self.account.install_meter(self.meter)

    def test_nobody_writes_the_status_directly(self):
        with self.assertRaises(AccessError):
            self.meter.with_user(self.technician).write({"state": "retired"})
        meters = self.env["electricity.meter"].with_user(self.technician)
        values = {"name": "920000000009", "model_id": self.model.id}
        with self.assertRaises(AccessError):
            meters.create({**values, "state": "installed"})
        self.assertEqual(meters.with_context(default_state="retired").create(values).state, "stock")


@tagged("post_install", "-at_install")
class TestCard(MasterDataCase):
    @mute_logger("odoo.sql_db")
    def test_an_account_has_one_active_card(self):
        self.make_card("900000000001").action_activate()
        self.assertEqual(self.account.card_id.name, "900000000001")
        second = self.make_card("900000000002", issue=2)
        with self.refused_by_database():
            second.action_activate()

    def test_an_old_card_does_not_come_back_after_a_newer_one(self):
        old = self.make_card("900000000001")
        old.action_activate()
        old.with_user(self.supervisor).action_report_lost()
        self.assertFalse(self.account.card_id)
        new = self.make_card("900000000002", issue=2)
        new.action_activate()
        with self.assertRaisesRegex(UserError, "900000000002"):
            old.action_activate()

    def test_a_found_card_comes_back_when_there_is_no_newer_one(self):
        card = self.make_card("900000000001")
        card.action_activate()
        card.action_report_lost()
        card.with_user(self.supervisor).action_activate()
        self.assertEqual(self.account.card_id, card)

    def test_an_issued_card_keeps_its_identity(self):
        card = self.make_card("900000000001")
        card.action_activate()
        with self.assertRaises(UserError):
            card.with_user(self.supervisor).write({"issue": 2})
        with self.assertRaises(AccessError):
            card.with_user(self.supervisor).write({"state": "blank"})
        with self.assertRaises(UserError):
            card.unlink()

    def test_a_card_without_account_cannot_be_put_in_use(self):
        card = self.env["electricity.card"].create({"name": "900000000001"})
        with self.assertRaises(ValidationError):
            card.action_activate()

    def test_the_issue_number_fits_one_byte(self):
        for issue in (0, 256):
            with self.subTest(issue=issue), self.assertRaises(ValidationError):
                self.make_card(f"90000000{issue:04d}", issue=issue)


@tagged("post_install", "-at_install")
class TestAccount(MasterDataCase):
    def test_an_account_buys_only_with_meter_tariff_and_card(self):
        account = self.account.with_user(self.supervisor)
        with self.assertRaisesRegex(UserError, "meter"):
            account.action_activate()
        self.account.install_meter(self.meter)
        with self.assertRaisesRegex(UserError, "card"):
            account.action_activate()
        self.make_card("900000000001").action_activate()
        account.tariff_id = False
        with self.assertRaisesRegex(UserError, "tariff"):
            account.action_activate()
        account.tariff_id = self.tariff
        account.action_activate()
        self.assertEqual(account.state, "active")

    def test_balances_counts_and_status_are_not_set_by_hand(self):
        account = self.account.with_user(self.supervisor)
        for values in ({"balance": 5}, {"held": 5}, {"purchase_count": 5}, {"total_energy": 5}, {"state": "active"}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                account.write(values)
        with self.assertRaises(AccessError):
            account.create({"name": "910000000009", "partner_id": self.partner.id, "balance": 100})

    def test_an_account_with_balance_is_not_closed(self):
        self.account.sudo().write({"balance": 0.03})
        with self.assertRaisesRegex(UserError, "balance"):
            self.account.action_close()

    def test_closing_an_account_voids_its_card(self):
        card = self.make_card("900000000001")
        card.action_activate()
        self.account.with_user(self.supervisor).action_close()
        self.assertEqual((self.account.state, card.state), ("closed", "void"))
        with self.assertRaises(UserError):
            self.account.install_meter(self.meter)

    def test_an_account_in_use_keeps_its_number(self):
        self.account.sudo().write({"state": "active"})
        with self.assertRaises(UserError):
            self.account.with_user(self.supervisor).write({"name": "910000000008"})
        with self.assertRaises(UserError):
            self.account.unlink()

    def test_accounts_are_found_by_number_customer_meter_and_address(self):
        self.account.install_meter(self.meter)
        self.account.supply_address = "88 Lotus Lane"
        for term in (self.account.name, "Mei", self.meter.name, "Lotus"):
            with self.subTest(term=term):
                found = [record for record, _name in self.env["electricity.account"].name_search(term)]
                self.assertIn(self.account.id, found)


@tagged("post_install", "-at_install")
class TestTariff(MasterDataCase):
    def test_the_version_of_a_day_is_the_last_that_has_begun(self):
        self.tariff.write({"version_ids": [Command.create({"valid_from": "2025-07-01", "price": 0.6})]})
        for day, price in (("2019-12-31", 0), ("2020-01-01", 0.5483), ("2025-06-30", 0.5483), ("2025-07-01", 0.6)):
            with self.subTest(day=day):
                self.assertAlmostEqual(self.tariff._version_on(fields.Date.to_date(day)).price, price, places=6)

    def test_a_price_that_was_in_force_cannot_be_changed(self):
        administrator = new_test_user(self.env, "md_administrator", "electricity_prepaid.group_administrator")
        version = self.tariff.version_ids.with_user(administrator)
        with self.assertRaises(UserError):
            version.write({"price": 0.1})
        with self.assertRaises(UserError):
            version.unlink()

    @mute_logger("odoo.sql_db")
    def test_prices_are_positive_and_days_differ(self):
        for values in ({"valid_from": "2026-01-01", "price": 0}, {"valid_from": "2020-01-01", "price": 1}):
            with self.subTest(values=values), self.refused_by_database():
                self.tariff.write({"version_ids": [Command.create(values)]})
                self.env.flush_all()
