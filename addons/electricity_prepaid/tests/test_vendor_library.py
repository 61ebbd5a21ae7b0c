"""Makers' libraries: what they may be called, who may change them, and where their cards are sold."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..models.card_drivers import select_driver, unit_of


@tagged("post_install", "-at_install", "electricity")
class TestVendorLibrary(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.maker = cls.env["electricity.meter.maker"].create({"name": "Huali", "code": "TESTHL"})
        cls.library = cls.env["electricity.vendor.library"].create(
            {"name": "Huali card", "code": "test_huali", "maker_id": cls.maker.id, "unit": "cents"}
        )

    def model(self, **values):
        return self.env["electricity.meter.model"].create(
            {"name": "H1", "maker_id": self.maker.id, "driver": "vendor:test_huali", **values}
        )

    def test_a_code_that_orders_cannot_carry_is_refused(self):
        for code in ("Huali", "hua li", "a" * 25, "vendor:x", ""):
            with self.subTest(code=code), self.assertRaises(ValidationError), self.cr.savepoint():
                self.env["electricity.vendor.library"].create({"name": "x", "code": code})

    def test_a_code_is_taken_once(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.env["electricity.vendor.library"].create({"name": "x", "code": "test_huali"})
            self.env.flush_all()

    def test_a_library_in_use_keeps_its_code_and_unit_and_stays(self):
        self.model()
        for values in ({"code": "test_other"}, {"unit": "kwh"}):
            with self.subTest(values=values), self.assertRaises(UserError):
                self.library.write(values)
        with self.assertRaises(UserError):
            self.library.unlink()
        self.library.write({"name": "Huali purchase card", "active": False, "unit": "cents"})

    def test_a_library_that_nobody_uses_may_go(self):
        self.library.write({"code": "test_other", "unit": "kwh"})
        self.library.unlink()

    def test_only_administrators_change_libraries(self):
        technician = new_test_user(self.env, "library_technician", "electricity_prepaid.group_technician")
        with self.assertRaises(AccessError):
            self.library.with_user(technician).write({"count_readable": False})

    def test_a_caller_s_defaults_do_not_make_a_library_better_than_it_is(self):
        libraries = self.env["electricity.vendor.library"].with_context(default_independent_read_back=True)
        self.assertFalse(libraries.create({"name": "x", "code": "test_x"}).independent_read_back)

    def test_without_a_readable_count_nothing_is_sold_unattended(self):
        self.assertTrue(self.library.unattended_allowed)
        self.library.count_readable = False
        self.assertFalse(self.library.unattended_allowed)

    def test_meter_models_can_choose_a_library_and_take_its_unit(self):
        self.assertIn(("vendor:test_huali", "Huali card"), select_driver(self.env["electricity.meter.model"]))
        self.assertEqual(unit_of(self.env, "vendor:test_huali"), "cents")
        self.assertEqual(self.model().unit, "cents")
