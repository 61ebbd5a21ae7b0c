"""Who may read and write what, and what another company sees."""

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged

GROUPS = ("clerk", "technician", "finance", "supervisor", "administrator")
SALE = (
    "electricity.arrear",
    "electricity.arrear.refresh",
    "electricity.cis.conflict",
    "electricity.cis.day",
    "electricity.cis.sync",
    "electricity.recharge",
    "electricity.recharge.attempt",
    "electricity.tender",
    "electricity.cash.session",
    "electricity.key.day",
    "electricity.cis.attempt",
    "electricity.cis.message",
    "electricity.key.use",
    "electricity.ledger.entry",
    "electricity.payout",
    "electricity.receipt",
    "electricity.snapshot",
    "electricity.terminal.day",
    "electricity.terminal.device",
    "electricity.terminal.print",
    "electricity.terminal.trail",
)
WRITERS = {
    "electricity.account": {"supervisor", "administrator"},
    "electricity.card": {"supervisor", "administrator"},
    "electricity.cis.connection": {"administrator"},
    "electricity.cis.difference": set(),
    "electricity.meter": {"technician", "administrator"},
    "electricity.meter.installation": {"technician", "administrator"},
    "electricity.meter.maker": {"administrator"},
    "electricity.meter.model": {"administrator"},
    "electricity.tariff": {"administrator"},
    "electricity.tariff.version": {"administrator"},
    "electricity.terminal": {"technician", "administrator"},
    "electricity.terminal.alarm": set(),
    "electricity.vendor.library": {"administrator"},
}
NOT_READ_BY = {
    "electricity.cis.connection": {"clerk", "technician"},
    "electricity.cis.difference": {"clerk", "technician"},
}
ACTIONS = (
    "action_account",
    "action_card",
    "action_meter",
    "action_meter_installation",
    "action_recharge",
    "action_recharge_unfinished",
    "action_tariff",
    "action_terminal",
)


@tagged("post_install", "-at_install")
class TestAccess(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            group: new_test_user(cls.env, f"access_{group}", f"electricity_prepaid.group_{group}") for group in GROUPS
        }
        cls.stranger = new_test_user(cls.env, "access_stranger", "base.group_user")
        cls.other_company = cls.env["res.company"].create({"name": "Other Power"})

    def _models(self):
        return [
            name
            for name in self.env.registry
            if name.startswith("electricity.")
            and self.env[name]._original_module == "electricity_prepaid"
            and not (self.env[name]._abstract or self.env[name]._transient)
        ]

    def test_every_model_is_listed_here(self):
        stored = {name for name in self._models() if self.env[name]._auto}
        self.assertEqual(stored - set(SALE) - set(WRITERS), set())

    def test_nobody_writes_or_deletes_the_rows_of_a_sale(self):
        for model in SALE:
            for group, user in self.users.items():
                for operation in ("write", "create", "unlink"):
                    with self.subTest(model=model, group=group, operation=operation):
                        self.assertFalse(self.env[model].with_user(user).has_access(operation))

    def test_master_data_is_written_by_its_owners_only(self):
        for model, writers in WRITERS.items():
            for group, user in self.users.items():
                with self.subTest(model=model, group=group):
                    may_read = group not in NOT_READ_BY.get(model, ())
                    self.assertEqual(self.env[model].with_user(user).has_access("read"), may_read)
                    self.assertEqual(self.env[model].with_user(user).has_access("create"), group in writers)

    def test_a_user_without_a_group_sees_nothing(self):
        for model in self._models():
            with self.subTest(model=model):
                self.assertFalse(self.env[model].with_user(self.stranger).has_access("read"))

    def test_technicians_do_not_see_money(self):
        for model in (
            "electricity.tender",
            "electricity.ledger.entry",
            "electricity.payout",
            "electricity.cash.session",
            "electricity.terminal.day",
            "electricity.terminal.trail",
        ):
            with self.subTest(model=model):
                self.assertFalse(self.env[model].with_user(self.users["technician"]).has_access("read"))

    def test_every_model_with_a_company_has_a_rule_for_it(self):
        for name in self._models():
            if "company_id" not in self.env[name]._fields or not self.env[name]._auto:
                continue
            rules = self.env["ir.rule"].search([("model_id.model", "=", name), ("groups", "=", False)])
            with self.subTest(model=name):
                self.assertTrue(any("company_ids" in (rule.domain_force or "") for rule in rules))

    def test_another_company_is_out_of_sight(self):
        partner = self.env["res.partner"].create({"name": "Mei"})
        account = self.env["electricity.account"].create(
            {"name": "910000000001", "partner_id": partner.id, "company_id": self.other_company.id}
        )
        for group, user in self.users.items():
            with self.subTest(group=group):
                self.assertFalse(self.env["electricity.account"].with_user(user).search([("id", "=", account.id)]))
                with self.assertRaises(AccessError):
                    account.with_user(user).read(["name"])

    def test_makers_without_company_are_shared(self):
        maker = self.env["electricity.meter.maker"].create({"name": "Shared", "code": "SHR"})
        own = self.env["electricity.meter.maker"].create(
            {"name": "Own", "code": "OWN", "company_id": self.other_company.id}
        )
        found = (
            self.env["electricity.meter.maker"].with_user(self.users["clerk"]).search([("code", "in", ("SHR", "OWN"))])
        )
        self.assertEqual(found, maker)
        self.assertNotIn(own, found)

    def test_clerks_see_their_own_terminals_and_shifts(self):
        Terminal = self.env["electricity.terminal"]
        everybody = Terminal.create({"name": "Everybody", "code": "T-ALL"})
        mine = Terminal.create({"name": "Mine", "code": "T-MINE", "user_ids": [self.users["clerk"].id]})
        other = Terminal.create({"name": "Other", "code": "T-OTHER", "user_ids": [self.users["supervisor"].id]})
        domain = [("id", "in", (everybody + mine + other).ids)]
        self.assertEqual(Terminal.with_user(self.users["clerk"]).search(domain), everybody + mine)
        for group in ("technician", "finance", "supervisor", "administrator"):
            with self.subTest(group=group):
                self.assertEqual(Terminal.with_user(self.users[group]).search_count(domain), 3)
        shift = self.env["electricity.cash.session"].create(
            {"terminal_id": everybody.id, "user_id": self.users["supervisor"].id, "company_id": self.env.company.id}
        )
        Shift = self.env["electricity.cash.session"]
        self.assertFalse(Shift.with_user(self.users["clerk"]).search([("id", "=", shift.id)]))
        self.assertTrue(Shift.with_user(self.users["finance"]).search([("id", "=", shift.id)]))

    def test_every_group_can_open_the_screens_of_its_menus(self):
        for group, user in self.users.items():
            for xmlid in ACTIONS:
                action = self.env.ref(f"electricity_prepaid.{xmlid}").sudo()
                views = [(False, mode) for mode in action.view_mode.split(",")] + [(False, "search")]
                with self.subTest(group=group, action=xmlid):
                    model = self.env[action.res_model].with_user(user)
                    result = model.get_views(views)
                    self.assertEqual(set(result["views"]), {mode for _id, mode in views})
                    fields = list(result["models"][action.res_model]["fields"])
                    model.search([], limit=1).read(fields)

    def test_the_menu_shows_only_what_a_group_may_use(self):
        menus = {
            group: {
                self.env["ir.ui.menu"].browse(menu).get_external_id()[menu]
                for menu in self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            }
            for group, user in self.users.items()
        }
        self.assertIn("electricity_prepaid.menu_counter", menus["clerk"])
        self.assertNotIn("electricity_prepaid.menu_counter", menus["technician"])
        self.assertNotIn("electricity_prepaid.menu_configuration", menus["clerk"])
        self.assertNotIn("electricity_prepaid.menu_ledger_entry", menus["technician"])
        self.assertIn("electricity_prepaid.menu_terminal", menus["technician"])
