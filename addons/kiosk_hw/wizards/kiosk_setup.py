"""The window that sets up kiosks: one, or a hundred at once, first shown, then made."""

import base64
import binascii

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from . import kiosk_rows

GROUPS = ("electricity_prepaid.group_administrator", "point_of_sale.group_pos_manager")
"""Both are needed: the terminal is the first one's, the point of sale the other's. The journal, the product and the
user of a kiosk are made for them by the server, with the accounts that they have chosen here."""


class ElectricityKioskSetup(models.TransientModel):
    """What is to be set up. Nothing is made before its preview was seen."""

    _name = "electricity.kiosk.setup"
    _description = "Set Up Kiosks"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    state = fields.Selection([("draft", "What"), ("preview", "Preview")], default="draft", required=True)
    kind = fields.Selection(
        [("numbered", "Numbered"), ("list", "From a List")], "Kiosks", required=True, default="numbered"
    )
    count = fields.Integer("How Many", default=1)
    first_code = fields.Char(default="K001", help="The number of the first terminal; the others count on from it.")
    name_pattern = fields.Char(
        "Kiosk Name",
        default=lambda self: self.env._("Kiosk %(code)s", code="{code}"),
        help="{code} stands for the number.",
    )
    place = fields.Char(help="Where they stand, as customers would say it.")
    next_place = fields.Char("Nearest Other Kiosk")
    phone = fields.Char("Help Line")
    rows = fields.Text(
        "List", help="One kiosk a line: number, name, place, nearest other kiosk, help line. Only the number is needed."
    )
    file = fields.Binary("Or a File", attachment=False, help="CSV, as a spreadsheet writes it.")
    file_name = fields.Char()
    takes_notes = fields.Boolean("Take Notes", default=True, help="They have a note acceptor.")
    template_config_id = fields.Many2one(
        "pos.config",
        "Like",
        domain="[('company_id', '=', company_id), ('electricity_terminal_id', '!=', False)]",
        help="A kiosk whose settings, texts and further payment methods the new ones get.",
    )
    code_lifetime = fields.Selection(
        [("15", "15 minutes"), ("480", "8 hours")],
        "Pairing Codes Work For",
        required=True,
        default="15",
        help="Within this time each code is typed at its machine. New codes can be made at any time.",
    )
    line_ids = fields.One2many("electricity.kiosk.setup.line", "setup_id")
    new_count = fields.Integer("To Be Made", compute="_compute_counts")
    present_count = fields.Integer("There Already", compute="_compute_counts")
    wrong_count = fields.Integer("Cannot Be Made", compute="_compute_counts")

    @api.depends("line_ids.state")
    def _compute_counts(self):
        for setup in self:
            states = setup.line_ids.mapped("state")
            setup.new_count = states.count("new")
            setup.present_count = states.count("present")
            setup.wrong_count = states.count("wrong")

    def _check_may(self):
        """Check that the caller may set up kiosks, here and for this company; the ids come from a browser."""
        self.ensure_one()
        if not self.env.su and not all(self.env.user.has_group(group) for group in GROUPS):
            raise AccessError(
                self.env._(
                    "Kiosks are set up by who is administrator of electricity and of the point of sale: ask for both "
                    "groups."
                )
            )
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Choose a company that you work for."))

    def action_preview(self):
        """Work out what would be made, and show it."""
        self._check_may()
        rows = self._rows()
        if not rows:
            raise UserError(self.env._("The list names no kiosk. Nothing was made: write one line for each."))
        if len(rows) > kiosk_rows.MOST:
            raise UserError(
                self.env._(
                    "These are %(number)s kiosks; %(most)s go at once. Nothing was made: take them in parts.",
                    number=len(rows),
                    most=kiosk_rows.MOST,
                )
            )
        self._check_accounts()
        # Nobody but the server writes what is to be made: it says which terminal's pairing code is handed out.
        self.sudo().line_ids = [Command.clear(), *(Command.create(values) for values in self._planned(rows))]
        self.state = "preview"
        return self._reopened()

    def action_back(self):
        """Change what was asked for."""
        self._check_may()
        self.state = "draft"
        return self._reopened()

    def _reopened(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set Up Kiosks"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _rows(self):
        """Return the kiosks that are wanted, as :class:`~.kiosk_rows.Row`."""
        if self.kind == "list":
            return kiosk_rows.read(self._list_text())
        if not 1 <= self.count <= kiosk_rows.MOST or not (self.first_code or "").strip():
            raise UserError(
                self.env._(
                    "Say how many kiosks, from 1 to %(most)s, and the number of the first. Nothing was made.",
                    most=kiosk_rows.MOST,
                )
            )
        try:
            numbers = kiosk_rows.numbered(self.first_code.strip(), self.count)
        except ValueError:
            raise UserError(
                self.env._(
                    "“%(code)s” does not end with a number, so there is none to count on from. Nothing was made: write "
                    "for instance K001.",
                    code=self.first_code,
                )
            ) from None
        return [kiosk_rows.Row(line, code) for line, code in enumerate(numbers, 1)]

    def _list_text(self):
        if not self.file:
            return self.rows or ""
        try:
            return kiosk_rows.decode(base64.b64decode(self.file, validate=True))
        except (ValueError, binascii.Error):
            raise UserError(
                self.env._("The file is no text. Nothing was made: save it as CSV, or paste its rows.")
            ) from None

    def _planned(self, rows):
        """Return the values of a preview's lines: what would be made of each row, or why not."""
        company = self.company_id
        terminals = self.env["electricity.terminal"].sudo().with_context(active_test=False)
        terminals = {each.code: each for each in terminals.search([("company_id", "=", company.id)])}
        configs = self.env["pos.config"].sudo().with_context(active_test=False)
        configs = configs.search([("company_id", "=", company.id)])
        names = {config.name: config.electricity_terminal_id for config in configs}
        journals = self.env["account.journal"].sudo().with_context(active_test=False)
        taken = set(journals.search([("company_id", "child_of", company.root_id.id)]).mapped("code"))
        codes, lines = set(), []
        for row in rows:
            terminal = terminals.get(row.code)
            name = row.name or (self.name_pattern or "{code}").replace("{code}", row.code)
            there = bool(terminal and terminal.kiosk_config_ids)
            problem = self._problem_of(row, name, terminal, codes, names)
            state = "wrong" if problem else "present" if there else "new"
            codes.add(row.code)
            if state == "new":
                names[name] = None
            lines.append(
                {
                    "line": row.line,
                    "code": row.code[: kiosk_rows.LONGEST],
                    "name": name[: kiosk_rows.LONGEST],
                    "place": row.place or self.place,
                    "next_place": row.next_place or self.next_place,
                    "phone": row.phone or self.phone,
                    "journal_code": kiosk_rows.journal_code(row.code, taken) if state == "new" else False,
                    "terminal_id": terminal.id if terminal and not problem else False,
                    "state": state,
                    "problem": problem,
                }
            )
        return lines

    def _problem_of(self, row, name, terminal, codes, names):
        """Return the sentence that says why a row cannot be made, or None.

        :param terminal: the one that has this code, or None
        :param codes: of the rows before
        :param names: {name of a point of sale: its terminal}
        """
        cells = (row.code, name, row.place, row.next_place, row.phone)
        if not row.code:
            return self.env._("The number of the terminal is missing.")
        if any(len(cell) > kiosk_rows.LONGEST or not cell.isprintable() for cell in cells):
            return self.env._("A text is longer than %(most)s characters, or unreadable.", most=kiosk_rows.LONGEST)
        if row.code in codes:
            return self.env._("This number stands in the list twice.")
        if terminal and not terminal.active:
            return self.env._("A terminal with this number was archived. Choose another one.")
        if terminal and not terminal.kiosk_config_ids and terminal.state not in ("draft", "pairing"):
            return self.env._("A terminal with this number sells already, and not as a kiosk. Choose another one.")
        if name in names and not (terminal and terminal.kiosk_config_ids):
            return self.env._("There is a point of sale with this name already. Choose another one.")
        return None
