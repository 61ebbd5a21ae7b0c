"""Paying out a balance (余额退款): one person proposes it, another one approves it, then it is paid."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import codes, money
from ..core.errors import Refusal
from .account_button import ACCOUNT_BUTTON
from .answers import as_engine, telling
from .own_defaults import OWN_DEFAULTS
from .parameters import request_digest
from .two_persons import PROPOSED, TWO_PERSONS

ACTIVITY = "electricity_prepaid.mail_activity_payout"
PROPOSERS = ("electricity_prepaid.group_clerk",)
APPROVERS = ("electricity_prepaid.group_supervisor", "electricity_prepaid.group_finance")
PAYERS = ("electricity_prepaid.group_clerk",)
APPROVED, PAID, REFUSED, WITHDRAWN = "approved", "paid", "refused", "withdrawn"
CASH = "cash"


class ElectricityPayout(models.Model):
    """Money of an account that its customer gets back. From the approval until its end the balance holds it."""

    _name = "electricity.payout"
    _description = "Payout of a Balance"
    _inherit = [OWN_DEFAULTS, TWO_PERSONS, ACCOUNT_BUTTON, "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _approvers = APPROVERS
    _open_states = (PROPOSED, APPROVED)
    _rec_names_search = ["name", "electricity_account_id.name", "partner_id.name"]

    name = fields.Char("Number", required=True, readonly=True, default="/", index="trigram")
    electricity_account_id = fields.Many2one(
        "electricity.account",
        "Account",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    partner_id = fields.Many2one(related="electricity_account_id.partner_id", string="Customer")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id", store=True)
    arrears_total = fields.Monetary(related="electricity_account_id.arrears_total")
    amount = fields.Monetary(required=True, readonly=True)
    way = fields.Selection([(CASH, "In Cash at a Counter")], required=True, readonly=True, index=True)
    reason = fields.Text(required=True, readonly=True)
    state = fields.Selection(
        string="Status",
        selection_add=[
            (APPROVED, "To Be Paid Out"),
            (PAID, "Paid Out"),
            (REFUSED, "Refused"),
            (WITHDRAWN, "Taken Back"),
        ],
        ondelete=dict.fromkeys((PAID, REFUSED, WITHDRAWN), "set default"),
    )
    ended_at = fields.Datetime("Ended on", readonly=True)
    ended_by_id = fields.Many2one("res.users", "Ended by", readonly=True, index="btree_not_null")
    tender_ids = fields.One2many("electricity.tender", "payout_id", "Money", readonly=True)
    paid_amount = fields.Monetary("Really Paid", compute="_compute_paid_amount")
    may_withdraw = fields.Boolean(compute="_compute_may_withdraw")

    _amount_positive = models.Constraint("CHECK (amount > 0)", "A payout is a positive amount.")
    _two_persons = models.Constraint(
        "CHECK (approved_by_id IS NULL OR approved_by_id <> proposed_by_id)", "A second person must approve a payout."
    )

    @api.depends("tender_ids.amount")
    def _compute_paid_amount(self):
        for payout in self:
            payout.paid_amount = sum(payout.tender_ids.mapped("amount"))

    @api.depends("state", "proposed_by_id")
    @api.depends_context("uid")
    def _compute_may_withdraw(self):
        for payout in self:
            payout.may_withdraw = any(self.env.user.has_group(group) for group in payout._withdrawers())

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A payout stays on record. Take it back instead, before it is paid."))

    # ------------------------------------------------------------------------------------------------------ proposing

    @api.model
    @api.private
    def propose(self, account, amount, way, reason, **more):
        """Propose that money of an account is paid out. Nothing is held yet.

        :param account: one ``electricity.account``
        :param amount: in the company's currency, as a Monetary field has it
        :param way: of the field ``way``
        :param reason: for the records
        :param more: further fields that the way needs
        :return: one ``electricity.payout``
        :raises UserError: S-101, S-116, and why it cannot be paid out
        """
        account.ensure_one().check_access("read")
        with telling(self.env):
            if not any(self.env.user.has_group(group) for group in PROPOSERS):
                raise Refusal(codes.S_NOT_PERMITTED)
            if money.to_cents(amount) <= 0:
                raise Refusal(codes.S_AMOUNT_MALFORMED, amount=money.format_cents(money.to_cents(amount)))
            payouts = as_engine(self)
            values = {
                **more,
                "electricity_account_id": account.id,
                "company_id": account.company_id.id,
                "amount": amount,
                "way": way,
                "reason": reason,
                "proposed_by_id": self.env.uid,
            }
            wanted = payouts.new(values)
            wanted.electricity_account_id.take()
            wanted._check_fits()
        number = payouts.env["ir.sequence"].with_company(account.company_id).next_by_code("electricity.payout")
        payout = payouts.create({**values, "name": number or "/"})
        payout._tell(self.env._("%(user)s proposes to pay out %(amount)s.", **payout._in_words()))
        payout._call_second_person()
        return payout.with_env(self.env)

    def _check_fits(self):
        """Check that the balance has this money, and that it can be paid in this way. The caller holds the account.

        :raises Refusal: S-125, S-126, and those of other ways
        """
        free = self.electricity_account_id.payable_cents()
        if self._cents() > free:
            raise Refusal(codes.S_PAYOUT_TOO_MUCH, amount=self._amount_text(), free=money.format_cents(free))
        self._check_way()

    def _check_way(self):
        """Check that this amount can be paid out in this way.

        :raises Refusal: S-126
        """
        coin = self.company_id.coin_cents()
        if self.way == CASH and self._cents() % coin:
            most = money.format_cents(money.in_coins(self._cents(), coin))
            raise Refusal(codes.S_PAYOUT_COIN, amount=self._amount_text(), coin=money.format_cents(coin), most=most)

    def _call_second_person(self):
        second = self._second_person()
        if second:
            told = self.with_context(lang=second.lang)
            summary = told.env._("Approve payout %(number)s", number=self.name)
            told.activity_schedule(ACTIVITY, user_id=second.id, summary=summary)

    # ------------------------------------------------------------------------------------------------------- deciding

    def action_approve(self):
        """Approve what another person has proposed: from now on the balance holds it."""
        with telling(self.env):
            payout = self._begin(APPROVERS, (PROPOSED,))
            payout._check_second_person()
            payout._check_fits()
            payout.electricity_account_id.hold(payout._cents())
            payout.write(payout._approved_values())
            payout._after_approval()
        payout.activity_unlink([ACTIVITY])
        payout._tell(self.env._("%(user)s approves the payout of %(amount)s.", **payout._in_words()))

    def _after_approval(self):
        """Begin what follows of itself; cash waits for a counter."""

    def _withdrawers(self):
        """Return the groups of which one may take this payout back now."""
        if self.state == PROPOSED:
            own = self.proposed_by_id == self.env.user
            return (*PROPOSERS, *APPROVERS) if own else APPROVERS
        return APPROVERS if self.state == APPROVED else ()

    def action_withdraw(self):
        """Take this payout back before it is paid: its own person may, or one who could approve it."""
        with telling(self.env):
            payout = self._begin(self._withdrawers() or APPROVERS, self._open_states)
            if not any(self.env.user.has_group(group) for group in payout._withdrawers()):
                # It went on since the form was opened.
                raise Refusal(codes.S_PAYOUT_STATE)
            if payout.state != PROPOSED:
                payout.electricity_account_id.hold(-payout._cents())
            payout._end(WITHDRAWN)
        payout.activity_unlink([ACTIVITY])
        payout._tell(self.env._("%(user)s takes the payout of %(amount)s back.", **payout._in_words()))

    def action_pay_out(self):
        """Hand this money to the customer, out of the drawer of one's own open shift."""
        with telling(self.env):
            payout = self._begin(PAYERS, (APPROVED,))
            if payout.way != CASH:
                raise Refusal(codes.S_PAYOUT_STATE)
            payout._pay_from(payout.env["electricity.cash.session"].drawer_of(self.env.user, payout.company_id))
        words = payout._in_words()
        payout._tell(self.env._("%(user)s pays out %(amount)s in cash.", **words))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Hand %(amount)s to the customer now.", amount=words["amount"]),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _pay_from(self, session):
        """Book that this money goes out of a drawer.

        :param session: the locked shift, or an empty record
        :raises Refusal: S-117, S-127
        """
        if not session:
            raise Refusal(codes.S_NO_SHIFT)
        in_drawer = money.to_cents(session.cash_now)
        if in_drawer < self._cents():
            raise Refusal(codes.S_PAYOUT_DRAWER, amount=self._amount_text(), cash=money.format_cents(max(0, in_drawer)))
        self.env["electricity.tender"].give_back(
            self.electricity_account_id,
            self._cents(),
            held=-self._cents(),
            uuid=f"payout-{self.id}",
            request_digest=request_digest("payout", self.id),
            payout_id=self.id,
            **session.out_values(self.env.user),
        )
        self._end(PAID)

    # ------------------------------------------------------------------------------------------------------ in common

    def _begin(self, groups, states):
        """Check rights and state, hold the account, and return this payout as superuser.

        :param groups: of which the caller needs one
        :param states: in which the step is possible
        :raises Refusal: S-116, S-128, S-101 when somebody else decides on the account
        """
        self.ensure_one()
        self.check_access("read")
        if self.state not in states:
            raise Refusal(codes.S_PAYOUT_STATE)
        if not any(self.env.user.has_group(group) for group in groups):
            raise Refusal(codes.S_NOT_PERMITTED)
        payout = as_engine(self)
        payout.electricity_account_id.take()
        payout.invalidate_recordset()
        if payout.state not in states:
            raise Refusal(codes.S_PAYOUT_STATE)
        return payout

    def _end(self, state):
        self.write({"state": state, "ended_at": fields.Datetime.now(), "ended_by_id": self.env.uid})

    def _cents(self):
        return money.to_cents(self.amount)

    def _amount_text(self):
        return money.format_cents(self._cents())

    def _in_words(self):
        return {"user": self.env.user.name, "amount": self.currency_id.format(self.amount)}

    def _tell(self, text):
        self.message_post(body=text, author_id=self.env.user.partner_id.id)
