"""A counter without hardware: a terminal that signs with real keys, a card that is real bytes, a meter that answers."""

import copy
import os
import tempfile
import time
import uuid
from dataclasses import replace

from odoo.tests import TransactionCase

from ..core import card_image, card_keys, codecs, cpu_fields, keyring, orders, receipts, sle4442_demo, tokens
from ..core.card_image import CpuBlock, PurchaseBlock, WriteBack
from ..models.card_drivers import is_cpu
from ..models.keyring import EPOCH_PARAMETER

DRIVER = sle4442_demo.DRIVER
ISSUER = 1


class FakeCard:
    """The image of a card, and what a meter and a terminal do to it.

    :param quantity: of the last purchase, 0.01 kWh or cents
    :param count: of the last purchase; None for a blank card
    """

    def __init__(self, serial, customer, meter, count=1, quantity=0, issue=1, driver=DRIVER):
        self.serial, self.customer, self.meter, self.driver = serial, customer, meter, driver
        self.codec = codecs.codec_of(driver)
        self.files = {}
        self.insertion = str(uuid.uuid4())
        self.tries = 8 if driver == "sle4428_demo" else 3
        writeback = WriteBack(state="valid", count=count or 0, remaining=1000, time="2601010000")
        if is_cpu(driver):
            block = CpuBlock(count=count, amount=quantity) if count is not None else None
            self.memory = self.codec.encode_card(serial, customer, meter, block, writeback, int(bool(block)))
            return
        block = PurchaseBlock(count=count or 0, energy=quantity, issue=issue)
        self.memory = self.codec.encode_card(serial, customer or "0", meter or "0", block, writeback, issue=issue)
        if count is None:
            self.memory = self.codec.image_for("clear", self.memory)

    @property
    def image(self):
        return self.codec.decode(self.memory, self.tries)

    def take_out(self):
        """Pull the card and put it back: the insertion is another one."""
        self.insertion = str(uuid.uuid4())

    def write_back(self, count, remaining=1000, **values):
        """Let a meter fill the write-back."""
        image = self.image
        values = {"state": "valid", "count": count, "remaining": remaining, "time": "2601010000", **values}
        if is_cpu(self.driver):
            numbers = {"customer_no": image.customer_no, "meter_no": image.meter_no}
            size = self.codec.WRITEBACK_SIZE
            block = cpu_fields.encode_writeback(size, WriteBack(**values, **numbers))
            self.memory = self.memory[:-size] + block
            return
        block = sle4442_demo.encode_writeback(WriteBack(**values))
        self.memory = self.memory[:0x80] + block + self.memory[0x80 + len(block) :]

    def insert_in_meter(self, remaining=1000):
        """Carry the card to a meter that accepts it."""
        self.take_out()
        self.write_back(self.image.count, remaining)

    def written(self, write):
        """Return the bytes after a complete write.

        :param write: a ``PurchaseBlock`` or the ``write`` claim of an order
        """
        if isinstance(write, PurchaseBlock):
            return self.codec.expected_after(self.memory, write)
        if "image" in write:
            return bytes.fromhex(write["image"])
        return self.codec.expected_after(self.memory, PurchaseBlock.from_claim(write))

    def take(self, write):
        """Hold what a write order says."""
        self.memory = self.written(write)
        self.files.update(write.get("files", {}))


class FakeTerminal:
    """A paired terminal: signs readings, receipts, tenders and heartbeats, and keeps its chain."""

    def __init__(self, record, database_uuid):
        self.record = record
        self.database_uuid = database_uuid
        self.key = keyring.SigningKey.generate()
        self.seq = 0
        self.head = receipts.first_prev(record.uuid)
        record.sudo().write(
            {
                "state": "active",
                "ed25519": self.key.x,
                "x25519": keyring_x25519(),
                "kid": self.key.kid,
            }
        )

    def _claims(self, **claims):
        return {"iss": self.record.uuid, "aud": self.database_uuid, "iat": int(time.time()), **claims}

    def snapshot(self, card, nonce, key=None, **changes):
        """Sign a reading of a card."""
        claims = self._claims(
            jti=str(uuid.uuid4()),
            nonce=nonce,
            ins=card.insertion,
            seq=self.seq,
            clk="signed",
            reader="Virtual PCD 00 00",
            atr="3b04a2131091",
            driver=card.driver,
            card={
                "memory": card.memory.hex(),
                "protection": "ff" * 4 if card.driver == DRIVER else "",
                "tries": card.tries,
                "digest": card_image.digest(card.memory),
            },
        )
        claims.update(changes)
        return tokens.sign(tokens.SNAPSHOT, claims, key or self.key)

    def claims(self, write_order):
        """Return what a write order says."""
        return tokens.peek(write_order, "O-101")[1]

    def reading(self, memory, tries=3):
        return {"memory": memory.hex(), "tries": tries, "digest": card_image.digest(memory)}

    def receipt(self, write_order, outcome, before=None, after=None, code=None, key=None, **changes):
        """Sign the next receipt of the chain about a write order."""
        _header, order = tokens.peek(write_order, "O-101")
        now = int(time.time() * 1000)
        claims = self._claims(
            jti=str(uuid.uuid4()),
            attempt=order["jti"],
            seq=self.seq + 1,
            prev=self.head,
            clk="signed",
            outcome=outcome,
            code=code,
            order=write_order,
            ins=order["ins"],
            before=self.reading(before) if before else None,
            after=self.reading(after) if after else None,
            intent_at=None if outcome == "void" else now - 900,
            done_at=now,
            driver=order["card"]["driver"],
            versions={"proxy": "0.1.0", "driver": "1"},
        )
        claims.update(changes)
        token = tokens.sign(tokens.RECEIPT, claims, key or self.key)
        self.seq, self.head = claims["seq"], tokens.token_hash(token)
        return token

    def write(self, card, write_order):  # pylint: disable=method-required-super
        """Carry out a write order on a card, completely."""
        _header, claims = tokens.peek(write_order, "O-101")
        before = card.memory
        card.take(claims["write"])
        return self.receipt(write_order, "written", before, card.memory)

    def tender(self, recharge_uuid, notes, key=None, **changes):
        """Sign a statement about notes: {denomination in cents: count}."""
        claims = self._claims(
            jti=str(uuid.uuid4()),
            recharge=recharge_uuid,
            session="box-1",
            seq=1,
            notes=[{"denomination": value, "count": count} for value, count in notes.items()],
            total=sum(value * count for value, count in notes.items()),
        )
        claims.update(changes)
        return tokens.sign(tokens.TENDER, claims, key or self.key)

    def heartbeat(self, key=None, **changes):
        """Sign a heartbeat."""
        claims = self._claims(
            nonce=str(uuid.uuid4()),
            seq=self.seq,
            head=self.head,
            epoch=1,
            clk="signed",
            wall=int(time.time() * 1000),
            version="0.1.0",
            readers=[{"name": "Virtual PCD 00 00", "state": "card"}],
            unresolved=0,
        )
        claims.update(changes)
        return tokens.sign(tokens.HEARTBEAT, claims, key or self.key)


def keyring_x25519():
    """Return a new X25519 public key, base64url."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return tokens.b64u(X25519PrivateKey.generate().public_key().public_bytes_raw())


class CounterCase(TransactionCase):
    """A company with one counter, one customer, and people of each group."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.database_uuid = cls.env["ir.config_parameter"].sudo().get_param("database.uuid")
        cls._make_keys()
        cls.clerk = cls._make_user("clerk", "group_clerk")
        cls.supervisor = cls._make_user("supervisor", "group_supervisor")
        cls.supervisor2 = cls._make_user("supervisor2", "group_supervisor")
        cls.terminal = cls.env["electricity.terminal"].create({"name": "Counter T", "code": "T01"})
        cls.proxy = FakeTerminal(cls.terminal, cls.database_uuid)
        maker = cls.env["electricity.meter.maker"].create({"name": "Maker T", "code": "MT"})
        cls.meter_model = cls.env["electricity.meter.model"].create(
            {
                "name": "Model T",
                "maker_id": maker.id,
                "min_amount": 10,
                "max_amount": 5000,
                "step_amount": 0.01,
                "hoard_limit_energy": 9000,
            }
        )
        cls.tariff = cls.env["electricity.tariff"].create(
            {"name": "Tariff T", "version_ids": [(0, 0, {"valid_from": "2020-01-01", "price": 0.5486})]}
        )
        cls.account, cls.card = cls._make_account("700000000001", "700000000101", "700000000201")
        cls.counter = cls.env["electricity.recharge"].with_user(cls.clerk)

    def setUp(self):
        super().setUp()
        # The database is rolled back after each test: so are the card and the terminal's journal.
        self.card = copy.copy(type(self).card)
        self.proxy = copy.copy(type(self).proxy)

    @classmethod
    def _make_keys(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        ring_path = os.path.join(folder.name, "keyring.json")
        cards_path = os.path.join(folder.name, "card-keys.json")
        cls.ring = keyring.provision(ring_path, cls.database_uuid)
        card_keys.SoftwareCardKeys.provision(cards_path)
        cls.ring_path = ring_path
        for name, path in (("ELECTRICITY_KEYRING", ring_path), ("ELECTRICITY_CARD_KEYS", cards_path)):
            before = os.environ.get(name)
            os.environ[name] = path
            cls.addClassCleanup(_restore, name, before)
        cls.env["ir.config_parameter"].sudo().set_param(EPOCH_PARAMETER, str(cls.ring.epoch))

    @classmethod
    def _make_user(cls, login, group, company=None):
        company = company or cls.company
        return (
            cls.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": login,
                    "login": f"engine_{login}",
                    "company_id": company.id,
                    "company_ids": [(6, 0, company.ids)],
                    "group_ids": [(4, cls.env.ref(f"electricity_prepaid.{group}").id)],
                }
            )
        )

    @classmethod
    def _make_account(cls, number, meter_number, card_number, company=None, count=1):
        company = company or cls.company
        partner = cls.env["res.partner"].create({"name": f"Customer {number}"})
        tariff = cls.tariff
        if tariff.company_id != company:
            tariff = cls.env["electricity.tariff"].create(
                {
                    "name": f"Tariff {number}",
                    "company_id": company.id,
                    "version_ids": [(0, 0, {"valid_from": "2020-01-01", "price": 0.5486})],
                }
            )
        account = cls.env["electricity.account"].create(
            {
                "name": number,
                "partner_id": partner.id,
                "company_id": company.id,
                "regime": "card",
                "tariff_id": tariff.id,
                "supply_address": "1 Test Road",
            }
        )
        meter = cls.env["electricity.meter"].create(
            {"name": meter_number, "model_id": cls.meter_model.id, "company_id": company.id}
        )
        account.install_meter(meter, initial_count=count)
        card = cls.env["electricity.card"].create(
            {"name": card_number, "electricity_account_id": account.id, "company_id": company.id}
        )
        card.action_activate()
        account.action_activate()
        return account, FakeCard(card_number, number, meter_number, count=count)

    def nonce(self, terminal=None, counter=None):
        answer = (self.counter if counter is None else counter).new_nonce((terminal or self.terminal).id)
        self.assertTrue(answer["ok"], answer)
        return answer["nonce"]

    def snapshot(self, card=None, proxy=None, counter=None, **changes):
        """Return a fresh signed reading of a card."""
        proxy = proxy or self.proxy
        return proxy.snapshot(card or self.card, self.nonce(proxy.record, counter), **changes)

    def assertRefused(self, answer, code):
        self.assertFalse(answer["ok"], answer)
        self.assertEqual(answer["code"], code)
        self.assertTrue(answer["message"])

    def open_shift(self, opening="500.00", counter=None, terminal=None):
        answer = (self.counter if counter is None else counter).open_shift((terminal or self.terminal).id, opening)
        self.assertTrue(answer["ok"], answer)
        return self.env["electricity.cash.session"].browse(answer["session"]["id"])

    def begin(self, amount="100.00", card=None, order_uuid=None, **kwargs):
        order_uuid = order_uuid or str(uuid.uuid4())
        answer = self.counter.begin(order_uuid, self.terminal.id, self.snapshot(card, **kwargs), amount)
        self.assertTrue(answer["ok"], answer)
        return self.order(order_uuid)

    def order(self, order_uuid):
        return self.env["electricity.recharge"].search([("uuid", "=", order_uuid)])

    def pay(self, order, received="100.00"):
        answer = self.counter.add_tender(order.uuid, {"uuid": str(uuid.uuid4()), "kind": "cash", "received": received})
        self.assertTrue(answer["ok"], answer)
        return answer

    def authorize(self, order, card=None, snapshot=None):
        answer = self.counter.authorize(order.uuid, snapshot or self.snapshot(card))
        self.assertTrue(answer["ok"], answer)
        return answer

    def authorized(self, amount="100.00", card=None):
        """Return an order that is paid in cash and authorized, and the answer with its write order."""
        if not self.env["electricity.cash.session"].current(self.terminal, self.clerk):
            self.open_shift()
        order = self.begin(amount, card)
        self.pay(order, amount)
        return order, self.authorize(order, card)

    def confirm(self, *tokens_):
        answer = self.counter.confirm(list(tokens_))
        self.assertTrue(answer["ok"], answer)
        return answer

    def sold(self, amount="100.00", card=None):
        """Return an order that is written on the card and confirmed."""
        card = card or self.card
        order, answer = self.authorized(amount, card)
        self.confirm(self.proxy.write(card, answer["write_order"]))
        self.assertEqual(order.state, "written")
        return order

    def pass_time(self, order):
        """Let the order's attempts expire."""
        order.attempt_ids.sudo().write({"expires_at": "2020-01-01 00:00:00"})

    def assertLedger(self, account=None):
        """Check that the stored sums are the ledger's, and that nothing is held without an order or a payout."""
        account = account or self.account
        entries = self.env["electricity.ledger.entry"].search([("electricity_account_id", "=", account.id)])
        self.assertAlmostEqual(sum(entries.mapped("money")), account.balance, places=2)
        self.assertAlmostEqual(sum(entries.mapped("energy")), account.total_energy, places=2)
        orders_ = self.env["electricity.recharge"].search([("electricity_account_id", "=", account.id)])
        payouts = self.env["electricity.payout"].search([("electricity_account_id", "=", account.id)])
        waiting = payouts.filtered(lambda payout: payout.state not in ("proposed", "paid", "refused", "withdrawn"))
        held = sum(orders_.mapped("amount_held")) + sum(waiting.mapped("amount"))
        self.assertAlmostEqual(held, account.held, places=2)
        tenders = self.env["electricity.tender"].search([("electricity_account_id", "=", account.id)])
        paid = sum(t.amount if t.direction == "in" else -t.amount for t in tenders)
        sold = sum(-entry.money for entry in entries if entry.kind not in ("tender", "refund"))
        self.assertAlmostEqual(paid, account.balance + sold)


def _restore(name, value):
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def tamper(token):
    """Return a token with one changed character in its signature."""
    head, body, signature = token.split(".")
    return ".".join((head, body, ("B" if signature[0] == "A" else "A") + signature[1:]))


__all__ = ["CounterCase", "FakeCard", "FakeTerminal", "orders", "replace", "tamper"]
