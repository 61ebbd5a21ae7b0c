"""The slip of a cash box on the terminal's receipt printer: asked for with a heartbeat, printed once, told signed."""

import time
import uuid as uuid_module
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import codes, devices, prints
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.answers import QUIET, sentence
from odoo.addons.electricity_prepaid.models.own_defaults import OWN_DEFAULTS
from odoo.addons.electricity_prepaid.models.terminal import OFFLINE_AFTER

from .cash_box import BOX_MONEY_GROUPS, COUNTED, COUNTS, DECIDES

ASKED, WITHDRAWN = "asked", "withdrawn"
WAIT = timedelta(minutes=10)
"""After that nobody stands before the terminal any more: what it has not heard of by then is not printed."""
STILL_PRINTS = timedelta(seconds=prints.LIFETIME + 10)
"""After a terminal was given a print order, how long it may still begin to print by it."""
USUAL = 30
"""Seconds in which a terminal that is heard has printed."""


class ElectricityCashBoxPrint(models.Model):
    """One print of a slip at the terminal's printer, however it ended. What it says is fixed when it is asked for."""

    _name = "electricity.cash.box.print"
    _description = "Slip at the Terminal's Printer"
    _inherit = [OWN_DEFAULTS]
    _order = "id desc"
    _rec_name = "cash_box_id"

    cash_box_id = fields.Many2one("electricity.cash.box", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    job = fields.Char(required=True, readonly=True, default=lambda self: str(uuid_module.uuid4()))
    lines = fields.Json(
        required=True,
        readonly=True,
        prefetch=False,
        help="What is printed: core.prints.line",
        groups=BOX_MONEY_GROUPS,
    )
    revision = fields.Integer(required=True, readonly=True, aggregator=None, help="Of the numbers that it bears.")
    state = fields.Selection(
        [
            (ASKED, "Waits for the Terminal"),
            (prints.PRINTED, "On Paper"),
            (prints.NOT_PRINTED, "Not Printed"),
            (prints.UNKNOWN, "Not Certain"),
            (WITHDRAWN, "Withdrawn"),
        ],
        required=True,
        readonly=True,
        default=ASKED,
    )
    code = fields.Char(readonly=True)
    code_message = fields.Char("Problem", compute="_compute_code_message")
    asked_by_id = fields.Many2one("res.users", "Asked for by", required=True, readonly=True)
    asked_at = fields.Datetime("Asked For", required=True, readonly=True, default=fields.Datetime.now)
    sent_at = fields.Datetime("Given to the Terminal", readonly=True, help="Last, if it was given several times.")
    ended_at = fields.Datetime("Ended", readonly=True)

    _job_once = models.UniqueIndex("(job)", "This print exists already.")
    _one_at_a_time = models.UniqueIndex(
        "(cash_box_id) WHERE state = 'asked'", "The terminal is to print the slip of this cash box already."
    )

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_code_message(self):
        for each in self:
            # A newer terminal may tell codes that have no sentence here.
            each.code_message = sentence(self.env, each.code) if each.code in codes.CATALOGUE else False

    def _may_be_on_paper(self):
        """Return those of which nobody knows whether they are on paper, or still will be."""
        return self.filtered(lambda each: each.sent_at and each.state in (ASKED, WITHDRAWN, prints.UNKNOWN))

    def _withdraw(self):
        self.filtered(lambda each: each.state == ASKED).write({"state": WITHDRAWN, "ended_at": fields.Datetime.now()})

    def _end(self, state, code):
        """Write down what the terminal has signed; the box counts it as printed when it says so.

        :param state: one of ``core.prints.ENDS``
        :param code: of what was wrong, or None
        """
        box = self.cash_box_id
        self.write({"state": state, "code": code or False, "ended_at": fields.Datetime.now()})
        if state != prints.PRINTED:
            box.message_post(
                body=self.env._("The terminal did not print the slip, or not all of it (%s).", code or "–")
            )
        elif self.revision != box.slip_revision:
            box.message_post(body=self.env._("The terminal printed a slip whose numbers have changed since."))
        else:
            box._count_slip(self.asked_by_id)


class ElectricityCashBox(models.Model):
    _inherit = "electricity.cash.box"

    print_ids = fields.One2many("electricity.cash.box.print", "cash_box_id", "At the Terminal's Printer", readonly=True)
    is_print_asked = fields.Boolean(compute="_compute_is_print_asked")
    has_printer = fields.Boolean(compute="_compute_has_printer", help="The terminal tells of a receipt printer.")

    @api.depends("print_ids.state")
    def _compute_is_print_asked(self):
        for box in self:
            box.is_print_asked = ASKED in box.sudo().print_ids.mapped("state")

    @api.depends("terminal_id.device_ids.kind")
    def _compute_has_printer(self):
        for box in self:
            box.has_printer = devices.PRINTER in box.sudo().terminal_id.device_ids.mapped("kind")

    def action_print_at_terminal(self):
        """Let the terminal print the slip, and count that print when its signed answer says that it is on paper."""
        box = self._begin_step((*COUNTS, *DECIDES), COUNTED)
        box._check_no_print()
        self._check_printer()
        self.env["electricity.cash.box.print"].sudo().create(
            {
                "cash_box_id": box.id,
                "company_id": box.company_id.id,
                "asked_by_id": self.env.uid,
                "revision": box.slip_revision,
                "lines": self._slip_lines(),
            }
        )
        box.terminal_id.prints_wait = True

    def action_withdraw_print(self):
        """Let the terminal not print the slip any more, unless it has begun."""
        self._begin_step((*COUNTS, *DECIDES), COUNTED).print_ids._withdraw()

    def _check_no_print(self):
        """Check that no print of this slip is under way at the terminal: there would be two that look the same.

        :raises UserError: A-512
        """
        now = fields.Datetime.now()
        self.print_ids.filtered(lambda each: each.asked_at + WAIT < now)._withdraw()
        left = [USUAL for each in self.print_ids if each.state == ASKED]
        left += [
            int((each.sent_at + STILL_PRINTS - now).total_seconds()) + 1
            for each in self.print_ids
            if each.state == WITHDRAWN and each.sent_at and each.revision == self.slip_revision
        ]
        seconds = max(left, default=0)
        if seconds > 0:
            self._refuse(codes.A_SLIP_UNDER_WAY, seconds=seconds)

    def _check_printer(self):
        """Check that the terminal is heard and tells of a printer that works.

        :raises UserError: A-513
        """
        terminal = self.sudo().terminal_id
        heard = terminal.last_heartbeat and terminal.last_heartbeat > fields.Datetime.now() - OFFLINE_AFTER
        printers = terminal.device_ids.filtered(lambda device: device.kind == devices.PRINTER)
        works = printers.filtered(lambda device: device.state == devices.READY and device.paper != "out")
        if not heard or not works:
            self._refuse(codes.A_NO_SLIP_THERE)

    def _outdate_slip(self):
        """Ask for a new slip; what the terminal was asked to print bears the old numbers, too."""
        under_way = self.print_ids.filtered(lambda each: each.revision == self.slip_revision)._may_be_on_paper()
        done = super()._outdate_slip()
        if under_way and not self.slip_count and self.slip_revision == under_way[:1].revision:
            self.slip_revision += 1
        self.print_ids._withdraw()
        return done


class ElectricityTerminal(models.Model):
    _inherit = "electricity.terminal"

    prints_wait = fields.Boolean(readonly=True, copy=False, prefetch="beat", help="It is to print the slip of a box.")

    def _prints_wanted(self, ring):
        wanted = super()._prints_wanted(ring)
        if not self.prints_wait:
            # Almost every heartbeat.
            return wanted
        return wanted + (self._apart(lambda: self._give_prints(ring)) or [])

    def _give_prints(self, ring):
        """Return the orders of the slips that are to be printed, and note that the terminal has them from now on."""
        try:
            self.take()
        except Refusal:
            # Somebody withdraws one at this moment; the next heartbeat will do.
            return []
        asked = self.env["electricity.cash.box.print"].with_context(**QUIET)
        asked = asked.search([("cash_box_id.terminal_id", "=", self.id), ("state", "=", ASKED)], order="id")
        now = fields.Datetime.now()
        asked.filtered(lambda each: each.asked_at + WAIT < now)._withdraw()
        asked = asked.filtered(lambda each: each.state == ASKED)[: prints.MOST_ASKED]
        if not asked:
            self.prints_wait = False
            return []
        asked.sent_at = now
        return [prints.issue(ring, self.uuid, time.time(), each.job, each.lines) for each in asked]

    def _take_prints(self, ends):
        # What is on paper must not undo the receipts and the money that came with the same heartbeat.
        self._apart(lambda: self._end_prints(ends))
        return super()._take_prints(ends)

    def _end_prints(self, ends):
        known = self.env["electricity.cash.box.print"].search(
            [
                ("job", "in", list(ends)),
                ("cash_box_id.terminal_id", "=", self.id),
                ("state", "in", (ASKED, WITHDRAWN)),
            ]
        )
        for each in known:
            each._end(*ends[each.job])
        if known:
            self._tell_screens()
