"""A terminal that signs with real keys, a card that is real bytes, and a meter that answers."""

import time
import uuid

from ..core import card_image, codecs, cpu_fields, keyring, receipts, sle4442_demo, tokens
from ..core.card_image import CpuBlock, PurchaseBlock, WriteBack
from ..models.card_drivers import is_cpu

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

    def note_row(self, **changes):
        """What became of one note, as a row of the trail."""
        now = int(time.time() * 1000)
        row = {
            "id": str(uuid.uuid4()),
            "kind": "note",
            "recharge": None,
            "denomination": 5_000,
            "end": "stacked",
            "wish": "stack",
            "at": now - 1_000,
            "done": now,
            "reason": None,
        }
        return {**row, **changes}

    def write_row(self, attempt, steps, **changes):
        """The steps of one write, as a row of the trail: ``(step, what, status)`` each."""
        now = int(time.time() * 1000)
        told = [dict(zip(("step", "what", "status"), step, strict=True)) for step in steps]
        row = {"id": str(uuid.uuid4()), "kind": "write", "attempt": attempt, "at": now - 1_000, "done": now}
        return {**row, "steps": told, **changes}

    def trail(self, *rows, key=None, **changes):
        """Sign a report of the trail."""
        claims = self._claims(jti=str(uuid.uuid4()), rows=list(rows))
        claims.update(changes)
        return tokens.sign(tokens.TRAIL, claims, key or self.key)

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


def tamper(token):
    """Return a token with one changed character in its signature."""
    head, body, signature = token.split(".")
    return ".".join((head, body, ("B" if signature[0] == "A" else "A") + signature[1:]))
