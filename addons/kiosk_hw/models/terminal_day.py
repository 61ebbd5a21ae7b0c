"""Visits beside the daily figures of a terminal: people who stood there, whether or not a card was read."""

from odoo import api, fields, models
from odoo.tools import SQL

from .kiosk_trail import SERVER, UNASKED, UNNAMED


class ElectricityTerminalDay(models.Model):
    _inherit = "electricity.terminal.day"

    visits = fields.Integer(
        readonly=True, help="Of a kiosk, by its trail: each customer who asked for something, with a card or without."
    )

    @api.model
    def _count_day(self, company, day, begin, end):
        counted = super()._count_day(company, day, begin, end)
        # What a page says only of itself is nobody's visit; ending one asks for nothing. What the page asks by itself
        # when it starts needs a reading, so one before that is nobody's wish either.
        self.env.cr.execute(
            SQL(
                """
                UPDATE electricity_terminal_day figures SET visits = counted.visits
                  FROM (SELECT figures.id, COUNT(visit.id) AS visits
                          FROM electricity_terminal_day figures
                          LEFT JOIN electricity_kiosk_visit visit
                            ON visit.terminal_id = figures.terminal_id AND visit.uuid <> %(unnamed)s
                           AND visit.started_at >= %(begin)s AND visit.started_at < %(end)s
                           AND EXISTS (SELECT 1 FROM electricity_kiosk_step step
                                        WHERE step.visit_id = visit.id AND step.source = %(server)s
                                          AND step.call <> 'end_visit' AND NOT step.call = ANY(%(unasked)s)
                                          AND NOT (step.call = 'new_nonce' AND EXISTS (
                                              SELECT 1 FROM electricity_kiosk_step later
                                               WHERE later.visit_id = visit.id AND later.id > step.id
                                                 AND later.call = ANY(%(unasked)s))))
                         WHERE figures.company_id = %(company)s AND figures.day = %(day)s
                         GROUP BY figures.id) counted
                 WHERE figures.id = counted.id AND figures.visits IS DISTINCT FROM counted.visits
                """,
                company=company.id,
                day=day,
                begin=begin,
                end=end,
                unnamed=UNNAMED,
                server=SERVER,
                unasked=sorted(UNASKED),
            )
        )
        return counted
