"""Making a terminal known: a code shown once, keys that never leave the terminal."""

from datetime import timedelta
from urllib.parse import urlsplit

from odoo import api, fields, models

from ..core import codes, pairing, tokens
from ..core.errors import Refusal
from ..core.identity import TerminalKey


class ElectricityTerminal(models.Model):
    _inherit = "electricity.terminal"

    extra_origins = fields.Char(
        "Further Addresses of Odoo",
        help="Addresses from which pages may use this terminal, besides the one in the settings: https://host,"
        " separated by spaces.",
        prefetch=False,
    )

    def action_pair(self):
        """Make a pairing code and show it once."""
        self.ensure_one()
        if self.state in ("draft", "pairing"):
            self._check_group("group_technician", "group_administrator")
        else:
            # New keys for a terminal that sells: whoever holds them could sign what was never written.
            self._check_group("group_administrator")
        code = self.sudo().new_pairing_code()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "sticky": True,
                "title": self.env._("Pairing code of %(terminal)s", terminal=self.name),
                "message": self.env._(
                    "%(code)s — type it at the terminal within 15 minutes (hw-proxy pair). It is not shown again.",
                    code=code,
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.private
    def new_pairing_code(self, minutes=pairing.LIFETIME // 60):
        """Make a pairing code, valid once.

        :param minutes: how long, at most :data:`~.pairing.LONGEST`
        :return: the code as people type it; only its derived key is kept
        :raises Refusal: T-106, T-107 when Odoo has no key to pair with
        """
        self.ensure_one()
        self.env["electricity.keyring"].load_ring()
        code = pairing.new_code()
        # The handle finds the terminal: of a hundred codes at a time two could begin alike.
        while self.sudo().with_context(active_test=False).search_count([("pairing_handle", "=", code.handle)], limit=1):
            code = pairing.new_code()
        self.write(
            {
                "state": "pairing" if self.state == "draft" else self.state,
                "pairing_handle": code.handle,
                "pairing_verifier": pairing.derive_key(code).hex(),
                "pairing_expires_at": fields.Datetime.now() + timedelta(seconds=min(minutes * 60, pairing.LONGEST)),
                "pairing_tries": 0,
                "pairing_done": False,
            }
        )
        return code.shown

    @api.model
    @api.private
    def pair(self, request):
        """Accept a terminal's keys: docs/protocol §2.

        :param request: {``handle``, ``ed25519``, ``x25519``, ``host``, ``version``, ``mac``}
        :return: the answer with Odoo's key and its MAC
        :raises Refusal: P-104, T-108 (also counts the try), T-109, S-101
        """
        texts = {name: request.get(name) for name in ("handle", "ed25519", "x25519", "host", "version", "mac")}
        if not all(isinstance(text, str) and text.isprintable() and len(text) <= 200 for text in texts.values()):
            raise Refusal(codes.P_MALFORMED)
        terminal = self.search([("pairing_handle", "=", texts["handle"])], limit=1)
        if not terminal or not terminal.pairing_verifier:
            raise Refusal(codes.T_PAIRING_WRONG)
        terminal.take()
        return terminal._pair(texts, self.env["electricity.keyring"].load_ring())

    def _pair(self, texts, ring):
        if self.pairing_expires_at < fields.Datetime.now():
            raise Refusal(codes.T_PAIRING_EXPIRED)
        if self.pairing_tries >= pairing.MAX_TRIES:
            raise Refusal(codes.T_PAIRING_WRONG)
        key = bytes.fromhex(self.pairing_verifier)
        ed25519, x25519 = texts["ed25519"], texts["x25519"]
        try:
            if not (tokens.is_raw_key(ed25519) and tokens.is_raw_key(x25519)):
                raise Refusal(codes.T_PAIRING_WRONG)
            pairing.check_request(key, texts["mac"], texts["handle"], ed25519, x25519)
            if self.pairing_done and (self.ed25519, self.x25519) != (ed25519, x25519):
                raise Refusal(codes.T_PAIRING_WRONG)
        except Refusal:
            self.pairing_tries += 1
            raise
        if not self.pairing_done:
            self._accept_keys(texts)
        origins = self.origins()
        return {
            "terminal": self.uuid,
            # By its code people call it, also where only the terminal itself speaks: on vouchers and its first page.
            "name": f"{self.code} {self.name}",
            "iss": ring.db_uuid,
            "kid": ring.active.kid,
            "key": ring.active.x,
            "epoch": ring.epoch,
            "origins": origins,
            "mac": pairing.answer_mac(
                key, self.uuid, ring.db_uuid, ring.active.kid, ring.active.x, ring.epoch, origins
            ),
        }

    def _accept_keys(self, texts):
        # Nobody is logged in when a terminal calls: the note is the system's, in the language of who made the code.
        people = (self.write_uid | self.create_uid).filtered(lambda user: user.active and not user._is_public())
        speaking = self.with_context(lang=people[:1].lang or self.env.lang)
        self.write(
            {
                "state": "active" if self.state in ("draft", "pairing") else self.state,
                "ed25519": texts["ed25519"],
                "x25519": texts["x25519"],
                "kid": TerminalKey(uuid=self.uuid, x=texts["ed25519"]).kid,
                "host": texts["host"],
                "version": texts["version"],
                "pairing_done": True,
                "paired_at": fields.Datetime.now(),
            }
        )
        self.message_post(
            body=speaking.env._("Paired with %(host)s, key %(kid)s.", host=texts["host"], kid=self.kid),
            author_id=self.env.ref("base.partner_root").id,
        )

    @api.private
    def origins(self):
        """Return the web origins whose pages may use this terminal."""
        self.ensure_one()
        addresses = [self.env["ir.config_parameter"].sudo().get_param("web.base.url") or ""]
        addresses += (self.extra_origins or "").split()
        origins = []
        for address in addresses:
            parts = urlsplit(address)
            origin = f"{parts.scheme}://{parts.netloc}"
            if parts.scheme in ("http", "https") and parts.netloc and origin not in origins:
                origins.append(origin)
        return origins
