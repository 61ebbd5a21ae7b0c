"""What terminals call: docs/protocol §2. JSON in and out, no cookies; who calls is proved inside the messages."""

import json

from odoo import http
from odoo.http import request

from ..core import codes
from ..core.errors import Refusal
from ..models.answers import QUIET
from ..models.terminal_sync import NOT_ASKED

PAIR_BYTES = 4096
SYNC_BYTES = 1 << 20
KEYS_BYTES = 8192
STATUS = {codes.S_BUSY: 503, codes.T_NO_KEY: 503, codes.K_PROVIDER: 503, codes.P_MALFORMED: 400}
"""HTTP status of a refusal; every other one is 403."""


def _route(name, largest):
    """Return the decorator of a call: of anybody, without cookies, as JSON of at most ``largest`` bytes."""
    return http.route(
        f"/electricity/terminal/{name}",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        max_content_length=largest,
    )


class TerminalController(http.Controller):
    """The calls of terminals. A refusal is an answer: what it recorded is committed."""

    @_route("pair", PAIR_BYTES)
    def pair(self):
        """Pair a terminal."""
        return self._answer(lambda terminals, body: terminals.pair(body))

    @_route("sync", SYNC_BYTES)
    def sync(self):
        """Take a heartbeat, receipts, statements about notes, and a report of the trail."""
        return self._answer(
            lambda terminals, body: terminals.sync(
                body.get("heartbeat"),
                body.get("receipts", []),
                body.get("kids"),
                body.get("tenders"),
                body.get("sessions"),
                body.get("trail", NOT_ASKED),
            )
        )

    @_route("keys", KEYS_BYTES)
    def keys(self):
        """Use the keys of a card for one live attempt."""
        return self._answer(lambda terminals, body: terminals.env["electricity.key.use"].answer(body.get("request")))

    def _answer(self, call):
        """Run a call with the request's JSON object and answer with its result or with its refusal.

        :param call: function of the terminals (superuser) and the body
        """
        try:
            result = call(request.env["electricity.terminal"].sudo().with_context(**QUIET), self._body())
        except Refusal as refusal:
            return request.make_json_response(
                {"code": refusal.code, "message": refusal.message("en")}, status=STATUS.get(refusal.code, 403)
            )
        return request.make_json_response(result)

    def _body(self):
        try:
            body = json.loads(request.httprequest.get_data())
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise Refusal(codes.P_MALFORMED)
        return body
