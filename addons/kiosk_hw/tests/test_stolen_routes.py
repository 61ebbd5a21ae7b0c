"""A stolen session of a kiosk: every address of the server, taken from its routing map.

Addresses that want a user are closed to it but for the few that its page uses; those that anybody may call tell it what
they tell anybody.
"""

import json
import logging
import re
import uuid
from contextlib import contextmanager

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..models.ir_http import CALL, ROUTES
from .stolen import StolenCase

CONVERTER = re.compile(r"<(?:(?P<kind>\w+)(?:\((?P<arguments>[^)]*)\))?:)?(?P<name>\w+)>")
COVETED = ("res.partner", "electricity.account", "electricity.recharge", "pos.order", "account.move", "pos.config")
"""Models of which an address that names one is tried."""
NOT_OF_A_SESSION = ("/web/database/",)
"""Of the server, not of a database: closed by the operator (``list_db``) and by the master password."""
LAST = ("/web/session/destroy", "/web/session/logout")
"""End the session, so that they come at the end."""
DEAR = ("/web/tests", "/web/bundle/", "/web/assets/")
"""Build the browser's files anew at each call, the same for everybody."""


@tagged("post_install", "-at_install")
class TestStolenRoutes(StolenCase, HttpCase):
    def setUp(self):
        super().setUp()
        answer = self.url_open("/electricity/kiosk/login", data={"token": self.statement()}, allow_redirects=False)
        self.assertEqual(answer.status_code, 303)

    def rules(self):
        """Return [(address, how it is routed)] of the server, those that end the session last."""
        found = []
        for rule in self.env["ir.http"].routing_map().iter_rules():
            if not rule.rule.startswith((*NOT_OF_A_SESSION, *DEAR)):
                found.append((rule.rule, rule.endpoint.routing))
        return sorted(found, key=lambda each: (each[0] in LAST, each[0]))

    def addresses(self, rule):
        """Return the addresses of a rule that a thief would try."""
        ids = {
            "res.partner": self.victim.partner_id.id,
            "electricity.account": self.victim.id,
            "electricity.recharge": self.paid.id,
            "pos.config": self.other_config.id,
        }
        found = []
        for model in COVETED if "model" in rule or "subpath" in rule else COVETED[:1]:

            def value(match, model=model):
                kind, name = match["kind"], match["name"]
                if kind in ("model", "models"):
                    wanted = match["arguments"].strip("\"'").split('"')[0]
                    return str(ids.get(wanted, 1))
                known = {
                    "model": model,
                    "model_name": model,
                    "__model__": model,
                    "__method__": "search_read",
                    "field": "image_1920",
                    "path": f"{model}/search_read",
                    "subpath": f"{model}/{ids.get(model, 1)}",
                    "config_id": str(self.other_config.id),
                    "id_": str(self.other_config.id),
                    "device_uuid": self.other_config.access_token,
                    "reportname": "account.report_invoice",
                    "converter": "html",
                    "docids": "1",
                    "service": "object",
                }
                if name in known:
                    return known[name]
                return str(ids.get(model, 1)) if kind == "int" or "id" in name else "x"

            found.append(CONVERTER.sub(value, rule))
        return list(dict.fromkeys(found))

    def ask(self, address, routing):
        """Make one request as the thief's browser would; return its status and its text."""
        methods = routing.get("methods") or ["GET"]
        if routing["type"] == "http":
            if "GET" in methods:
                answer = self.url_open(address, timeout=60, allow_redirects=False)
            else:
                answer = self.url_open(address, data={"csrf_token": "x"}, timeout=60, allow_redirects=False)
            return answer.status_code, answer.text
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": self.parameters()}
        answer = self.url_open(address, data=json.dumps(body), headers={"Content-Type": "application/json"}, timeout=60)
        told = answer.json() if answer.headers["Content-Type"].startswith("application/json") else {}
        error = told.get("error") if isinstance(told, dict) else None
        return (error or {}).get("code", answer.status_code), answer.text

    def parameters(self):
        """Return parameters by which many addresses would find what belongs to the victim."""
        partner = self.victim.partner_id
        return {
            "model": "res.partner",
            "method": "search_read",
            "args": [[], ["name", "phone"]],
            "kwargs": {},
            "thread_model": "res.partner",
            "thread_id": partner.id,
            "res_model": "res.partner",
            "res_id": partner.id,
            "id": partner.id,
            "domain": [],
            "fetch_params": {},
            "term": "Qvictim",
        }

    @contextmanager
    def calm(self):
        """Keep the log free of what is refused here, a thousand times."""
        with mute_logger("odoo.http", "odoo.addons.kiosk_hw.models.ir_http", "odoo.addons.base.models.ir_http"):
            logging.getLogger("werkzeug").setLevel(logging.ERROR)
            try:
                yield
            finally:
                logging.getLogger("werkzeug").setLevel(logging.NOTSET)

    def test_every_address_that_wants_a_user_is_closed_but_for_the_pages_own(self):
        before, asked = self.rows(), 0
        with self.calm():
            for rule, routing in self.rules():
                for address in self.addresses(rule):
                    with self.subTest(rule, address=address):
                        status, text = self.ask(address, routing)
                        asked += 1
                        self.assertTellsNothing(text, address)
                        own = {*ROUTES, CALL}.intersection(routing["routes"])
                        if routing["auth"] in ("user", "bearer") and not own:
                            self.assertNotEqual(status, 200, f"{address} answers a kiosk's session: {text[:200]}")
        self.assertGreater(asked, 250)
        self.assertEqual(self.rows(), before)

    def test_of_the_calls_of_models_only_the_pages_own_are_open(self):
        with self.calm():
            for model, method, args in (
                ("res.partner", "search_read", [[], ["name"]]),
                ("electricity.recharge", "quote", [self.other_terminal.id, self._victims_reading()]),
                ("res.users", "switch_tour_enabled", [True]),
                ("res.company", "get_next_batch_payment_communication", [self.company.ids]),
                ("pos.order", "sync_from_ui", [[]]),
                ("pos.session", "close_session_from_ui", [self.config.current_session_id.ids]),
            ):
                with self.subTest(model, method=method):
                    answer = self.call(model, method, args)
                    self.assertIn("403", answer["error"]["data"]["message"], answer)
        answer = self.call("electricity.kiosk", "status", [str(uuid.uuid4())])
        self.assertEqual(answer["result"]["code"], "S-115")

    def call(self, model, method, args):
        """Make a call of a model as a browser does; return the whole answer."""
        params = {"model": model, "method": method, "args": args, "kwargs": {}}
        answer = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
            headers={"Content-Type": "application/json"},
        )
        return answer.json()
