"""Notes that a terminal counted. They are in its box: a genuine statement is always stored, whoever brings it."""

from odoo import api, models

from ..core import codes, money, tenders, tokens
from ..core.errors import Refusal
from .answers import find_by
from .parameters import request_digest

LARGEST_INT = 2**31 - 1
"""Of an integer column."""


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    def _add_terminal_cash(self, statement):
        """Take a statement that a page carries. Whatever state the order is in, it counts.

        :param statement: ``tender+jwt``, compact, of this order's terminal
        """
        if not isinstance(statement, str):
            raise Refusal(codes.S_TENDER_INVALID)
        terminal = self.terminal_id
        signed = tenders.verify(
            statement, terminal.identity(), self.env["electricity.keyring"].database_uuid(), self.uuid
        )
        self._take_statement(terminal, signed, statement, pushed=False)
        return {"order": self._status(), "change": money.format_cents(0)}

    @api.model
    def _take_tenders(self, compact, terminal):
        """Take statements that a terminal pushes, in order; stop at the first that has to come again.

        :param compact: ``tender+jwt``, oldest first
        :param terminal: the terminal that pushed them
        :return: [{``jti``, ``code``}]
        """
        results = []
        for token in compact:
            jti = None
            try:
                _header, claims = tokens.peek(token, codes.S_TENDER_INVALID)
                jti = claims.get("jti") if isinstance(claims.get("jti"), str) else None
                database = self.env["electricity.keyring"].database_uuid()
                signed = tenders.verify(token, terminal.identity(), database)
                order = find_by(self, uuid=signed.recharge)
                if order.company_id != terminal.company_id:
                    # Nothing that a terminal says reaches another company's accounts.
                    order = self.browse()
                code = order._take_statement(terminal, signed, token, pushed=True)
            except Refusal as refusal:
                code = refusal.code
            results.append({"jti": jti, "code": code})
            if code == codes.S_BUSY:
                break
        return results

    def _take_statement(self, terminal, signed, token, pushed):
        """Store a genuine statement once: the same one may come by the page and by the terminal, in any order.

        :param self: the order that it names, or an empty record when that is not known
        :param terminal: the terminal that signed it
        :param signed: :class:`~..core.tenders.TenderStatement`
        :param token: its compact form
        :param pushed: whether the terminal itself brought it
        :return: the code of what is wrong with its place in the session, or None
        :raises Refusal: S-101; S-102 when another tender has its name
        """
        if self:
            self.electricity_account_id.take()
        terminal.take()
        digest = request_digest("terminal_cash", token)
        if self._repeat_of_tender(signed.jti, digest):
            return None
        problem = terminal._place_of_statement(signed, pushed)
        values = self._statement_values(terminal, signed, token, digest)
        if self:
            self._record_tender(values)
            if self.notes_until:
                # The acceptor is closed when its terminal states what was in.
                self.notes_until = False
        else:
            self._keep_unassigned(terminal, values)
        # Also what makes a second transaction with the same statement fail at the lock.
        terminal.write({"tender_count": terminal.tender_count + 1})
        if problem is not None:
            terminal._report_statement(problem)
        return problem

    def _statement_values(self, terminal, signed, token, digest):
        """Return the fields of the tender that a statement makes."""
        return {
            "uuid": signed.jti,
            "kind": "terminal_cash",
            "amount": money.cents_to_float(signed.total),
            "received": money.cents_to_float(signed.total),
            "request_digest": digest,
            "terminal_id": terminal.id,
            "evidence": token,
            "statement_session": signed.session,
            "statement_seq": min(signed.seq, LARGEST_INT),
            "note_counts": {str(denomination): count for denomination, count in signed.notes},
            "uncertain_notes": [{"denomination": denomination, "at": at} for denomination, at in signed.uncertain],
            "uncertain_amount": money.cents_to_float(signed.doubtful),
        }

    @api.model
    def _keep_unassigned(self, terminal, values):
        """Keep money that no order of ours is known for, and call somebody who finds out whose it is."""
        company = terminal.company_id
        self.env["electricity.tender"].create(
            {
                # First, because Odoo looks it up to round the amounts that follow.
                "currency_id": company.currency_id.id,
                **values,
                "signed_amount": values["amount"],
                "company_id": company.id,
                "is_unassigned": True,
            }
        )
        # Uncertain notes may be all that it is about.
        terminal._report_unassigned(values["amount"] or values["uncertain_amount"])
