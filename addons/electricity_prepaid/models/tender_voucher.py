"""Vouchers: a terminal's statement about notes that the customer brings. It names a tender and is one at most."""

import re

from odoo import api, models

from ..core import codes, tenders, tokens
from ..core.errors import Refusal
from .answers import as_engine, find_by

NUMBER = re.compile(r"[0-9a-f]{12}(?:[0-9a-f]{20})?\Z")
"""A voucher's number, or the whole name of its tender, without dashes."""
GROUPS = ("clerk", "supervisor", "finance")


class ElectricityTender(models.Model):
    _inherit = "electricity.tender"

    @api.model
    @api.private
    def of_voucher(self, text):
        """Return the tender of a voucher, taking it in when the terminal has not brought it yet.

        :param text: what the code says, or the number that stands on it; untrusted
        :return: one ``electricity.tender`` of the caller's companies
        :raises Refusal: A-411 no voucher of ours, A-412 not arrived, S-101 busy, S-116
        """
        if not any(self.env.user.has_group(f"electricity_prepaid.group_{name}") for name in GROUPS):
            raise Refusal(codes.S_NOT_PERMITTED)
        text = "".join((text or "").split())
        digits = text.replace("-", "").lower()
        if NUMBER.match(digits):
            return self._by_voucher_number(digits)
        return self._by_voucher_statement(text)

    def _by_voucher_number(self, digits):
        """Return the tender whose name begins so; the number on the paper is its first twelve digits."""
        start = f"{digits[:8]}-{digits[8:12]}"
        domain = [
            ("uuid", "=like", f"{start}-%"),
            ("kind", "=", "terminal_cash"),
            ("company_id", "in", self.env.companies.ids),
        ]
        found = self.sudo().search(domain, limit=50)
        found = found.filtered(lambda tender: tender.uuid.replace("-", "").startswith(digits))
        if len(found) != 1:
            # None; two with twelve digits alike take the code.
            raise Refusal(codes.A_VOUCHER_NOT_ARRIVED)
        return found.with_env(self.env)

    def _by_voucher_statement(self, token):
        """Return the tender of a genuine statement; it is the terminal's word, whoever brings it."""
        _header, claims = tokens.peek(token, codes.A_VOUCHER_INVALID)
        issuer = claims.get("iss")
        engine = as_engine(self)
        terminals = engine.env["electricity.terminal"]
        terminal = find_by(terminals, uuid=issuer) if isinstance(issuer, str) and issuer.isprintable() else terminals
        if not terminal or terminal.company_id not in self.env.companies:
            raise Refusal(codes.A_VOUCHER_INVALID)
        orders = engine.env["electricity.recharge"]
        try:
            signed = tenders.verify(token, terminal.identity(), self.env["electricity.keyring"].sudo().database_uuid())
        except Refusal as refusal:
            raise Refusal(codes.A_VOUCHER_INVALID) from refusal
        order = find_by(orders, uuid=signed.recharge)
        if order.company_id != terminal.company_id:
            order = orders.browse()
        order._take_statement(terminal, signed, token, pushed=False)
        return find_by(engine, uuid=signed.jti).with_env(self.env)
