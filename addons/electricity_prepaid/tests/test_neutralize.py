"""A neutralized copy of the database does not sell."""

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open

from ..models.keyring import EPOCH_PARAMETER


@tagged("post_install", "-at_install")
class TestNeutralize(TransactionCase):
    def test_terminals_signing_and_crons_stop(self):
        terminal = self.env["electricity.terminal"].create({"name": "Counter 9", "code": "N-9"})
        terminal.sudo().write({"state": "active"})
        self.env["ir.config_parameter"].sudo().set_param(EPOCH_PARAMETER, "3")
        self.env.flush_all()
        with file_open("electricity_prepaid/data/neutralize.sql") as stream:
            self.env.cr.execute(stream.read())
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.assertEqual(terminal.state, "disabled")
        self.assertFalse(self.env["ir.config_parameter"].sudo().search([("key", "=", EPOCH_PARAMETER)]))
        self.assertFalse(self.env.ref("electricity_prepaid.ir_cron_mark_stale").active)
