"""Arrears paid alone (缴欠费): whole bills for cash or balance, without a card."""

from datetime import timedelta

from odoo import api, fields, models

from ..core import arrears, codes, money, transitions
from ..core.errors import Refusal
from .account import is_number_12
from .answers import answering, find_by
from .parameters import check_uuid, request_digest
from .recharge_sale import DRAFT_MINUTES

MOST_BILLS = 240
"""Bills in one payment: twenty years of months."""


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    allocations = fields.Json(
        "Bills Paid", readonly=True, help="Bills that this order pays: receivable_id and amount in cents."
    )
    arrear_ids = fields.One2many("electricity.arrear", "recharge_id", "Bills", readonly=True)

    @api.model
    @answering
    def begin_arrears(self, uuid, terminal_id, account, bills):
        """Make the order that pays bills of an account; its balance may cover them at once.

        :param uuid: made by the caller; a repeat with the same parameters answers the same order
        :param terminal_id: id of the terminal whose drawer takes the money
        :param account: account number
        :param bills: [{``receivable_id``, ``amount``: decimal string}] as they were shown, late fees included
        """
        return {"order": self._begin_arrears(uuid, terminal_id, account, bills)._status()}

    @api.model
    def _begin_arrears(self, uuid, terminal_id, account, bills):
        """Return the order that :meth:`begin_arrears` makes, or made before."""
        uuid = check_uuid(uuid)
        asked = self._asked_bills(bills)
        terminal = self._terminal_for_user(terminal_id)
        digest = request_digest(uuid, terminal.uuid, "arrears", str(account), asked)
        known = find_by(self, uuid=uuid)
        if known:
            if known.request_digest != digest or known.company_id != terminal.company_id:
                raise Refusal(codes.S_UUID_CONFLICT)
            return known
        found = self._account_by_number(terminal.company_id, account)
        found.take()
        terminal.check_active()
        self.env["electricity.keyring"].load_for_sale()
        self._make_room(found, terminal)
        self._check_arrears_asked(found)
        order = self._create_order(self._arrears_values(found, terminal, asked, uuid, digest))
        order._deliver_without_card()
        return order

    @api.model
    def _asked_bills(self, bills):
        """Return what a caller wants to pay as ``[[receivable_id, cents]]``.

        :raises Refusal: P-104, S-104
        """
        if not isinstance(bills, list) or len(bills) > MOST_BILLS:
            raise Refusal(codes.P_MALFORMED)
        for bill in bills:
            if not isinstance(bill, dict) or not isinstance(bill.get("receivable_id"), str):
                raise Refusal(codes.P_MALFORMED)
        return [[bill["receivable_id"], money.parse_amount(bill.get("amount"))] for bill in bills]

    @api.model
    def _account_by_number(self, company, number):
        """Return a company's account by its number.

        :raises Refusal: C-106
        """
        accounts = self.env["electricity.account"]
        known = isinstance(number, str) and is_number_12(number)
        account = find_by(accounts, name=number, company_id=company.id) if known else accounts
        if not account:
            raise Refusal(codes.C_NOT_REGISTERED)
        return account

    @api.model
    def _choose_bills(self, account, asked):
        """Match the choice with what is owed now; a refusal brings the fresh figures.

        :param asked: ``[(receivable_id, cents)]``
        """
        try:
            return arrears.choose(account.open_bills(), [tuple(each) for each in asked])
        except Refusal as refusal:
            refusal.arrears = account.arrears_answer()
            raise

    @api.model
    def _arrears_values(self, account, terminal, asked, uuid, digest):
        """Return the fields of a new order that pays bills."""
        allocations = self._choose_bills(account, asked)
        cents = sum(each.amount for each in allocations)
        covered = account.available_cents() >= cents
        facts = account.facts_for_sale()
        return {
            "uuid": uuid,
            "request_digest": digest,
            "op": "arrears",
            "delivery": "none",
            "company_id": account.company_id.id,
            "currency_id": account.currency_id.id,
            "terminal_id": terminal.id,
            "user_id": self.env.uid,
            "electricity_account_id": account.id,
            "installation_id": account.installation_id.id,
            "meter_id": account.meter_id.id,
            "customer_name": facts.customer_name,
            "supply_address": account.supply_address,
            "account_no": account.name,
            "meter_no": facts.meter_no,
            "amount": money.cents_to_float(cents),
            "cost": 0,
            "allocations": [{"receivable_id": each.receivable_id, "amount": each.amount} for each in allocations],
            "breakdown": self._bills_shown(account, allocations),
            "state": transitions.derive("draft", [], "pay") if covered else "draft",
            "expires_at": fields.Datetime.now() + timedelta(minutes=DRAFT_MINUTES),
        }

    @api.model
    def _bills_shown(self, account, allocations):
        """Return the breakdown of an order that pays bills, for page and receipt."""
        chosen = [each.receivable_id for each in allocations]
        bills = [bill for bill in account.bills_answer() if bill["receivable_id"] in chosen]
        total = sum(each.amount for each in allocations)
        late_fee = sum(money.parse_amount(bill["late_fee"]) for bill in bills)
        left = money.to_cents(account.arrears_total) - total
        return {
            "unit": "bills",
            "cost": money.format_cents(total),
            "late_fee": money.format_cents(late_fee),
            "left": money.format_cents(left),
            "bills": bills,
            "lines": [],
        }

    # --------------------------------------------------------------------------------------------- paid is delivered

    def _asked_allocations(self):
        return [(each["receivable_id"], each["amount"]) for each in self.allocations or []]

    def _check_still_owed(self):
        """Check, before a clerk takes money for bills, that they are owed as they were shown.

        :raises Refusal: M-301 the draft's minutes are over and nobody asked since; M-302, M-303, M-306
        """
        if self.op != "arrears":
            return
        try:
            # A part payment keeps its draft for ever; what is owed may be another sum by then.
            late = self.expires_at <= fields.Datetime.now()
            self._check_arrears_asked(self.electricity_account_id, fresh=late)
            self._choose_bills(self.electricity_account_id, self._asked_allocations())
        except Refusal as refusal:
            refusal.order = self._status()
            raise

    def _deliver_without_card(self):
        """End an order that needs no card: paid is done. What cannot be delivered any more stays the customer's money.

        A terminal's notes are never refused: should the bills have changed meanwhile, the order stays paid and is
        cancelled by the clerk.
        """
        if self.delivery != "none" or self.state != "paid":
            return
        try:
            self._choose_bills(self.electricity_account_id, self._asked_allocations())
        except Refusal as refusal:
            self.write({"last_code": refusal.code})
            return
        self._apply("deliver", last_code=False)

    def _consume(self):
        """Turn the money into what it pays: for bills, whole and once."""
        if self.op != "arrears":
            return super()._consume()
        account = self.electricity_account_id
        bills = self._bills()
        bills.mark_paid(self)
        account.book("arrears", -money.to_cents(self.amount), recharge=self, **account.arrears_sums())
        return {"written_at": fields.Datetime.now()}

    def _bills(self):
        """Return the bills that this order pays."""
        ids = [receivable_id for receivable_id, _cents in self._asked_allocations()]
        return self.env["electricity.arrear"].search(
            [("company_id", "=", self.company_id.id), ("receivable_id", "in", ids)]
        )
