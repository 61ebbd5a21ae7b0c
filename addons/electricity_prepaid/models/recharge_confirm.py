"""What terminals report: receipts, and what they change."""

from datetime import datetime
from zoneinfo import ZoneInfo

from odoo import api, fields, models

from ..core import codes, money, receipts, tokens, transitions
from ..core.errors import Refusal
from .answers import answering, find_by

MOST_RECEIPTS = 50


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    @api.model
    @answering
    def confirm(self, receipts):
        """Take receipts that a page carries.

        :param receipts: compact, oldest first, at most 50
        """
        if not isinstance(receipts, list) or len(receipts) > MOST_RECEIPTS:
            raise Refusal(codes.P_MALFORMED)
        results, touched = self._take_receipts(receipts, "page")
        companies = self.env.user._get_company_ids()
        visible = touched.filtered(lambda order: order.company_id.id in companies)
        return {"results": results, "orders": [order._status() for order in visible]}

    @api.model
    def _take_receipts(self, compact, via, terminal=None):
        """Take receipts in order; stop at the first that has to come again.

        :param compact: receipts, oldest first
        :param via: ``page`` or ``push``
        :param terminal: the terminal that pushed them; a page may carry any terminal's
        :return: results [{``jti``, ``code``}] and the orders that they concern
        """
        results = []
        touched = self.browse()
        for token in compact:
            jti = None
            try:
                sender, jti = self._sender_of(token)
                if terminal and sender != terminal:
                    raise Refusal(codes.R_INVALID_RECEIPT)
                code, order = self._take_receipt(sender, token, via)
                touched |= order
            except Refusal as refusal:
                code = refusal.code
            results.append({"jti": jti, "code": code})
            if code == codes.S_BUSY:
                break
        return results, touched

    @api.model
    def _sender_of(self, token):
        """Return the terminal that a receipt says it is from, and the receipt's id. Nothing is proved yet."""
        _header, claims = tokens.peek(token, codes.R_INVALID_RECEIPT)
        issuer, jti = claims.get("iss"), claims.get("jti")
        terminals = self.env["electricity.terminal"].with_context(active_test=False)
        terminal = find_by(terminals, uuid=issuer) if isinstance(issuer, str) and issuer.isprintable() else terminals
        if not terminal:
            raise Refusal(codes.R_INVALID_RECEIPT)
        return terminal, jti if isinstance(jti, str) else None

    @api.model
    def _take_receipt(self, terminal, token, via):
        """Verify one receipt, put it into its chain and let it work.

        :return: the code of a problem (None when there is none) and the order that it concerns
        :raises Refusal: R-101 … R-103 when it is not taken, S-101 when it must come again
        """
        keyring = self.env["electricity.keyring"]
        ring = keyring.load_ring()
        receipt = receipts.verify(token, terminal.identity(), ring.db_uuid, ring)
        terminal.take()
        stored = self.env["electricity.receipt"]
        if receipt.seq <= terminal.receipt_seq:
            stored = find_by(stored, terminal_id=terminal.id, seq=receipt.seq)
        head = terminal.receipt_head or receipts.first_prev(terminal.uuid)
        link = receipts.chain(terminal.receipt_seq, head, receipt, stored.hash or None)
        if link == "repeat":
            return stored.code or None, stored.attempt_id.recharge_id
        if link != "ok":
            code = codes.R_GAP if link == "gap" else codes.R_FORK
            if link == "fork" or via == "push":
                terminal.quarantine(code)
            raise Refusal(code)
        attempt = find_by(self.env["electricity.recharge.attempt"], jti=receipt.attempt)
        code = None
        if not attempt:
            code = codes.R_ATTEMPT_UNKNOWN
            if receipt.order.epoch == ring.epoch and keyring.stop_sales(ring):
                # We signed it and it is not here: the database is older than what it has sent out.
                terminal.report_lost_rows()
        elif attempt.order_token != receipt.order_token or attempt.terminal_id != terminal:
            # A link of the chain all the same: kept, but not believed about an order that is not this terminal's.
            attempt, code = attempt.browse(), codes.R_INVALID_RECEIPT
        order = attempt.recharge_id
        if order:
            order.electricity_account_id.take()
        self._store_receipt(terminal, receipt, token, via, attempt, code)
        if order:
            order._report(attempt, receipt, token)
        return code, order

    @api.model
    def _store_receipt(self, terminal, receipt, token, via, attempt, code):
        """Add a receipt to its terminal's chain.

        :param attempt: the attempt that it ends, or empty
        :param code: what is wrong with it, or None
        """
        self.env["electricity.receipt"].create(
            {
                "terminal_id": terminal.id,
                "company_id": terminal.company_id.id,
                "seq": receipt.seq,
                "jti": receipt.jti,
                "hash": receipt.hash,
                "prev": receipt.prev,
                "token": token,
                "attempt_id": attempt.id,
                "outcome": receipt.outcome,
                "code": code,
                "via": via,
            }
        )
        terminal.write({"receipt_seq": receipt.seq, "receipt_head": receipt.hash})
        if code == codes.R_INVALID_RECEIPT:
            terminal.quarantine(code)
        elif code:
            terminal.report(code)

    def _report(self, attempt, receipt, token):
        """Record what a terminal reports about an attempt of this order."""
        attempt.write(
            {
                "state": transitions.attempt_after(attempt.state, receipt.outcome),
                "done_at": fields.Datetime.now(),
                "code": receipt.code,
                "driver_versions": f"{receipt.driver} {receipt.versions['driver']}, {receipt.versions['proxy']}",
                "receipt_token": token,
                # The code of the card, for this terminal only; nobody needs it again.
                "sealed_token": False,
                "image_before": receipt.before.memory.hex() if receipt.before else attempt.image_before,
                "image_after": receipt.after.memory.hex() if receipt.after else False,
            }
        )
        if attempt.op == "reverse":
            self._report_reversal(attempt, receipt)
        else:
            self._apply(receipt.outcome, last_code=receipt.code or False)

    def _apply(self, event, fenced=False, **values):
        """Move the order by an event, with all that the new state means for money and count.

        :param event: of ``core.transitions``
        :param fenced: a meter reading proved that the order can never be credited
        :param values: further fields of the order to write
        :raises Refusal: S-112, S-114
        """
        self.ensure_one()
        before = self.state
        after = transitions.derive(before, self._attempt_states(), event, fenced=fenced)
        if after != before:
            values["state"] = after
            if after == "written":
                values.update(self._consume())
                self._put_card_in_use()
            elif after == "cancelled" or (after == "paid" and before != "draft"):
                values.update(self._release())
                self._forget_card(after)
            if after != "unknown":
                values.setdefault("hold_code", False)
        self.write(values)
        if after != before and after == "written":
            self.env["electricity.cis.message"]._queue_payment(self)
        if after != before and after in ("unknown", "dispute"):
            self._ask_for_help()
        elif after != before and before in ("unknown", "not_written", "dispute"):
            self._help_is_over()

    def _consume(self):
        """Turn the held money into energy, once.

        :return: fields of the order to write
        """
        account = self.electricity_account_id
        block = self.card_block or {}
        cost, energy = money.to_cents(self.cost), money.to_centi_kwh(self.energy)
        count = block.get("count", 0)
        changes = {}
        if account.installation_id == self.installation_id and account.purchase_count < count:
            changes["purchase_count"] = count
        if not self.written_at and (cost or energy):
            account.book(
                "energy",
                -cost,
                energy=energy,
                held=-money.to_cents(self.amount_held),
                recharge=self,
                last_purchase_at=fields.Datetime.now(),
                **changes,
            )
        elif self._was_set_back():
            # Its reversal gave the money back; the card has the energy all the same.
            account.book("unreversed", -cost, energy=energy, recharge=self, **changes)
        elif not self.written_at and changes:
            account.write(changes)
        return {"written_at": fields.Datetime.now(), "amount_held": 0, "count": block.get("count", self.count)}

    def _release(self):
        """Give back what the authorisation reserved: the held money, and the count when it is still the last one.

        :return: fields of the order to write
        """
        account = self.electricity_account_id
        changes = {}
        if self.count and account.installation_id == self.installation_id and account.purchase_count == self.count:
            changes["purchase_count"] = self.count - 1 if self.op == "purchase" else self.count_before
        if self.amount_held or changes:
            account.hold(-money.to_cents(self.amount_held), **changes)
        return {"amount_held": 0, "count": 0}

    def _ask_for_help(self):
        """Call a supervisor to an order whose end is not known."""
        if self.activity_ids:
            return
        user = self._supervisor()
        told = self.with_context(lang=user.lang)
        told.activity_schedule(
            "electricity_prepaid.mail_activity_uncertain_recharge",
            date_deadline=self._company_today(),
            user_id=user.id,
            summary=told.env._("Find out how %(serial)s ended", serial=self.name),
        )

    def _company_today(self):
        """Return today's date at the company, not at whoever's session runs this."""
        return datetime.now(ZoneInfo(self.company_id.electricity_zone())).date()

    def _help_is_over(self):
        self.activity_unlink(["electricity_prepaid.mail_activity_uncertain_recharge"])

    def _supervisor(self):
        group = self.env.ref("electricity_prepaid.group_supervisor", raise_if_not_found=False)
        users = group.all_user_ids if group else self.env["res.users"]
        return users.filtered(lambda user: user.active and self.company_id in user.company_ids)[:1] or self.env.user
