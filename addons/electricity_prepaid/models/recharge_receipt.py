"""The receipt of an order line by line, for terminals that print it and for the customer's phone.

The same numbers as on the counter's paper (``report/receipt_templates.xml``), and receipts for money that bought
nothing yet.
"""

from odoo import models
from odoo.tools import format_datetime

from ..core import masking, money
from ..core.prints import line
from ..report.receipt import masked as masked_name
from .recharge import OPEN_STATES

ENDED = ("written", "reversed", "dispute")
KEPT = "kept"
HANDED_BACK = "handed_back"
PENDING = "pending"


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    def receipt_stage(self):
        """Return what a receipt can say of this order now.

        :return: ``ended``, ``kept``, ``handed_back`` (nothing is left of its money), ``pending``, or None: nothing
        """
        self.ensure_one()
        if self.state in ENDED and self.op != "clear":
            return "ended"
        if self.paid_amount > 0 and self.state == "cancelled":
            return HANDED_BACK if self._handed_back_cents() >= money.to_cents(self.paid_amount) else KEPT
        return PENDING if self.paid_amount > 0 and self.state in ("draft", *OPEN_STATES) else None

    def receipt_lines(self, copy=0, hidden=False):
        """Return the receipt, in the language of the context.

        :param copy: number of the copy, 0 for the first print
        :param hidden: numbers show their last digits only, for a page that others may look at
        :return: list of lines as :func:`~..core.prints.line` makes them
        """
        self.ensure_one()
        stage = self.receipt_stage()
        lines = [line("title", self.company_id.name), line("heading", self._receipt_title(stage))]
        if copy:
            lines.append(line("box", self.env._("Copy %s", copy)))
        if self.state == "reversed":
            lines.append(line("box", self.env._("Reversed")))
        if stage == PENDING:
            lines.append(line("box", self.env._("Paid, not on the card yet")))
        lines += self._receipt_head(hidden)
        lines += self._receipt_bought() if stage == "ended" else self._receipt_money()
        lines += [line("rule"), line("text", self._receipt_advice(stage)), line("qr", self.name)]
        phone = self.company_id.phone
        return [*lines, line("heading", self.env._("Help line %s", phone))] if phone else lines

    def _receipt_title(self, stage):
        if stage != "ended":
            return self.env._("Receipt for money")
        titles = {
            "open": self.env._("Receipt for an account opened"),
            "replace": self.env._("Receipt for a card replaced"),
            "arrears": self.env._("Receipt for arrears paid"),
        }
        return titles.get(self.op) or self.env._("Receipt for electricity bought in advance")

    def _receipt_head(self, hidden):
        """Return who, where and when."""
        number = masking.number if hidden else str
        at = self.written_at or self.occurred_at
        moment = format_datetime(self.env, at, tz=self.company_id.electricity_zone(), dt_format="yyyy-MM-dd HH:mm")
        facts = [
            (self.env._("Outlet"), self.terminal_id.name),
            (self.env._("Terminal"), self.terminal_id.code),
            (self.env._("Serial"), self.name),
            (self.env._("Time"), moment),
            None,
            (self.env._("Account"), number(self.electricity_account_id.name or "")),
            (self.env._("Customer"), masked_name(self.partner_id.name or "")),
            (self.env._("Meter"), number(self.meter_id.name or "")),
            (self.env._("Card"), number(self.card_id.name or "")),
        ]
        return [line("pair", *fact) if fact else line("rule") for fact in facts if fact is None or fact[1]]

    def _receipt_bought(self):
        """Return what was bought and paid, as on the counter's receipt."""
        breakdown = self.breakdown or {}
        lines = [line("rule")]
        for bill in breakdown.get("bills", []):
            lines.append(line("pair", self.env._("Bill of %s", bill["month"]), self._money_text(bill["amount"])))
            if money.parse_amount(bill["late_fee"]):
                lines.append(line("pair", self.env._("Late fee"), self._money_text(bill["late_fee"])))
            lines.append(line("small_pair", self.env._("Bill No."), bill["receivable_id"]))
        for step in breakdown.get("lines", []):
            lines.append(line("pair", f"{step['energy']} kWh × {step['price']}", self._money_text(step["cost"])))
        if self.remainder:
            lines.append(line("pair", self.env._("Kept as balance"), self._money_text(self.remainder)))
        lines += [
            line("pair", self.env._("Amount"), self._money_text(self.amount)),
            line("pair", self.env._("Paid now"), self._money_text(self.paid_amount)),
            line("total", *self._receipt_total()),
            *self._receipt_handed_back(),
        ]
        if self.unit == "cents" and float(breakdown.get("energy", 0)):
            lines.append(line("pair", self.env._("About, at the day's price"), f"{breakdown['energy']} kWh"))
        if self.op == "arrears":
            lines.append(line("pair", self.env._("Arrears left"), self._money_text(breakdown["left"])))
        else:
            lines.append(line("pair", self.env._("Purchase No."), self.count))
        return [*lines, self._receipt_balance()]

    def _receipt_total(self):
        if self.op == "arrears":
            return self.env._("Arrears paid"), self._money_text(self.amount)
        if self.unit == "cents":
            return self.env._("On the card"), self.quantity_text
        if self.op == "replace" and not self.amount:
            return self.env._("On the card again"), self.quantity_text
        return self.env._("Energy"), f"{money.format_energy(money.to_centi_kwh(self.energy))} kWh"

    def _receipt_money(self):
        """Return what was paid by an order that bought nothing, or nothing yet: each payment."""
        taken = [tender for tender in self.tender_ids if tender.direction == "in" and tender.amount]
        kinds = dict(self.env["electricity.tender"]._fields["kind"]._description_selection(self.env))
        counts = [
            line("pair", tender.notes_text or kinds[tender.kind], self._money_text(tender.amount)) for tender in taken
        ]
        return [
            line("rule"),
            *counts,
            line("total", self.env._("Received"), self._money_text(self.paid_amount)),
            *self._receipt_handed_back(),
            self._receipt_balance(),
        ]

    def _receipt_handed_back(self):
        """Return the line of what went back to the customer, if anything did."""
        cents = self._handed_back_cents()
        return [line("pair", self.env._("Handed back"), self._money_text(money.cents_to_float(cents)))] if cents else []

    def _receipt_balance(self):
        """Return the balance right after the order; later ones do not change an old receipt."""
        entry = self.ledger_entry_ids.sorted("id")[-1:]
        balance = entry.balance_after if entry else self.electricity_account_id.balance
        return line("pair", self.env._("Balance"), self._money_text(balance))

    def _receipt_advice(self, stage):
        if stage == HANDED_BACK:
            return self.env._("Nothing was bought. The money was handed back.")
        if stage == KEPT and self._handed_back_cents():
            return self.env._("Nothing was bought. What was not handed back is your balance for the next purchase.")
        if stage == KEPT:
            return self.env._("Nothing was bought. The money is your balance: it counts for your next purchase.")
        if stage == PENDING:
            return self.env._(
                "Your money is safe. Put the same card in at any kiosk or counter: what you paid for is written onto "
                "it then, free of charge."
            )
        if self.op == "arrears":
            return self.env._(
                "Your payment is passed on to the power company's billing by itself. Keep this receipt until the bills "
                "are gone from your account."
            )
        return self.env._(
            "Put the card into your meter, chip first, and leave it there until the display shows the new balance. If "
            "the display shows an error, bring the card and this receipt back: the same purchase is written again, "
            "free of charge."
        )

    def _money_text(self, amount):
        """Return an amount in the order's currency for people.

        :param amount: a number, or a decimal string
        """
        return self.currency_id.format(float(amount))
