"""Asking about one customer: both questions at once."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from odoo import api, models

from ..core.cis_types import Unreachable
from .account_lookup import OK, Told


class ElectricityCisConnection(models.Model):
    _inherit = "electricity.cis.connection"

    @api.private
    def ask_about(self, by, number, account_no=None):
        """Ask who a customer is and what the account owes. The caller holds no locks.

        :param by: ``account``, ``meter`` or ``card``
        :param number: that number
        :param account_no: when it is known here, both questions travel at once
        :return: :class:`~.account_lookup.Told`
        """
        self.ensure_one()
        connection = self.sudo()
        try:
            connection._admit()
            system = connection._system()
        except Unreachable as silence:
            return Told(silence=silence)
        try:
            return connection._note_told(*_asked(system, by, number, account_no))
        except Exception as error:
            # A fault of our own must not keep the next one from trying an open circuit.
            connection._note_failure(Unreachable("internal", type(error).__name__))
            raise

    def _note_told(self, *timed):
        """Note how the questions went.

        :param timed: (answer or :class:`Unreachable`, milliseconds), the customer first
        """
        silence = next((answer for answer, _ms in timed if isinstance(answer, Unreachable)), None)
        if silence:
            self._note_failure(silence)
        else:
            self._note_success(max(ms for _answer, ms in timed))
        customer, arrears = (*(None if isinstance(answer, Unreachable) else answer for answer, _ms in timed), None)[:2]
        return Told(customer, arrears, silence)


def _asked(system, by, number, account_no):
    """Ask both questions, the second one only about a customer who is known.

    :return: what :func:`_timed` returns, of the customer and, when it was asked for, of the arrears
    """
    if account_no:
        # The client has a connection of its own for each thread; nothing of Odoo is touched there.
        with ThreadPoolExecutor(max_workers=1) as side:
            asked = side.submit(_timed, system.query_customer, by, number)
            arrears = _timed(system.query_arrears, account_no)
            return asked.result(), arrears
    customer = _timed(system.query_customer, by, number)
    found = getattr(customer[0], "customer", None)
    if found and customer[0].result.code == OK:
        return customer, _timed(system.query_arrears, found.account_no)
    return (customer,)


def _timed(call, *args):
    """Return the answer of a call, or the :class:`Unreachable` that it raised, and the milliseconds that it took."""
    began = monotonic()
    try:
        answer = call(*args)
    except Unreachable as silence:
        answer = silence
    return answer, (monotonic() - began) * 1000
