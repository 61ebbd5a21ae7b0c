"""Receipts that a terminal prints: counted, each print with a name of its own, so that none comes out twice."""

import time
import uuid as uuid_module

from odoo import api, fields, models

from ..core import codes, money, prints
from ..core.errors import Refusal
from .parameters import check_uuid

MOST_COPIES = 3
"""Of one receipt at terminals; the counter prints more."""
_NAMES = uuid_module.UUID("0d6c1e0a-7d0b-4f51-9a52-6f1f4c4b6a11")
"""Namespace of first prints."""


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    terminal_print = fields.Char(
        "Latest Print at a Terminal",
        readonly=True,
        copy=False,
        prefetch=False,
        help="Its identifier: the same print is asked for again, not counted again.",
    )

    @api.private
    def print_first(self, terminal):
        """Return the print order of this order's receipt for the terminal at which it has ended just now.

        A repeat answers the same print, which the terminal has done then. A receipt that was printed elsewhere is
        not printed by itself.

        :param terminal: ``electricity.terminal``
        :return: {``job``, ``print``}, or None: there is nothing to print, or it was printed elsewhere
        """
        self.ensure_one()
        stage = self.receipt_stage()
        if not stage:
            return None
        job = str(uuid_module.uuid5(_NAMES, self._print_name(stage, terminal)))
        if stage == "ended" and self.terminal_print != job:
            if self.print_count:
                return None
            self.write({"print_count": 1, "terminal_print": job})
        return self._print_order(terminal, job, 0)

    def _print_name(self, stage, terminal):
        """Return what the identifier of a first print is made of: other money makes another receipt."""
        if stage == "ended":
            return f"{self.uuid}/{stage}/{terminal.uuid}"
        paid = money.to_cents(self.paid_amount)
        return f"{self.uuid}/{stage}/{paid}/{self._uncertain_cents()}/{terminal.uuid}"

    @api.private
    def print_copy(self, terminal, job):
        """Return the print order of one more copy that somebody asked for.

        :param terminal: ``electricity.terminal``
        :param job: uuid that the caller made; a repeat is the same print
        :return: {``job``, ``print``}
        :raises Refusal: A-407 when there are enough copies, A-408 when nothing has ended
        """
        self.ensure_one()
        job = check_uuid(job)
        if self.receipt_stage() != "ended":
            raise Refusal(codes.A_NO_RECEIPT)
        if self.terminal_print != job:
            if self.print_count > MOST_COPIES:
                raise Refusal(codes.A_NO_MORE_COPIES)
            self.write({"print_count": self.print_count + 1, "terminal_print": job})
        return self._print_order(terminal, job, self.print_count - 1)

    def _print_order(self, terminal, job, copy):
        """Sign a print. Numbers are hidden: the page that carries it sees them so, and paper is left lying about."""
        ring = self.env["electricity.keyring"].load_for_sale()
        token = prints.issue(ring, terminal.uuid, time.time(), job, self.receipt_lines(copy, hidden=True))
        return {"job": job, "print": token}
