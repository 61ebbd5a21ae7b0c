"""What the models must not do to Odoo and to its database."""

from lxml import etree
from odoo.models import BaseModel
from odoo.tests import TransactionCase, tagged
from odoo.tools.safe_eval import safe_eval


@tagged("post_install", "-at_install", "electricity")
class TestStructure(TransactionCase):
    def test_the_other_end_of_a_list_is_indexed(self):
        without = []
        for name in self.env:
            if not name.startswith("electricity.") or self.env[name]._transient:
                continue
            for field in self.env[name]._fields.values():
                if field.type == "one2many" and field.inverse_name and not field.compute:
                    inverse = self.env[field.comodel_name]._fields[field.inverse_name]
                    if inverse.type == "many2one" and inverse.store and not inverse.index:
                        without.append(str(inverse))
        self.assertFalse(without)

    def test_lists_add_up_only_what_is_sold_and_stands(self):
        """Amounts of sales that were reversed, or have not ended, are in no total, also not in that of a group."""
        orders = self.env["electricity.recharge"]
        for name in ("amount", "cost", "energy", "paid_amount"):
            self.assertFalse(orders._fields[name].aggregator, name)
        arch = etree.fromstring(orders.get_view(self.env.ref("electricity_prepaid.recharge_view_list").id)["arch"])
        self.assertEqual(set(arch.xpath("//field[@sum]/@name")), {"energy_sold", "cost_sold"})

    def test_recharges_with_money_are_not_those_of_nothing(self):
        view = self.env.ref("electricity_prepaid.recharge_view_search")
        domain = safe_eval(etree.fromstring(view.arch).xpath("//filter[@name='with_money']/@domain")[0])
        orders = self.env["electricity.recharge"]
        cases = {
            ("written", 0.0, 0.0): False,
            ("draft", 50.0, 0.0): False,
            ("draft", 50.0, 20.0): True,
            ("written", 50.0, 0.0): True,
            ("cancelled", 50.0, 0.0): False,
        }
        for (state, amount, paid), found in cases.items():
            with self.subTest(state=state, amount=amount, paid=paid):
                order = orders.new({"state": state, "amount": amount, "paid_amount": paid})
                self.assertEqual(bool(order.filtered_domain(domain)), found)

    def test_key_ring_leaves_odoos_import_alone(self):
        self.assertIs(type(self.env["electricity.keyring"]).load, BaseModel.load)
