"""What the models must not do to Odoo and to its database."""

from odoo.models import BaseModel
from odoo.tests import TransactionCase, tagged


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

    def test_key_ring_leaves_odoos_import_alone(self):
        self.assertIs(type(self.env["electricity.keyring"]).load, BaseModel.load)
