"""Everything that a person can read is in the Chinese translation, with the same placeholders."""

import io
import re

import polib
from lxml import etree
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_path
from odoo.tools.translate import trans_export

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\$\{\w+\}")
MARKUP = re.compile(r"<[^>]*>")


@tagged("post_install", "-at_install")
class TestTranslation(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chinese = polib.pofile(file_path("electricity_prepaid/i18n/zh_CN.po"))
        cls.template = polib.pofile(file_path("electricity_prepaid/i18n/electricity_prepaid.pot"))
        buffer = io.BytesIO()
        trans_export(False, ["electricity_prepaid"], buffer, "po", cls.env)
        cls.exported = polib.pofile(buffer.getvalue().decode())

    def test_every_term_of_the_addon_is_in_the_template_and_the_translation(self):
        terms = {entry.msgid for entry in self.exported if entry.msgid}
        self.assertGreater(len(terms), 500)
        self.assertEqual(terms - {entry.msgid for entry in self.template}, set())
        self.assertEqual(terms - {entry.msgid for entry in self.chinese}, set())

    def test_nothing_is_left_untranslated(self):
        self.assertEqual([entry.msgid for entry in self.chinese if not entry.msgstr or "fuzzy" in entry.flags], [])

    def test_placeholders_and_markup_survive_the_translation(self):
        for entry in self.chinese:
            with self.subTest(msgid=entry.msgid):
                self.assertEqual(sorted(PLACEHOLDER.findall(entry.msgid)), sorted(PLACEHOLDER.findall(entry.msgstr)))
                self.assertEqual(len(MARKUP.findall(entry.msgid)), len(MARKUP.findall(entry.msgstr)))

    def test_the_screens_are_chinese_for_a_chinese_user(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["electricity_prepaid"], ["zh_CN"], overwrite=True)
        account = self.env["electricity.account"].with_context(lang="zh_CN")
        self.assertEqual(account.fields_get(["name"])["name"]["string"], "户号")
        arch = account.get_view(view_type="form")["arch"]
        self.assertIn("装表", arch)
        self.assertNotIn("Install Meter", arch)

    def test_no_window_is_closed_with_the_word_that_ends_an_account(self):
        words = {entry.msgid: entry.msgstr for entry in self.chinese}
        self.assertNotEqual(words["Close"], words["Close the Account"])
        fields_ = self.env["electricity.terminal"].with_context(lang="zh_CN")
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["electricity_prepaid"], ["zh_CN"], overwrite=True)
        arch = etree.fromstring(fields_.get_view(view_type="form")["arch"])
        place = arch.xpath("//group[field[@name='place']]")[0].get("string")
        position = arch.xpath("//label[@for='latitude']")[0].get("string")
        self.assertEqual(len({place, position, fields_.fields_get(["place"])["place"]["string"]}), 3)
