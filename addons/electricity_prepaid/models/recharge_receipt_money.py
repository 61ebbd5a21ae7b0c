"""What a receipt says of the money, line by line: what was there and came in is what was bought, held and left."""

from datetime import UTC, datetime

from odoo import models

from ..core import boxes, codes, money, slips
from ..core.prints import line
from .recharge import OPEN_STATES
from .recharge_receipt import NOT_WRITTEN_YET, PARTLY


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    def _receipt_of_stage(self, stage):
        """Return the lines between the head and the advice."""
        if stage == "ended":
            return self._receipt_bought()
        if stage in NOT_WRITTEN_YET:
            return self._receipt_to_come()
        return self._receipt_money(stage)

    # ------------------------------------------------------------------------------------------------------- the lines

    def _receipt_bought(self):
        """Return what was bought and paid."""
        sums = self._receipt_sums()
        unbooked = self._receipt_unbooked(sums)
        lines = [
            *self._receipt_parts(),
            line("pair", self.env._("Amount"), self._money_text(self.amount)),
            *self._receipt_row(self.env._("Balance before"), sums.before),
            line("pair", self.env._("Paid now"), self._money_text(self.paid_amount)),
            line("total", *self._receipt_total()),
            *self._receipt_estimate(),
            *self._receipt_row(self.env._("Not taken from your money"), unbooked),
            *self._receipt_row(self.env._("Taken back"), sums.taken_back),
            *self._receipt_row(self.env._("Handed back"), sums.handed_back),
        ]
        if self.op == "arrears":
            lines.append(line("pair", self.env._("Arrears left"), self._money_text(self._receipt_left())))
        else:
            lines.append(line("pair", self.env._("Purchase No."), self.count))
        return [*lines, *self._receipt_reserved(sums), self._receipt_balance(sums)]

    def _receipt_to_come(self):
        """Return what is paid and not on the card yet: it is named, and its money is no balance."""
        sums = self._receipt_sums()
        return [
            # Only what was issued has its final price: before that the card is written at the price of that day.
            *(self._receipt_parts() if self.has_attempts or self.op == "arrears" else [line("rule")]),
            line("pair", self.env._("Amount"), self._money_text(self.amount)),
            line("total", *self._receipt_total_to_come()),
            *self._receipt_estimate(),
            line("rule"),
            *self._receipt_row(self.env._("Balance before"), sums.before),
            *self._receipt_payments(),
            line("pair", self.env._("Received"), self._money_text(self.paid_amount)),
            *self._receipt_row(self._held_label(), sums.held),
            *self._receipt_reserved(sums),
            line("pair", self.env._("Free balance"), self._cents_text(sums.balance)),
        ]

    def _receipt_money(self, stage):
        """Return what was paid by an order that bought nothing: each payment."""
        sums = self._receipt_sums()
        lines = [line("rule")]
        if stage == PARTLY:
            lines.append(line("pair", self.env._("Amount"), self._money_text(self.amount)))
        lines += [
            *self._receipt_row(self.env._("Balance before"), sums.before),
            *self._receipt_payments(),
            line("total", self.env._("Received"), self._money_text(self.paid_amount)),
            *self._receipt_row(self.env._("Handed back"), sums.handed_back),
        ]
        if stage == PARTLY:
            lines += self._receipt_row(self.env._("Still to pay"), self._due_cents())
        return [*lines, *self._receipt_reserved(sums), self._receipt_balance(sums)]

    # ---------------------------------------------------------------------------------------------- parts of the lines

    def _receipt_parts(self):
        """Return what the amount is made of: bills, or energy by its prices, and what is too little for any."""
        breakdown = self.breakdown or {}
        lines = [line("rule")]
        for bill in breakdown.get("bills", []):
            lines.append(line("pair", self.env._("Bill of %s", bill["month"]), self._money_text(bill["amount"])))
            if money.parse_amount(bill["late_fee"]):
                lines.append(line("pair", self.env._("Late fee"), self._money_text(bill["late_fee"])))
            lines.append(line("small_pair", self.env._("Bill No."), bill["receivable_id"]))
        for step in breakdown.get("lines", []):
            lines.append(line("pair", f"{step['energy']} kWh × {step['price']}", self._money_text(step["cost"])))
        return [*lines, *self._receipt_row(self.env._("Kept as balance"), money.to_cents(self.remainder))]

    def _receipt_payments(self):
        """Return each payment: how, and how much."""
        kinds = dict(self.env["electricity.tender"]._fields["kind"]._description_selection(self.env))
        taken = self.tender_ids.filtered(lambda tender: tender.direction == "in" and tender.amount).sorted("id")
        return [
            line(
                "pair",
                tender.notes_text if tender.kind == "terminal_cash" else kinds[tender.kind],
                self._money_text(tender.amount),
            )
            for tender in taken
        ]

    def _receipt_total(self):
        if self.op == "arrears":
            return self.env._("Arrears paid"), self._money_text(self.amount)
        if self.unit == "cents":
            return self.env._("On the card"), self.quantity_text
        if self.op == "replace" and not self.amount:
            return self.env._("On the card again"), self.quantity_text
        return self.env._("Energy"), self._energy_text()

    def _receipt_total_to_come(self):
        if self.op == "arrears":
            return self.env._("To be paid"), self._money_text(self.amount)
        if self.unit == "cents":
            return self.env._("To be written"), self.quantity_text
        energy = self._energy_text()
        return self.env._("To be written"), energy if self.has_attempts else self.env._("about %s", energy)

    def _energy_text(self):
        return f"{money.format_energy(money.to_centi_kwh(self.energy))} kWh"

    def _receipt_estimate(self):
        """Return the energy that money on a card is about worth."""
        energy = (self.breakdown or {}).get("energy", 0)
        if self.unit != "cents" or not float(energy):
            return []
        return [line("pair", self.env._("About, at the day's price"), f"{energy} kWh")]

    def _held_label(self):
        if self.op == "arrears":
            return self.env._("Held for these bills")
        return self.env._("Held for this purchase")

    def _receipt_left(self):
        """Return the arrears after this order, as a decimal string; what was taken back is owed again."""
        left = money.parse_amount(self.breakdown["left"])
        owed_again = money.to_cents(self.amount) if self.state == "reversed" else 0
        return money.format_cents(left + owed_again)

    def _receipt_unbooked(self, sums):
        """Return what is bought by this receipt and did not go from the balance, in cents: only in a dispute."""
        if self.state != "dispute":
            return 0
        return money.to_cents(self.cost) - sums.spent

    def _receipt_row(self, label, cents):
        """Return a line with an amount, or none when it is nothing."""
        return [line("pair", label, self._cents_text(cents))] if cents else []

    def _receipt_reserved(self, sums):
        return self._receipt_row(self.env._("Reserved otherwise"), sums.reserved)

    def _receipt_balance(self, sums):
        return line("pair", self.env._("Balance"), self._cents_text(sums.balance))

    # ------------------------------------------------------------------------------------------------------- the sums

    def _receipt_sums(self):
        """Return the money of this order beside its account: :class:`~..core.slips.Sums`."""
        entries = self.ledger_entry_ids.sorted("id")
        movements = [(entry.kind, money.to_cents(entry.money)) for entry in entries]
        return slips.sums(movements, *self._receipt_closing(entries))

    def _receipt_closing(self, entries):
        """Return the account's balance that the receipt ends with, what of it is this order's, and what is reserved.

        While the order is open that is the present one; afterwards later orders do not change an old receipt.

        :param entries: of the ledger, this order's, oldest first
        :return: three numbers of cents
        """
        account = self.electricity_account_id
        if self.state == "draft" or self.state in OPEN_STATES:
            return money.to_cents(account.balance), self._committed_cents(), self._reserved_cents()
        if entries:
            return money.to_cents(entries[-1].balance_after), 0, money.to_cents(entries[-1].reserved_after)
        before = [
            ("electricity_account_id", "=", account.id),
            ("occurred_at", "<=", self.written_at or self.occurred_at),
        ]
        last = self.env["electricity.ledger.entry"].search(before, order="id desc", limit=1)
        return money.to_cents(last.balance_after), 0, money.to_cents(last.reserved_after)

    # ---------------------------------------------------------------------------------- notes of which no end is known

    def _notes_looked_for(self):
        """Return the uncertain notes of this order: as :meth:`~.tender.ElectricityTender.notes_looked_for`."""
        # Every status asks: the tenders are looked at only where there is one.
        return self.tender_ids.notes_looked_for() if self.has_uncertain else []

    def _uncertain_cents(self):
        """Return the worth of this order's notes of which nobody knows yet whether they are in the box, in cents."""
        return sum(cents for cents, _at, verdict in self._notes_looked_for() if verdict is None)

    def _receipt_notes(self):
        """Return a sentence for each note that was not counted; one that was found is among the payments."""
        sentences = {None: self._looked_for_sentence, boxes.ABSENT: self._absent_sentence}
        return [
            sentences[verdict](cents, at) for cents, at, verdict in self._notes_looked_for() if verdict in sentences
        ]

    def _looked_for_sentence(self, cents, at):
        facts = {"amount": self._cents_text(cents), "time": self._note_moment(at), "code": codes.A_UNCERTAIN}
        phone = self._receipt_phone()
        if not phone:
            return self.env._(
                "One note of up to %(amount)s, put in at %(time)s, is being looked for (%(code)s). It is on record; "
                "counting the cash box settles it. Keep this receipt and ask the staff.",
                **facts,
            )
        return self.env._(
            "One note of up to %(amount)s, put in at %(time)s, is being looked for (%(code)s). It is on record; "
            "counting the cash box settles it. Keep this receipt and call %(phone)s.",
            **facts,
            phone=phone,
        )

    def _absent_sentence(self, cents, at):
        return self.env._(
            "One note of up to %(amount)s, put in at %(time)s, was looked for: the cash box was counted, and it is not "
            "in it. If it was not given back to you, ask the staff with this receipt.",
            amount=self._cents_text(cents),
            time=self._note_moment(at),
        )

    def _note_moment(self, at):
        """Return when a note was put in.

        :param at: milliseconds by the terminal's own clock, which may say anything, but not that it is still to come
        """
        seconds = min(max(at, 0) / 1000, datetime.now(UTC).timestamp())
        return self._moment_text(datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None, microsecond=0))

    def _cents_text(self, cents):
        return self._money_text(money.cents_to_float(cents))

    def _money_text(self, amount):
        """Return an amount in the order's currency for people.

        :param amount: a number, or a decimal string
        """
        return self.currency_id.format(float(amount))
