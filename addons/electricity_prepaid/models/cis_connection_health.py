"""How a connection is doing, and the circuit breaker that its workers share."""

import contextlib
import os
import time

from odoo import api, fields, models, modules
from odoo.tools import SQL

from ..core import cis_circuit, cis_secrets
from ..core.cis_types import Unreachable
from .answers import RACES
from .keyring import setting

NOTED_EVERY = 1.0
"""Seconds for which a worker takes its own latest success for the state of the circuit."""
WEIGHT = 0.2
"""Of the newest answer in the moving average of the latency."""
_CIRCUIT = SQL("circuit_state, failures, circuit_until")
_closed_until = {}


class ElectricityCisConnection(models.Model):
    _inherit = "electricity.cis.connection"

    def _secrets(self):
        """Return password and files of this connection.

        :return: :class:`..core.cis_secrets.Secrets`
        :raises Unreachable: ``configuration``; also when they are not released for its address or its company
        """
        path = setting("cis_secrets")
        found = cis_secrets.load(self.secret_name, os.environ, path and os.path.expanduser(path))
        cis_secrets.check_released(found, self.secret_name, self.url, self.company_id.id)
        return found

    @contextlib.contextmanager
    def _apart(self):
        """Yield a cursor whose transaction is not the caller's; a test has one transaction only.

        Races are left to the others: the health is a summary, and somebody else has just written it.
        """
        if modules.module.current_test:
            self.flush_recordset()
            yield self.env.cr
            self.invalidate_recordset()
            return
        with contextlib.suppress(*RACES), self.env.registry.cursor() as cr:
            yield cr

    @api.private
    def is_paused(self):
        """Tell whether a call would not be made at this moment."""
        self.ensure_one()
        circuit = _circuit((self.circuit_state, self.failures, self.circuit_until))
        return cis_circuit.refuses(circuit, fields.Datetime.now())

    def _call(self, operation, *args):
        """Make one call that was admitted, and note how it went, whatever happens.

        :raises Unreachable: no answer
        """
        began = time.monotonic()
        try:
            answer = getattr(self._system(), operation)(*args)
        except Unreachable as failure:
            self._note_failure(failure)
            raise
        except Exception as error:
            # A fault of our own says nothing about the marketing system, and must not keep the next one from trying.
            self._note_failure(Unreachable("internal", type(error).__name__))
            raise
        self._note_success((time.monotonic() - began) * 1000)
        return answer

    def _admit(self):
        """Let one call through, or none.

        :return: whether the call tries an open circuit: nobody else gets in until its outcome is noted
        :raises Unreachable: ``circuit``, not sent
        """
        key = (self.env.cr.dbname, self.id)
        if _closed_until.get(key, 0) > time.monotonic():
            return False
        turn = None
        with self._apart() as cr:
            turn = self._take_turn(cr)
        if turn is None:
            raise Unreachable("circuit", "paused after failures", sent=False)
        return turn == cis_circuit.HALF_OPEN

    def _take_turn(self, cr):
        """Find whether a call may be made now; when it is the probe of an open circuit, nobody else gets in.

        :param cr: cursor of a transaction of its own
        :return: state of the circuit in which it is made, None when it may not be made
        """
        cr.execute(
            SQL("SELECT clock_timestamp() AT TIME ZONE 'UTC', %s FROM %s WHERE id = %s", _CIRCUIT, self._sql(), self.id)
        )
        now, *values = cr.fetchone()
        circuit = _circuit(values)
        if circuit.state == cis_circuit.CLOSED:
            return circuit.state
        if cis_circuit.refuses(circuit, now):
            return None
        probe = cis_circuit.probing(circuit, now)
        cr.execute(
            SQL(
                "UPDATE %s SET circuit_state = %s, circuit_until = %s"
                " WHERE id IN (SELECT id FROM %s WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED)",
                self._sql(),
                probe.state,
                probe.until,
                self._sql(),
                self.id,
            ),
            log_exceptions=False,
        )
        return probe.state if cr.rowcount == 1 else None

    def _note_success(self, milliseconds):
        """Record that it answered; not each time, when nothing is new.

        :param milliseconds: that it took
        """
        key, now = (self.env.cr.dbname, self.id), time.monotonic()
        if _closed_until.get(key, 0) > now:
            return
        with self._apart() as cr:
            cr.execute(
                SQL(
                    "UPDATE %s SET last_success_at = clock_timestamp() AT TIME ZONE 'UTC',"
                    " circuit_state = 'closed', failures = 0, circuit_until = NULL,"
                    " latency_ms = CASE WHEN latency_ms > 0 THEN latency_ms + %s * (%s - latency_ms) ELSE %s END"
                    " WHERE id IN (SELECT id FROM %s WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED)",
                    self._sql(),
                    WEIGHT,
                    milliseconds,
                    milliseconds,
                    self._sql(),
                    self.id,
                ),
                log_exceptions=False,
            )
        _closed_until[key] = now + NOTED_EVERY

    def _note_failure(self, failure):
        """Record a failure, and open the circuit when there were enough of them.

        :param failure: :class:`..core.cis_types.Unreachable`
        """
        _closed_until.pop((self.env.cr.dbname, self.id), None)
        with self._apart() as cr:
            cr.execute(
                SQL(
                    "SELECT clock_timestamp() AT TIME ZONE 'UTC', %s FROM %s WHERE id = %s"
                    " FOR NO KEY UPDATE SKIP LOCKED",
                    _CIRCUIT,
                    self._sql(),
                    self.id,
                ),
                log_exceptions=False,
            )
            row = cr.fetchone()
            if not row:
                return
            now, circuit = row[0], _circuit(row[1:])
            circuit = cis_circuit.after_failure(circuit, failure.kind, now)
            cr.execute(
                SQL(
                    "UPDATE %s SET last_failure_at = %s, last_failure_kind = %s, last_failure_detail = %s,"
                    " circuit_state = %s, failures = %s, circuit_until = %s WHERE id = %s",
                    self._sql(),
                    now,
                    failure.kind,
                    failure.detail[:250],
                    circuit.state,
                    circuit.failures,
                    circuit.until,
                    self.id,
                )
            )

    def _sql(self):
        return SQL.identifier(self._table)


def _circuit(values):
    state, failures, until = values
    return cis_circuit.Circuit(state or cis_circuit.CLOSED, failures or 0, until)
