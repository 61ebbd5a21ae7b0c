"""Work on cards beside a purchase: open an account, replace a card, clear a card."""

from odoo import api, models

from ..core import codes, money
from ..core.card_image import BLANK, DAMAGED, OK
from ..core.errors import Refusal
from ..core.gate import inserted
from .account import is_number_12
from .answers import answering, find_by
from .recharge_plan import ISSUING
from .recharge_repair import SUPERVISOR_GROUP

BEGUN = (*ISSUING, "clear")


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    @api.model
    @answering
    def quote_operation(self, terminal_id, snapshot, op, account=None, amount="0.00"):
        """Say what an operation would do and why it may not be done. No effect.

        :param terminal_id: id of the terminal
        :param snapshot: the terminal's signed reading, compact
        :param op: ``open``, ``replace`` or ``clear``
        :param account: account number; without it, of the card in the reader
        :param amount: decimal string, money for a first or next purchase in the same step
        """
        cents = money.parse_amount(amount)
        terminal = self._terminal_for_user(terminal_id)
        reading = self._fresh_reading(terminal, self._verify_snapshot(terminal, snapshot), snapshot)
        answer = {"customer": None, "takes_money": False, "last_in_meter": False, "new_card": None, "breakdown": None}
        refusal = None
        try:
            self._check_terminal_sells(reading)
            found = self._account_of_operation(reading, op, account)
            facts = found.facts_for_sale()
            self._check_issuer(terminal, op, facts)
            answer.update(self._describe_operation(found, facts, reading, op))
            if not answer["open_order"]:
                sold = self._check_operation(found, facts, reading, op, cents)
                answer["breakdown"] = sold and sold.as_dict()
        except Refusal as caught:
            refusal = caught
        return {**answer, **self._verdict(refusal)}

    @api.model
    @answering
    def begin_operation(self, uuid, terminal_id, snapshot, op, account=None, amount="0.00"):
        """Commit the order of an operation and reserve the account.

        To replace a card whose order has not ended, no order is made: that one goes on with the new card.

        :param uuid: of the order, made by the caller
        :param terminal_id: id of the terminal
        :param snapshot: the terminal's signed reading, compact; it is used up
        :param op: ``open``, ``replace`` or ``clear``
        :param account: account number; without it, of the card in the reader
        :param amount: decimal string, money for a first or next purchase in the same step
        """
        return {"order": self._begin_operation(uuid, terminal_id, snapshot, op, account, amount)._status()}

    @api.model
    def _begin_operation(self, uuid, terminal_id, snapshot, op, account, amount):
        """Return the order that :meth:`begin_operation` makes, made before, or finds."""
        asked = self._asked(uuid, terminal_id, snapshot, amount, op, account or "")
        if asked.known:
            return asked.known
        reading, terminal, cents = asked.reading, asked.reading.terminal, asked.cents
        found = self._account_of_operation(reading, op, account)
        found.take()
        self._check_terminal_sells(reading)
        facts = found.facts_for_sale()
        self._check_issuer(terminal, op, facts)
        open_order = self._order_to_take_over(found, op)
        if open_order:
            if not open_order.takes_new_card:
                open_order.write({"takes_new_card": True})
                open_order.message_post(
                    body=self.env._(
                        "%(user)s replaces the card at %(terminal)s: the new one takes this order over.",
                        user=self.env.user.name,
                        terminal=terminal.name,
                    )
                )
            return open_order
        self._make_room(found, terminal)
        sold = self._check_operation(found, facts, reading, op, cents)
        card = self._find_card(reading) if op == "clear" else self.env["electricity.card"]
        last_in_meter = self._shows_last_in_meter(found, facts, reading)
        split = self._split_values(sold, facts) if sold else {"unit": facts.unit, "cost": 0, "energy": 0}
        order = self._create_order(
            {
                **self._order_values(found, card, reading, facts, cents),
                **split,
                "op": op,
                "driver": facts.driver or reading.snapshot.driver,
                "last_in_meter": last_in_meter,
                **asked.as_values(),
            }
        )
        order._use_reading(reading)
        return order

    @api.model
    def _account_of_operation(self, reading, op, number):
        """Return the account that an operation is for.

        :param number: account number, or None for the account of the card in the reader
        :raises Refusal: P-104 no such operation, S-116 not for this user, C-106 no such account, S-120 no card account
        """
        if op not in BEGUN:
            raise Refusal(codes.P_MALFORMED)
        if op == "clear" and not self.env.user.has_group(SUPERVISOR_GROUP):
            raise Refusal(codes.S_NOT_PERMITTED)
        if number and op != "clear":
            accounts = self.env["electricity.account"]
            known = isinstance(number, str) and is_number_12(number)
            account = find_by(accounts, name=number, company_id=reading.terminal.company_id.id) if known else accounts
        else:
            account = self._find_card(reading).electricity_account_id
        if not account:
            raise Refusal(codes.C_NOT_REGISTERED)
        if account.regime != "card":
            raise Refusal(codes.S_NOT_CARD)
        return account

    @api.model
    def _check_issuer(self, terminal, op, facts):
        """Check, before money is taken, that the terminal may make a blank card the card of an account.

        :param facts: of the account
        :raises Refusal: K-110
        """
        if op in ISSUING:
            terminal._check_issues(facts.driver)

    @api.model
    def _order_to_take_over(self, account, op):
        """Return the open order that a new card would take over, or an empty record.

        :raises Refusal: S-103 when an order is open that must end first
        """
        order = self._open_order(account)
        if not order:
            last = self._order_at_last_count(account)
            if last._live_attempt():
                last._refuse(codes.S_OTHER_OPEN)
            return self.browse()
        order._expire_attempts()
        if op != "replace" or order.state not in ("unknown", "not_written") or order._live_attempt():
            order._refuse(codes.S_OTHER_OPEN)
        return order

    @api.model
    def _shows_last_in_meter(self, account, facts, reading):
        """Tell whether the card in the reader is the account's own and shows its last purchase in the meter."""
        card = self._find_card(reading)
        if not card or card.electricity_account_id != account or reading.image.condition not in (OK, DAMAGED):
            return False
        if reading.image.customer_no != account.name or reading.image.meter_no != facts.meter_no:
            return False
        state = self._account_state(account, card, facts)
        return bool(account.purchase_count) and card.generation == facts.generation and inserted(reading.image, state)

    @api.model
    def _check_operation(self, account, facts, reading, op, cents):
        """Check an operation before money is taken for it.

        :param cents: the amount asked, 0 for none
        :return: the :class:`~.recharge_split.Split` of the amount, None without one
        :raises Refusal: the gate's codes, those of limits and tariff
        """
        card = self._find_card(reading)
        last_in_meter = self._shows_last_in_meter(account, facts, reading)
        if op != "clear" and not (facts.meter_no and facts.tariff):
            raise Refusal(codes.S_ACCOUNT_INACTIVE if not facts.meter_no else codes.S_NO_TARIFF)
        if op == "replace" and (account.state == "draft" or not account.purchase_count):
            raise Refusal(codes.S_ACCOUNT_INACTIVE)
        if op != "replace" or reading.image.condition == BLANK:
            # To replace, the reading may also be of the old card: then the new one is checked when it is written.
            self._check_gate(op, account, card, reading, facts, last_in_meter=last_in_meter)
        if not cents:
            return None
        if op == "clear" or (op == "replace" and not last_in_meter):
            raise Refusal(codes.S_NOT_IN_STATE)
        self._check_marketing(account)
        return self._price(account, cents, reading, facts)

    @api.model
    def _describe_operation(self, account, facts, reading, op):
        """Return the part of a quote that says what the operation would do."""
        order = self._open_order(account)
        last_in_meter = self._shows_last_in_meter(account, facts, reading)
        bounds = facts.limits
        return {
            "customer": self._customer_facts(account, facts),
            "unit": facts.unit,
            "last_in_meter": last_in_meter,
            "takes_money": op == "open" or (op == "replace" and last_in_meter),
            "count": account.purchase_count,
            "new_card": op in ISSUING and reading.image.condition != BLANK,
            "marketing": self._marketing_answer(account),
            "open_order": order._status() if order else None,
            "limits": {
                "min": money.format_cents(bounds.minimum),
                "max": money.format_cents(bounds.maximum),
                "step": money.format_cents(bounds.step),
            },
        }

    @api.model
    def _operations_for(self, reading, card, account):
        """Return the operations that the page offers for the card in the reader; each call decides for itself."""
        image = reading.image
        if image.condition == BLANK and card.state in (False, "blank"):
            return ["open", "replace"]
        if image.condition not in (OK, DAMAGED) or not account:
            return []
        offers = []
        if card == account.card_id and account.state in ("active", "suspended"):
            offers.append("replace")
        if account.state == "closed" and self.env.user.has_group(SUPERVISOR_GROUP):
            offers.append("clear")
        return offers
