"""The sub-ledger of each account: money and energy."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .own_defaults import OWN_DEFAULTS


class ElectricityLedgerEntry(models.Model):
    """One movement of an account. The sum of the money is the account's stored balance; rows are only added."""

    _name = "electricity.ledger.entry"
    _inherit = [OWN_DEFAULTS]
    _description = "Electricity Ledger Entry"
    _order = "id desc"
    _rec_name = "kind"
    # No _check_company_auto: the only code that writes here copies the company of an order that was checked.

    electricity_account_id = fields.Many2one(
        "electricity.account", "Account", required=True, readonly=True, index=True, ondelete="restrict"
    )
    recharge_id = fields.Many2one("electricity.recharge", readonly=True, index=True, ondelete="restrict")
    tender_id = fields.Many2one("electricity.tender", readonly=True, index="btree_not_null", ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    kind = fields.Selection(
        [
            ("tender", "Payment"),
            ("refund", "Refund"),
            ("energy", "Purchase"),
            ("arrears", "Arrears"),
            ("reversal", "Reversal"),
            ("unreversed", "Reversal Undone"),
            ("correction", "Correction"),
        ],
        required=True,
        readonly=True,
    )
    money = fields.Monetary(required=True, readonly=True, aggregator="sum")
    energy = fields.Float(digits="Electricity Energy", readonly=True, aggregator="sum")
    balance_after = fields.Monetary(readonly=True, aggregator=None)
    reserved_after = fields.Monetary(
        readonly=True,
        aggregator=None,
        help="The part of that balance which was reserved then for something else than this order: for a payout.",
    )
    occurred_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)

    _energy_once = models.UniqueIndex("(recharge_id) WHERE kind = 'energy'", "This recharge is in the ledger already.")
    _arrears_once = models.UniqueIndex(
        "(recharge_id) WHERE kind = 'arrears'", "These arrears are in the ledger already."
    )
    _reversal_once = models.UniqueIndex(
        "(recharge_id) WHERE kind = 'reversal'", "This recharge has been reversed in the ledger already."
    )
    _unreversed_once = models.UniqueIndex(
        "(recharge_id) WHERE kind = 'unreversed'", "This reversal has been undone in the ledger already."
    )
    _tender_once = models.UniqueIndex(
        "(tender_id) WHERE tender_id IS NOT NULL", "This tender is in the ledger already."
    )
    _time_index = models.Index("USING brin (occurred_at)")

    def write(self, vals):  # pylint: disable=method-required-super
        """Refuse: a ledger is corrected by another entry.

        :raises UserError: always
        """
        self.check_access("write")
        raise UserError(self.env._("Ledger entries are never changed. Add a correction instead."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Ledger entries are never deleted. Add a correction instead."))
