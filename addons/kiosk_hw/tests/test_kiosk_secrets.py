"""What a kiosk's browser is given at its start holds no secret, although it is read with every right."""

import json

from odoo.tests import tagged

from .payment_case import KEY, MERCHANT, PaymentCase


@tagged("post_install", "-at_install")
class TestKioskSecrets(PaymentCase):
    def setUp(self):
        super().setUp()
        self.terminal.new_pairing_code()
        self.provider.electricity_gateway_secret = "the_name_of_the_key"
        session = self.config.open_kiosk_session()
        self.data = self.env["pos.session"].with_user(self.config.kiosk_user_id).browse(session.id).load_data([])
        self.text = json.dumps(self.data, default=str)

    def secrets(self):
        """Everything that whoever has it could use, by a name."""
        self.config.kiosk_user_id.flush_recordset()
        self.env.cr.execute("SELECT password FROM res_users WHERE id = %s", (self.config.kiosk_user_id.id,))
        (password,) = self.env.cr.fetchone()
        return {
            "key of the gateway": KEY,
            "name of the key": self.provider.electricity_gateway_secret,
            "merchant": MERCHANT,
            "address of the gateway": self.provider.electricity_gateway_url,
            "pairing verifier": self.terminal.pairing_verifier,
            "pairing handle": self.terminal.pairing_handle,
            "secret of the database": self.env["ir.config_parameter"].sudo().get_param("database.secret"),
            "password": password,
            "signing key": self.ring.active.d,
        }

    def test_no_secret_is_in_the_rows(self):
        secrets = self.secrets()
        self.assertIn(self.config.name, self.text)
        for name, secret in secrets.items():
            if name != "password":
                self.assertTrue(secret, name)
            if secret:
                self.assertNotIn(json.dumps(secret)[1:-1], self.text, name)

    def test_no_field_is_in_the_rows_that_only_some_may_read(self):
        user = self.config.kiosk_user_id
        found = []
        for model, rows in self.data.items():
            fields = self.env[model]._fields if model in self.env else {}
            for name in {name for row in rows for name in row} & set(fields):
                groups = fields[name].groups
                if groups and not user.has_groups(groups):
                    found.append(f"{model}.{name}: {groups}")
        self.assertEqual(found, [])
