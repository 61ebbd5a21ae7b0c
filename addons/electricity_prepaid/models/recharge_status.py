"""How an order is shown to the page, and what the rules allow with it now."""

from odoo import api, fields, models

from ..core import codes, evidence, money, transitions
from ..core.errors import Refusal
from .answers import find_by, find_one, sentence, spoken
from .card_drivers import CENTS
from .parameters import check_uuid
from .recharge import CARDLESS, OPEN_STATES
from .recharge_plan import ISSUING


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    def _missing_cents(self):
        """Return what is still to be paid before the order can be authorized, exactly, in cents."""
        self.ensure_one()
        if self.state not in ("draft", "paid"):
            return 0
        free = self.electricity_account_id.available_cents() + money.to_cents(self.amount_held)
        return max(0, money.to_cents(self.amount) - free)

    def _due_cents(self):
        """Return the same as cash needs it: whole coins, in cents."""
        return money.cash_due(self._missing_cents(), 0, self.company_id.coin_cents())

    def _committed_cents(self):
        """Return how much of the account's balance is meant for this order while it has not ended, in cents."""
        if self.state not in OPEN_STATES:
            return 0
        wanted = money.to_cents(self.amount_held) or money.to_cents(self.amount)
        return min(wanted, max(0, money.to_cents(self.electricity_account_id.balance) - self._reserved_cents()))

    def _reserved_cents(self):
        """Return how much of the account's balance is reserved now, but not for this order: for payouts, in cents."""
        return money.to_cents(self.electricity_account_id.held) - money.to_cents(self.amount_held)

    def _attempts(self):
        """Return the attempts, without looking when nothing was ever issued."""
        return self.attempt_ids if self.has_attempts else self.env["electricity.recharge.attempt"]

    def _attempt_states(self):
        """Return the states of the attempts that carried the order to a card; setting back is no such attempt."""
        return [attempt.state for attempt in self._attempts() if attempt.op != "reverse"]

    def _was_issued(self):
        """Tell whether a card was to be written for this order: it may be settled by a reading."""
        return bool(self.card_block) or (self.op == "clear" and self.has_attempts)

    def _live_attempt(self):
        """Return the attempt whose write order may still be carried out, or an empty record."""
        now = fields.Datetime.now()
        return self.attempt_ids.filtered(
            lambda attempt: attempt.state in ("issued", "intent") and attempt.expires_at > now
        )[-1:]

    def _actions(self, resolution=None):
        """Return what the rules allow now, as docs/protocol §4 names it."""
        self.ensure_one()
        allowed = list(
            transitions.actions(
                self.state,
                self._attempt_states(),
                paid=self.paid_amount > 0,
                resolution=resolution,
                card=self.delivery == "card",
            )
        )
        if self.takes_new_card and self.state in ("unknown", "not_written") and "rewrite" not in allowed:
            # The reading of the old card held it; the new card does not ask what that one says.
            allowed.insert(0, "rewrite")
        if self.op == "clear" and "print" in allowed:
            allowed.remove("print")
        if self.state == "written" and self._may_ask_to_reverse():
            allowed.append("reverse")
        if self.state == "reversed" and self._owed_back_cents():
            allowed.append("refund")
        return allowed

    def _quantity_text(self):
        """Return what goes on the card as a decimal string in the order's unit, or None when nothing is bought."""
        block = self._ordered_block()
        if block:
            return money.format_cents(block.quantity)
        if self.op in CARDLESS:
            return None
        return money.format_cents(money.to_cents(self.amount if self.unit == CENTS else self.energy))

    def _quantity_in_words(self, hundredths):
        """Return a quantity of this order's card with its unit, for people.

        :param hundredths: 0.01 kWh or cents
        """
        text = money.format_cents(hundredths)
        return f"{self.currency_id.symbol} {text}" if self.unit == CENTS else f"{text} kWh"

    @api.depends("card_block", "unit", "energy", "amount", "op")
    def _compute_quantity_text(self):
        for order in self:
            text = order._quantity_text()
            order.quantity_text = text and order._quantity_in_words(money.to_cents(text))

    def _message(self):
        """Return the sentence that explains the order's state, or None when nothing needs explaining."""
        self.ensure_one()
        code = self.hold_code or (self.last_code if self.state not in ("written", "cancelled") else None)
        if not code and self.state == "unknown":
            code = codes.C_UNKNOWN
        return spoken(self.env, code) if code else None

    def _status(self, resolution=None):
        """Return the status dictionary of docs/protocol §4."""
        self.ensure_one()
        account = self.electricity_account_id
        return {
            "id": self.id,
            "uuid": self.uuid,
            "op": self.op,
            "unit": self.unit,
            "quantity": self._quantity_text(),
            "takes_new_card": self.takes_new_card or (self.op in ISSUING and not self.has_attempts),
            "serial": self.name,
            "state": self.state,
            "amount": money.format_cents(money.to_cents(self.amount)),
            "energy": money.format_energy(money.to_centi_kwh(self.energy)),
            "cost": money.format_cents(money.to_cents(self.cost)),
            "remainder": money.format_cents(money.to_cents(self.remainder)),
            "breakdown": self.breakdown or None,
            "count": self.count or None,
            "paid": money.format_cents(money.to_cents(self.paid_amount)),
            "due": money.format_cents(self._due_cents()),
            "missing": money.format_cents(self._missing_cents()),
            "balance": money.format_cents(money.to_cents(account.balance)),
            "held": money.format_cents(self._committed_cents()),
            "reserved": money.format_cents(self._reserved_cents()),
            "uncertain": money.format_cents(self._uncertain_cents()),
            "account": self.account_no,
            "customer": self.customer_name,
            "address": self.supply_address or "",
            "meter": self.meter_no,
            "card": self.card_no or "",
            "terminal": self.terminal_id.id,
            "waits_at": self.terminal_id.name or None if self.state == "draft" else None,
            "code": self.hold_code or self.last_code or None,
            "attempts": [
                {
                    "jti": attempt.jti,
                    "op": attempt.op,
                    "state": attempt.state,
                    "code": attempt.code or None,
                    "at": fields.Datetime.to_string(attempt.done_at or attempt.issued_at),
                }
                for attempt in self._attempts()
            ],
            "actions": self._actions(resolution),
            "message": self._message(),
        }

    def _refuse(self, code, **params):
        """Refuse with this order's status beside the code."""
        refusal = Refusal(code, **params)
        refusal.order = self._status()
        raise refusal

    @api.model
    def _by_uuid(self, uuid):
        """Return the order of a uuid that the caller may see.

        :raises Refusal: S-115
        """
        try:
            order = find_by(self, uuid=check_uuid(uuid))
        except Refusal:
            raise Refusal(codes.S_NO_SUCH_ORDER) from None
        if not order or order.company_id.id not in self.env.user._get_company_ids():
            raise Refusal(codes.S_NO_SUCH_ORDER)
        return order

    @api.model
    def _open_order(self, account):
        """Return the order that keeps an account's meter from another sale, or an empty record."""
        if not account.installation_id:
            # Without a meter there is nothing to sell, but a card may be on its way to be blank.
            domain = [("electricity_account_id", "=", account.id), ("op", "=", "clear"), ("state", "in", OPEN_STATES)]
            return find_one(self, domain) if account else self.browse()
        return find_one(
            self,
            [
                ("installation_id", "=", account.installation_id.id),
                "|",
                ("state", "in", OPEN_STATES),
                "&",
                ("state", "=", "draft"),
                ("paid_amount", ">", 0),
            ],
        )

    @api.depends("state", "amount", "paid_amount", "cost")
    def _compute_at_risk(self):
        for order in self:
            if order.state == "draft":
                order.at_risk = order.paid_amount
            elif order.state in OPEN_STATES:
                order.at_risk = order.amount
            elif order.state == "dispute":
                order.at_risk = order.cost
            else:
                order.at_risk = 0

    @api.depends("hold_code")
    @api.depends_context("lang")
    def _compute_hold_text(self):
        for order in self:
            order.hold_text = sentence(self.env, order.hold_code) if order.hold_code else False

    @api.depends("state", "attempt_ids.state", "proposed_by_id", "tries_seen", "tries_allowed", "taking_back")
    @api.depends_context("uid")
    def _compute_allowed_actions(self):
        for order in self:
            order.allowed_actions = " ".join(order._form_actions())

    def _form_actions(self):
        """Return the keys of the buttons that the work list shows: what the rules allow, to whom they allow it."""
        user = self.env.user
        allowed = [key for key in self._actions() if key in ("cancel", "refund", "rewrite")]
        if self.state == "cancelled" or self._live_attempt():
            allowed = [key for key in allowed if key == "rewrite"]
        if self._may_allow_try() and user.has_group("electricity_prepaid.group_supervisor"):
            allowed.append("try")
        if not self._waits_for_reading() or self.last_in_meter:
            return allowed
        if not user.has_group("electricity_prepaid.group_supervisor"):
            return allowed
        if not self.proposed_by_id:
            return [*allowed, "propose"]
        return [*allowed, "withdraw"] if self.proposed_by_id == user else [*allowed, "approve"]

    def _never_executed(self):
        """Tell whether it is proved that no write order of this order was or will be carried out."""
        return evidence.never_executed(self._attempt_states())
