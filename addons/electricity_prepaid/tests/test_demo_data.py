"""The list of demo cards names the same cards, accounts and meters as the demo records."""

import json

from lxml import etree
from odoo.tests import BaseCase, tagged
from odoo.tools import file_open


@tagged("post_install", "-at_install")
class TestDemoData(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with file_open("electricity_prepaid/demo/cards.json") as stream:
            cls.cards = json.load(stream)
        with file_open("electricity_prepaid/demo/blanks.json") as stream:
            cls.blanks = json.load(stream)
        with file_open("electricity_prepaid/demo/marketing.json") as stream:
            cls.marketing = json.load(stream)
        with file_open("electricity_prepaid/demo/accounts.xml", "rb") as stream:
            tree = etree.parse(stream)
        cls.records = {}
        for node in tree.iter("record"):
            values = cls.records.setdefault(node.get("id"), {})
            values.update({field.get("name"): field.get("ref") or (field.text or "").strip() for field in node})

    def test_every_listed_card_has_its_records(self):
        self.assertGreaterEqual(len(self.cards), 6)
        installations = {
            (record["electricity_account_id"], record["meter_id"]): record
            for name, record in self.records.items()
            if name.startswith("installation_")
        }
        for card in self.cards:
            with self.subTest(card=card["serial"]):
                record = self.records[f"card_{card['serial']}"]
                account = record["electricity_account_id"]
                meter = f"meter_{card['meter_no']}"
                self.assertEqual(self.records[account]["name"], card["customer_no"])
                self.assertEqual(self.records[meter]["name"], card["meter_no"])
                self.assertEqual(int(installations[account, meter]["initial_count"]), card["count"])
                self.assertEqual(card["issue"], 1)
                self.assertEqual(record.get("driver", "sle4442_demo"), card.get("driver", "sle4442_demo"))

    def test_every_meter_that_waits_for_its_first_card_hangs_at_an_account(self):
        waiting = {
            record["meter_id"].removeprefix("meter_")
            for name, record in self.records.items()
            if name.startswith("installation_") and record["initial_count"] == "0"
        }
        self.assertEqual(waiting, {meter["meter"] for meter in self.blanks["meters"]})

    def test_every_demo_card_in_use_is_listed(self):
        in_use = {
            record["name"]
            for name, record in self.records.items()
            if name.startswith("card_") and record.get("state") == "active"
        }
        self.assertEqual(in_use, {card["serial"] for card in self.cards})

    def test_the_marketing_system_knows_every_account_with_its_meter_and_card(self):
        by_name = {record["name"]: name for name, record in self.records.items() if name.startswith("account_")}
        self.assertEqual(set(by_name), {customer["account_no"] for customer in self.marketing})
        meters = {
            record["electricity_account_id"]: record["meter_id"].removeprefix("meter_")
            for name, record in self.records.items()
            if name.startswith("installation_")
        }
        cards = {
            record["electricity_account_id"]: record["name"]
            for name, record in self.records.items()
            if name.startswith("card_") and record.get("state") == "active"
        }
        for customer in self.marketing:
            with self.subTest(account=customer["account_no"]):
                account = by_name[customer["account_no"]]
                self.assertEqual(customer.get("meter_no"), meters.get(account))
                self.assertEqual(customer.get("card_no"), cards.get(account))
                self.assertEqual(customer["address"], self.records[account]["supply_address"])
