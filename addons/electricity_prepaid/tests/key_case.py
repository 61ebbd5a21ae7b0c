"""A terminal in the middle of a write with a CPU card, and what it asks the key service."""

import json
import os
import time
import uuid
from datetime import UTC, datetime

from odoo import fields
from odoo.tests import HttpCase

from ..core import codecs, orders, tokens
from ..core import key_suite_demo as suite
from ..core.card_image import CpuBlock, ImageWrite, WriteBack
from ..core.card_keys import SoftwareCardKeys
from .common import CounterCase

DRIVER = "gdw1365"
SERIAL = "6500000000001234"
CHALLENGE = "0123456789abcdef"


class KeyCase(CounterCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.codec = codecs.codec_of(DRIVER)
        self.keys = SoftwareCardKeys.load(os.environ["ELECTRICITY_CARD_KEYS"])
        self.recharge = self.begin()
        self.terminal.sudo().issues_cpu_cards = True

    def cpu_card(self, version=1, blank=False):
        block = None if blank else CpuBlock(count=3, amount=100)
        answer = WriteBack(state="valid", count=3, remaining=10, time="2601010000")
        numbers = (None, None) if blank else ("700000000001", "700000000101")
        return self.codec.encode_card(SERIAL, *numbers, block, answer, version)

    def attempt(self, op="purchase", before=None, version=None, terminal=None, exp=60, **values):
        """Issue a write order for a CPU card."""
        terminal = terminal or self.terminal
        before = before or self.cpu_card(blank=op == "open", version=0 if op == "open" else 1)
        block = CpuBlock(count=4, amount=5000)
        image = self.codec.image_for(
            op, before, block=block, customer_no="700000000001", meter_no="700000000101", key_version=version
        )
        now = int(time.time())
        order = orders.WriteOrder(
            iss=self.database_uuid,
            aud=terminal.uuid,
            jti=str(uuid.uuid4()),
            serial=self.recharge.name,
            epoch=1,
            iat=now + exp - 60,
            exp=now + exp,
            ins="insertion",
            op=op,
            card_serial=SERIAL,
            issue=0,
            driver=DRIVER,
            expect_count=3,
            expect_digest=tokens.sha256_b64u("before"),
            write=ImageWrite(4, 5000, image, {}),
        )
        self.recharge.sudo().driver = DRIVER
        return self.env["electricity.recharge.attempt"].create(
            {
                "recharge_id": self.recharge.id,
                "company_id": self.company.id,
                "jti": order.jti,
                "op": "purchase",
                "terminal_id": terminal.id,
                "issued_at": fields.Datetime.now(),
                "expires_at": datetime.fromtimestamp(order.exp, UTC).replace(tzinfo=None),
                "order_token": orders.issue(order, self.ring.active).token,
                "image_before": before.hex(),
                "expected_image": image.hex(),
                **values,
            }
        )

    def claims(self, attempt, op="authenticate", version=1, **changes):
        claims = {
            "iss": self.terminal.uuid,
            "aud": self.database_uuid,
            "jti": str(uuid.uuid4()),
            "iat": int(time.time()),
            "attempt": attempt.jti,
            "serial": SERIAL,
            "version": version,
            "op": op,
            "challenge": CHALLENGE,
        }
        if op == "authenticate":
            internal = suite.internal_challenge(attempt.jti)
            key = self.keys._key(DRIVER, claims["version"], "int", SERIAL)
            claims.update(r=internal.hex(), answer=key.encrypt(internal + bytes(8))[:8].hex())
        elif op == "mac":
            header, data = self.updates(attempt)[0]
            claims.update(header=header.hex(), data=data.hex())
        return {**claims, **changes}

    def updates(self, attempt):
        _header, order = tokens.peek(attempt.order_token, "X")
        return self.codec.secure_updates(bytes.fromhex(attempt.image_before), orders.parse(order).write)

    def send(self, claims, key=None):
        body = json.dumps({"request": tokens.sign(tokens.KEY, claims, key or self.proxy.key)})
        return self.post(body)

    def post(self, body):
        self.env.flush_all()
        headers = {"Content-Type": "application/json", "X-Odoo-Database": self.env.cr.dbname}
        self.opener.cookies.clear()
        response = self.url_open("/electricity/terminal/keys", data=body, headers=headers)
        self.env.invalidate_all()
        return response.status_code, response.json()

    def uses(self, **values):
        domain = [("terminal_id", "=", self.terminal.id), *((name, "=", value) for name, value in values.items())]
        return self.env["electricity.key.use"].search(domain)

    def assertKeyRefused(self, claims, code, status=403, **kwargs):
        answered, answer = self.send(claims, **kwargs)
        self.assertEqual((answered, answer.get("code")), (status, code), answer)
        self.assertEqual(set(answer), {"code", "message"})
