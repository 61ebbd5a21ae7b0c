"""Setting a sale back (冲正): right after its write, while the card has not left the reader."""

from datetime import timedelta

from odoo import api, fields, models

from ..core import codecs, codes, evidence, money, transitions
from ..core.card_image import ImageWrite
from .answers import answering
from .card_drivers import is_vendor
from .recharge_plan import Plan
from .recharge_repair import SUPERVISOR_GROUP

OFFERED_FOR = timedelta(hours=1)
"""How long after the write the page offers the reversal; the gate decides whether the card has stayed."""


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    @api.model
    @answering
    def reverse(self, uuid, snapshot):
        """Decide that a sale may be taken off its card again, and return the write order for it.

        The card gets back what it said before the sale. Only the terminal's signed receipt moves the money: back to the
        customer's balance, from where ``cancel`` hands it out.

        :param uuid: of the written order
        :param snapshot: a fresh signed reading, compact
        """
        order = self._by_uuid(uuid)
        account = order.electricity_account_id
        account.take()
        if not self.env.user.has_group(SUPERVISOR_GROUP):
            order._refuse(codes.S_NOT_PERMITTED)
        reading = order._reading_to_authorize(snapshot)
        live = order._live_attempt()
        if live:
            if live.op != "reverse" or live.terminal_id != reading.terminal:
                order._refuse(codes.S_BUSY)
            return order._write_order_answer(live)
        order._expire_attempts()
        if not order._reversible():
            order._refuse(codes.S_MAY_NOT_CANCEL)
        order._check_upload_reversible()
        if self._open_order(account):
            # A replacement that has begun may carry this very count.
            order._refuse(codes.S_OTHER_OPEN)
        reading = order._match_reading(reading)
        ring = self._check_terminal_sells(reading, limited=False)
        card = self._find_card(reading)
        order._check_gate("reverse", account, card, reading, account.facts_for_sale(), order=order)
        attempt = order._issue(Plan("reverse", order._write_before()), reading, ring)
        order._use_reading(reading)
        return order._write_order_answer(attempt)

    def _written_attempt(self):
        """Return the attempt that wrote this order, or an empty record."""
        return self._attempts().filtered(lambda attempt: attempt.op != "reverse" and attempt.state == "written")[-1:]

    def _write_before(self):
        """Return the write that gives the card what it said before this order."""
        image = bytes.fromhex(self._written_attempt().image_before)
        before = codecs.decode(self.driver, image)
        return ImageWrite(count=before.count, quantity=before.quantity, image=image)

    def _reversible(self):
        """Tell whether our own records let this order be reversed; the card has its say at the gate."""
        return (
            self._is_last_purchase()
            and self.state == "written"
            # Not the one that a new card took over: blank, that card would be nobody's.
            and self._written_attempt().op == "purchase"
            and not self._is_rewritten()
            and not self._was_set_back()
        )

    def _was_set_back(self):
        """Tell whether the ledger took this sale back before."""
        return "reversal" in self.ledger_entry_ids.mapped("kind")

    def _is_last_purchase(self):
        """Tell whether this is a purchase and holds the account's last count."""
        account = self.electricity_account_id
        return bool(
            self.op == "purchase"
            # No maker's library can set a sale back.
            and not is_vendor(self.driver)
            and self.previous_block
            and self.count == account.purchase_count
            and self.installation_id == account.installation_id
        )

    def _may_ask_to_reverse(self):
        """Tell whether the page offers the reversal to this user: an own click right after the write."""
        # What costs nothing comes first: every status of a written order asks.
        return (
            self.env.user.has_group(SUPERVISOR_GROUP)
            and bool(self.written_at)
            and fields.Datetime.now() - self.written_at < OFFERED_FOR
            and self._reversible()
            and not self._live_attempt()
        )

    def _is_rewritten(self):
        """Tell whether more than one write of this order may have reached a card, or its count went to another card."""
        return evidence.is_rewritten(self._attempts().mapped("state")) or self._count_went_to_another_card()

    def _count_went_to_another_card(self):
        """Tell whether a replacement card was given this order's count."""
        again = [
            ("installation_id", "=", self.installation_id.id),
            ("count", "=", self.count),
            ("id", ">", self.id),
            ("op", "=", "replace"),
            ("state", "not in", ("draft", "cancelled")),
        ]
        return bool(self.count and self.search_count(again, limit=1))

    def _card_stayed(self, reading):
        """Tell whether the card has been in the reader since this order was written on it."""
        attempt = self._written_attempt()
        return bool(attempt) and (
            attempt.terminal_id == reading.terminal and attempt.snapshot_id.insertion == reading.snapshot.ins
        )

    def _report_reversal(self, attempt, receipt):
        """Record what a terminal reports about setting this order back.

        :param attempt: of the operation ``reverse``
        :param receipt: the terminal's verified receipt
        """
        values = {"last_code": receipt.code or False}
        later = self._attempts().filtered(lambda other: other.id > attempt.id and other.state != "void")
        event = transitions.reversal_event(self.state, receipt.outcome, not later)
        if receipt.outcome != "written":
            self.write(values)
            if receipt.outcome == "unknown":
                self._ask_for_help()
            return
        if not event or not self._is_last_purchase() or self._count_went_to_another_card():
            # The news comes late: since then the count was written again, or another one was made.
            self.write({**values, "hold_code": codes.C_COUNT_DIFFERS})
            self._ask_for_help()
            return
        account = self.electricity_account_id
        account.book(
            "reversal",
            money.to_cents(self.cost),
            energy=-money.to_centi_kwh(self.energy),
            recharge=self,
            purchase_count=self.count - 1,
        )
        if self.sent_version_id and self.installation_id.sent_version_id == self.sent_version_id:
            self.installation_id.write({"sent_version_id": False})
        self.write({**values, "state": transitions.derive(self.state, self._attempt_states(), event)})
        # As the reasons that people write: in the language of whoever did it. A terminal with the receipt has none.
        speaking = self.with_context(lang=attempt.create_uid.lang)
        reason = speaking.env._("Set back on the card right after the sale")
        self.env["electricity.cis.message"]._queue_reversal(self, reason)

    def _owed_back_cents(self):
        """Return what was paid for this reversed order and has not been handed back, in cents."""
        if self.state != "reversed" or self._handed_back_cents():
            return 0
        free = min(money.to_cents(self.paid_amount), self.electricity_account_id.available_cents())
        return money.in_coins(free, self.company_id.coin_cents())

    def _hand_back_reversed(self):
        """Hand back what was paid for this reversed order, once; a repeat answers the same.

        :return: cents handed back
        """
        known = self._handed_back_cents()
        return known or self._hand_back(self._drawer(self.env.user), self.env.user)
