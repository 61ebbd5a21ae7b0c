"""A point of sale with a proxy."""

import uuid as uuid_module
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..core import codes, identity, money
from ..core.errors import Refusal
from .answers import lock_at_once, sentence
from .own_defaults import OWN_DEFAULTS

OFFLINE_AFTER = timedelta(minutes=2)
PROTECTED = {
    "uuid",
    "state",
    "ed25519",
    "x25519",
    "kid",
    "pairing_handle",
    "pairing_verifier",
    "pairing_expires_at",
    "pairing_tries",
    "pairing_done",
    "paired_at",
    "epoch_seen",
    "receipt_seq",
    "receipt_head",
    "heard_seq",
    "heard_at",
    "key_day",
    "key_uses",
    "known_kids",
    "box_number",
    "tender_count",
    "alarm_count",
    "alarm_level",
    "alarm_check_at",
    "is_silent",
    "clock_is_wrong",
    "device_digest",
    "devices_iat",
    "has_alarm_activity",
    "called_with_id",
    "box_level",
    "box_full_at",
    "forecast_at",
    "roll_used",
    "roll_out_at",
}
"""Written by pairing, by receipts and by the buttons only: nobody may set them through the API."""


class ElectricityTerminal(models.Model):
    """A computer with a card reader that carries out Odoo's write orders.

    Its keys are made on it and only their public halves are known here. ``receipt_seq`` and ``receipt_head`` are the
    anchor of its chain of receipts.
    """

    _name = "electricity.terminal"
    _description = "Electricity Terminal"
    _inherit = [OWN_DEFAULTS, "mail.thread", "mail.activity.mixin"]
    _guarded = PROTECTED | {"issues_cpu_cards"}
    _protected = PROTECTED
    _order = "code, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(required=True, copy=False, tracking=True)
    uuid = fields.Char(required=True, readonly=True, copy=False, default=lambda self: str(uuid_module.uuid4()))
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id", store=True)
    active = fields.Boolean(default=True)
    state = fields.Selection(
        [
            ("draft", "Not Paired"),
            ("pairing", "Waiting for Pairing"),
            ("active", "Active"),
            ("quarantined", "Quarantined"),
            ("disabled", "Disabled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        tracking=True,
        index=True,
    )
    kind = fields.Selection([("counter", "Counter")], required=True, default="counter", prefetch=False)
    proxy_url = fields.Char(
        "Proxy Address",
        required=True,
        default="http://127.0.0.1:8269",
        help="Where the page finds the proxy.",
        prefetch=False,
    )
    user_ids = fields.Many2many(
        "res.users", string="Clerks", help="Who may sell here. Empty: every clerk of the company."
    )
    is_reserved = fields.Boolean(
        compute="_compute_is_reserved", store=True, help="Only the listed clerks may sell here."
    )
    max_unresolved = fields.Integer(
        "Most Unresolved Orders",
        default=5,
        tracking=True,
        help="More orders with an unknown end stop the sale. 0: no limit.",
    )
    max_unremitted = fields.Monetary(
        "Most Cash in Open Shifts",
        tracking=True,
        help="More cash that was not handed over stops the sale. 0: no limit.",
    )

    ed25519 = fields.Char("Signing Key", readonly=True, copy=False, groups="electricity_prepaid.group_administrator")
    x25519 = fields.Char("Encryption Key", readonly=True, copy=False, groups="electricity_prepaid.group_administrator")
    kid = fields.Char("Key Thumbprint", readonly=True, copy=False, index="btree_not_null")
    pairing_handle = fields.Char(
        readonly=True, copy=False, groups="base.group_system", index="btree_not_null", prefetch=False
    )
    pairing_verifier = fields.Char(readonly=True, copy=False, groups="base.group_system", prefetch=False)
    pairing_expires_at = fields.Datetime(readonly=True, copy=False, prefetch=False)
    pairing_tries = fields.Integer(readonly=True, copy=False, groups="base.group_system", prefetch=False)
    pairing_done = fields.Boolean(readonly=True, copy=False, groups="base.group_system", prefetch=False)
    paired_at = fields.Datetime(readonly=True, copy=False, prefetch=False)

    epoch_seen = fields.Integer("Epoch", readonly=True, copy=False, aggregator=None, prefetch="beat")
    receipt_seq = fields.Integer("Receipts", readonly=True, copy=False, aggregator=None)
    receipt_head = fields.Char("Latest Receipt", readonly=True, copy=False)
    last_heartbeat = fields.Datetime(readonly=True, copy=False, prefetch=False)
    clock_skew = fields.Integer("Clock Error (s)", readonly=True, copy=False, aggregator=None, prefetch=False)
    version = fields.Char("Proxy Version", readonly=True, copy=False, prefetch=False)
    reader_state = fields.Char("Reader", readonly=True, copy=False, prefetch=False)
    host = fields.Char(readonly=True, copy=False, prefetch=False)
    is_online = fields.Boolean("Online", compute="_compute_is_online")
    unresolved_count = fields.Integer(compute="_compute_unresolved_count")

    _code_unique = models.UniqueIndex("(company_id, code)", "A terminal with this code exists already.")
    _uuid_unique = models.UniqueIndex("(uuid)", "A terminal with this identifier exists already.")
    _limits_not_negative = models.Constraint(
        "CHECK (max_unresolved >= 0 AND max_unremitted >= 0)", "Limits are not negative."
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(self._protected & vals.keys() for vals in vals_list):
            raise AccessError(self.env._("Keys, receipts and the status of a terminal cannot be set by hand."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and self._protected & vals.keys():
            raise AccessError(self.env._("Keys, receipts and the status of a terminal cannot be set by hand."))
        return super().write(vals)

    @api.depends("last_heartbeat")
    def _compute_is_online(self):
        since = fields.Datetime.now() - OFFLINE_AFTER
        for terminal in self:
            terminal.is_online = bool(terminal.last_heartbeat and terminal.last_heartbeat >= since)

    @api.depends("user_ids")
    def _compute_is_reserved(self):
        for terminal in self:
            terminal.is_reserved = bool(terminal.user_ids)

    def _compute_unresolved_count(self):
        counts = dict(
            self.env["electricity.recharge"]._read_group(
                [("terminal_id", "in", self.ids), ("state", "in", ("authorized", "unknown"))],
                ["terminal_id"],
                ["__count"],
            )
        )
        for terminal in self:
            terminal.unresolved_count = counts.get(terminal, 0)

    @api.private
    def identity(self):
        """Return the identity that the terminal signs with.

        :return: ``core.identity.TerminalKey``
        :raises Refusal: T-101 when it was never paired
        """
        self.ensure_one()
        terminal = self.sudo()
        if not terminal.ed25519:
            raise Refusal(codes.T_NOT_PAIRED)
        return identity.TerminalKey(uuid=terminal.uuid, x=terminal.ed25519)

    @api.private
    def is_for(self, user):
        """Tell whether a user may work at this terminal: same company, and listed when there is a list.

        :param user: one ``res.users``
        """
        self.ensure_one()
        return self.company_id.id in user._get_company_ids() and (not self.is_reserved or user in self.user_ids)

    def _as_answer(self):
        """Return the terminal as docs/protocol §4 shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "code": self.code,
            "uuid": self.uuid,
            "proxy_url": self.proxy_url,
            "state": self.state,
            "takes_notes": self.takes_notes,
        }

    @api.private
    def check_active(self):
        """Check that the terminal may be sold at.

        :raises Refusal: T-101 not paired, T-102 quarantined, T-103 disabled
        """
        self.ensure_one()
        if self.state == "quarantined":
            raise Refusal(codes.T_QUARANTINED)
        if self.state == "disabled" or not self.active:
            raise Refusal(codes.T_DISABLED)
        if self.state != "active":
            raise Refusal(codes.T_NOT_PAIRED)

    @api.private
    def check_limits(self):
        """Check that the terminal has not piled up cash or orders without a known end.

        :raises Refusal: T-105
        """
        self.ensure_one()
        if self.max_unresolved:
            now = fields.Datetime.now()
            unresolved = self.env["electricity.recharge"].search_count(
                [
                    ("terminal_id", "=", self.id),
                    "|",
                    ("state", "=", "unknown"),
                    "&",
                    ("state", "=", "authorized"),
                    ("expires_at", "<", now),
                ],
                limit=self.max_unresolved,
            )
            if unresolved >= self.max_unresolved:
                raise Refusal(codes.T_LIMITS)
        if self.max_unremitted and self._unremitted_cents() >= money.to_cents(self.max_unremitted):
            raise Refusal(codes.T_LIMITS)

    def _unremitted_cents(self):
        """Return the cash that was not handed over, in cents, the opening cash aside.

        What clerks took in open shifts, and what the terminal took itself and no closed shift holds.
        """
        own = Domain("terminal_id", "=", self.id)
        not_handed_over = own & (Domain("cash_session_id.state", "=", "open") | Domain(self._notes_not_handed_over()))
        groups = self.env["electricity.tender"]._read_group(not_handed_over, ["direction"], ["amount:sum"])
        return sum(money.to_cents(amount) * (1 if direction == "in" else -1) for direction, amount in groups)

    @api.private
    def take(self):
        """Lock the terminal for a change of its chain of receipts.

        :raises Refusal: S-101 when somebody else changes it, or has since this transaction began
        """
        self.ensure_one()
        query = SQL("SELECT id FROM electricity_terminal WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED", self.id)
        lock_at_once(self.env, query)

    @api.private
    def report(self, code):
        """Tell an administrator about a receipt that could not be used.

        :param code: what was wrong with it (docs/protocol §5)
        """
        self.message_post(body=sentence(self.env, code))
        self._call_for_help(self.env._("A receipt could not be used (%(code)s)", code=code))

    @api.private
    def report_lost_rows(self):
        """Tell an administrator that this terminal knows more than the database, which therefore sells no longer."""
        self.message_post(body=sentence(self.env, codes.T_RESTORED))
        self._call_for_help(self.env._("Sales are stopped: the database has lost orders (%(code)s)", code="T-106"))

    @api.private
    def quarantine(self, code):
        """Stop sales at this terminal, keep taking its receipts, and call a technician.

        :param code: why (docs/protocol §5)
        """
        for terminal in self:
            if terminal.state != "active":
                continue
            terminal.state = "quarantined"
            terminal.message_post(
                body=self.env._(
                    "Quarantined (%(code)s): its chain of receipts has a gap or a fork. It does not sell until an"
                    " administrator has looked into it.",
                    code=code,
                )
            )
            terminal._call_for_help(self.env._("Look into the receipts of this terminal (%(code)s)", code=code))

    def _notes_not_handed_over(self):
        """Return the domain of what this terminal took itself and nobody has handed over."""
        return [("kind", "=", "terminal_cash"), ("cash_session_id", "=", False)]

    def _call_for_help(self, summary):
        user = self._administrator_of(self.company_id)
        self.activity_schedule("mail.mail_activity_data_todo", summary=summary, user_id=user.id)

    @api.model
    def _administrator_of(self, company):
        """Return who is called for help in a company: one of its administrators, else the present user."""
        group = self.env.ref("electricity_prepaid.group_administrator", raise_if_not_found=False)
        users = group and group.all_user_ids.filtered(lambda user: company in user.company_ids and user.active)
        return (users or self.env.user)[:1]

    def _check_group(self, *groups):
        # Whoever calls by RPC may name a terminal of another company.
        self.check_access("read")
        if not self.env.su and not any(self.env.user.has_group(f"electricity_prepaid.{group}") for group in groups):
            raise UserError(self.env._("You may not do this to a terminal."))

    def action_disable(self):
        """Stop sales at these terminals. Receipts are still taken."""
        self._check_group("group_technician", "group_administrator")
        self.filtered(lambda terminal: terminal.state != "draft").sudo().state = "disabled"

    def action_open_reactivation(self):
        """Open the window that asks why a terminal may sell again."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Let the Terminal Sell Again"),
            "res_model": "electricity.terminal.reason",
            "view_mode": "form",
            "target": "new",
            "context": {"default_terminal_id": self.id},
        }

    @api.private
    def reactivate(self, reason):
        """Let a quarantined or disabled terminal sell again.

        :param reason: what was found, kept in the history
        """
        self.ensure_one()
        self._check_group("group_administrator")
        if self.state not in ("quarantined", "disabled") or not self.sudo().ed25519:
            raise UserError(self.env._("Only a paired terminal that was stopped can be started again."))
        self.sudo().state = "active"
        self.sudo().message_post(body=self.env._("Started again: %(reason)s", reason=reason))

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unused(self):
        if any(terminal.receipt_seq or terminal.sudo().ed25519 for terminal in self):
            raise UserError(self.env._("A terminal that was paired stays on record. Disable and archive it instead."))
