"""Cash boxes of terminals (清钞): one box of one terminal, from the machine to the vault."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import codes, collects
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.answers import as_user_error, lock_at_once
from odoo.addons.electricity_prepaid.models.own_defaults import OWN_DEFAULTS
from odoo.addons.electricity_prepaid.models.terminal_levels import MONEY_GROUPS
from odoo.exceptions import UserError
from odoo.tools import SQL

STILL_OPEN = timedelta(seconds=collects.LIFETIME + 10)
"""After the last order to take notes, how long a terminal may still begin to take notes by it."""
IN_MACHINE = ("in_machine", "leaving")
COUNTED = ("counted", "settled", "closed")
DECIDABLE = (*COUNTED, "before")
"""In which people decide about uncertain notes."""
BOX_MONEY_GROUPS = f"{MONEY_GROUPS},kiosk_hw.group_cash_box"
"""Who sees amounts. Whoever only takes boxes out and puts them in does not (docs/guide-fleet.md)."""
EMPTIES = ("electricity_prepaid.group_technician", "kiosk_hw.group_cash_box")
COUNTS = ("kiosk_hw.group_cash_box",)
DECIDES = ("electricity_prepaid.group_supervisor",)


class ElectricityCashBox(models.Model):
    """One cash session of a terminal: the notes that went into one box, and what became of them."""

    _name = "electricity.cash.box"
    _description = "Cash Box"
    _inherit = [OWN_DEFAULTS, "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char("Cash Box", required=True, readonly=True, index="trigram")
    terminal_id = fields.Many2one(
        "electricity.terminal", required=True, readonly=True, index=True, ondelete="restrict", check_company=True
    )
    session = fields.Char("Cash Box Session", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id", store=True)
    state = fields.Selection(
        [
            ("in_machine", "In the Machine"),
            ("leaving", "Being Changed"),
            ("out", "To Count"),
            ("counted", "To Explain"),
            ("settled", "Explained"),
            ("closed", "Closed"),
            ("before", "From Before"),
        ],
        required=True,
        readonly=True,
        default="in_machine",
        index=True,
        tracking=True,
    )
    put_in_at = fields.Datetime("Put In", readonly=True)
    leaving_at = fields.Datetime("Change Begun", readonly=True)
    out_at = fields.Datetime("Taken Out", readonly=True)
    out_by_id = fields.Many2one("res.users", "Taken Out by", readonly=True, index="btree_not_null")
    counted_at = fields.Datetime("Counted on", readonly=True)
    counted_by_id = fields.Many2one("res.users", "Counted by", readonly=True, index="btree_not_null")
    was_blind = fields.Boolean("Counted Blind", readonly=True, help="Whoever counted did not see what was recorded.")
    count_lines = fields.Json(
        "Count by Denomination", readonly=True, help="{denomination in cents: pieces}", groups=BOX_MONEY_GROUPS
    )
    # Tracked, and not said in a message: those who see no amounts read the messages.
    counted = fields.Monetary("Counted Amount", readonly=True, tracking=True, groups=BOX_MONEY_GROUPS)
    closed_at = fields.Datetime("Closed on", readonly=True)
    closed_by_id = fields.Many2one("res.users", "Closed by", readonly=True, index="btree_not_null")
    slip_count = fields.Integer("Slips Printed", readonly=True, copy=False, aggregator=None)
    slip_revision = fields.Integer(
        "Slips Replaced",
        readonly=True,
        copy=False,
        aggregator=None,
        help="How often the numbers changed after a slip was printed, so that a new slip replaces it.",
    )
    slip_at = fields.Datetime("First Printed", readonly=True)
    slip_by_id = fields.Many2one("res.users", "Printed by", readonly=True, index="btree_not_null")

    _session_once = models.UniqueIndex("(terminal_id, session)", "This cash box of the terminal exists already.")

    @api.model
    @api.private
    def of_session(self, terminal, session, past="out"):
        """Return the box of a terminal's cash session, made now when there is none.

        :param terminal: one ``electricity.terminal``
        :param session: as the terminal's statements bear it; another one than the present box is a box that is out
        :param past: state of a new box that is not the present one
        """
        boxes_ = self.sudo()
        found = boxes_.search([("terminal_id", "=", terminal.id), ("session", "=", session)], limit=1)
        if found:
            return found
        present = session == terminal.box_session()
        return boxes_.create(
            {
                "name": f"{terminal.code}/{session}",
                "terminal_id": terminal.id,
                "session": session,
                "company_id": terminal.company_id.id,
                "state": "in_machine" if present else past,
                "put_in_at": fields.Datetime.now() if present else False,
            }
        )

    @api.model
    def _ensure_boxes(self):
        """Make the boxes that a database from before has no rows for; called at each installation and update.

        Those that are out were emptied and booked without this: nothing of them is counted, booked or printed now.
        """
        terminals = self.env["electricity.terminal"].sudo().search([("takes_notes", "=", True)])
        tenders = self.env["electricity.tender"].sudo()
        domain = [("kind", "=", "terminal_cash"), ("statement_session", "!=", False), ("waits_for_box", "=", False)]
        for terminal, session in tenders._read_group(domain, ["terminal_id", "statement_session"]):
            self.of_session(terminal, session, past="before")
        for terminal in terminals:
            self.of_session(terminal, terminal.box_session())
        listed = self.env["electricity.cash.box.note"].sudo()._search([])
        listed = listed.subselect("tender_id")
        tenders.search([*domain, ("uncertain_amount", ">", 0), ("id", "not in", listed)])._list_uncertain_notes()

    # -- rights and locks

    def _check_may(self, groups):
        """Check that the caller is in one of the groups and may see this box."""
        self.ensure_one()
        self.check_access("read")
        if not any(self.env.user.has_group(group) for group in groups):
            raise as_user_error(self.env, Refusal(codes.S_NOT_PERMITTED))

    def _fence(self):
        """Lock this box and its terminal, without waiting. A statement about notes that is taken at the same time
        updates the terminal too: one of the two comes again, so that no money is missed.

        :raises Refusal: S-101
        """
        self.ensure_one()
        for table, row in (("electricity_terminal", self.terminal_id.id), ("electricity_cash_box", self.id)):
            query = SQL(
                "UPDATE %(table)s SET write_uid = write_uid WHERE id IN"
                " (SELECT id FROM %(table)s WHERE id = %(id)s FOR NO KEY UPDATE SKIP LOCKED) RETURNING id",
                table=SQL.identifier(table),
                id=row,
            )
            lock_at_once(self.env, query)
        self.invalidate_recordset()

    def _begin_step(self, groups, states):
        """Check rights, lock, and check that this box has come so far and no further.

        :param groups: of whom one is needed
        :param states: in which the step is possible
        :return: this box as superuser
        """
        self._check_may(groups)
        box = self.sudo()
        try:
            box._fence()
            box._require(states)
        except Refusal as refusal:
            raise as_user_error(self.env, refusal) from refusal
        return box

    def _require(self, states):
        if self.state not in states:
            raise Refusal(codes.A_BOX_STATE, box=self.name)

    def _refuse(self, code, **params):
        raise as_user_error(self.env, Refusal(code, box=self.name, **params))

    # -- out of the machine

    def _check_slips(self, states):
        """Check that no other box of this terminal waits for its slip.

        :param states: of boxes that have to have one
        """
        domain = [
            ("terminal_id", "=", self.terminal_id.id),
            ("id", "!=", self.id),
            ("state", "in", states),
            ("slip_count", "=", 0),
        ]
        waiting = self.sudo().search(domain, limit=1, order="id")
        if waiting:
            raise as_user_error(self.env, Refusal(codes.A_SLIP_MISSING, box=waiting.name))

    def action_take_out(self):
        """Begin to change the box: from now on the terminal takes no notes until the new box is in."""
        box = self._begin_step(EMPTIES, ("in_machine",))
        box._check_slips(("out", *COUNTED))
        box.write({"state": "leaving", "leaving_at": fields.Datetime.now()})

    def action_stay(self):
        """Leave the box where it is: the terminal takes notes again."""
        self._begin_step(EMPTIES, ("leaving",)).write({"state": "in_machine", "leaving_at": False})

    def action_out(self):
        """The box is out and the next one is in: what comes from now on belongs to that.

        Not before all orders to take notes for the old box have expired: a note must not go into the new box under the
        old one's name. Taking the box out ends a payment that is going on.
        """
        box = self._begin_step(EMPTIES, ("leaving",))
        now = fields.Datetime.now()
        left = (box.leaving_at + STILL_OPEN - now).total_seconds()
        if left > 0:
            self._refuse(codes.A_BOX_TOO_EARLY, seconds=int(left) + 1)
        box.write({"state": "out", "out_at": now, "out_by_id": self.env.uid})
        terminal = box.terminal_id
        terminal.begin_box()
        self.of_session(terminal, terminal.box_session())

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": "electricity.cash.box",
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    # -- the end

    def action_close(self):
        """Close the box: counted, explained, on paper and in the books."""
        box = self._begin_step((*COUNTS, *DECIDES), ("settled",))
        box._review()
        if box.note_ids.filtered(lambda note: note.state == "open"):
            self._refuse(codes.A_BOX_NOTES_OPEN)
        if box.state != "settled":
            self._refuse(codes.A_BOX_UNEXPLAINED, amount=box._open_text())
        if not box.slip_count:
            self._refuse(codes.A_SLIP_MISSING)
        if not box._check_booked():
            self._refuse(codes.A_BOX_NOT_BOOKED)
        box.write({"state": "closed", "closed_at": fields.Datetime.now(), "closed_by_id": self.env.uid})

    def action_print_slip(self):
        """Count a print of the slip and open it for 80 mm; a further one is marked as a copy."""
        return self._print_slip("roll")

    def action_print_slip_a5(self):
        """Count a print of the slip and open it for A5; a further one is marked as a copy."""
        return self._print_slip("a5")

    def _outdate_slip(self):
        """Ask for a new slip, because the numbers on the one before are no longer those of this box."""
        if self.slip_count:
            self.write(
                {"slip_count": 0, "slip_at": False, "slip_by_id": False, "slip_revision": self.slip_revision + 1}
            )

    def _print_slip(self, paper):
        self._check_may((*COUNTS, *DECIDES))
        box = self._begin_step((*COUNTS, *DECIDES), COUNTED)
        box._check_no_print()
        box._count_slip(self.env.user)
        url = f"/report/html/kiosk_hw.cash_box_slip/{self.id}?paper={paper}"
        return {"type": "ir.actions.act_url", "url": url, "target": "new"}

    def _count_slip(self, user):
        """Count a print of the slip; as superuser.

        :param user: who wanted it
        """
        values = {"slip_count": self.slip_count + 1}
        if not self.slip_count:
            values.update(slip_at=fields.Datetime.now(), slip_by_id=user.id)
        self.write(values)
        text = self.env._("The slip was printed (%(number)s).", number=self.slip_count)
        self.message_post(body=text, author_id=user.partner_id.id)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A cash box stays on record: its money went through it."))
