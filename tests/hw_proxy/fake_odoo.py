"""Odoo's two terminal routes over real HTTP, for tests of pairing and synchronisation."""

import base64
import contextlib
import hashlib
import hmac
import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hw_proxy import tokens
from hw_proxy.receipts import claims_of
from tests.hw_proxy.demo_suite import KeyDesk
from tests.hw_proxy.support import ORIGIN, FakeOdoo

HANDLE, SECRET = "AB12", "CD34EF56GH78"
CODE = "AB12-CD34-EF56-GH78"


class OdooServer(FakeOdoo):
    """A server on a free port. What it saw and how it misbehaves are plain attributes."""

    def __init__(self):
        super().__init__()
        self.terminal = str(uuid.uuid4())
        self.keys = None
        self.receipts = {}
        self.tenders = {}
        self.tenders_busy = False
        self.takes_trail = True
        self.trail = {}
        self.reports = []
        self.heartbeats = []
        self.headers = []
        self.state = "active"
        self.origins = [ORIGIN]
        self.offset = 0
        self.not_taken = {}
        self.delay = 0.0
        self.broken = None
        self.change_ack = {}
        self.ack_key = None
        self.handovers = []
        self.prints = []
        self.kids = None
        self.lose_answers = 0
        self.wrong_mac = False
        self.desk = KeyDesk()
        self.key_requests = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def forget(self, seq):
        """As after the restore of a backup: receipts after a sequence are gone."""
        self.receipts = {number: token for number, token in self.receipts.items() if number <= seq}

    def acknowledged(self):
        return next(number for number in range(len(self.receipts) + 1) if number + 1 not in self.receipts)

    def _handler(self):
        odoo = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                odoo.headers.append(dict(self.headers))
                if odoo.broken:
                    self.answer(*odoo.broken)
                    return
                time.sleep(odoo.delay)
                routes = {
                    "/electricity/terminal/pair": odoo.pair,
                    "/electricity/terminal/sync": odoo.sync,
                    "/electricity/terminal/keys": odoo.ask_keys,
                }
                self.answer(*routes[self.path](body))

            def answer(self, status, value):
                if odoo.lose_answers:
                    odoo.lose_answers -= 1
                    self.close_connection = True
                    self.connection.close()
                    return
                data = json.dumps(value).encode()
                # The terminal may have given up waiting.
                with contextlib.suppress(ConnectionError):
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)

            def log_message(self, *_args):
                pass

        return Handler

    def mac(self, *lines):
        hkdf = HKDF(algorithm=SHA256(), length=32, salt=HANDLE.encode(), info=b"prepaid-pairing-v1")
        text = "\n".join(str(line) for line in lines).encode()
        value = hmac.new(hkdf.derive(SECRET.encode()), text, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    def pair(self, body):
        ours = self.mac("terminal", body["handle"], body["ed25519"], body["x25519"])
        if body["handle"] != HANDLE or body["mac"] != ours:
            return 403, {"code": "T-108", "message": "The pairing code is wrong."}
        keys = (body["ed25519"], body["x25519"])
        if self.keys not in (None, keys):
            return 403, {"code": "T-108", "message": "The pairing code was used."}
        self.keys = keys
        kid = self.key.thumbprint()
        lines = ("odoo", self.terminal, self.iss, kid, self.public, self.epoch, " ".join(self.origins))
        return 200, {
            "terminal": self.terminal,
            "name": "Counter 1",
            "iss": self.iss,
            "kid": kid,
            "key": self.public,
            "epoch": self.epoch,
            "origins": self.origins,
            "mac": "x" * 43 if self.wrong_mac else self.mac(*lines),
        }

    def ask_keys(self, body):
        """The key service, on whatever attempt."""
        key = tokens.ed25519_public(self.keys[0])
        issuer = tokens.Issuer(key, key.thumbprint(), self.terminal)
        self.key_requests.append(body["request"])
        return self.desk.ask(tokens.verify(body["request"], "key+jwt", issuer, self.iss))

    def sync(self, body):
        key = tokens.ed25519_public(self.keys[0])
        issuer = tokens.Issuer(key, key.thumbprint(), self.terminal)
        heartbeat = tokens.verify(body["heartbeat"], "heartbeat+jwt", issuer, self.iss)
        self.heartbeats.append(heartbeat)
        results = []
        for token in body["receipts"]:
            claims = tokens.verify(token, "receipt+jwt", issuer, self.iss)
            code = self.not_taken.get(claims["seq"])
            if code is not None:
                results.append({"jti": claims["jti"], "code": code})
                break
            if claims["seq"] > self.acknowledged() + 1:
                code = "R-102"
            elif self.receipts.setdefault(claims["seq"], token) != token:
                code = "R-103"
            if code is not None:
                self.state = "quarantined"
            results.append({"jti": claims["jti"], "code": code})
        tender_results = self.take_tenders(body, issuer)
        changes = {"state": self.state, "origins": self.origins, **self.change_ack}
        if body.get("sessions"):
            changes.setdefault("tenders", self.tender_heads(body["sessions"]))
        if self.takes_trail and "trail" in body:
            changes.setdefault("trail", self.take_trail(body["trail"], issuer))
        changes.setdefault("now", int(time.time() * 1000) + self.offset)
        nonce = changes.pop("nonce", heartbeat["nonce"])
        acknowledged = changes.pop("ack", self.acknowledged())
        changes.setdefault("head", tokens.digest(self.receipts.get(acknowledged, self.terminal)))
        ack = self.ack(self.terminal, nonce, acknowledged, key=self.ack_key, **changes)
        self.kids = body.get("kids")
        answer = {"ack": ack, "results": results, "tenders": tender_results, "handover": self.handovers}
        return 200, {**answer, "prints": self.prints} if self.prints else answer

    def take_tenders(self, body, issuer):
        """Keep statements about notes by session and sequence, and name the last without a hole of each session."""
        results = []
        for token in body.get("tenders", []):
            claims = tokens.verify(token, "tender+jwt", issuer, self.iss)
            if not self.tenders_busy:
                self.tenders.setdefault((claims["session"], claims["seq"]), token)
            results.append({"jti": claims["jti"], "code": "S-101" if self.tenders_busy else None})
        return results

    def take_trail(self, token, issuer):
        """Keep the rows of a report by their names; answers its ``jti``."""
        if token is None:
            return None
        claims = tokens.verify(token, "trail+jwt", issuer, self.iss)
        self.reports.append(claims)
        self.trail.update({row["id"]: row for row in claims["rows"]})
        return claims["jti"]

    def tender_heads(self, sessions):
        heads = []
        for session in sessions:
            seq = 0
            while (session, seq + 1) in self.tenders:
                seq += 1
            jti = claims_of(self.tenders[session, seq])["jti"] if seq else None
            heads.append({"session": session, "seq": seq, "jti": jti})
        return heads
