"""Everything that a person can read is in the Chinese translation, with the same placeholders."""

import io
import re

import polib
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_path
from odoo.tools.translate import trans_export

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")


@tagged("post_install", "-at_install")
class TestTranslation(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chinese = polib.pofile(file_path("kiosk_hw/i18n/zh_CN.po"))
        buffer = io.BytesIO()
        trans_export(False, ["kiosk_hw"], buffer, "po", cls.env)
        cls.exported = polib.pofile(buffer.getvalue().decode())

    def test_every_term_of_the_addon_is_translated(self):
        terms = {entry.msgid for entry in self.exported if entry.msgid}
        self.assertGreater(len(terms), 50)
        self.assertEqual(terms - {entry.msgid for entry in self.chinese}, set())
        self.assertEqual([entry.msgid for entry in self.chinese if not entry.msgstr or "fuzzy" in entry.flags], [])

    def test_placeholders_survive_the_translation(self):
        for entry in self.chinese:
            with self.subTest(msgid=entry.msgid):
                self.assertEqual(sorted(PLACEHOLDER.findall(entry.msgid)), sorted(PLACEHOLDER.findall(entry.msgstr)))
