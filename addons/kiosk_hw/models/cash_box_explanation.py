"""Why a cash box holds more or less than was recorded (长款, 短款): one person says it, another one approves it."""

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import boxes, codes, money
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.answers import as_user_error
from odoo.addons.electricity_prepaid.models.own_defaults import OWN_DEFAULTS
from odoo.addons.electricity_prepaid.models.two_persons import TWO_PERSONS
from odoo.exceptions import UserError, ValidationError

from .cash_box import COUNTS, DECIDES

EXPLAINABLE = ("counted", "settled")
REASONS = [
    ("left_in_machine", "Notes Left in the Machine"),
    ("acceptor", "The Acceptor Counted Wrong"),
    ("late", "Statement Came Late"),
    ("counterfeit", "Counterfeit or Damaged Note"),
    ("customer", "Handed to or by a Customer"),
    ("theft", "Missing: Reported as a Loss"),
    ("other", "Another Reason"),
]


class ElectricityCashBoxExplanation(models.Model):
    """A part of a difference, its reason, and the account that bears it."""

    _name = "electricity.cash.box.explanation"
    _description = "Explanation of a Cash Difference"
    _inherit = [OWN_DEFAULTS, TWO_PERSONS]
    _order = "id desc"
    _rec_name = "cash_box_id"
    _check_company_auto = True
    _approvers = DECIDES

    cash_box_id = fields.Many2one(
        "electricity.cash.box", required=True, readonly=True, index=True, ondelete="restrict", check_company=True
    )
    terminal_id = fields.Many2one(related="cash_box_id.terminal_id", store=True, index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id", store=True)
    amount = fields.Monetary(required=True, readonly=True, help="Positive: long money. Negative: short money.")
    reason = fields.Selection(REASONS, required=True, readonly=True)
    note = fields.Text("What Happened", required=True, readonly=True)
    account_id = fields.Many2one(
        "account.account", "Booked to", readonly=True, index="btree_not_null", ondelete="restrict", check_company=True
    )
    state = fields.Selection(selection_add=[("reversed", "Taken Back")], ondelete={"reversed": "set approved"})
    move_id = fields.Many2one("account.move", "Entry", readonly=True, index="btree_not_null", ondelete="restrict")
    reversal_move_id = fields.Many2one("account.move", readonly=True, index="btree_not_null", ondelete="restrict")

    _amount_something = models.Constraint("CHECK (amount <> 0)", "An explanation is about an amount.")

    @api.constrains("account_id", "cash_box_id")
    def _check_account(self):
        for explanation in self:
            journal = explanation._journal()
            suspense = journal.profit_account_id | journal.loss_account_id
            if journal and explanation.account_id in (suspense | explanation._suspense()):
                raise ValidationError(
                    self.env._("The difference is on this account already. Choose the one that bears it in the end.")
                )
            if journal and not explanation.account_id:
                raise ValidationError(self.env._("Choose the account that bears the difference."))

    def _journal(self):
        """Return the cash journal that the box left, or the one that its notes would leave now."""
        box = self.cash_box_id.sudo()
        booked = box.line_ids.journal_id[:1]
        return booked or box._kiosk_config().payment_method_ids.filtered("is_cash_count").journal_id

    def _suspense(self):
        """Return the account on which the box's difference was booked, and not the one that would be chosen now."""
        part = boxes.LONG if self.amount > 0 else boxes.SHORT
        moved = self.cash_box_id.sudo().line_ids.filtered(lambda line: line.cash_box_part == part)[:1]
        if moved:
            return moved.move_id.line_ids.account_id - moved.journal_id.default_account_id
        journal = self._journal()
        return journal.profit_account_id if self.amount > 0 else journal.loss_account_id

    def _fits(self):
        """Check that the difference of the box still has room for this explanation.

        :raises Refusal: A-510
        """
        box = self.cash_box_id
        difference, left = box._difference_cents(), box._open_cents()
        cents = money.to_cents(self.amount)
        if cents * difference <= 0 or cents * left <= 0 or abs(cents) > abs(left):
            raise Refusal(codes.A_BOX_TOO_MUCH, box=box.name, amount=box._open_text())

    def action_approve(self):
        """Book this part of the difference to the account that another person has proposed."""
        self.ensure_one()
        box = self.cash_box_id._begin_step(DECIDES, EXPLAINABLE)
        explanation = self.sudo()
        explanation.invalidate_recordset()
        try:
            if explanation.state != "proposed":
                box._require(())
            explanation._check_second_person()
            explanation._fits()
            if not box.is_booked:
                raise Refusal(codes.A_BOX_NOT_BOOKED, box=box.name)
        except Refusal as refusal:
            raise as_user_error(self.env, refusal) from refusal
        explanation.write({**explanation._approved_values(), "move_id": explanation._make_move().id})
        box._review()

    def _make_move(self):
        """Return the posted entry from suspense to the account that bears the difference; none without a kiosk."""
        journal = self._journal()
        if not journal:
            return self.env["account.move"]
        company = self.company_id
        general = self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", company.id)], limit=1
        )
        if not general:
            raise UserError(self.env._("The company has no journal for other entries. Have finance set one up."))
        suspense = self._suspense()
        text = f"{self.cash_box_id.name}: {dict(self._fields['reason']._description_selection(self.env))[self.reason]}"
        lines = [
            {"name": text, "account_id": suspense.id, "balance": self.amount},
            {"name": text, "account_id": self.account_id.id, "balance": -self.amount},
        ]
        move = (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": general.id,
                    "ref": self.cash_box_id.name,
                    "line_ids": [fields.Command.create(line) for line in lines],
                }
            )
        )
        move.action_post()
        return move

    def action_reverse(self):
        """Take this explanation back; its entry is reversed, and the difference is open again."""
        self.ensure_one()
        groups = DECIDES
        if self.state == "proposed" and self.proposed_by_id == self.env.user:
            groups = (*COUNTS, *DECIDES)
        box = self.cash_box_id._begin_step(groups, EXPLAINABLE)
        explanation = self.sudo()
        explanation.invalidate_recordset()
        if explanation.state == "reversed":
            box._refuse(codes.A_BOX_STATE)
        values = {"state": "reversed"}
        if explanation.move_id:
            values["reversal_move_id"] = explanation.move_id._reverse_moves(cancel=True).id
        explanation.write(values)
        box.message_post(
            body=self.env._("An explanation was taken back by %(user)s.", user=self.env.user.name),
            author_id=self.env.user.partner_id.id,
        )
        box._review()


class ElectricityCashBox(models.Model):
    _inherit = "electricity.cash.box"

    def action_explain(self):
        """Open the window that asks why the box holds more or less."""
        self._check_may((*COUNTS, *DECIDES))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Explain the Difference"),
            "res_model": "electricity.cash.box.explain",
            "view_mode": "form",
            "target": "new",
            "context": {"default_cash_box_id": self.id, "default_amount": self.open_difference},
        }

    @api.private
    def propose_explanation(self, amount, reason, note, account):
        """Say why a part of the difference is there; another person has to approve it.

        :param amount: in the company's currency, positive for long money, negative for short money
        :param reason: one of :data:`REASONS`
        :param note: what happened
        :param account: that bears it; may be empty for a terminal that is no kiosk
        """
        box = self._begin_step((*COUNTS, *DECIDES), EXPLAINABLE)
        explanation = self.env["electricity.cash.box.explanation"].sudo()
        explanation = explanation.create(
            {
                "cash_box_id": box.id,
                "company_id": box.company_id.id,
                "amount": amount,
                "reason": reason,
                "note": note,
                "account_id": account.id,
                "proposed_by_id": self.env.uid,
            }
        )
        try:
            explanation._fits()
        except Refusal as refusal:
            raise as_user_error(self.env, refusal) from refusal
