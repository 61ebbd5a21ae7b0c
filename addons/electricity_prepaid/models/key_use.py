"""Each use of the keys of the cards, and what operators did to keys."""

import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import codes, key_requests, tokens
from ..core.errors import Refusal
from ..core.key_provider import PSC_SIZES
from .answers import find_by, sentence
from .card_drivers import select_driver
from .own_defaults import OWN_DEFAULTS

_logger = logging.getLogger(__name__)

AWAY = (codes.K_PROVIDER, codes.S_BUSY)
"""Refusals that end by themselves: the same request may come again and be answered."""


class ElectricityKeyUse(models.Model):
    """One use of a card key, one refusal, or one thing that an operator did to keys.

    People only add rows. Old ones of finished orders are condensed by ``electricity.key.day``.

    No key, cryptogram or code is in a row, only who asked what for which card.
    """

    _name = "electricity.key.use"
    _inherit = [OWN_DEFAULTS]
    _description = "Use of Card Keys"
    _order = "id desc"
    _rec_name = "op"
    _rec_names_search = ["card_serial", "attempt", "actor"]

    used_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    company_id = fields.Many2one("res.company", readonly=True, index=True)
    terminal_id = fields.Many2one("electricity.terminal", readonly=True, index="btree_not_null", ondelete="restrict")
    op = fields.Selection(
        [
            ("authenticate", "Open a Card for Writing"),
            ("mac", "Sign Bytes"),
            ("update_key", "Give a Card New Keys"),
            ("psc", "Code of a Memory Card"),
            ("reconnect", "Reconnect Command"),
            ("made", "Keys Made"),
            ("version", "Key Version Added"),
            ("destroyed", "Keys Destroyed"),
            ("rotation", "Signing Key Announced"),
            ("activation", "Signing Key Changed"),
            ("revocation", "Terminal Revoked"),
        ],
        "Operation",
        required=True,
        readonly=True,
    )
    recharge_id = fields.Many2one("electricity.recharge", readonly=True, index="btree_not_null", ondelete="restrict")
    attempt = fields.Char(readonly=True)
    driver = fields.Char(readonly=True)
    driver_name = fields.Char("Kind of Card", compute="_compute_driver_name")
    version = fields.Integer("Key Version", readonly=True, aggregator=None)
    card_serial = fields.Char("Card", readonly=True, index="btree_not_null")
    jti = fields.Char("Request", readonly=True)
    digest = fields.Char(readonly=True, prefetch=False)
    code = fields.Char("Refused", readonly=True)
    code_message = fields.Char("Reason", compute="_compute_code_message")
    actor = fields.Char("By", readonly=True, help="Who did something to keys; empty for a terminal.")
    note = fields.Char(readonly=True)

    _request_unique = models.UniqueIndex(
        "(terminal_id, jti) WHERE jti IS NOT NULL", "This request was answered already."
    )
    _attempt_index = models.Index("(attempt) WHERE op = 'update_key'")
    _time_index = models.Index("USING brin (used_at)")

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_code_message(self):
        for use in self:
            use.code_message = sentence(self.env, use.code) if use.code else False

    @api.depends("driver")
    @api.depends_context("lang")
    def _compute_driver_name(self):
        names = dict(select_driver(self))
        for use in self:
            use.driver_name = names.get(use.driver, use.driver)

    @api.depends("op", "card_serial", "terminal_id", "actor")
    @api.depends_context("lang")
    def _compute_display_name(self):
        operations = dict(self._fields["op"]._description_selection(self.env))
        for use in self:
            about = use.card_serial or use.terminal_id.name or use.actor
            use.display_name = " · ".join(part for part in (operations.get(use.op), about) if part)

    def write(self, vals):  # pylint: disable=method-required-super
        """Refuse: what happened stays.

        :raises UserError: always
        """
        self.check_access("write")
        raise UserError(self.env._("The log of key uses is never changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The log of key uses is never deleted."))

    @api.model
    @api.private
    def answer(self, token):
        """Answer a terminal's request: docs/protocol, "The key service".

        What is recorded here is committed before the answer leaves: Odoo sends a response after the commit.

        :param token: ``key+jwt``, compact
        :return: {``cryptogram``}, {``mac``} or {``command``, ``version``}, in hexadecimal digits
        :raises Refusal: P-104, S-101, T-101 … T-107, K-102 … K-110; recorded when the terminal is known
        """
        ring = self.env["electricity.keyring"].load_ring()
        terminal = self._terminal_of(token)
        request = key_requests.verify(token, terminal.identity(), ring.db_uuid)
        terminal.take()
        # A repeat costs the same key work as the first request, so it counts: it must be no way round the quota.
        terminal._count_key_use()
        earlier = find_by(self, terminal_id=terminal.id, jti=request.jti)
        if earlier:
            return self._answer_again(earlier, terminal, request)
        attempt = find_by(self.env["electricity.recharge.attempt"], jti=request.attempt)
        values = {
            "recharge_id": attempt.recharge_id.id if attempt.terminal_id == terminal else False,
            "attempt": request.attempt,
            "driver": attempt.recharge_id.driver if attempt.terminal_id == terminal else False,
            "version": request.version,
            "card_serial": request.serial,
            "jti": request.jti,
            "digest": request.digest,
        }
        try:
            result = self._decide(terminal, attempt, request)
        except Refusal as refusal:
            if refusal.code in AWAY:
                values["jti"] = False
            if refusal.code == codes.K_OTHER_BYTES and not self._refused_lately(terminal, refusal.code):
                # A sound terminal never does this.
                terminal.report(refusal.code)
            self._log(request.op, terminal, code=refusal.code, **values)
            raise
        self._log(request.op, terminal, **values)
        return result

    @api.model
    def _refused_lately(self, terminal, code):
        """Tell whether a terminal was refused for the same reason within a day: one call for help is enough."""
        since = fields.Datetime.now() - timedelta(days=1)
        domain = [("terminal_id", "=", terminal.id), ("code", "=", code), ("used_at", ">=", since)]
        return bool(self.search_count(domain, limit=1))

    @api.model
    def _terminal_of(self, token):
        """Return the terminal that a request says it is from; nothing is proved yet."""
        _header, claims = tokens.peek(token, codes.P_MALFORMED)
        issuer = claims.get("iss")
        terminals = self.env["electricity.terminal"].with_context(active_test=False)
        terminal = find_by(terminals, uuid=issuer) if isinstance(issuer, str) and issuer.isprintable() else terminals
        if not terminal:
            raise Refusal(codes.T_NOT_PAIRED)
        return terminal

    def _answer_again(self, earlier, terminal, request):
        """Answer a repeated request as before; it is made anew, since answers are not kept."""
        if earlier.digest != request.digest:
            raise Refusal(codes.K_OTHER_BYTES)
        if earlier.code:
            raise Refusal(earlier.code)
        return self._decide(terminal, find_by(self.env["electricity.recharge.attempt"], jti=request.attempt), request)

    def _decide(self, terminal, attempt, request):
        """Check a request and let the provider answer it."""
        terminal._check_may_use_keys()
        if not attempt or attempt.terminal_id != terminal or not attempt._may_use_keys():
            raise Refusal(codes.K_ATTEMPT_NOT_LIVE)
        updated = self.search_count(
            [("attempt", "=", request.attempt), ("op", "=", "update_key"), ("code", "=", False)], limit=1
        )
        before = bytes.fromhex(attempt.image_before or "")
        driver, ordered = key_requests.check(request, attempt.order_token, before, int(time.time()), bool(updated))
        if request.op == key_requests.UPDATE_KEY:
            terminal._check_issues(driver)
        return self._with_provider(lambda keys: self._perform(keys, driver, ordered, request))

    @staticmethod
    def _perform(keys, driver, ordered, request):
        card = (driver, request.version, request.serial)
        if request.op == key_requests.AUTHENTICATE:
            cryptogram = keys.authenticate(*card, request.internal, request.answer, request.challenge)
            return {"cryptogram": cryptogram.hex()}
        if request.op == key_requests.SIGN:
            return {"mac": keys.mac(*card, request.challenge, request.header, request.data).hex()}
        return {"command": keys.key_update(*card, request.challenge, ordered).hex(), "version": ordered}

    @api.model
    def _with_provider(self, work):
        """Run work with the provider of the cards' keys.

        :raises Refusal: as the work, and K-109 where the keys cannot be read; why goes to the log
        """
        try:
            return work(self.env["electricity.keyring"].load_card_keys())
        except Refusal as refusal:
            if refusal.code not in (codes.T_NO_KEY, codes.K_PROVIDER):
                raise
            _logger.warning("%s: %s", refusal.code, refusal.params.get("reason"))
            raise Refusal(codes.K_PROVIDER) from refusal

    @api.model
    @api.private
    def psc(self, recharge, terminal, order):
        """Return the code of a memory card for one write order, counted and logged.

        :param recharge: ``electricity.recharge``
        :param terminal: the terminal that the code is sealed for
        :param order: ``core.orders.WriteOrder``
        :return: 2 or 3 bytes, None where the driver has no code
        :raises Refusal: K-104, K-109, S-101
        """
        if order.driver not in PSC_SIZES:
            return None
        values = {"attempt": order.jti, "driver": order.driver, "card_serial": order.card_serial}
        return self._use("psc", recharge, terminal, values, lambda keys: keys.psc(order.driver, order.card_serial))

    @api.model
    @api.private
    def reconnect(self, recharge, terminal, card, deadline):
        """Return the encrypted command by which a card reconnects its meter, counted and logged.

        :param recharge: ``electricity.recharge``
        :param terminal: the terminal that will write it
        :param card: driver, version of the keys that the card will have, serial of 16 digits
        :param deadline: BCD YYMMDDhhmmss, 6 bytes
        :return: 16 bytes
        :raises Refusal: K-104, K-106, K-109, S-101
        """
        values = dict(zip(("driver", "version", "card_serial"), card, strict=True))
        return self._use("reconnect", recharge, terminal, values, lambda keys: keys.reconnect(*card, deadline))

    def _use(self, op, recharge, terminal, values, work):
        """Use a key for what Odoo itself decided; a refusal is on record too."""
        terminal.take()
        terminal._count_key_use()
        values["recharge_id"] = recharge.id
        try:
            result = self._with_provider(work)
        except Refusal as refusal:
            self._log(op, terminal, code=refusal.code, **values)
            raise
        self._log(op, terminal, **values)
        return result

    @api.model
    def _log(self, op, terminal=None, **values):
        """Add a row.

        :param op: what was done
        :param terminal: for whom, None for an operator
        """
        company = {"terminal_id": terminal.id, "company_id": terminal.company_id.id} if terminal else {}
        return self.sudo().create({"op": op, **company, **values})
