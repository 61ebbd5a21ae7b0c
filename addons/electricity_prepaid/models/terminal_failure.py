"""Tries to write a card that failed, by terminal, day and code."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..core import codes
from .answers import sentence


class ElectricityTerminalFailure(models.Model):
    """A view of attempts that did not end well; one row an attempt, so that a pivot counts them by any column."""

    _name = "electricity.terminal.failure"
    _description = "Failed Tries of Terminals"
    _order = "issued_at desc, id desc"
    _rec_name = "code"
    _auto = False
    _depends = {
        "electricity.recharge.attempt": ["terminal_id", "company_id", "recharge_id", "issued_at", "state", "code"]
    }

    terminal_id = fields.Many2one("electricity.terminal", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    recharge_id = fields.Many2one("electricity.recharge", "Order", readonly=True)
    issued_at = fields.Datetime("Time", readonly=True)
    state = fields.Selection(
        [("not_written", "Not Written"), ("unknown", "Unknown"), ("void", "Void")], "Outcome", readonly=True
    )
    code = fields.Char(readonly=True)
    code_message = fields.Char("Problem", compute="_compute_code_message")

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_code_message(self):
        for failure in self:
            failure.code_message = sentence(self.env, failure.code) if failure.code in codes.CATALOGUE else False

    @property
    def _table_query(self):
        return SQL(
            "SELECT id, terminal_id, company_id, recharge_id, issued_at, state, code"
            " FROM electricity_recharge_attempt WHERE state IN ('not_written', 'unknown', 'void')"
        )
