"""A terminal that takes notes: its cash box, and what it has stated about the notes in it."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..core import boxes, codes, tenders
from ..core.errors import Refusal
from .answers import sentence

MOST_SESSIONS = 8
LONGEST_SESSION = 64


class ElectricityTerminal(models.Model):
    _inherit = "electricity.terminal"

    takes_notes = fields.Boolean(tracking=True, help="It has a note acceptor: customers may pay with notes.")
    box_number = fields.Integer(
        "Cash Box",
        readonly=True,
        copy=False,
        default=1,
        aggregator=None,
        prefetch=False,
        help="Counts the cash boxes that this terminal has had. Its statements are numbered within each.",
    )
    tender_count = fields.Integer("Statements About Notes", readonly=True, copy=False, aggregator=None, prefetch=False)

    @api.private
    def box_session(self):
        """Return the name of the terminal's present cash session, as its statements bear it."""
        self.ensure_one()
        return boxes.session_name(self.box_number)

    @api.private
    def check_takes_notes(self):
        """Check that this terminal may take notes now.

        :raises Refusal: A-208
        """
        self.ensure_one()
        if not self.takes_notes:
            raise Refusal(codes.A_NO_NOTES)

    def action_new_cash_box(self):
        """Begin another cash session: the box was changed."""
        self._check_group("group_technician", "group_administrator")
        for terminal in self.sudo():
            terminal.begin_box()

    @api.private
    def begin_box(self):
        """Let what the terminal takes from now on belong to another box.

        Its number was never used: a database that was restored may know more boxes than it has put in.
        """
        self.ensure_one()
        self.box_number = max(self.box_number, *self._known_box_numbers()) + 1
        self.message_post(body=self.env._("Cash box %(number)s was put in.", number=self.box_number))

    def _known_box_numbers(self):
        """Return the numbers of the boxes about which anything is known, 0 among them."""
        groups = (
            self.env["electricity.tender"]
            .sudo()
            ._read_group([("terminal_id", "=", self.id), ("statement_session", "!=", False)], ["statement_session"])
        )
        return [0, *boxes.numbers(name for (name,) in groups)]

    def _tender_heads(self, sessions):
        """Return what the acknowledgement says of cash sessions: the last statement stored without a hole.

        :param sessions: names that the terminal asks about, untrusted
        :return: [(session, sequence, jti)], 0 and None where there is none
        """
        self.ensure_one()
        if not isinstance(sessions, list):
            return []
        known = [
            name
            for name in sessions[:MOST_SESSIONS]
            if isinstance(name, str) and 0 < len(name) <= LONGEST_SESSION and name.isprintable()
        ]
        known = list(dict.fromkeys(known))
        last = self._last_statements(known)
        return [(name, *last.get(name, (0, None))) for name in known]

    def _last_statements(self, sessions):
        """Return {session: (sequence, jti)} of the last statement of each that is stored without a hole.

        Of two with one number the first counts: the journal that signed the other one does not fit.

        :param sessions: names
        """
        if not sessions:
            return {}
        self.env["electricity.tender"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (t.session) t.session, t.seq, tender.uuid
                  FROM (SELECT statement_session AS session, statement_seq AS seq, min(id) AS id,
                               row_number() OVER (PARTITION BY statement_session ORDER BY statement_seq) AS place
                          FROM electricity_tender
                         WHERE terminal_id = %s AND statement_session = ANY(%s)
                         GROUP BY statement_session, statement_seq) t
                  JOIN electricity_tender tender ON tender.id = t.id
                 WHERE t.seq = t.place
                 ORDER BY t.session, t.seq DESC
                """,
                self.id,
                sessions,
            )
        )
        return {session: (seq, jti) for session, seq, jti in rows}

    def _place_of_statement(self, signed, pushed):
        """Return the code of what is wrong with a new statement's place in its session, or None.

        :param signed: :class:`~..core.tenders.TenderStatement`
        :param pushed: whether the terminal itself brought it
        """
        last, _jti = self._last_statements([signed.session]).get(signed.session, (0, None))
        others = self.env["electricity.tender"].search_count(
            [
                ("terminal_id", "=", self.id),
                ("statement_session", "=", signed.session),
                ("statement_seq", "=", signed.seq),
            ],
            limit=1,
        )
        return tenders.sequence_problem(signed, last, bool(others), pushed)

    def _report_statement(self, code):
        """Tell an administrator that the statements of a session have a hole, or two with one number.

        :param code: A-206 or A-207; the latter means that there are two copies of its journal, so it sells no more
        """
        self.message_post(body=sentence(self.env, code))
        self._call_for_help(self.env._("Look into the notes of this terminal (%(code)s)", code=code))
        if code == codes.A_TENDER_FORK:
            self.quarantine(code)

    def _report_unassigned(self, amount):
        """Call somebody to find out whose money the terminal has taken.

        :param amount: of the tender, in the company's currency
        """
        code = codes.A_CASH_UNASSIGNED
        self.message_post(body=sentence(self.env, code))
        text = self.company_id.currency_id.format(amount)
        self._call_for_help(self.env._("Find out whose %(amount)s in notes it is (%(code)s)", amount=text, code=code))
