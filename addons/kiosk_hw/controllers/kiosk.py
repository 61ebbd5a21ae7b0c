"""How a kiosk's browser gets in, and the page that it gets."""

import json

from odoo import http
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.exceptions import AccessDenied
from odoo.http import request

from ..models.res_users import CREDENTIAL

LOGIN_BYTES = 8192


class KioskController(http.Controller):
    """The way in: a statement of the terminal, once. Then the point of sale, without any right."""

    @http.route(
        "/electricity/kiosk/login",
        type="http",
        auth="none",
        methods=["POST"],
        csrf=False,
        max_content_length=LOGIN_BYTES,
    )
    def login(self, token=None, **_others):
        """Log the browser in that brings a login statement, and send it to the kiosk's page."""
        try:
            config = request.env["electricity.kiosk.login"].sudo().config_of(token)
            credential = {"type": CREDENTIAL, "login": config.kiosk_user_id.login, "token": token}
            request.session.authenticate(request.env, credential)
        except (Refusal, AccessDenied) as error:
            code = error.code if isinstance(error, Refusal) else "P-103"
            return request.make_json_response({"code": code}, status=403)
        return request.redirect("/electricity/kiosk", code=303)

    @http.route("/electricity/kiosk", type="http", auth="user", methods=["GET"])
    def page(self):
        """Show the kiosk of the user who is logged in."""
        config = request.env.user.kiosk_config()
        if not config:
            return request.not_found()
        session = config.open_kiosk_session()
        response = request.render("point_of_sale.index", self._context(config, session))
        response.headers["Cache-Control"] = "no-store"
        return response

    def _context(self, config, session):
        company = config.company_id
        info = request.env["ir.http"].session_info()
        info["user_context"]["allowed_company_ids"] = company.ids
        # Odoo tells these only to employees, and its point of sale wants them.
        info["user_companies"] = {
            "current_company": company.id,
            "allowed_companies": {
                company.id: {
                    "id": company.id,
                    "name": company.name,
                    "sequence": company.sequence,
                    "child_ids": [],
                    "parent_id": False,
                    "currency_id": company.currency_id.id,
                }
            },
            "disallowed_ancestor_companies": {},
        }
        info["nomenclature_id"] = info["fallback_nomenclature_id"] = False
        info["electricity_kiosk"] = request.env["electricity.kiosk"].page_version()
        return {
            "from_backend": 0,
            "use_pos_fake_tours": False,
            "session_info": info,
            "pos_session_id": session.id,
            "pos_config_id": config.id,
            "access_token": config.access_token,
            "last_data_change": config.last_data_change.strftime("%Y-%m-%d %H:%M:%S"),
            "urls_to_cache": json.dumps([]),
            "use_lna": False,
        }
