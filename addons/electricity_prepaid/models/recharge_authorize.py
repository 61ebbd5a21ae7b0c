"""The decision to write a card: split, reservation, signed write order."""

import time
import uuid as uuid_module
from datetime import UTC, datetime

from odoo import api, fields, models

from ..core import codecs, codes, money, orders, resolution, snapshots, tokens, transitions
from ..core.card_image import PurchaseBlock
from ..core.errors import Refusal
from .answers import answering, find_by
from .recharge_reading import Reading

ORDER_SECONDS = 60
"""Life of a write order: the time in which the terminal may begin, not the time of the write."""
TAKE_LIMITS = 1
"""Flag of a purchase block: the meter takes alarms and hoard limit."""


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    @api.model
    @answering
    def authorize(self, uuid, snapshot=None):
        """Decide that the card may be written, and return the order for the terminal.

        Everything is computed again from the reading. While an issued order may still be carried out, the same one is
        returned: there are never two.

        :param uuid: of the order
        :param snapshot: a fresh signed reading, compact; without it, the order's latest one
        """
        order = self._by_uuid(uuid)
        account = order.electricity_account_id
        account.take()
        reading = order._reading_to_authorize(snapshot)
        live = order._live_attempt()
        if live:
            if live.terminal_id != reading.terminal:
                order._refuse(codes.S_BUSY)
            return order._write_order_answer(live)
        if order._expire_attempts():
            order._refuse(codes.S_NOT_IN_STATE)
        order._check_reserved()
        reading = order._match_reading(reading)
        ring = self._check_terminal_sells(reading, limited=False)
        if order.state == "draft":
            order._refuse(codes.S_NOT_PAID, due=money.format_cents(order._due_cents()))
        if order.state == "paid":
            block, changes = order._decide_purchase(reading)
            attempt = order._issue("purchase", reading, ring, block)
            order._reserve(reading, attempt, block, changes)
        else:
            block = order._decide_rewrite(reading)
            attempt = order._issue("rewrite", reading, ring, block)
            order.write(
                {
                    "state": transitions.derive(order.state, order._attempt_states(), "rewrite"),
                    "expires_at": attempt.expires_at,
                    "hold_code": False,
                    "snapshot_id": reading.row.id,
                }
            )
        order._use_reading(reading)
        return order._write_order_answer(attempt)

    def _write_order_answer(self, attempt):
        return {
            "order": self._status(),
            "write_order": attempt.order_token,
            "sealed": attempt.sealed_token or None,
            "attempt": attempt.jti,
        }

    def _reading_to_authorize(self, token):
        """Return the genuine reading to decide on; its age is checked by ``_match_reading``.

        :param token: a snapshot, compact, or None for the order's latest one
        """
        row = self.snapshot_id if token is None else self.env["electricity.snapshot"]
        if token is None:
            terminal, token = row.terminal_id, row.token
        elif isinstance(token, str):
            _header, claims = tokens.peek(token, codes.N_INVALID_SNAPSHOT)
            terminal = find_by(self.env["electricity.terminal"], uuid=str(claims.get("iss")))
        else:
            raise Refusal(codes.N_INVALID_SNAPSHOT)
        if not terminal or not token:
            raise Refusal(codes.N_INVALID_SNAPSHOT)
        self._check_terminal_for_user(terminal)
        if terminal.company_id != self.company_id:
            raise Refusal(codes.T_OTHER_COMPANY)
        return Reading(terminal, row, self._verify_snapshot(terminal, token), token)

    def _match_reading(self, reading):
        """Match the reading with its nonce, and check that it is newer than every attempt.

        :raises Refusal: N-102 … N-104
        """
        if reading.token != reading.row.token:
            reading = self._fresh_reading(reading.terminal, reading.snapshot, reading.token, order=self)
        self._check_newer(reading)
        return reading

    def _check_newer(self, reading):
        """Check that a reading was asked for after the latest attempt was issued.

        :raises Refusal: N-104
        """
        # Numbers of nonces, not times: two things may happen in one second.
        snapshots.check_newer(reading.row.id, self.attempt_ids.mapped("fence"))

    def _decide_purchase(self, reading):
        """Check a purchase and split its amount.

        :return: what goes on the card (``PurchaseBlock``) and the fields of the split
        """
        card = self._find_card(reading)
        account = self.electricity_account_id
        if card.electricity_account_id != account or account.installation_id != self.installation_id:
            self._refuse(codes.C_OTHER_CUSTOMER)
        facts = account.facts_for_sale()
        # This order is the open one: the database keeps a second from being there.
        count = self._check_gate("purchase", account, card, reading, facts).count
        breakdown = self._price(account, money.to_cents(self.amount), reading, facts, order=self)
        if breakdown.cost > account.available_cents():
            self._refuse(codes.S_NOT_PAID, due=money.format_cents(breakdown.cost - account.available_cents()))
        block = PurchaseBlock(
            count=count,
            energy=breakdown.energy,
            alarm1=facts.alarm1,
            alarm2=facts.alarm2,
            hoard=facts.limits.hoard,
            issue=card.issue,
            flags=TAKE_LIMITS,
        )
        return block, {"card_id": card.id, "card_no": card.name, **self._split_values(breakdown, facts)}

    def _decide_rewrite(self, reading):
        """Check that the same count may be written again: a paid order that the meter cannot have taken.

        :return: what goes on the card, the same as before
        """
        account = self.electricity_account_id
        card = self._find_card(reading)
        if not self.card_block or self.state not in ("unknown", "not_written", "written"):
            self._refuse(codes.S_NOT_IN_STATE)
        if card.electricity_account_id != account:
            self._refuse(codes.C_OTHER_CUSTOMER)
        if self.count != account.purchase_count:
            self._refuse(codes.S_NOT_IN_STATE)
        self._check_gate("rewrite", account, card, reading, account.facts_for_sale(), order=self)
        if self._resolution_of(reading) != resolution.REWRITE:
            self._refuse(codes.C_COUNT_DIFFERS)
        return PurchaseBlock.from_claim(self.card_block)

    def _resolution_of(self, reading):
        """Return what a reading of the card says about this order: ``written``, ``rewrite`` or ``hold``."""
        previous = PurchaseBlock.from_claim(self.previous_block) if self.previous_block else None
        ordered = resolution.Ordered(block=PurchaseBlock.from_claim(self.card_block), previous=previous)
        return resolution.resolve(reading.image, ordered)

    def _reserve(self, reading, attempt, block, changes):
        """Reserve the count and hold the cost."""
        cost = money.to_cents(changes["cost"])
        self.electricity_account_id.hold(cost, purchase_count=block.count)
        self.write(
            {
                **changes,
                "state": transitions.derive(self.state, self._attempt_states(), "authorize"),
                "count": block.count,
                "amount_held": changes["cost"],
                "card_block": block.as_claim(),
                "previous_block": reading.image.block.as_claim(),
                "expires_at": attempt.expires_at,
                "hold_code": False,
                "snapshot_id": reading.row.id,
                "driver": reading.snapshot.driver,
            }
        )

    def _issue(self, op, reading, ring, block):
        """Sign a write order and record the attempt.

        :param op: ``purchase`` or ``rewrite``
        :param reading: the reading that the terminal will compare the card with
        :param ring: the key ring
        :param block: what goes on the card
        :return: ``electricity.recharge.attempt``
        """
        now = int(time.time())
        jti = str(uuid_module.uuid4())
        image = reading.image
        terminal = reading.terminal
        issued = orders.issue(
            orders.WriteOrder(
                iss=ring.db_uuid,
                aud=terminal.uuid,
                jti=jti,
                serial=self.name,
                epoch=ring.epoch,
                iat=now,
                exp=now + ORDER_SECONDS,
                ins=reading.snapshot.ins,
                op=op,
                card_serial=image.serial,
                issue=image.issue,
                driver=reading.snapshot.driver,
                expect_count=image.count,
                expect_digest=reading.snapshot.digest,
                write=block,
            ),
            ring.active,
            psc=self.env["electricity.keyring"].load_card_keys().psc(reading.snapshot.driver, image.serial),
            x25519=terminal.x25519,
        )
        self.env.cr.execute("SELECT last_value FROM electricity_snapshot_id_seq")
        fence = self.env.cr.fetchone()[0]
        memory = reading.snapshot.memory
        self.has_attempts = True
        return self.env["electricity.recharge.attempt"].create(
            {
                "recharge_id": self.id,
                "company_id": self.company_id.id,
                "jti": jti,
                "op": op,
                "terminal_id": terminal.id,
                "snapshot_id": reading.row.id,
                "fence": fence,
                "issued_at": fields.Datetime.now(),
                "expires_at": datetime.fromtimestamp(now + ORDER_SECONDS, UTC).replace(tzinfo=None),
                "order_token": issued.token,
                "sealed_token": issued.sealed,
                "image_before": memory.hex(),
                "expected_image": codecs.expected_after(reading.snapshot.driver, memory, block).hex(),
            }
        )

    def _expire_attempts(self):
        """Turn attempts whose time is over and that brought no receipt into unknown ones.

        :return: True when there was one; the order's state follows
        """
        self.ensure_one()
        now = fields.Datetime.now()
        late = self.attempt_ids.filtered(
            lambda attempt: attempt.state in transitions.LIVE_ATTEMPT_STATES and attempt.expires_at <= now
        )
        for attempt in late:
            attempt.state = transitions.attempt_after(attempt.state, "stale")
        if late:
            self._apply("stale")
        return bool(late)
