"""Orders that did not end as planned: readings, giving up, meter readings by two persons, the stale cron."""

from odoo import api, fields, models

from ..core import codes, evidence, money, resolution, transitions
from ..core.errors import Refusal
from .answers import QUIET, answering
from .card_drivers import is_cpu, is_vendor
from .parameters import request_digest
from .recharge_plan import ISSUING

BATCH = 50
SUPERVISOR_GROUP = "electricity_prepaid.group_supervisor"


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    @api.model
    @answering
    def resolve(self, terminal_id, snapshot):
        """Let a reading of the card settle the order whose end is not known.

        :param terminal_id: id of the terminal
        :param snapshot: the terminal's signed reading, compact; used up only when it decided something
        """
        terminal = self._terminal_for_user(terminal_id)
        terminal.check_active()
        reading = self._fresh_reading(terminal, self._verify_snapshot(terminal, snapshot), snapshot)
        card = self._find_card(reading)
        account = card.electricity_account_id
        order = self._order_to_resolve(account)
        if not order:
            return {"order": None, "resolution": "none"}
        if not order._was_issued() or order.state in ("draft", "paid") or card != order.card_id:
            return {"order": order._status(), "resolution": "none"}
        account.take()
        order._check_newer(reading)
        result = order._resolution_of(reading)
        if order.state == "written":
            if result != resolution.REWRITE:
                return {"order": None, "resolution": "none"}
            order.write({"snapshot_id": reading.row.id})
            order._use_reading(reading)
            return {"order": order._status(result), "resolution": result}
        if order._live_attempt() and result != resolution.WRITTEN:
            # Its terminal may be writing this very moment.
            return {"order": order._status(), "resolution": "none"}
        order._settle_by_reading(reading, result)
        return {"order": order._status(result), "resolution": result}

    @api.model
    def _order_to_resolve(self, account):
        """Return the open order of an account, else the written one at its last count, else nothing."""
        if not account:
            return self.browse()
        return self._open_order(account) or self._order_at_last_count(account).filtered(
            lambda order: order.state == "written"
        )

    def _settle_by_reading(self, reading, result):
        """Record a reading and let it move the order.

        :param result: ``written``, ``rewrite`` or ``hold``
        """
        live = self.attempt_ids.filtered(lambda attempt: attempt.state in transitions.LIVE_ATTEMPT_STATES)
        for attempt in live:
            attempt.state = transitions.attempt_after(attempt.state, "stale")
        self._use_reading(reading)
        self._record_reading(reading, result)
        values = {"snapshot_id": reading.row.id}
        if result == resolution.HOLD:
            values["hold_code"] = codes.C_COUNT_DIFFERS
        self._apply(f"read_{result}", **values)
        if result == resolution.HOLD:
            self._ask_for_help()

    def _record_reading(self, reading, result):
        """Keep both images in the order's history, so that staff can compare them."""
        expected = self.attempt_ids[-1:].expected_image or ""
        self.message_post(
            body=self.env._(
                "Card read at %(terminal)s: %(result)s. On the card: count %(count)s, %(quantity)s,"
                " write-back %(state)s (count %(back)s). Ordered: count %(ordered)s.\nRead: %(image)s\n"
                "Expected: %(expected)s",
                terminal=reading.terminal.name,
                result=result,
                count=reading.image.count,
                quantity=self._quantity_in_words(reading.image.quantity),
                state=reading.image.writeback.state,
                back=reading.image.writeback.count,
                ordered=self.count,
                image=reading.snapshot.memory.hex(),
                expected=expected,
            )
        )

    @api.model
    @answering
    def cancel(self, uuid, refund):
        """Give an order up; its money stays as balance or is handed back. Only with proof that nothing was written.

        :param uuid: of the order
        :param refund: hand back what was paid for it
        """
        order = self._by_uuid(uuid)
        if refund and order.state in transitions.OPEN_STATES:
            try:
                order._check_nothing_may_be_paid()
            except Refusal as refusal:
                order._refuse(refusal.code, **refusal.params)
        order.electricity_account_id.take()
        if order.state == "reversed":
            if not refund:
                order._refuse(codes.S_NOT_IN_STATE)
            cents = order._hand_back_reversed()
            return {"order": order._status(), "handed_back": money.format_cents(cents)}
        if order.state == "cancelled" and order.cancel_reason in ("refund", "keep"):
            if (order.cancel_reason == "refund") != bool(refund):
                order._refuse(codes.S_NOT_IN_STATE)
            return {"order": order._status(), "handed_back": money.format_cents(order._handed_back_cents())}
        handed_back = order._give_up(bool(refund), self.env.user)
        return {"order": order._status(), "handed_back": money.format_cents(handed_back)}

    def _handed_back_cents(self):
        return sum(money.to_cents(tender.amount) for tender in self.tender_ids if tender.direction == "out")

    def _give_up(self, refund, user, fenced=False):
        """Cancel the order and hand its money back if asked.

        :param refund: hand back what was paid for it
        :param user: who hands it back, out of the own open shift
        :param fenced: a meter reading proved that it can never be credited
        :return: cents handed back
        :raises Refusal: S-112, S-114, S-117, S-129 when notes may be going in where it waits
        """
        if self._expire_attempts():
            self._refuse(codes.S_MAY_NOT_CANCEL)
        if self.state not in transitions.OPEN_STATES:
            self._refuse(codes.S_NOT_IN_STATE)
        if not (fenced or self._never_executed()):
            self._refuse(codes.S_MAY_NOT_CANCEL)
        session = self._drawer(user) if refund else None
        if session and session.terminal_id != self.terminal_id:
            self._check_no_notes_go_in()
        self._apply("cancel", fenced=fenced, cancel_reason="refund" if refund else "keep")
        return self._hand_back(session, user) if refund else 0

    def _drawer(self, user):
        """Return a user's own open shift, locked, out of which money is handed back.

        :raises Refusal: S-117
        """
        session = self.env["electricity.cash.session"].drawer_of(user, self.company_id, self.terminal_id)
        if not session:
            self._refuse(codes.S_NO_SHIFT)
        return session

    def _hand_back(self, session, user):
        """Hand back what was paid for this order, as far as balance, drawer and coins allow; the rest is balance.

        :param session: the shift out of whose drawer it comes
        :param user: who hands it back
        :return: cents handed back
        """
        account = self.electricity_account_id
        cents = min(money.to_cents(self.paid_amount), account.available_cents(), money.to_cents(session.cash_now))
        cents = money.in_coins(cents, self.company_id.coin_cents())
        if cents <= 0:
            return 0
        self.env["electricity.tender"].give_back(
            account,
            cents,
            recharge=self,
            uuid=f"refund-{self.uuid}",
            request_digest=request_digest("refund", self.uuid),
            **session.out_values(user),
        )
        return cents

    @api.private
    def propose_reading(self, count, issue, note, user):
        """Record what a person read at the meter; another person has to approve it.

        :param count: purchase count that the meter shows
        :param issue: highest issue number of a card that the meter has registered
        :param note: how it was read: who, when, photograph
        :param user: the first person
        :raises Refusal: S-112 when the order's end is not open
        """
        self.ensure_one()
        self.electricity_account_id.take()
        if not self._waits_for_reading():
            self._refuse(codes.S_NOT_IN_STATE)
        self.write(
            {
                "proposed_by_id": user.id,
                "proposed_at": fields.Datetime.now(),
                "approved_by_id": False,
                "proposed_outcome": self._judge_reading(count, issue),
                "meter_reading_count": count,
                "meter_reading_issue": issue,
                "meter_reading_note": note,
            }
        )
        self.message_post(
            body=self.env._(
                "Meter read by %(user)s: count %(count)s, card issue %(issue)s. %(note)s",
                user=user.name,
                count=count,
                issue=issue,
                note=note or "",
            )
        )

    def _replaces_unwritten(self):
        """Tell whether this order replaces a card and nothing was issued yet: a reading decides what is written."""
        return self.op == "replace" and self.state in ("draft", "paid") and not self.has_attempts

    def _waits_for_reading(self):
        """Tell whether a meter reading may decide about this order."""
        if self._replaces_unwritten():
            return True
        # A meter says nothing about a card that was to be cleared.
        return self.op != "clear" and self.state in ("unknown", "not_written", "dispute") and not self._live_attempt()

    def _judge_reading(self, count, issue):
        """Return what a meter reading proves about this order as it is now.

        :param count: purchase count that the meter shows
        :param issue: highest issue number of a card that the meter has registered
        :return: of ``core.evidence``
        """
        if self._replaces_unwritten():
            return evidence.CREDITED if count >= self.electricity_account_id.purchase_count else evidence.NOT_CREDITED
        block = self.card_block or {}
        issued = max(self.card_id.issue, block.get("issue") or 0)
        # A card that says no issue number: once it was issued, the meter takes it again after a newer one.
        nameless = is_cpu(self.driver) or is_vendor(self.driver)
        again = nameless and any(attempt.op in ISSUING for attempt in self._attempts())
        return evidence.judge_reading(block.get("count", self.count), issued, count, issue, registers_again=again)

    @api.private
    def approve_reading(self, user):
        """Let a second person approve the meter reading, and let it move the order.

        The reading is judged again: since it was proposed the order may have been written once more, or its card
        issued anew.

        :param user: the second person
        :raises Refusal: S-121 when it is the first one, S-112 when there is nothing to approve or the order's end is
            not open any more
        """
        self.ensure_one()
        self.electricity_account_id.take()
        if not self.proposed_by_id or self.approved_by_id:
            self._refuse(codes.S_NOT_IN_STATE)
        if self.proposed_by_id == user:
            self._refuse(codes.S_SECOND_PERSON)
        if not self._waits_for_reading():
            self._refuse(codes.S_NOT_IN_STATE)
        outcome = self._judge_reading(self.meter_reading_count, self.meter_reading_issue)
        values = {"approved_by_id": user.id, "proposed_outcome": outcome}
        if self._replaces_unwritten():
            self.write({**values, "last_in_meter": outcome == evidence.CREDITED})
        elif outcome == evidence.CREDITED:
            self._apply("settle" if self.state == "dispute" else "reading_credited", **values)
        elif outcome == evidence.FENCED and self.state != "dispute":
            self.write(values)
            self._give_up(False, user, fenced=True)
        else:
            self.write({**values, "hold_code": False})
        self.message_post(body=self.env._("Meter reading approved by %(user)s.", user=user.name))

    @api.model
    def _cron_mark_stale(self):
        """Turn orders without news into unknown ones and call for help; forget reservations without money.

        It never voids: what was issued may have been carried out.
        """
        orders = self.sudo().with_context(**QUIET)
        now = fields.Datetime.now()
        late = orders.env["electricity.recharge.attempt"].search(
            [("state", "in", transitions.LIVE_ATTEMPT_STATES), ("expires_at", "<=", now)], limit=BATCH
        )
        empty = orders.search(
            [
                ("state", "in", ("draft", "paid")),
                ("paid_amount", "=", 0),
                ("expires_at", "<=", now),
                ("attempt_ids", "=", False),
            ],
            limit=BATCH,
        )
        remaining = len(late.recharge_id) + len(empty)
        for order in late.recharge_id | empty:
            order._mark_stale()
            remaining -= 1
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                break
        if len(late) == BATCH or len(empty) == BATCH:
            self.env.ref("electricity_prepaid.ir_cron_mark_stale")._trigger()

    def _mark_stale(self):
        self.ensure_one()
        try:
            self.electricity_account_id.take()
        except Refusal:
            # Somebody is deciding on it this moment; the next run looks again.
            return
        if self.attempt_ids:
            self._expire_attempts()
        elif self.state in ("draft", "paid") and not self.paid_amount and self.expires_at <= fields.Datetime.now():
            # Looked at again: the orders before it in the batch were committed, and money may have come meanwhile.
            self._apply("expire" if self.state == "draft" else "cancel", cancel_reason="expired")

    def _require_supervisor(self):
        """Raise unless the caller is a supervisor of the order's company."""
        self.check_access("read")
        if not self.env.user.has_group(SUPERVISOR_GROUP):
            self.check_access("write")
