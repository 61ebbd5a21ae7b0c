"""The outbox to the marketing system, and the journal of what became of it."""

import secrets

from odoo import api, fields, models

from ..core import cis_delivery, money
from ..core.cis_delivery import Standing
from ..core.cis_types import Payment, Record, Reversal
from .account_button import ACCOUNT_BUTTON
from .answers import sentence
from .own_defaults import OWN_DEFAULTS

MESSAGE_STATES = [
    ("queued", "To Be Sent"),
    ("unknown", "Outcome Unknown"),
    ("waiting", "Waits for Its Payment"),
    ("refused", "Refused"),
    ("dispute", "Dispute"),
    ("by_hand", "Done by Hand, Not Matched"),
    ("done", "Booked"),
    ("withdrawn", "Withdrawn"),
]
ACTIONS = [
    ("send_again", "Send Again"),
    ("ask_again", "Ask Again"),
    ("by_hand", "Done by Hand There"),
    ("accept", "Take as Ours"),
    ("settle_done", "It Stands There"),
    ("settle_void", "It Never Will Be There"),
]


class ElectricityCisMessage(models.Model):
    """A payment or a reversal on its way to the marketing system.

    It is written in the transaction of the sale and sent after it, under one serial for ever. Nobody has write access:
    the sale, the sender and the buttons of the work list write it. The rules are in :mod:`..core.cis_delivery`.
    """

    _name = "electricity.cis.message"
    _inherit = [OWN_DEFAULTS, ACCOUNT_BUTTON, "mail.thread", "mail.activity.mixin"]
    _description = "Marketing System Message"
    _order = "id desc"
    _mail_post_access = "read"
    # No _check_company_auto: the only code that writes here copies the company of an order that was checked.

    name = fields.Char("Serial", required=True, readonly=True)
    kind = fields.Selection([("payment", "Payment"), ("reversal", "Reversal")], required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    electricity_account_id = fields.Many2one(
        "electricity.account", "Account", required=True, readonly=True, index=True, ondelete="restrict"
    )
    recharge_id = fields.Many2one("electricity.recharge", required=True, readonly=True, index=True, ondelete="restrict")
    payment_id = fields.Many2one(
        "electricity.cis.message", "Takes Back", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    reversal_ids = fields.One2many("electricity.cis.message", "payment_id", "Taken Back By", readonly=True)
    # A sum would add what is taken back, and what never was uploaded, to what is paid.
    amount = fields.Monetary(required=True, readonly=True, aggregator=None)
    accounting_date = fields.Date(required=True, readonly=True)
    batch = fields.Char("Reconciliation Batch", readonly=True)
    payload = fields.Json(required=True, readonly=True, help="What is sent. It never changes.")

    state = fields.Selection(MESSAGE_STATES, required=True, readonly=True, default="queued")
    tried = fields.Boolean(readonly=True, help="It may have left us.")
    uncertain = fields.Boolean(
        "May Come Late",
        readonly=True,
        help="It left us once without an answer, so the other books may still take it up.",
    )
    tries = fields.Integer(readonly=True, aggregator=None)
    failures = fields.Integer("Failures in a Row", readonly=True, aggregator=None)
    queued_at = fields.Datetime("Since", required=True, readonly=True, default=fields.Datetime.now)
    next_try_at = fields.Datetime("Next Try", required=True, readonly=True, default=fields.Datetime.now)
    last_tried_at = fields.Datetime("Latest Try", readonly=True)
    leased_until = fields.Datetime(readonly=True, help="A worker has it until then.")
    lease = fields.Char(readonly=True)
    done_at = fields.Datetime("Settled", readonly=True)
    code = fields.Char(readonly=True)
    result = fields.Char("Result Code", readonly=True, help="Of the marketing system.")
    code_text = fields.Char("What Is Known", compute="_compute_code_text")
    marketing_serial = fields.Char("Its Serial There", readonly=True)
    booked_at = fields.Datetime("Booked There", readonly=True)
    found = fields.Json("What Stands There", readonly=True)
    found_text = fields.Char("Found There", compute="_compute_found_text")
    invoice_lines = fields.Json(readonly=True)
    attempt_ids = fields.One2many("electricity.cis.attempt", "message_id", readonly=True)

    proposed_action = fields.Selection(ACTIONS, readonly=True)
    proposed_by_id = fields.Many2one("res.users", readonly=True, index="btree_not_null")
    proposed_at = fields.Datetime(readonly=True)
    note = fields.Text(readonly=True)
    approved_by_id = fields.Many2one("res.users", readonly=True, index="btree_not_null")
    allowed_actions = fields.Char(compute="_compute_allowed_actions")

    _name_unique = models.UniqueIndex("(name)", "A message with this serial exists already.")
    _payment_once = models.UniqueIndex(
        "(recharge_id) WHERE kind = 'payment'", "The payment of this recharge is uploaded already."
    )
    _reversal_once = models.UniqueIndex(
        "(payment_id) WHERE kind = 'reversal' AND state <> 'withdrawn'", "This payment is being taken back already."
    )
    _due_index = models.Index("(company_id, next_try_at, id) WHERE state IN ('queued', 'unknown')")
    _account_queue_index = models.Index("(electricity_account_id, id) WHERE state IN ('queued', 'unknown')")
    _work_index = models.Index(
        "(company_id, amount) WHERE state IN ('queued', 'unknown', 'waiting', 'refused', 'dispute', 'by_hand')"
    )
    _waiting_index = models.Index("(payment_id) WHERE state = 'waiting'")
    _day_index = models.Index("(company_id, accounting_date, id)")
    _amount_positive = models.Constraint("CHECK (amount > 0)", "What is uploaded is a positive amount.")

    @api.model
    def _new_reversal_serial(self):
        """Return a random serial for a reversal: ``V`` and 20 digits; why random: see the recharge's."""
        return f"V{secrets.randbelow(10**20):020d}"

    def _standing(self):
        """Return what decides of this message, for :mod:`..core.cis_delivery`."""
        self.ensure_one()
        return Standing(self.kind, self.state, self.tried, self.uncertain, self.failures, self._is_unnamed())

    def _is_unnamed(self):
        """Tell whether two persons said that it stands there, and neither an answer nor a comparison said as what."""
        if self.state != "done" or not self.approved_by_id or self.marketing_serial or self.there_name:
            return False
        own_day = [("company_id", "=", self.company_id.id), ("day", "=", self.accounting_date)]
        return not self.env["electricity.cis.day"].sudo().search_count([*own_day, ("state", "=", "matched")], limit=1)

    def _content(self):
        """Return what is sent: :class:`..core.cis_types.Payment` or ``Reversal``."""
        self.ensure_one()
        return (Payment if self.kind == "payment" else Reversal).from_json(self.payload)

    def _day_record(self):
        """Return the record of this message in the detail of its day: :class:`..core.cis_types.Record`."""
        self.ensure_one()
        return Record(
            serial=self.there_name or self.name,
            account_no=self.electricity_account_id.name,
            amount=money.to_cents(self.amount) * (-1 if self.kind == "reversal" else 1),
            original_serial=self.payment_id.there_name or self.payment_id.name or "",
        )

    @api.depends("code", "result")
    @api.depends_context("lang")
    def _compute_code_text(self):
        for message in self:
            text = message.code and sentence(self.env, message.code, result=message.result or "")
            message.code_text = f"{message.code} {text}" if text else False

    @api.depends("found")
    @api.depends_context("lang")
    def _compute_found_text(self):
        for message in self:
            found = message.found or {}
            message.found_text = bool(found) and self.env._(
                "Serial %(serial)s, account %(account)s, %(symbol)s %(amount)s, number there %(number)s",
                serial=found["serial"],
                account=found["account"],
                symbol=message.currency_id.symbol,
                amount=found["amount"],
                number=found["number"],
            )

    @api.depends("state", "tried", "result", "proposed_by_id", "approved_by_id")
    @api.depends_context("uid")
    def _compute_allowed_actions(self):
        for message in self:
            message.allowed_actions = " ".join(message._form_actions())

    def _form_actions(self):
        """Return the keys of the buttons: what the rules allow, to whom they allow it."""
        user = self.env.user
        if not user.has_group("electricity_prepaid.group_supervisor"):
            return []
        allowed = list(cis_delivery.actions(self._standing(), self.result or ""))
        if not self.proposed_by_id or self.approved_by_id or self.state in cis_delivery.FINAL:
            return allowed
        allowed = [action for action in allowed if action == "ask_again"]
        return [*allowed, "withdraw_proposal"] if self.proposed_by_id == user else [*allowed, "approve"]
