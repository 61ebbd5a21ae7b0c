"""What a kiosk's session reaches of the server: the addresses that its page uses, and nothing else."""

import logging

from odoo import models
from odoo.http import request
from werkzeug.exceptions import Forbidden

_logger = logging.getLogger(__name__)

ROUTES = frozenset(
    (
        "/electricity/kiosk",
        # The page's own files and texts, which anybody may have.
        "/web/assets/<string:unique>/<string:filename>",
        "/web/bundle/<string:bundle_name>",
        "/web/webclient/translations",
        "/pos/service-worker.js",
        "/bus/websocket_worker_bundle",
        # The bus, which tells a kiosk its own channel only.
        "/websocket",
        "/bus/has_missed_notifications",
        # Ends it.
        "/web/session/destroy",
    )
)
"""Routes that a kiosk's session may call, of those that want a user. What anybody may call without one is not here."""
CALL = "/web/dataset/call_kw/<path:path>"
CALLS = {
    "pos.session": {"load_data", "load_data_params", "filter_local_data"},
    "pos.config": {"read_config_open_orders", "register_new_device_identifier"},
}
"""Calls of models at the start of the point of sale. Those of ``electricity.kiosk`` decide for themselves."""
IMAGE = "/web/image/<string:model>/<int:id>/<string:field>/<int:width>x<int:height>"
"""The point of sale asks for the logo of its company, which anybody sees."""


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _dispatch(cls, endpoint):
        # Rights on models are one lock; this one also holds where a method of Odoo works around them.
        if request.env.uid and request.env.user.kiosk_config() and not cls._is_for_kiosks(endpoint, request.params):
            _logger.warning("a kiosk's session (user %s) asked for %s", request.env.uid, request.httprequest.path)
            raise Forbidden()
        return super()._dispatch(endpoint)

    @classmethod
    def _is_for_kiosks(cls, endpoint, params):
        """Tell whether a kiosk's page has a reason to make this request.

        :param endpoint: what the address leads to
        :param params: of the request
        """
        routing = endpoint.routing
        if routing["auth"] == "none" or not ROUTES.isdisjoint(routing["routes"]):
            return True
        if IMAGE in routing["routes"]:
            return (params.get("model"), params.get("field")) == ("res.company", "logo")
        if CALL not in routing["routes"]:
            return False
        model, method = params.get("model"), params.get("method")
        return model == "electricity.kiosk" or method in CALLS.get(model, ())
