"""What a cash box holds by the record, by the count, and what lies between them."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import boxes, money
from odoo.tools import SQL

from .cash_box import BOX_MONEY_GROUPS, COUNTED, COUNTS, DECIDABLE, IN_MACHINE


class ElectricityCashBox(models.Model):
    _inherit = "electricity.cash.box"

    note_ids = fields.One2many("electricity.cash.box.note", "cash_box_id", "Uncertain Notes", readonly=True)
    explanation_ids = fields.One2many(
        "electricity.cash.box.explanation", "cash_box_id", "Explanations", readonly=True, groups=BOX_MONEY_GROUPS
    )
    is_hidden = fields.Boolean(
        compute="_compute_amounts", help="What was recorded is not shown to those who count, until they have."
    )
    recorded = fields.Monetary(
        "Recorded Amount",
        compute="_compute_amounts",
        help="Stated by the terminal so far.",
        groups=BOX_MONEY_GROUPS,
    )
    uncertain = fields.Monetary(
        compute="_compute_amounts", help="Notes that may be in the box or not.", groups=BOX_MONEY_GROUPS
    )
    difference = fields.Monetary(
        compute="_compute_amounts",
        help="Counted less recorded: positive is long money, negative is short money.",
        groups=BOX_MONEY_GROUPS,
    )
    explained = fields.Monetary(
        compute="_compute_amounts",
        help="Part of the difference that two persons explained.",
        groups=BOX_MONEY_GROUPS,
    )
    open_difference = fields.Monetary("Still to Explain", compute="_compute_amounts", groups=BOX_MONEY_GROUPS)
    piece_count = fields.Integer("Notes", compute="_compute_amounts", groups=BOX_MONEY_GROUPS)
    age_days = fields.Integer("Days in the Machine", compute="_compute_age_days")

    @api.depends("put_in_at", "out_at")
    def _compute_age_days(self):
        now = fields.Datetime.now()
        for box in self:
            box.age_days = ((box.out_at or now) - box.put_in_at).days if box.put_in_at else 0

    @api.depends("state", "counted", "count_lines", "note_ids.state", "explanation_ids.state")
    @api.depends_context("uid")
    def _compute_amounts(self):
        recorded = self._recorded()
        counts = not self.env.su and any(self.env.user.has_group(group) for group in COUNTS)
        for box in self:
            of_box = box.sudo()
            hidden = counts and box.state not in DECIDABLE and of_box.company_id.kiosk_blind_count
            cents = boxes.total(recorded[box.id])
            explained = of_box._explained_cents()
            counted = box.state in COUNTED
            difference = money.to_cents(of_box.counted) - cents if counted else 0
            box.is_hidden = hidden
            box.recorded = 0 if hidden else money.cents_to_float(cents)
            box.piece_count = 0 if hidden else sum(recorded[box.id].values())
            box.uncertain = 0 if hidden else money.cents_to_float(boxes.total(of_box._uncertain()))
            box.difference = money.cents_to_float(difference)
            box.explained = money.cents_to_float(explained)
            box.open_difference = money.cents_to_float(difference - explained)

    def _recorded(self):
        """Return what was recorded for these boxes: {id: {denomination in cents: pieces}}."""
        counts = defaultdict(dict)
        if not self.ids:
            return counts
        self.env["electricity.tender"].flush_model()
        self.flush_model(["terminal_id", "session"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT box.id, note.key::int, sum(note.value::int)::int
                  FROM electricity_cash_box box
                  JOIN electricity_tender tender
                    ON tender.direction = 'in'
                   AND ((tender.terminal_id = box.terminal_id AND tender.statement_session = box.session
                         AND tender.kind = 'terminal_cash')
                        OR tender.cash_box_id = box.id)
                 CROSS JOIN LATERAL jsonb_each_text(tender.note_counts) note
                 WHERE box.id IN %s AND jsonb_typeof(tender.note_counts) = 'object'
                 GROUP BY box.id, note.key
                """,
                tuple(self.ids),
            )
        )
        for box, denomination, pieces in rows:
            counts[box][denomination] = pieces
        return counts

    def _uncertain(self):
        """Return the notes that nobody has decided on yet: {denomination in cents: pieces}."""
        counts = {}
        for note in self.note_ids:
            if note.state == "open":
                cents = money.to_cents(note.denomination)
                counts[cents] = counts.get(cents, 0) + 1
        return counts

    def _explained_cents(self):
        approved = self.explanation_ids.filtered(lambda explanation: explanation.state == "approved")
        return sum(money.to_cents(explanation.amount) for explanation in approved)

    def _difference_cents(self):
        """Return counted less recorded, in cents; as superuser."""
        return money.to_cents(self.counted) - boxes.total(self._recorded()[self.id])

    def _open_cents(self):
        """Return what of the difference nobody has explained, in cents; as superuser."""
        return self._difference_cents() - self._explained_cents()

    def _open_text(self):
        return self.currency_id.format(abs(money.cents_to_float(self._open_cents())))

    def _sign_text(self, cents):
        """Return a difference in words: long money, short money, or none.

        :param cents: counted less recorded
        """
        if not cents:
            return self.env._("No difference")
        text = self.currency_id.format(money.cents_to_float(abs(cents)))
        if cents > 0:
            return self.env._("Long money: %(amount)s more in the box than recorded", amount=text)
        return self.env._("Short money: %(amount)s less in the box than recorded", amount=text)

    @api.private
    def denominations(self):
        """Return the rows of the table recorded against counted, highest first.

        :return: [{``denomination``, ``recorded``, ``uncertain``, ``counted``, ``over``, ``recorded_amount``,
            ``counted_amount``}]: pieces, and amounts in the company's currency; ``counted`` is None before the count
        """
        self.ensure_one()
        box = self.sudo()
        recorded, uncertain = box._recorded()[box.id], box._uncertain()
        counted = {int(denomination): pieces for denomination, pieces in (box.count_lines or {}).items()}
        known = box.state in COUNTED
        rows = []
        for cents in sorted({*recorded, *uncertain, *counted}, reverse=True):
            pieces = recorded.get(cents, 0)
            found = counted.get(cents, 0)
            rows.append(
                {
                    "denomination": money.cents_to_float(cents),
                    "recorded": pieces,
                    "uncertain": uncertain.get(cents, 0),
                    "counted": found if known else None,
                    "over": found - pieces if known else None,
                    "recorded_amount": money.cents_to_float(cents * pieces),
                    "counted_amount": money.cents_to_float(cents * found),
                }
            )
        return rows

    table = fields.Html("By Denomination", compute="_compute_table", sanitize=False, groups=BOX_MONEY_GROUPS)
    difference_text = fields.Char("Difference in Words", compute="_compute_table", groups=BOX_MONEY_GROUPS)
    next_step = fields.Char(compute="_compute_next_step")

    @api.depends("state", "counted", "count_lines", "note_ids.state")
    @api.depends_context("uid", "lang")
    def _compute_table(self):
        for box in self:
            difference = box.sudo()._difference_cents() if box.state in COUNTED else 0
            box.difference_text = box._sign_text(difference) if box.state in COUNTED else False
            if not box.id or box.is_hidden:
                box.table = False
                continue
            values = {"rows": box.denominations(), "box": box}
            box.table = self.env["ir.qweb"]._render("kiosk_hw.cash_box_table", values)

    @api.depends("state", "slip_count", "is_booked", "note_ids.state", "explanation_ids.state", "print_ids.state")
    @api.depends_context("uid", "lang")
    def _compute_next_step(self):
        for box in self:
            box.next_step = box._next_step()

    def _next_step(self):
        box = self.sudo()
        if self.state == "leaving":
            return self.env._(
                "The terminal takes no notes now. Wait a minute, take the old box out and put the new one in, then "
                "press “The New Box Is In”."
            )
        if self.state == "out":
            return self.env._("Count the notes in the box, before anything else is done with them.")
        if self.state in (*IN_MACHINE, "before"):
            return False
        if self.is_print_asked:
            return self.env._(
                "The terminal prints the slip within half a minute. When none comes out, withdraw the print and print "
                "the slip here."
            )
        if not self.slip_count:
            return self.env._("Print the slip, and sign it. Until then no other box of this terminal can be emptied.")
        if any(note.state == "open" for note in box.note_ids):
            return self.env._("Decide about the uncertain notes: one person says it, another one approves it.")
        if self.state == "counted":
            proposed = any(explanation.state == "proposed" for explanation in box.explanation_ids)
            if proposed:
                return self.env._("An explanation waits for another person's approval.")
            return self.env._("Explain the difference; another person approves it.")
        if not self.is_booked:
            return self.env._("It will be in the books within minutes.")
        return self.state == "settled" and self.env._("Everything is in order: close the box.")
