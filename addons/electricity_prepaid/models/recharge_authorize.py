"""The decision to write a card: split, reservation, signed write order."""

import time
import uuid as uuid_module
from datetime import UTC, datetime

from odoo import api, fields, models

from ..core import codecs, codes, money, orders, snapshots, tokens, transitions
from ..core.errors import Refusal
from .answers import answering, find_by
from .recharge_reading import Reading

ORDER_SECONDS = 60
"""Life of a write order: the time in which the terminal may begin, not the time of the write."""


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
        if order.delivery != "card":
            order._refuse(codes.S_NOT_IN_STATE)
        account = order.electricity_account_id
        account.take()
        reading = order._reading_to_authorize(snapshot)
        live = order._live_attempt()
        if live:
            if live.terminal_id != reading.terminal:
                order._refuse(codes.S_BUSY)
            return order._write_order_answer(live)
        if order._expire_attempts() and order.state != "written":
            order._refuse(codes.S_NOT_IN_STATE)
        order._check_reserved()
        reading = order._match_reading(reading)
        ring = self._check_terminal_sells(reading, limited=False)
        if order.state == "draft":
            order._refuse(codes.S_NOT_PAID, due=money.format_cents(order._due_cents()))
        plan = order._decide(reading)
        attempt = order._issue(plan, reading, ring)
        if order.state == "paid":
            order._reserve(reading, attempt, plan)
        else:
            order.write(
                {
                    **order._changes_of(plan),
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

    def _changes_of(self, plan):
        """Return the fields of the order that remember what is written."""
        block = {"card_block": plan.block.as_claim()} if plan.block else {}
        return {**plan.changes, **block}

    def _reserve(self, reading, attempt, plan):
        """Reserve the count and hold the cost."""
        account = self.electricity_account_id
        changes = {"cost": self.cost, **self._changes_of(plan)}
        count = plan.block.count if plan.block else 0
        before = account.purchase_count
        account.hold(money.to_cents(changes["cost"]), **({"purchase_count": count} if count else {}))
        previous = reading.image.block
        self.write(
            {
                **changes,
                "state": transitions.derive(self.state, self._attempt_states(), "authorize"),
                "count": count,
                "count_before": before,
                "amount_held": changes["cost"],
                "previous_block": previous.as_claim() if previous else False,
                "expires_at": attempt.expires_at,
                "hold_code": False,
                "snapshot_id": reading.row.id,
                "driver": reading.snapshot.driver,
            }
        )

    def _issue(self, plan, reading, ring):
        """Sign a write order and record the attempt.

        :param plan: what it writes, a :class:`~.recharge_plan.Plan`
        :param reading: the reading that the terminal will compare the card with
        :param ring: the key ring
        :return: ``electricity.recharge.attempt``
        :raises Refusal: K-104, K-109, K-110
        """
        self._check_gives_keys(plan, reading)
        now = int(time.time())
        jti = str(uuid_module.uuid4())
        image, snapshot, terminal = reading.image, reading.snapshot, reading.terminal
        order = orders.WriteOrder(
            iss=ring.db_uuid,
            aud=terminal.uuid,
            jti=jti,
            serial=self.name,
            epoch=ring.epoch,
            iat=now,
            exp=now + ORDER_SECONDS,
            ins=snapshot.ins,
            op=plan.op,
            card_serial=image.serial,
            issue=image.issue or 0,
            driver=snapshot.driver,
            expect_count=image.count or 0,
            expect_digest=snapshot.digest,
            write=plan.write,
            tries=self._tries_to_order(reading),
        )
        psc = self.env["electricity.key.use"].psc(self, terminal, order)
        if plan.card:
            plan.card.write(plan.card_values)
        issued = orders.issue(order, ring.active, psc=psc, x25519=terminal.x25519)
        self.env.cr.execute("SELECT last_value FROM electricity_snapshot_id_seq")
        fence = self.env.cr.fetchone()[0]
        self.has_attempts = True
        self._use_up_allowed_try()
        return self.env["electricity.recharge.attempt"].create(
            {
                "recharge_id": self.id,
                "company_id": self.company_id.id,
                "jti": jti,
                "op": plan.op,
                "card_no": image.serial,
                "terminal_id": terminal.id,
                "snapshot_id": reading.row.id,
                "fence": fence,
                "issued_at": fields.Datetime.now(),
                "expires_at": datetime.fromtimestamp(now + ORDER_SECONDS, UTC).replace(tzinfo=None),
                "order_token": issued.token,
                "sealed_token": issued.sealed,
                "image_before": snapshot.memory.hex(),
                "expected_image": codecs.expected_after(snapshot.driver, snapshot.memory, plan.write).hex(),
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
