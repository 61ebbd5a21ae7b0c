"""Money for an order: a clerk's word within limits, or what a terminal counted and signed."""

from odoo import api, fields, models

from ..core import codes, money, transitions
from ..core.errors import Refusal
from .answers import answering, find_by
from .parameters import check_uuid, request_digest


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    @api.model
    @answering
    def add_tender(self, uuid, tender):
        """Take money for an order.

        :param uuid: of the order
        :param tender: {``uuid``, ``kind``: ``cash``, ``received``: decimal string}, or {``kind``: ``terminal_cash``,
            ``statement``: the terminal's signed statement, compact}
        """
        order = self._by_uuid(uuid)
        kind = tender.get("kind") if isinstance(tender, dict) else None
        if kind == "cash":
            return order._add_clerk_cash(check_uuid(tender.get("uuid")), money.parse_amount(tender.get("received")))
        if kind == "terminal_cash":
            return order._add_terminal_cash(tender.get("statement"))
        raise Refusal(codes.S_NOT_PERMITTED)

    def _repeat_of_tender(self, uuid, digest):
        """Return the tender of a repeated call, or an empty record.

        :raises Refusal: S-102 when the uuid names another tender
        """
        known = find_by(self.env["electricity.tender"], uuid=uuid)
        if known and (known.recharge_id != self or known.request_digest != digest):
            raise Refusal(codes.S_UUID_CONFLICT)
        return known

    def _add_clerk_cash(self, uuid, received):
        """Take a clerk's word for cash, within what a clerk may assert.

        :param uuid: of the tender
        :param received: cents on the table; what is over the amount due is change
        """
        account = self.electricity_account_id
        account.take()
        digest = request_digest("cash", received)
        known = self._repeat_of_tender(uuid, digest)
        if known:
            return {"order": self._status(), "change": money.format_cents(money.to_cents(known.change))}
        if not self.env.user.has_group("electricity_prepaid.group_clerk"):
            raise Refusal(codes.S_NOT_PERMITTED)
        self._check_terminal_for_user(self.terminal_id)
        session = self.env["electricity.cash.session"].take_current(self.terminal_id, self.env.user)
        if not session:
            self._refuse(codes.S_NO_SHIFT)
        self._check_reserved()
        due = self._due_cents()
        if self.state != "draft" or not due:
            self._refuse(codes.S_NOT_IN_STATE)
        if not received:
            raise Refusal(codes.S_AMOUNT_MALFORMED, amount="0.00")
        coin = self.company_id.coin_cents()
        if received % coin:
            raise Refusal(codes.S_COIN, amount=money.format_cents(received), coin=money.format_cents(coin))
        self._check_still_owed()
        counted = min(received, due)
        self._check_clerk_limit(counted)
        self._record_tender(
            {
                "uuid": uuid,
                "kind": "cash",
                "amount": money.cents_to_float(counted),
                "received": money.cents_to_float(received),
                "change": money.cents_to_float(received - counted),
                "request_digest": digest,
                "terminal_id": self.terminal_id.id,
                "cash_session_id": session.id,
                "user_id": self.env.uid,
            }
        )
        return {"order": self._status(), "change": money.format_cents(received - counted)}

    def _check_reserved(self):
        """Check that the order still reserves its account; without money it does so for some minutes only.

        :raises Refusal: S-113
        """
        if self.state == "draft" and not self.paid_amount and self.expires_at <= fields.Datetime.now():
            self._apply("expire", cancel_reason="expired")
        if self.state == "cancelled" and self.cancel_reason in ("expired", "replaced"):
            self._refuse(codes.S_RESERVATION_EXPIRED)

    def _check_clerk_limit(self, cents):
        """Check a clerk's cash for this order, all tenders together, against the company's limit.

        :raises Refusal: S-118
        """
        limit = money.to_cents(self.company_id.electricity_clerk_cash_limit)
        taken = 0
        if limit and self.paid_amount:
            taken = sum(money.to_cents(tender.amount) for tender in self.tender_ids if tender.kind == "cash")
        if limit and taken + cents > limit:
            self._refuse(codes.S_CLERK_LIMIT, limit=money.format_cents(limit))

    def _record_tender(self, values):
        """Write a tender, its ledger entry, and the order's state when nothing is due any more.

        :param values: fields of the tender; the uncertain notes of a terminal may be all that it is about
        """
        account = self.electricity_account_id
        tender = self.env["electricity.tender"].create(
            {
                # First, because Odoo looks it up to round the amounts that follow.
                "currency_id": self.currency_id.id,
                **values,
                "signed_amount": values["amount"],
                "recharge_id": self.id,
                "electricity_account_id": account.id,
                "company_id": self.company_id.id,
            }
        )
        if values.get("uncertain_amount") and not self.has_uncertain:
            self.has_uncertain = True
        cents = money.to_cents(values["amount"])
        if not cents:
            # Uncertain notes alone are no money of the order.
            return
        account.book("tender", cents, recharge=self, tender=tender)
        changes = {"paid_amount": money.cents_to_float(money.to_cents(self.paid_amount) + cents)}
        if not self.cash_session_id and values.get("cash_session_id"):
            changes["cash_session_id"] = values["cash_session_id"]
        if self.state == "draft" and not self._due_cents():
            changes["state"] = transitions.derive(self.state, [], "pay")
        self.write(changes)
        self._deliver_without_card()
