"""Money that was taken or handed back, with its evidence."""

from odoo import api, fields, models

from ..core import money
from .own_defaults import OWN_DEFAULTS


class ElectricityTender(models.Model):
    """One payment by or to a customer. Rows are only added."""

    _name = "electricity.tender"
    _inherit = [OWN_DEFAULTS]
    _description = "Electricity Tender"
    _order = "id desc"
    _rec_name = "uuid"
    # No _check_company_auto: the only code that writes here copies the company of an order that was checked.

    uuid = fields.Char(required=True, readonly=True)
    recharge_id = fields.Many2one("electricity.recharge", readonly=True, index=True, ondelete="restrict")
    cash_session_id = fields.Many2one(
        "electricity.cash.session", "Shift", readonly=True, index=True, ondelete="restrict"
    )
    electricity_account_id = fields.Many2one(
        "electricity.account",
        "Account",
        readonly=True,
        index=True,
        ondelete="restrict",
        help="Empty only for money that came without a clerk, for a purchase that is not known.",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    kind = fields.Selection(
        [("cash", "Cash, Taken by a Clerk"), ("terminal_cash", "Cash, Counted by a Terminal")],
        required=True,
        readonly=True,
    )
    direction = fields.Selection(
        [("in", "Received"), ("out", "Handed Back")], required=True, readonly=True, default="in"
    )
    amount = fields.Monetary(required=True, readonly=True, help="What counts for the customer, always positive.")
    received = fields.Monetary(readonly=True, help="What was put on the table.")
    change = fields.Monetary(readonly=True)
    user_id = fields.Many2one(
        "res.users",
        "Clerk",
        readonly=True,
        index="btree_not_null",
        help="Who took it; nobody where a terminal or a payment service did.",
    )
    terminal_id = fields.Many2one("electricity.terminal", readonly=True, index="btree_not_null")
    evidence = fields.Text(readonly=True, prefetch=False)
    statement_session = fields.Char("Cash Box Session", readonly=True, prefetch=False)
    statement_seq = fields.Integer("Number in the Session", readonly=True, aggregator=None, prefetch=False)
    note_counts = fields.Json(
        "Notes by Denomination", readonly=True, prefetch=False, help="{denomination in cents: pieces}"
    )
    uncertain_notes = fields.Json(
        "Uncertain Notes and Times",
        readonly=True,
        prefetch=False,
        help="Denominations in cents and times in ms: perhaps in the box, not counted.",
    )
    uncertain_amount = fields.Monetary(
        "Uncertain",
        readonly=True,
        prefetch=False,
        help="Notes of which the acceptor told no end. Counting the cash box shows whether they are in it.",
    )
    is_unassigned = fields.Boolean(
        "Without an Account", readonly=True, index=True, prefetch=False, help="Somebody has to find out whose it is."
    )
    request_digest = fields.Char(readonly=True)
    occurred_at = fields.Datetime(required=True, readonly=True, index=True, default=fields.Datetime.now)

    _uuid_unique = models.UniqueIndex("(uuid)", "A tender with this identifier exists already.")
    _amount_positive = models.Constraint(
        "CHECK (amount > 0 OR (amount = 0 AND kind = 'terminal_cash' AND uncertain_amount > 0))",
        "A tender is a positive amount.",
    )
    _account_known = models.Constraint(
        "CHECK (electricity_account_id IS NOT NULL OR (kind <> 'cash' AND is_unassigned))",
        "A tender belongs to an account.",
    )
    _session_index = models.Index("(terminal_id, statement_session, statement_seq) WHERE statement_session IS NOT NULL")

    @api.model
    @api.private
    def give_back(self, account, cents, *, held=0, recharge=None, **values):
        """Record money that goes back to a customer, and take it off the balance. The caller holds the account.

        :param account: one ``electricity.account``
        :param cents: how much
        :param held: change of the reserved part of the balance, in cents
        :param recharge: the order for which it was paid, if any
        :param values: further fields of the tender: ``uuid``, ``kind``, where it comes from
        :return: the tender
        """
        tender = self.create(
            {
                # First, because Odoo looks it up to round the amounts that follow.
                "currency_id": account.currency_id.id,
                **values,
                "direction": "out",
                "amount": money.cents_to_float(cents),
                "recharge_id": recharge.id if recharge else False,
                "electricity_account_id": account.id,
                "company_id": account.company_id.id,
            }
        )
        account.book("refund", -cents, held=held, recharge=recharge, tender=tender)
        return tender

    @api.private
    def notes_looked_for(self):
        """Return the uncertain notes of these tenders, and what is known of them by now.

        :return: [(cents, milliseconds by the terminal's clock, verdict)]; the verdict is ``found`` or ``absent`` of
            :mod:`..core.boxes`, None while nobody has decided
        """
        doubtful = self.filtered("uncertain_amount").sorted("id")
        verdicts = doubtful._note_verdicts() if doubtful else {}
        return [
            (note["denomination"], note["at"], verdicts.get((tender.id, position)))
            for tender in doubtful
            for position, note in enumerate(tender.uncertain_notes or [])
        ]

    def _note_verdicts(self):
        """Return what was decided about the uncertain notes of these tenders: {(tender id, position): verdict}."""
        return {}
