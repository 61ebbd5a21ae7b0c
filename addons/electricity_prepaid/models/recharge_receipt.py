"""The receipt of an order line by line: on a terminal's paper, on the counter's, and on the customer's phone.

Also for money that bought nothing yet. What it says of the money is in :mod:`.recharge_receipt_money`.
"""

from odoo import models
from odoo.tools import format_datetime

from ..core import masking, money
from ..core.prints import line
from ..report.receipt import masked as masked_name
from .card_drivers import CENTS
from .recharge import OPEN_STATES

ENDED = ("written", "reversed", "dispute")
KEPT = "kept"
HANDED_BACK = "handed_back"
PARTLY = "partly"
PENDING = "pending"
UNKNOWN = "unknown"
LOOKED_FOR = "looked_for"
NOT_WRITTEN_YET = (PENDING, UNKNOWN)
"""Stages in which the money is held for something that is not carried out."""


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    def receipt_stage(self):
        """Return what a receipt can say of this order now.

        :return: ``ended``; ``pending`` (paid, to be written or delivered), ``unknown`` (perhaps written); ``partly``
            (not paid in full); ``kept``, ``handed_back`` (nothing is left of its money); ``looked_for`` (only a note of
            which nobody knows where it is); or None: nothing
        """
        self.ensure_one()
        if self.state in ENDED and self.op != "clear":
            return "ended"
        if self.state in OPEN_STATES and self._has_money_at_stake():
            return UNKNOWN if self.state == "unknown" else PENDING
        if self.paid_amount > 0 and self.state == "cancelled":
            return HANDED_BACK if self._handed_back_cents() >= money.to_cents(self.paid_amount) else KEPT
        if self.paid_amount > 0 and self.state == "draft":
            return PARTLY
        return LOOKED_FOR if self._notes_looked_for() else None

    def _has_money_at_stake(self):
        """Tell whether an open order is about money of which its customer wants evidence."""
        return bool(self.paid_amount > 0 or self.has_uncertain or (self.has_attempts and self.amount > 0))

    def receipt_lines(self, copy=0, hidden=False, clerk=""):
        """Return the receipt, in the language of the context.

        :param copy: number of the copy, 0 for the first print
        :param hidden: numbers show their last digits only, for a page that others may look at
        :param clerk: name of who sold it, for the counter's paper
        :return: list of lines as :func:`~..core.prints.line` makes them
        """
        self.ensure_one()
        stage = self.receipt_stage()
        lines = [line("title", self.company_id.name), line("heading", self._receipt_title(stage))]
        if copy:
            lines.append(line("box", self.env._("Copy %s", copy)))
        lines += [line("box", text) for text in self._receipt_boxes(stage)]
        lines += self._receipt_head(hidden, clerk)
        lines += self._receipt_of_stage(stage)
        lines += [line("text", text) for text in self._receipt_notes()]
        lines += [line("rule"), line("text", self._receipt_advice(stage)), line("qr", self.name)]
        phone = self._receipt_phone()
        return [*lines, line("heading", self.env._("Help line %s", phone))] if phone else lines

    def paper_lines(self):
        """Return the receipt as the counter's printer has it: whole numbers, the clerk, and which copy it is."""
        return self.receipt_lines(copy=max(self.print_count - 1, 0), clerk=self.user_id.name or "")

    def _receipt_phone(self):
        """Return whom a customer calls about this order, or an empty text."""
        return self.company_id.phone or ""

    def _receipt_boxes(self, stage):
        """Return what nobody may overlook: that it is not what a receipt usually says."""
        boxes = {
            PARTLY: self.env._("Not paid in full yet"),
            PENDING: self.env._("Paid, not on the card yet"),
            UNKNOWN: self.env._("Paid, not certain yet whether it is on the card"),
        }
        if self.op == "arrears":
            boxes[PENDING] = self.env._("Money received, bills not paid yet")
        shown = [boxes[stage]] if stage in boxes else []
        if self.state == "reversed":
            shown.append(self.env._("Reversed"))
        if self.state == "dispute":
            shown.append(self.env._("Being looked into"))
        if self._uncertain_cents():
            shown.append(self.env._("A note is being looked for"))
        return shown

    def _receipt_title(self, stage):
        if stage != "ended":
            return self.env._("Receipt for money")
        titles = {
            "open": self.env._("Receipt for an account opened"),
            "replace": self.env._("Receipt for a card replaced"),
            "arrears": self.env._("Receipt for arrears paid"),
        }
        return titles.get(self.op) or self.env._("Receipt for electricity bought in advance")

    def _receipt_head(self, hidden, clerk):
        """Return who, where and when."""
        number = masking.number if hidden else str
        facts = [
            (self.env._("Outlet"), self.terminal_id.name),
            (self.env._("Terminal"), self.terminal_id.code),
            (self.env._("Clerk"), clerk),
            (self.env._("Serial"), self.name),
            (self.env._("Time"), self._moment_text(self.written_at or self.occurred_at)),
            None,
            (self.env._("Account"), number(self.electricity_account_id.name or "")),
            (self.env._("Customer"), masked_name(self.partner_id.name or "")),
            (self.env._("Meter"), number(self.meter_id.name or "")),
            (self.env._("Card"), number(self.card_id.name or "")),
        ]
        return [line("pair", *fact) if fact else line("rule") for fact in facts if fact is None or fact[1]]

    def _moment_text(self, at):
        """Return a moment at the company, to the minute.

        :param at: naive UTC
        """
        return format_datetime(self.env, at, tz=self.company_id.electricity_zone(), dt_format="yyyy-MM-dd HH:mm")

    def _receipt_advice(self, stage):
        if stage == "ended":
            return self._advice_when_ended()
        if stage in NOT_WRITTEN_YET:
            return self._advice_to_come_back(stage)
        if stage == PARTLY:
            return self.env._(
                "Your money is safe: it is your balance. It counts when you go on, at this or another kiosk or at a "
                "counter."
            )
        if stage == HANDED_BACK:
            return self.env._("Nothing was bought. The money was handed back.")
        if stage == KEPT and self._handed_back_cents():
            return self.env._("Nothing was bought. What was not handed back is your balance for the next purchase.")
        if stage == KEPT:
            return self.env._("Nothing was bought. The money is your balance: it counts for your next purchase.")
        return self.env._("Nothing was bought.")

    def _advice_to_come_back(self, stage):
        """Return how the customer gets what is paid and not carried out."""
        if self.op == "arrears":
            return self.env._(
                "Your money is safe, but the bills have changed. Come to a counter with this receipt: there they are "
                "paid with it, or it is handed back."
            )
        if stage == UNKNOWN:
            return self.env._(
                "Your money is safe. Put the same card in at this or another kiosk or at a counter: the card shows "
                "whether it was written, and what is missing is written then, free of charge."
            )
        if self.op != "purchase":
            return self.env._(
                "Your money is safe. Come to a counter with the card and this receipt: what you paid for is written "
                "onto it then, free of charge."
            )
        return self.env._(
            "Not on the card yet. Your money is safe: put the same card in at this or another kiosk or at a counter, "
            "and what you paid for is written onto it, free of charge."
        )

    def _advice_when_ended(self):
        if self.state == "dispute":
            return self.env._(
                "This purchase was given up, and a terminal reports that it is on the card all the same. Somebody "
                "looks into it. Keep this receipt."
            )
        if self.state == "reversed" and self._handed_back_cents():
            return self.env._("This was taken back, and the money was handed back.")
        if self.state == "reversed":
            return self.env._("This was taken back. The money is your balance.")
        if self.op == "arrears":
            return self.env._(
                "Your payment is passed on to the power company's billing by itself. Keep this receipt until the bills "
                "are gone from your account."
            )
        if self.unit == CENTS:
            return self.env._(
                "Put the card into your meter, chip first, and leave it there until the display shows the new balance "
                "in yuan. If the display shows an error, bring the card and this receipt back: the same purchase is "
                "written again, free of charge."
            )
        return self.env._(
            "Put the card into your meter, chip first, and leave it there until the display shows the remaining energy "
            "in kWh. If the display shows an error, bring the card and this receipt back: the same purchase is written "
            "again, free of charge."
        )
