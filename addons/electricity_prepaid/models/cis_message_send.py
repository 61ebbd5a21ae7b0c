"""The sender of the outbox: lease, commit, send, record.

Who is killed at any point loses nothing and books nothing twice: before the call the lease is committed, and a lease
that ran out means that the message may have left (:func:`..core.cis_delivery.abandoned`).
"""

import logging
import random
import secrets
import time
from datetime import timedelta

from odoo import api, models, modules
from odoo.tools import SQL

from ..core import cis_delivery
from ..core.cis_types import Unreachable
from .answers import QUIET, RACES, step_apart
from .cis_errand import Report, errand_of, now, standing_of
from .cis_message_queue import SHARDS

_logger = logging.getLogger(__name__)

BATCH = 50
LEASE = timedelta(minutes=5)
LONGEST_SENDING = 60
"""Seconds after which a run sends no further message; in a cron its own end, ten seconds, comes before. A call that is
out then may last its whole time limit, which stays below the lease. Odoo's limit covers all ready crons together: the
guide says how it is set."""
FLUSH_EVERY = 0.5
"""Seconds after which what came back is recorded, though the batch is not through."""


class ElectricityCisMessage(models.Model):
    _inherit = "electricity.cis.message"

    @api.model
    def _cron_send(self, shard):
        """Send what is due of the accounts of a shard, each account's first message only, until time is up.

        :param shard: 0 to :data:`.cis_message_queue.SHARDS` - 1
        """
        sender = self.sudo().with_context(**QUIET)
        until = min(self.env.context.get("cron_end_time", float("inf")), time.monotonic() + LONGEST_SENDING)
        step_apart(sender.env, sender._release_forgotten, shard)
        step_apart(sender.env, sender._tell_again, shard)
        sender._commit()
        companies = set(sender._connections())
        while companies and time.monotonic() < until:
            # By turns and in any order: nobody waits for another company's marketing system.
            for left, company_id in enumerate(random.sample(sorted(companies), len(companies)), -len(companies)):
                share = (until - time.monotonic()) / -left
                if share <= 0:
                    break
                if not step_apart(sender.env, sender._send_batch, shard, company_id, share):
                    companies.discard(company_id)
        if companies:
            # In a run of its own: Odoo would go on in this one, whatever time it took.
            sender._trigger_shard(shard)
        sender._progress(0, more=False)

    def _send_batch(self, shard, company_id, seconds):
        """Lease, send and record one batch of a company.

        :param seconds: after which no further message is sent
        :return: whether there may be more to send
        """
        # Whatever was read before the last commit is old.
        self.env.invalidate_all()
        connection = self._connections().get(company_id)
        if not connection or connection.is_paused():
            return False
        token = secrets.token_hex(8)
        errands, moved = self._lease(shard, company_id, token)
        self._commit()
        if not errands and not moved:
            return False
        unsent, is_away = self._send_all(errands, connection, token, time.monotonic() + seconds)
        self._give_back(unsent, token)
        self._progress(len(errands) - len(unsent), more=not is_away)
        return not is_away

    def _send_all(self, errands, connection, token, until):
        """Send messages, and record what comes back.

        :param until: no further message is sent after this moment of ``time.monotonic``
        :return: the errands that were not sent, and whether the next ones would fare the same
        """
        reports, flushed = [], time.monotonic()
        for index, errand in enumerate(errands):
            report = self._send(errand, connection)
            if isinstance(report.answer, Unreachable) and report.answer.kind in ("circuit", "configuration"):
                # Nothing was tried.
                self._record(reports, token)
                return errands[index:], True
            reports.append(report)
            if time.monotonic() > until:
                self._record(reports, token)
                return errands[index + 1 :], False
            if time.monotonic() - flushed > FLUSH_EVERY:
                self._record(reports, token)
                self._commit()
                reports, flushed = [], time.monotonic()
        self._record(reports, token)
        return [], False

    def _connections(self):
        """Return the active connections, {company id: record}."""
        found = self.env["electricity.cis.connection"].sudo().search([("active", "=", True)])
        return {connection.company_id.id: connection for connection in found}

    # ------------------------------------------------------------------------------------------------------- the lease

    def _lease(self, shard, company_id, token):
        """Take the first due message of each account's queue of a company.

        :param token: of the lease
        :return: list of :class:`Errand`, and how many messages were moved without a call
        """
        errands, moved = [], 0
        for row in self._with_their_payments(self._due_rows(shard, company_id)):
            try:
                errand = errand_of(row)
            except (ValueError, TypeError, LookupError, AttributeError):
                _logger.exception("marketing system: message %s cannot be read", row["name"])
                moved += self._move_apart(row, "_not_sendable", cis_delivery.unsendable(standing_of(row)))
                continue
            if errand.step in (cis_delivery.WITHDRAW, cis_delivery.WAIT):
                moved += self._move_apart(row, "_leave_queue", errand.step)
            else:
                errands.append(errand)
        if errands:
            self._write_lease(errands, token)
        return errands, moved

    def _move_apart(self, row, move, *args):
        """Move one message without a call; when that fails it waits longer, and the others have their turn.

        :param row: of :meth:`_due_rows`
        :param move: name of the method of a message
        :return: 1, or 0 when somebody else works at what it belongs to
        """
        message = self.browse(row["id"])
        try:
            with self.env.cr.savepoint():
                getattr(message, move)(*args)
            return 1
        except RACES:
            return 0
        except Exception:
            _logger.exception("marketing system: message %s cannot leave its queue", row["id"])
        failures = (row["failures"] or 0) + 1
        message.write({"failures": failures, "next_try_at": now() + cis_delivery.delay(row["name"], failures)})
        return 1

    def _due_rows(self, shard, company_id):
        self.flush_model()
        # A dead worker's lease counts once it ran out; what follows a live message of its account waits.
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT m.id, m.name, m.kind, m.company_id, m.state, m.tried, m.uncertain, m.failures, m.payload,
                       m.payment_id, m.leased_until IS NOT NULL AS abandoned,
                       p.state AS payment_state, p.tried AS payment_tried, p.uncertain AS payment_uncertain,
                       p.payload AS payment_payload, r.payload AS reversal_payload
                  FROM electricity_cis_message m
             LEFT JOIN electricity_cis_message p ON p.id = m.payment_id
             LEFT JOIN electricity_cis_message r ON r.payment_id = m.id AND r.state <> 'withdrawn'
                 WHERE m.state IN ('queued', 'unknown')
                   AND m.next_try_at <= %(now)s
                   AND (m.leased_until IS NULL OR m.leased_until <= %(now)s)
                   AND MOD(m.electricity_account_id, %(shards)s) = %(shard)s
                   AND m.company_id = %(company)s
                   AND NOT EXISTS (
                       SELECT 1
                         FROM electricity_cis_message earlier
                        WHERE earlier.electricity_account_id = m.electricity_account_id
                          AND earlier.state IN ('queued', 'unknown')
                          AND earlier.id < m.id)
              ORDER BY m.next_try_at, m.id
                 LIMIT %(limit)s
                   FOR NO KEY UPDATE OF m SKIP LOCKED
                """,
                now=now(),
                shards=SHARDS,
                shard=shard,
                company=company_id,
                limit=BATCH,
            )
        )

    def _with_their_payments(self, rows):
        """Lock the payments that reversals take back: what is read of a payment decides about its reversal.

        :param rows: of :meth:`_due_rows`
        :return: those without the reversals at whose payment somebody else works; they are for the next time
        """
        owners = tuple(row["payment_id"] for row in rows if row["payment_id"])
        if not owners:
            return rows
        locked = self.env.execute_query(
            SQL("SELECT id FROM electricity_cis_message WHERE id IN %s FOR NO KEY UPDATE SKIP LOCKED", owners)
        )
        ours = {None, *(row[0] for row in locked)}
        return [row for row in rows if row["payment_id"] in ours]

    def _write_lease(self, errands, token):
        values = SQL(", ").join(
            SQL("(%s, %s, %s, %s)", errand.id, leased.state, leased.tried, leased.uncertain)
            for errand in errands
            for leased in [cis_delivery.leased(errand.before, errand.step)]
        )
        self.env.cr.execute(
            SQL(
                "UPDATE electricity_cis_message m"
                " SET leased_until = %s, lease = %s, state = v.state, tried = v.tried, uncertain = v.uncertain"
                " FROM (VALUES %s) AS v (id, state, tried, uncertain) WHERE m.id = v.id",
                now() + LEASE,
                token,
                values,
            )
        )

    def _give_back(self, errands, token):
        """End the lease on messages that were not sent."""
        for errand in errands:
            self.env.cr.execute(
                SQL(
                    "UPDATE electricity_cis_message SET leased_until = NULL, lease = NULL, tried = %s"
                    " WHERE id = %s AND lease = %s",
                    errand.before.tried,
                    errand.id,
                    token,
                )
            )

    # -------------------------------------------------------------------------------------------------------- the call

    def _send(self, errand, connection):
        """Make the call of an errand; no lock is held meanwhile. Never raises.

        :param connection: one ``electricity.cis.connection``
        :return: :class:`Report`
        """
        subject = {
            cis_delivery.SUBMIT: errand.payment,
            cis_delivery.QUERY: errand.payment.serial,
            cis_delivery.REVERSE: errand.reversal,
        }[errand.step]
        tried_at, began = now(), time.monotonic()
        try:
            answer = connection.ask(errand.step, subject)
        except Unreachable as failure:
            answer = failure
        except Exception as error:
            # A bug, and one message must not keep all others from their way. It may have left.
            _logger.exception("marketing system: %s of a message failed", errand.step)
            answer = Unreachable("internal", type(error).__name__)
        return Report(errand, answer, tried_at, (time.monotonic() - began) * 1000)

    def _commit(self):
        # A test has one transaction.
        if not modules.module.current_test:
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _progress(self, done, more):
        """Commit, and tell the cron how far it is."""
        if not modules.module.current_test:
            self.env["ir.cron"]._commit_progress(done, remaining=BATCH if more else 0)
