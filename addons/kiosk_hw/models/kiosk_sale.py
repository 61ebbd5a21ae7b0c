"""The sale at a kiosk: the calls of docs/protocol §4, about the card in its reader and the kiosk's own orders only."""

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import codes, gateway_payments, tokens
from odoo.addons.electricity_prepaid.core.errors import Refusal

from . import kiosk_trail
from .kiosk import kiosk_call
from .kiosk_masking import masked, masked_order

LATEST = 12
"""Purchases that are shown."""
MOST_OPEN = 3


class ElectricityKiosk(models.AbstractModel):
    _inherit = "electricity.kiosk"

    def _sale(self):
        return self.env["electricity.recharge"]

    @api.model
    @kiosk_call
    def new_nonce(self, config):
        """Return a nonce for the terminal's next reading."""
        return self._sale().new_nonce(config.electricity_terminal_id.id)

    def _with_nonce(self, config, answer):
        """Return an answer after which the page reads the card again, with the nonce for that: it saves a call."""
        nonce = self.env["electricity.snapshot"].new_nonce(config.electricity_terminal_id)
        return {**answer, "nonce": nonce}

    def _order_answer(self, config, answer):
        """Return an answer of the sale about an order, masked, with a nonce once its card may be written."""
        paid = answer["ok"] and answer["order"]["state"] == "paid"
        shown = masked(answer, config.electricity_terminal_id)
        return self._with_nonce(config, shown) if paid else shown

    @api.model
    @kiosk_call
    def quote(self, config, snapshot, amount=None):
        """Say whose card it is, masked, and what may be bought with it. No effect.

        :param snapshot: the terminal's signed reading, compact
        :param amount: decimal string, for the breakdown
        :return: with a ``nonce`` for the next reading where it is allowed. Without an amount also ``bills`` that are
            owed, and ``unpaid``: an order of this kiosk for the same customer, begun a moment ago, for which its
            acceptor may still have notes
        """
        terminal = config.electricity_terminal_id
        quote = self._sale().quote(terminal.id, snapshot, amount)
        if not quote["ok"]:
            return quote
        answer = masked(quote, terminal)
        if amount is None:
            account = self._account_of(config, quote)
            answer |= {"bills": self._bills(account), "unpaid": self._unpaid(terminal, account)}
        return self._with_nonce(config, answer) if answer["allowed"] else answer

    @api.model
    @kiosk_call
    def file(self, config, snapshot):
        """Return the customer's file, latest purchases and bills for the card in the reader.

        :param snapshot: the terminal's signed reading, compact
        :return: what :meth:`quote` answers, with ``purchases`` and ``bills``
        """
        terminal = config.electricity_terminal_id
        quote = self._sale().quote(terminal.id, snapshot)
        if not quote["ok"]:
            return quote
        account = self._account_of(config, quote)
        return {**masked(quote, terminal), "purchases": self._purchases(account), "bills": self._bills(account)}

    @api.model
    @kiosk_call
    def ask(self, config, snapshot):
        """Ask the marketing system about the customer whose card is in the reader, and keep what it says.

        :param snapshot: the terminal's signed reading, compact
        """
        terminal = config.electricity_terminal_id
        quote = self._sale().quote(terminal.id, snapshot)
        account = self._account_of(config, quote) if quote["ok"] else None
        if not account:
            raise Refusal(quote["code"] or codes.C_NOT_REGISTERED)
        answer = self._sale().lookup(terminal.id, account.name)
        return {name: value for name, value in answer.items() if name not in ("account", "customer")}

    @api.model
    @kiosk_call
    def begin(self, config, uuid, snapshot, amount):
        """Make the order and reserve the account for it.

        :param uuid: made by the page; a repeat with the same parameters answers the same order
        :param snapshot: the terminal's signed reading, compact; it is used up
        :param amount: decimal string
        """
        sale = self._sale().with_context(kiosk_language=self._language())
        return self._order_answer(config, sale.begin(uuid, config.electricity_terminal_id.id, snapshot, amount))

    @api.model
    @kiosk_call
    def collect(self, config, uuid):
        """Sign that the kiosk's acceptor may take notes for one of its orders.

        :param uuid: of the order
        """
        self._own_order(config, uuid)._check_nothing_may_be_paid()
        return masked(self._sale().collect(uuid))

    @api.model
    @kiosk_call
    def add_tender(self, config, uuid, statement):
        """Take what the terminal has signed about notes for one of its orders.

        :param uuid: of the order
        :param statement: ``tender+jwt``, compact
        """
        self._own_order(config, uuid)
        answer = self._sale().add_tender(uuid, {"kind": "terminal_cash", "statement": statement})
        return self._order_answer(config, answer)

    @api.model
    @kiosk_call
    def give_up(self, config, uuid):
        """End one of this kiosk's orders that is not on a card; what was paid for it stays the customer's balance.

        :param uuid: of the order
        """
        self._own_order(config, uuid)
        return masked(self._sale().cancel(uuid, False))

    @api.model
    @kiosk_call
    def status(self, config, uuid):
        """Return the state of one of this kiosk's orders.

        :param uuid: of the order
        """
        return {"order": masked_order(self._own_order(config, uuid)._status())}

    @api.model
    @kiosk_call
    def authorize(self, config, uuid, snapshot):
        """Decide that the card may be written, and return the order for the terminal.

        :param uuid: of the order, which may have been begun elsewhere: the card in the reader is its own
        :param snapshot: a fresh signed reading, compact
        """
        if not isinstance(snapshot, str):
            # Without one the latest reading would count, of whatever reader it was.
            raise Refusal(codes.N_INVALID_SNAPSHOT)
        self._check_card_of(config, uuid, snapshot)
        return masked(self._sale().authorize(uuid, snapshot))

    def _check_card_of(self, config, uuid, snapshot):
        """Check that an order which was begun elsewhere is that of the card in this kiosk's reader.

        :raises Refusal: S-115 without a word about the order; N-101 … N-103
        """
        order, terminal = self._sale()._by_uuid(uuid), config.electricity_terminal_id
        if order.terminal_id == terminal:
            return
        signed = self._sale()._verify_snapshot(terminal, snapshot)
        self._sale()._fresh_reading(terminal, signed, snapshot, order=order)
        if signed.image.serial != order.card_no:
            raise Refusal(codes.S_NO_SUCH_ORDER)

    @api.model
    @kiosk_call
    def confirm(self, config, receipts):
        """Take receipts of this kiosk's terminal.

        :param receipts: compact, oldest first, at most 50
        """
        for token in receipts if isinstance(receipts, list) else ():
            _header, claims = tokens.peek(token, codes.R_INVALID_RECEIPT)
            if claims.get("iss") != config.electricity_terminal_id.uuid:
                # Of another terminal it would tell of an order that was never here.
                raise Refusal(codes.R_INVALID_RECEIPT)
        answer = self._sale().confirm(receipts)
        return {**answer, "orders": [masked_order(order) for order in answer.get("orders", [])]}

    @api.model
    @kiosk_call
    def resolve(self, config, snapshot):
        """Let a reading of the card settle the order whose end is not known.

        :param snapshot: the terminal's signed reading, compact
        :return: ``order``, ``resolution``; where there is no order ``unpaid``, as :meth:`quote` says it
        """
        terminal = config.electricity_terminal_id
        answer = masked(self._sale().resolve(terminal.id, snapshot), terminal)
        if answer["ok"] and not answer["order"]:
            answer["unpaid"] = self._unpaid(terminal, self._account_of_card(config, snapshot))
        return answer

    def _own_order(self, config, uuid):
        """Return an order of this kiosk.

        :raises Refusal: S-115
        """
        order = self._sale()._by_uuid(uuid)
        if order.terminal_id != config.electricity_terminal_id:
            raise Refusal(codes.S_NO_SUCH_ORDER)
        return order

    @api.model
    def _unpaid(self, terminal, account):
        """Return the latest order of an account for which a kiosk may have money that nobody has heard of, or None."""
        return (self._orders_being_paid(terminal, account) or [None])[0] if account else None

    @api.model
    def _orders_being_paid(self, terminal, account=None):
        """Return the orders of a kiosk for which money may be taken at this moment, newest first.

        A browser that began anew asks the terminal about them; ``paying``: a payment by QR code or card is open.

        :param account: only those of this account
        """
        domain = [
            ("terminal_id", "=", terminal.id),
            ("user_id", "=", self.env.uid),
            ("state", "=", "draft"),
            ("expires_at", ">", fields.Datetime.now()),
        ]
        if account:
            domain.append(("electricity_account_id", "=", account.id))
        drafts = self._sale().search(domain, order="id desc", limit=MOST_OPEN)
        if not drafts:
            return []
        payments = self.env["payment.transaction"]
        domain = [("electricity_recharge_id", "in", drafts.ids), ("state", "in", gateway_payments.OPEN)]
        paying = payments.search(domain).electricity_recharge_id
        return [{**self._with_language(order), "paying": order in paying} for order in drafts]

    @api.model
    def _with_language(self, order):
        """Return the status of an order, masked, with the ``language`` in which its customer was spoken to; or None."""
        return {**masked_order(order._status()), "language": order.kiosk_language or None} if order else None

    def _language(self):
        """Return the customer's language, which an order keeps: a browser that dies meanwhile goes on in it."""
        language = self.env.context.get("lang")
        return language if language in dict(self.env["res.lang"].get_installed()) else None

    def _account_of(self, config, quote):
        """Return the account that a quote is about, or an empty record."""
        number = quote["customer"] and quote["customer"]["account"]
        kiosk_trail.saw(account=number)
        domain = [("name", "=", number), ("company_id", "=", config.company_id.id)]
        return self.env["electricity.account"].search(domain, limit=1) if number else self.env["electricity.account"]

    def _account_of_card(self, config, snapshot):
        """Return the account of the card in the reader, or an empty record: it may be nobody's.

        :param snapshot: the terminal's signed reading, compact
        :raises Refusal: the codes of a reading
        """
        quote = self._sale().quote(config.electricity_terminal_id.id, snapshot)
        if not quote["ok"]:
            raise Refusal(quote["code"], **quote["params"])
        return self._account_of(config, quote)

    def _purchases(self, account):
        """Return the latest ended orders of an account, newest first."""
        orders = self._sale().search(
            [("electricity_account_id", "in", account.ids), ("state", "in", ("written", "reversed"))],
            order="id desc",
            limit=LATEST,
        )
        return [
            {
                "serial": order.name,
                "op": order.op,
                "state": order.state,
                "at": order.written_at and order.written_at.isoformat() + "Z",
                "amount": order._status()["amount"],
                "quantity": order.quantity_text or None,
            }
            for order in orders
        ]

    def _bills(self, account):
        """Return the open bills of an account, oldest first, or None when nobody has told of any."""
        return account.arrears_answer() if account else None
