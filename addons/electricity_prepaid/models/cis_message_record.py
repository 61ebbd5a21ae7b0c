"""Recording what came back of messages: many together, for speed, and each by itself when that fails."""

import logging
from dataclasses import replace

from odoo import models
from odoo.tools import SQL

from ..core import cis_delivery
from ..core.cis_types import Unreachable
from .answers import RACES
from .cis_errand import outcome_row, outcome_word, own_words

_logger = logging.getLogger(__name__)


class ElectricityCisMessage(models.Model):
    _inherit = "electricity.cis.message"

    def _record(self, reports, token):
        """Record what came back: the try in any case, the outcome while the lease is ours.

        :param reports: list of :class:`Report`
        :param token: of the lease
        """
        if not reports:
            return
        try:
            outcomes, ours = self._record_together(reports, token)
        except RACES:
            raise
        except Exception:
            _logger.exception("marketing system: outcomes cannot be recorded together")
            outcomes, ours = self._record_each(reports, token)
        plain = self._plain(outcomes)
        for message_id in ours:
            if message_id not in plain:
                self.browse(message_id)._tell_apart()

    def _record_together(self, reports, token):
        """Record what came back, all of it or, with an exception, nothing.

        :return: {id: :class:`..core.cis_delivery.After`}, and the ids of those whose lease is still ours
        """
        with self.env.cr.savepoint():
            outcomes = {
                report.errand.id: cis_delivery.after(
                    report.errand.before,
                    report.errand.step,
                    report.answer,
                    report.errand.payment,
                    report.errand.reversal,
                )
                for report in reports
            }
            self._insert_attempts(reports, outcomes)
            return outcomes, self._write_outcomes(reports, outcomes, token)

    def _record_each(self, reports, token):
        """Record what came back one by one: an answer that cannot be recorded says nothing, and is asked for again.

        :return: as of :meth:`_record_together`
        """
        outcomes, ours = {}, []
        for report in reports:
            try:
                found = self._record_together([report], token)
            except RACES:
                raise
            except Exception as error:
                _logger.exception("marketing system: an outcome cannot be recorded")
                unusable = Unreachable("internal", f"cannot be recorded ({type(error).__name__})")
                found = self._record_together([replace(report, answer=unusable)], token)
            outcomes.update(found[0])
            ours += found[1]
        return outcomes, ours

    def _plain(self, outcomes):
        """Return the ids whose outcome nobody waits for: bookings without an activity or a reversal that waits.

        Nearly all are, and to look at each of them by itself would take longer than to send it.

        :param outcomes: {id: :class:`..core.cis_delivery.After`}
        """
        standings = {message_id: outcome.standing for message_id, outcome in outcomes.items()}
        live = {message_id for message_id, standing in standings.items() if standing.state in cis_delivery.LIVE}
        booked = {
            message_id
            for message_id, standing in standings.items()
            if (standing.kind, standing.state) == (cis_delivery.PAYMENT, cis_delivery.S_DONE)
        }
        if not booked:
            return live
        watched = self.env.execute_query(
            SQL(
                "SELECT payment_id FROM electricity_cis_message WHERE payment_id IN %(ids)s AND state = 'waiting'"
                " UNION ALL"
                " SELECT res_id FROM mail_activity WHERE res_model = %(model)s AND res_id IN %(ids)s",
                ids=tuple(booked),
                model=self._name,
            )
        )
        return live | booked - {row[0] for row in watched}

    def _write_outcomes(self, reports, outcomes, token):
        """Write what messages became.

        :return: the ids of those whose lease is still ours: whoever has another decides
        """
        rows = SQL(", ").join(outcome_row(report, outcomes[report.errand.id]) for report in reports)
        written = self.env.execute_query(
            SQL(
                """
                UPDATE electricity_cis_message m
                   SET tries = COALESCE(m.tries, 0) + 1, leased_until = NULL, lease = NULL,
                       state = v.state, tried = v.tried, uncertain = v.uncertain, failures = v.failures,
                       last_tried_at = v.tried_at, next_try_at = v.next_try_at, code = v.code, result = v.result,
                       done_at = v.done_at::timestamp,
                       marketing_serial = COALESCE(v.marketing_serial, m.marketing_serial),
                       booked_at = COALESCE(v.booked_at::timestamp, m.booked_at),
                       invoice_lines = COALESCE(v.invoice_lines::jsonb, m.invoice_lines),
                       found = COALESCE(v.found::jsonb, m.found)
                  FROM (VALUES %s) AS v (id, state, tried, uncertain, failures, tried_at, next_try_at, code, result,
                                         done_at, marketing_serial, booked_at, invoice_lines, found)
                 WHERE m.id = v.id AND m.lease = %s
             RETURNING m.id
                """,
                rows,
                token,
            )
        )
        return [row[0] for row in written]

    def _insert_attempts(self, reports, outcomes):
        rows = SQL(", ").join(
            SQL(
                "(%s, %s, %s, %s, %s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC')",
                report.errand.id,
                report.errand.company_id,
                report.errand.step,
                report.tried_at,
                round(report.latency, 1),
                outcome_word(report.answer, outcomes[report.errand.id]),
                outcomes[report.errand.id].result or None,
                own_words(report.answer),
                self.env.uid,
            )
            for report in reports
        )
        self.env.cr.execute(
            SQL(
                "INSERT INTO electricity_cis_attempt (message_id, company_id, operation, tried_at, latency_ms, outcome,"
                " result, text, create_uid, create_date) VALUES %s",
                rows,
            )
        )
