"""The slip of a cash box line by line, for the terminal's printer; the same numbers as on the office's paper."""

from odoo import fields, models
from odoo.addons.electricity_prepaid.core.prints import line
from odoo.addons.electricity_prepaid.report.slip_words import in_words
from odoo.tools import format_datetime

SIGN = "_" * 12


class ElectricityCashBox(models.Model):
    _inherit = "electricity.cash.box"

    def _perhaps_printed(self):
        """Tell whether a slip with these numbers may be on paper though nobody knows it."""
        box = self.sudo()
        now = box.print_ids.filtered(lambda each: each.revision == box.slip_revision)
        return bool(now._may_be_on_paper())

    def _slip_lines(self):
        """Return the slip in the caller's language: list of lines as ``core.prints.line`` makes them."""
        self.ensure_one()
        box = self.sudo()
        lines = [
            line("title", box.company_id.name),
            line("heading", self.env._("Slip of cash box %s", box.name)),
            *(line("box", text) for text in self._slip_marks()),
            *(line("pair", name, value) for name, value in self._slip_facts() if value),
            line("rule"),
        ]
        for row in box.denominations():
            lines += self._slip_row(row)
        lines += [line("rule"), *self._slip_sums()]
        # Large, so that a hand has room to sign.
        lines += [line("total", name, SIGN) for name in self._slip_signers()]
        printed = self.env._("Printed %(moment)s, %(user)s", moment=self._slip_time(), user=self.env.user.name)
        return [*lines, line("small", printed)]

    def _slip_marks(self):
        """Return what tells this slip from the ones before."""
        box = self.sudo()
        if box.slip_count:
            yield self.env._("Copy %s", box.slip_count)
        if box.slip_revision:
            yield self.env._("Replaces the slip before, change %s", box.slip_revision)
        if self._perhaps_printed():
            yield self.env._("A slip like this may be on paper already")

    def _slip_facts(self):
        box = self.sudo()
        counted_by = box.counted_by_id.name
        return [
            (self.env._("Terminal"), box.terminal_id.name),
            (self.env._("Put in"), box.put_in_at and self._slip_time(box.put_in_at)),
            (self.env._("Taken out"), box.out_at and self._slip_time(box.out_at)),
            (self.env._("Taken out by"), box.out_by_id.name),
            (self.env._("Counted"), self._slip_time(box.counted_at)),
            (self.env._("Counted by"), self.env._("%s (blind)", counted_by) if box.was_blind else counted_by),
        ]

    def _slip_row(self, row):
        """Return the lines of one kind of note: what was counted, and beneath it what was recorded, if it differs."""
        amount = self.currency_id.format(row["counted_amount"])
        lines = [line("pair", f"{row['denomination']:g} × {row['counted']}", amount)]
        recorded = f"{row['recorded']} +{row['uncertain']}?" if row["uncertain"] else row["recorded"]
        if row["over"] or row["uncertain"]:
            lines.append(line("small_pair", self.env._("Recorded: %s", recorded), f"{row['over']:+d}"))
        return lines

    def _slip_sums(self):
        box = self.sudo()
        money_text = box.currency_id.format
        lines = [line("pair", self.env._("Recorded"), money_text(box.recorded))]
        if box.uncertain:
            lines.append(line("pair", self.env._("Uncertain notes"), money_text(box.uncertain)))
        lines += [
            line("total", self.env._("Counted"), money_text(box.counted)),
            line("text", self.env._("Counted in words: %s", in_words(box, box.counted))),
            line("text", self.difference_text),
        ]
        return [*lines, line("text", in_words(box, box.difference))] if box.difference else lines

    def _slip_signers(self):
        return self.env._("Taken out by"), self.env._("Counted by"), self.env._("Received by")

    def _slip_time(self, moment=None):
        moment = moment or fields.Datetime.now()
        zone = self.company_id.electricity_zone()
        return format_datetime(self.env, moment, tz=zone, dt_format="yyyy-MM-dd HH:mm")
