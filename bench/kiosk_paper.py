"""Kiosks without hardware for bench ``kiosk``: terminals that sign with real keys, cards that are only bytes, and pages
that make the kiosk's calls over HTTP, as its browser does.

:func:`prepare` runs in "odoo shell", where Odoo's environment is; everything else is in the bench's process.
"""

import importlib
import json
import sys
import time
import uuid
from dataclasses import dataclass, field

import httpx
from jwcrypto import jwk
from stack.codes_page import PACKAGE, load_codes
from stack.odoo import run

from tests.end_to_end.forge import claims_of, first_head, sign
from tests.end_to_end.paper import DRIVER, digest

MARK = "BENCH "
CARD_BITS = {"protection": "ff" * 4, "tries": 3}
NOTES = "bench-box"


def core(name):
    """Return a module of the addon's ``core``, which needs no Odoo.

    :param str name: such as ``codecs``
    """
    load_codes()
    return importlib.import_module(f"{PACKAGE}.{name}")


def shell(database, program, environment):
    """Run a program of this module in "odoo shell" and return what it told.

    :param str program: what follows the import of this module; ``env`` is there
    :param dict environment: where the keys are
    """
    source = f"from bench.kiosk_paper import *\n{program}\n"
    output = run("shell", f"--database={database}", "--no-http", stdin=source, environment=environment).stdout
    return json.loads(next(line for line in output.splitlines() if MARK in line).split(MARK, 1)[1])


def tell(facts):
    """Print facts for :func:`shell`."""
    sys.stdout.write(MARK + json.dumps(facts) + "\n")
    sys.stdout.flush()


# -- in "odoo shell" ---------------------------------------------------------------------------------------------------


def prepare(env, public_keys):
    """Make a kiosk with a customer for each key, and one shop of stock Odoo with a user; tell what the bench must know.

    :param env: Odoo's environment, as superuser
    :param list public_keys: ``{x, kid}`` of a terminal each
    """
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
    accounts = env["account.account"]
    suspense = accounts.create({"name": "Differences", "code": "109990", "account_type": "asset_current"})
    advances = accounts.create({"name": "Advances", "code": "220390", "account_type": "liability_current"})
    values = {"name": "Kiosk advance", "type": "service", "taxes_id": [(5,)]}
    product = env["product.product"].create({**values, "property_account_income_id": advances.id})
    master = _master_data(env)
    kiosks = []
    for number, key in enumerate(public_keys, 1):
        values = {"name": f"Kiosk {number}", "code": f"K{number:03d}", "takes_notes": True, "max_unresolved": 0}
        terminal = env["electricity.terminal"].create(values)
        terminal.write({"state": "active", "ed25519": key["x"], "kid": key["kid"], "x25519": key["x"]})
        method = _notes_method(env, f"B{number:03d}", suspense)
        values = {"name": f"Kiosk {number}", "payment_method_ids": [(6, 0, method.ids)]}
        values |= {"electricity_terminal_id": terminal.id, "kiosk_advance_product_id": product.id}
        env["pos.config"].create(values).open_kiosk_session()
        kiosks.append({"id": terminal.id, "uuid": terminal.uuid, **_customer(env, master, number)})
    database = env["ir.config_parameter"].get_param("database.uuid")
    shop = _shop(env, suspense)
    env.cr.commit()
    tell({"database_uuid": database, "kiosks": kiosks, "shop": shop, "cron": env.ref("kiosk_hw.ir_cron_project").id})


def _notes_method(env, code, suspense):
    values = {"name": f"Notes {code}", "code": code, "type": "cash"}
    values |= {"profit_account_id": suspense.id, "loss_account_id": suspense.id}
    journal = env["account.journal"].create(values)
    return env["pos.payment.method"].create({"name": f"Notes {code}", "journal_id": journal.id})


def _master_data(env):
    maker = env["electricity.meter.maker"].create({"name": "Bench", "code": "BE"})
    model = env["electricity.meter.model"].create({"name": "Bench", "maker_id": maker.id})
    version = {"valid_from": "2020-01-01", "price": 0.5483}
    return model, env["electricity.tariff"].create({"name": "Bench", "version_ids": [(0, 0, version)]})


def _customer(env, master, number):
    model, tariff = master
    name, meter_no, serial = (f"{first}{number:09d}" for first in ("700", "701", "702"))
    partner = env["res.partner"].create({"name": f"Bench customer {number}"})
    values = {"name": name, "partner_id": partner.id, "tariff_id": tariff.id}
    account = env["electricity.account"].create(values)
    meter = env["electricity.meter"].create({"name": meter_no, "model_id": model.id})
    values = {"electricity_account_id": account.id, "meter_id": meter.id, "initial_count": 1}
    env["electricity.meter.installation"].create(values)
    values = {"name": serial, "electricity_account_id": account.id, "issue": 1, "state": "active"}
    env["electricity.card"].create(values)
    account.action_activate()
    return {"account": name, "meter": meter_no, "serial": serial}


def _shop(env, suspense):
    """A shop of stock Odoo and its user: goods as Odoo makes a product, with a tax, and an untaxed service."""
    values = {"list_price": 100.0, "available_in_pos": True}
    goods = env["product.product"].create({**values, "name": "Goods"})
    service = env["product.product"].create({**values, "name": "Service", "type": "service", "taxes_id": [(5,)]})
    method = _notes_method(env, "SHOP", suspense)
    config = env["pos.config"].create({"name": "Shop", "payment_method_ids": [(6, 0, method.ids)]})
    users = env["res.users"].with_context(no_reset_password=True)
    user = users.create({"name": "Shop", "login": "shop", "password": "shop"})
    user.group_ids += env.ref("point_of_sale.group_pos_user")
    session = env["pos.session"].create({"config_id": config.id, "user_id": user.id})
    session.set_opening_control(0, "")
    partner = env["res.partner"].create({"name": "Shop customer"})
    return {
        "session": session.id,
        **{kind: _product(each) for kind, each in (("goods", goods), ("service", service))},
        "method": method.id,
        "partner": partner.id,
        "pricelist": config.pricelist_id.id,
        "user": user.id,
    }


def _product(product):
    total = product.taxes_id.compute_all(100.0)["total_included"] if product.taxes_id else 100.0
    return {"id": product.id, "taxes": product.taxes_id.ids, "total": total}


# -- in the bench's process --------------------------------------------------------------------------------------------


@dataclass
class Card:
    """A demo card that is only bytes.

    :param facts: of its customer: ``serial``, ``account``, ``meter``
    """

    facts: dict
    insertion: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __post_init__(self):
        self._image = core("card_image")
        self._codec = core("codecs").codec_of(DRIVER)
        first = self._image.PurchaseBlock(count=1, energy=0, issue=1)
        back = self._image.WriteBack(state="valid", count=1, remaining=1000, time="2601010000")
        names = (self.facts["serial"], self.facts["account"], self.facts["meter"])
        self.memory = self._codec.encode_card(*names, first, back, issue=1)

    def reading(self):
        """The claim ``card`` of a snapshot."""
        return {"memory": self.memory.hex(), "digest": digest(self.memory), **CARD_BITS}

    def take(self, write):
        """Hold what a write order says."""
        self.memory = self._codec.expected_after(self.memory, self._image.PurchaseBlock.from_claim(write))

    def carry_to_meter(self):
        """Let the meter take the purchase, and put the card in again."""
        layout = core("sle4442_demo")
        count = self._codec.decode(self.memory, 3).count
        block = layout.encode_writeback(
            self._image.WriteBack(state="valid", count=count, remaining=1000, time="2601010000")
        )
        self.memory = self.memory[:0x80] + block + self.memory[0x80 + len(block) :]
        self.insertion = uuid.uuid4().hex


class PaperTerminal:
    """A terminal that signs what a terminal signs, and keeps its chain."""

    def __init__(self, facts, key, database_uuid):
        self.uuid, self.key, self.database_uuid = facts["uuid"], key, database_uuid
        self.seq, self.head, self.box_seq = 0, first_head(self.uuid), 0

    def sign(self, typ, **claims):
        """A message of this terminal, now."""
        claims = {"iss": self.uuid, "aud": self.database_uuid, "iat": int(time.time()), **claims}
        return sign(self.key, typ, claims)

    def login(self):
        """A login statement."""
        return self.sign("login+jwt", jti=str(uuid.uuid4()))

    def snapshot(self, nonce, card):
        """A reading of a card."""
        return self.sign(
            "snapshot+jwt",
            jti=str(uuid.uuid4()),
            nonce=nonce,
            ins=card.insertion,
            seq=self.seq,
            clk="signed",
            reader="paper",
            atr="3b04a2131091",
            driver=DRIVER,
            card=card.reading(),
        )

    def tender(self, collect, notes):
        """A statement about notes.

        :param collect: the signed order under which they were taken
        :param dict notes: cents: pieces
        """
        asked = claims_of(collect)
        self.box_seq += 1
        return self.sign(
            "tender+jwt",
            jti=str(uuid.uuid4()),
            recharge=asked["recharge"],
            session=asked["session"],
            seq=self.box_seq,
            notes=[{"denomination": cents, "count": pieces} for cents, pieces in sorted(notes.items())],
            total=sum(cents * pieces for cents, pieces in notes.items()),
        )

    def write(self, order, card):
        """Carry out a write order on a card; returns the receipt."""
        asked, before, now = claims_of(order), card.reading(), int(time.time() * 1000)
        card.take(asked["write"])
        kept = ("memory", "tries", "digest")
        receipt = self.sign(
            "receipt+jwt",
            jti=str(uuid.uuid4()),
            attempt=asked["jti"],
            seq=self.seq + 1,
            prev=self.head,
            clk="signed",
            outcome="written",
            code=None,
            order=order,
            ins=asked["ins"],
            before={name: before[name] for name in kept},
            after={name: card.reading()[name] for name in kept},
            intent_at=now - 900,
            done_at=now,
            driver=DRIVER,
            versions={"proxy": "paper", "driver": "1"},
        )
        self.seq, self.head = self.seq + 1, digest(receipt.encode())
        return receipt

    def heartbeat(self):
        """How the terminal is."""
        return self.sign(
            "heartbeat+jwt",
            nonce=uuid.uuid4().hex,
            seq=self.seq,
            head=self.head,
            epoch=1,
            clk="signed",
            wall=int(time.time() * 1000),
            version="paper",
            readers=[{"name": "paper", "state": "card"}],
            unresolved=0,
        )


class Refused(RuntimeError):
    """A call did not succeed."""


class OdooClient:
    """A browser's session: calls of models over HTTP, each timed.

    ``spent``: seconds of each call since :meth:`since`, by method
    """

    def __init__(self, url, timeout=60.0):
        self.http = httpx.Client(base_url=url, timeout=timeout)
        self.spent = {}

    def call(self, model, method, *args, **context):
        """What a method answers.

        :raises Refused: when Odoo raised
        """
        path = f"/web/dataset/call_kw/{model}/{method}"
        params = {"model": model, "method": method, "args": args, "kwargs": {"context": context}}
        begin = time.perf_counter()
        answer = self.http.post(path, json={"jsonrpc": "2.0", "method": "call", "params": params})
        taken = time.perf_counter() - begin
        answer.raise_for_status()
        self.spent.setdefault(method, []).append(taken)
        body = answer.json()
        if "error" in body:
            raise Refused(f"{method}: {body['error']['data']['message']}")
        return body["result"]

    def log_in(self, database, login, password):
        """Log in by password."""
        params = {"db": database, "login": login, "password": password}
        self.http.post("/web/session/authenticate", json={"jsonrpc": "2.0", "params": params}).raise_for_status()

    def since(self):
        """Return the seconds of all calls since the last time, and begin anew."""
        spent, self.spent = self.spent, {}
        return spent


PAUSES = (0.2, 0.4, 0.8, 1.5, 3, 0)
"""Seconds after each try that found a row in use (S-101); after the last one nobody tries again."""


class PaperKiosk:
    """A kiosk: its terminal, its page, and the customer who buys at it again and again.

    :param dict facts: of :func:`prepare`
    :param key: the terminal's signing key
    """

    def __init__(self, url, database_uuid, facts, key):
        self.terminal = PaperTerminal(facts, key, database_uuid)
        self.card = Card(facts)
        self.client = OdooClient(url)
        # The terminal has no session, and its line is not the browser's.
        self.line = httpx.Client(base_url=url, timeout=60.0)
        self._nonce = None

    def log_in(self):
        """Begin as the browser does: a login statement, then the page's first call."""
        answer = self.client.http.post("/electricity/kiosk/login", data={"token": self.terminal.login()})
        if answer.status_code != 303:
            raise Refused(f"login: {answer.status_code} {answer.text[:200]}")
        return self.ask("start")

    def ask(self, method, *args):
        """A call of the kiosk's page that must succeed; one that finds a row in use is made again, as the page does."""
        for pause in PAUSES:
            answer = self.client.call("electricity.kiosk", method, *args, lang="en_US")
            if answer["ok"]:
                self._nonce = answer.get("nonce")
                return answer
            if answer["code"] != "S-101":
                break
            time.sleep(pause)
        raise Refused(f"{method}: {answer['code']} {answer['message']}")

    def snapshot(self):
        """A reading for the nonce that the last answer brought, else for one that the page asks for."""
        return self.terminal.snapshot(self._nonce or self.ask("new_nonce")["nonce"], self.card)

    def sell(self, amount="100.00", notes=None):
        """Make the calls of one visit that buys with notes, from the card to the written card.

        :param str amount: decimal string
        :param dict notes: cents: pieces, in one statement; one note of 100.00 by default
        :return: (receipt, statement), for the terminal's own line
        """
        order = str(uuid.uuid4())
        self.ask("quote", self.snapshot())
        self.ask("quote", self.snapshot(), amount)
        self.ask("begin", order, self.snapshot(), amount)
        collect = self.ask("collect", order)["collect"]
        statement = self.terminal.tender(collect, notes or {10_000: 1})
        paid = self.ask("add_tender", order, statement)["order"]
        if paid["state"] != "paid":
            raise Refused(f"the order is {paid['state']} after its money")
        issued = self.ask("authorize", order, self.snapshot())
        receipt = self.terminal.write(issued["write_order"], self.card)
        (ended,) = self.deliver(receipt)
        if ended["state"] != "written":
            raise Refused(f"the order is {ended['state']} after its receipt")
        self.card.carry_to_meter()
        return receipt, statement

    def deliver(self, receipt):
        """Bring a receipt; while a job of Odoo has the terminal's row it has to come again, as the page does it.

        :return: the orders that it concerns
        """
        for pause in PAUSES:
            answer = self.ask("confirm", [receipt])
            if all(result["code"] != "S-101" for result in answer["results"]):
                return answer["orders"]
            time.sleep(pause)
        raise Refused(f"confirm: {answer['results']}")

    def beat(self, receipts=(), statements=()):
        """Synchronise as the terminal does, with what it has to bring."""
        body = {"heartbeat": self.terminal.heartbeat(), "receipts": list(receipts)}
        if statements:
            body |= {"tenders": list(statements), "sessions": [claims_of(statements[-1])["session"]]}
        answer = self.line.post("/electricity/terminal/sync", json=body)
        answer.raise_for_status()
        for result in (*answer.json()["results"], *answer.json()["tenders"]):
            if result["code"] not in (None, "S-101"):
                raise Refused(f"sync: {result}")


def keys_of(number):
    """Make signing keys of terminals.

    :param int number: of them
    :return: private keys, and what Odoo pins of each
    """
    keys = [jwk.JWK.generate(kty="OKP", crv="Ed25519") for _number in range(number)]
    return keys, [{"x": key.export_public(as_dict=True)["x"], "kid": key.thumbprint()} for key in keys]
