"""Setting kiosks up: what is refused, what is never made twice, and a hundred at once."""

import base64
import logging
import time
from unittest.mock import patch

from odoo.addons.electricity_prepaid.core import pairing
from odoo.addons.electricity_prepaid.tests.common import CounterCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..wizards import kiosk_rows

_logger = logging.getLogger(__name__)


@tagged("post_install", "-at_install")
class TestKioskSetup(CounterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.company.chart_template:
            cls.env["account.chart.template"].try_loading("generic_coa", cls.company, install_demo=False)
        cls.advances = cls._make_account_of(cls.company, "220301", "liability_current")
        cls.pending = cls._make_account_of(cls.company, "190101", "asset_current")
        cls.administrator = cls._make_user("kiosk_admin", "group_administrator")
        cls.administrator.group_ids += cls.env.ref("point_of_sale.group_pos_manager")

    @classmethod
    def _make_account_of(cls, company, code, kind):
        accounts = cls.env["account.account"].with_company(company)
        return accounts.create({"name": f"Kiosk {code}", "code": code, "account_type": kind})

    def setup_of(self, user=None, company=None, **values):
        company = company or self.company
        setups = self.env["electricity.kiosk.setup"].with_user(user or self.administrator)
        return setups.with_context(allowed_company_ids=company.ids).create(values)

    def rows(self, text, **values):
        setup = self.setup_of(kind="list", rows=text, **values)
        setup.action_preview()
        return setup

    def made(self, setup):
        """Make all of a preview; return the rows that the page was told."""
        rows = []
        while True:
            answer = setup.make_some()
            rows += answer["rows"]
            if not answer["left"]:
                return rows

    def configs(self, *codes):
        return self.env["pos.config"].search([("electricity_terminal_id.code", "in", codes)], order="id")

    # -- refused --------------------------------------------------------------------------------------------------

    def test_one_administrator_alone_sets_up_nothing(self):
        electricity = self._make_user("only_electricity", "group_administrator")
        for user in (electricity, self.supervisor):
            with self.assertRaises(AccessError):
                self.setup_of(user=user).action_preview()
        setup = self.rows("K1")
        with self.assertRaises(AccessError):
            setup.with_user(electricity).make_some()

    def test_the_company_of_others_is_refused(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        setup = self.setup_of()
        setup.sudo().company_id = other
        with self.assertRaises(AccessError):
            setup.action_preview()

    def test_a_forged_line_hands_out_no_code_of_another_companys_terminal(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.env["electricity.terminal"].create({"name": "X", "code": "X1", "company_id": other.id})
        setup = self.rows("K1")
        with self.assertRaises(AccessError):
            setup.line_ids.write({"state": "made", "terminal_id": theirs.id})
        with self.assertRaises(AccessError):
            setup.write({"line_ids": [(0, 0, {"state": "made", "terminal_id": theirs.id})]})
        forged = setup.line_ids.sudo()
        forged.terminal_id = theirs
        (row,) = self.made(setup)
        self.assertEqual((row["state"], row["pairing_code"]), ("failed", None))
        for state, step in (("present", setup.make_some), ("made", setup.new_codes)):
            forged.state = state
            with self.assertRaises(AccessError):
                step()
        self.assertFalse(theirs.pairing_handle)
        self.assertFalse(theirs.kiosk_config_ids)

    def test_without_a_chart_or_accounts_nothing_is_made_and_it_says_what_to_choose(self):
        setup = self.setup_of()
        self.assertEqual(setup.advance_account_id, self.advances)
        self.assertEqual(setup.difference_account_id, self.pending)
        setup.advance_account_id = self.pending
        with self.assertRaisesRegex(UserError, "liability"):
            setup.action_preview()
        setup.advance_account_id = self.advances
        setup.difference_account_id = False
        with self.assertRaisesRegex(UserError, "suspense"):
            setup.action_preview()
        bare = self.env["res.company"].create({"name": "Bare"})
        self.administrator.company_ids += bare
        with self.assertRaisesRegex(UserError, "chart of accounts"):
            self.setup_of(company=bare).action_preview()

    def test_nonsense_is_told_before_anything_is_made(self):
        for values in (
            {"count": 0},
            {"count": kiosk_rows.MOST + 1},
            {"first_code": " "},
            {"first_code": "north", "count": 2},
            {"kind": "list", "rows": " \n"},
            {"kind": "list", "rows": "\n".join(f"K{number}" for number in range(kiosk_rows.MOST + 1))},
            {"kind": "list", "file": base64.b64encode(b"\x00\xff\x00\xfe").decode()},
        ):
            with self.assertRaises(UserError):
                self.setup_of(**values).action_preview()
        with self.assertRaisesRegex(UserError, "preview"):
            self.setup_of().action_make()

    def test_rows_that_cannot_be_made_keep_no_other_from_it(self):
        self.env["pos.config"].create({"name": "Taken"})
        self.env["electricity.terminal"].create({"name": "Old", "code": "OLD", "active": False})
        text = f"K1\nK1\nOLD\n{self.terminal.code}\nK2;Taken\n;No number\n{'K' * 65}\nK3"
        setup = self.rows(text)
        states = [(line.code[:3], line.state) for line in setup.line_ids]
        wrong = [("K1", "wrong"), ("OLD", "wrong"), ("T01", "wrong"), ("K2", "wrong"), ("", "wrong"), ("KKK", "wrong")]
        self.assertEqual(states, [("K1", "new"), *wrong, ("K3", "new")])
        self.assertTrue(all(line.problem for line in setup.line_ids if line.state == "wrong"))
        self.assertEqual([row["state"] for row in self.made(setup)], ["made", "made"])
        self.assertFalse(self.configs("T01"))

    def test_one_that_fails_half_way_leaves_nothing_of_it_and_the_others_whole(self):
        setup = self.rows("K1\nK2\nK3")
        configs = type(self.env["pos.config"])
        create = configs.create

        def refuse(model, vals_list):
            if vals_list["name"].endswith("K2"):
                raise UserError(model.env._("The database refused it."))
            return create(model, vals_list)

        with patch.object(configs, "create", refuse):
            rows = self.made(setup)
        self.assertEqual([(row["state"], row["problem"]) for row in rows][1], ("failed", "The database refused it."))
        self.assertEqual(len(self.configs("K1", "K2", "K3")), 2)
        self.assertFalse(self.env["electricity.terminal"].search([("code", "=", "K2")]))
        self.assertFalse(self.env["account.journal"].search([("code", "=", "K2")]))
        self.assertEqual([row["state"] for row in self.made(self.rows("K1\nK2\nK3"))], ["kept", "made", "kept"])

    # -- made -----------------------------------------------------------------------------------------------------

    def test_the_product_for_advances_has_a_name_in_each_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["kiosk_hw"], ["zh_CN"], overwrite=True)
        self.made(self.rows("K7"))
        product = self.configs("K7").kiosk_advance_product_id
        names = [product.with_context(lang=lang).name for lang in ("en_US", "zh_CN")]
        self.assertEqual(names, ["Customer advance", "用户预存款"])

    def test_a_kiosk_is_whole(self):
        (row,) = self.made(self.rows("K7;Hall;Minzu Avenue;Chaoyang Road;95598"))
        config = self.configs("K7")
        journal = config.payment_method_ids.journal_id
        self.assertEqual((config.name, config.kiosk_place, config.kiosk_phone), ("Hall", "Minzu Avenue", "95598"))
        self.assertEqual(config.kiosk_next_place, "Chaoyang Road")
        self.assertEqual((journal.code, journal.type, journal.show_on_dashboard), ("K7", "cash", False))
        self.assertEqual(journal.profit_account_id | journal.loss_account_id, self.pending)
        self.assertEqual(config.kiosk_user_id.group_ids, self.env.ref("kiosk_hw.group_kiosk"))
        terminal = config.electricity_terminal_id
        self.assertEqual((terminal.kind, terminal.takes_notes), ("kiosk", True))
        self.assertIsNone(config._advance_problem())
        code = pairing.parse_code(row["pairing_code"])
        self.assertEqual(terminal.sudo().pairing_handle, code.handle)
        self.assertTrue(config.open_kiosk_session())

    def test_a_pairing_code_is_kept_nowhere(self):
        setup = self.rows("K7")
        (row,) = self.made(setup)
        secret = pairing.parse_code(row["pairing_code"]).secret
        stored = str([setup.read(), setup.line_ids.read(), self.configs("K7").electricity_terminal_id.sudo().read()])
        self.assertNotIn(secret, stored.replace("-", ""))
        self.assertFalse(setup.make_some()["rows"][0]["pairing_code"])
        renewed = setup.new_codes()["rows"][0]["pairing_code"]
        self.assertNotEqual(renewed, row["pairing_code"])

    def test_a_rerun_makes_nothing_twice_and_leaves_paired_kiosks_alone(self):
        first = self.made(self.rows("K1\nK2"))
        paired = self.configs("K1").electricity_terminal_id.sudo()
        paired.state = "active"
        counts = [self.env[name].search_count([]) for name in ("pos.config", "account.journal", "product.product")]
        setup = self.rows("K1\nK2")
        self.assertEqual(setup.line_ids.mapped("state"), ["present", "present"])
        again = self.made(setup)
        self.assertEqual([bool(row["pairing_code"]) for row in again], [False, True])
        self.assertEqual(len({row["pairing_code"] for row in (*first, *again)}), 4)
        after = [self.env[name].search_count([]) for name in ("pos.config", "account.journal", "product.product")]
        self.assertEqual(after, counts)

    def test_a_terminal_that_is_there_and_was_never_paired_becomes_the_kiosks(self):
        terminal = self.env["electricity.terminal"].create({"name": "Waiting", "code": "K9"})
        self.made(self.rows("K9;Hall"))
        self.assertEqual(self.configs("K9").electricity_terminal_id, terminal)

    def test_like_another_kiosk_with_its_further_payment_methods(self):
        self.made(self.rows("K1;First;Here;There;95598"))
        like = self.configs("K1")
        bank = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        further = self.env["pos.payment.method"].create({"name": "Further", "journal_id": bank.id})
        like.payment_method_ids += further
        like.kiosk_notice = "Closed"
        self.made(self.rows("K2", template_config_id=like.id))
        config = self.configs("K2")
        self.assertEqual((config.name, config.kiosk_phone, config.kiosk_notice), ("Kiosk K2", "95598", False))
        self.assertIn(further, config.payment_method_ids)
        self.assertFalse(config.payment_method_ids.filtered("is_cash_count") & like.payment_method_ids)
        self.assertNotEqual(config.access_token, like.access_token)
        self.assertNotEqual(config.kiosk_user_id, like.kiosk_user_id)

    def test_two_companies_have_kiosks_of_their_own(self):
        other = self.env["res.company"].create({"name": "Second utility", "country_id": self.company.country_id.id})
        self.env["account.chart.template"].try_loading("generic_coa", other, install_demo=False)
        self._make_account_of(other, "220301", "liability_current")
        self._make_account_of(other, "190101", "asset_current")
        self.administrator.company_ids += other
        self.made(self.rows("K1"))
        setup = self.setup_of(company=other, kind="list", rows="K1")
        setup.action_preview()
        self.assertEqual(setup.line_ids.state, "new")
        self.made(setup)
        mine, theirs = self.configs("K1")
        self.assertEqual((mine.company_id, theirs.company_id), (self.company, other))
        self.assertEqual(theirs.payment_method_ids.journal_id.company_id, other)
        self.assertNotEqual(mine.kiosk_advance_product_id, theirs.kiosk_advance_product_id)
        self.assertEqual(theirs.kiosk_user_id.company_ids, other)

    def test_a_hundred_at_once(self):
        setup = self.setup_of(count=100, first_code="N001")
        setup.action_preview()
        begin = time.monotonic()
        rows = self.made(setup)
        _logger.info("100 kiosks in %.1f s", time.monotonic() - begin)
        self.assertEqual({row["state"] for row in rows}, {"made"})
        configs = self.configs(*[f"N{number:03d}" for number in range(1, 101)])
        self.assertEqual(len(configs), 100)
        for values in (
            configs.kiosk_user_id,
            configs.payment_method_ids.journal_id,
            set(configs.payment_method_ids.journal_id.mapped("code")),
            configs.payment_method_ids.journal_id.default_account_id,
            {row["pairing_code"] for row in rows},
            set(configs.mapped("access_token")),
        ):
            self.assertEqual(len(values), 100)
        self.assertEqual(len(configs.kiosk_advance_product_id), 1)


@tagged("post_install", "-at_install")
class TestKioskRows(CounterCase):
    def test_codes_count_on_as_wide_as_the_first(self):
        self.assertEqual(kiosk_rows.numbered("K099", 2), ["K099", "K100"])
        self.assertEqual(kiosk_rows.numbered("hall", 1), ["hall"])

    def test_lists_come_from_spreadsheets(self):
        for text in (
            'Code,Name,Place\nK1,Hall,"Minzu Avenue 12, left"\n\nK2\n',
            "K1\tHall\tMinzu Avenue 12, left\nK2",
            "编号;名称\nK1;Hall;Minzu Avenue 12, left\nK2",
        ):
            rows = kiosk_rows.read(text)
            self.assertEqual([row.code for row in rows], ["K1", "K2"])
            self.assertEqual((rows[0].name, rows[0].place), ("Hall", "Minzu Avenue 12, left"))
        self.assertEqual(kiosk_rows.decode("编号".encode("gb18030")), "编号")
        self.assertEqual(kiosk_rows.decode(b"\xef\xbb\xbfK1"), "K1")

    def test_journals_get_free_codes_of_five_characters(self):
        taken = {"K0001", "BJK12"}
        codes = [kiosk_rows.journal_code(code, taken) for code in ("k-0001", "BJ-K12", "城东1", "---")]
        self.assertEqual(codes, ["K0002", "K0003", "1", "K0004"])
