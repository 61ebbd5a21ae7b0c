"""A visit told in one list: its steps, joined with what else is on record about the same orders."""

from datetime import UTC, datetime, timedelta

from odoo import fields, models
from odoo.addons.electricity_prepaid.core import codes, masking, money, tokens, trails
from odoo.addons.electricity_prepaid.core.errors import Refusal

from .kiosk_step import CUSTOMER
from .kiosk_trail import PASSING, UNASKED

BEFORE = timedelta(hours=24)
"""How long before a visit the login of its browser is looked for."""
DIGEST = 12
"""Characters of a digest that are shown: enough to compare."""
NOTE_TONES = {
    trails.STACKED: "success",
    trails.RETURNED: "warning",
    trails.REJECTED: "warning",
    trails.UNCERTAIN: "warning",
}


class ElectricityKioskVisit(models.Model):
    _inherit = "electricity.kiosk.visit"

    trail = fields.Html(compute="_compute_trail", sanitize=False)

    def _compute_trail(self):
        for visit in self:
            visit.trail = self.env["ir.qweb"]._render("kiosk_hw.kiosk_visit_trail", {"visit": visit})

    def _sees_customer(self):
        return self.env.su or any(self.env.user.has_group(group) for group in CUSTOMER.split(","))

    def events(self):
        """Return everything that is on record about this visit, oldest first, as the caller may see it.

        :return: list of ``{at, source, what, text, code, tone}``; ``source`` is what the row rests on: "server",
            "terminal" (a statement that it signed), "provider", or "page" (its own word)
        """
        self.ensure_one()
        self.check_access("read")
        events = [*self._step_events(), *self._login_events()]
        if self._sees_customer():
            recharges = self._recharges()
            events += [*self._note_events(recharges), *self._tender_events(recharges)]
            events += self._write_events(recharges)
            events += self._provider_events(recharges)
        # What the page says of before the visit's first call counts as its begin, so it stands before that call.
        return sorted(events, key=lambda event: (event["at"], event["source"] != "page"))

    def _event(self, at, source, what, text="", code=None, tone=""):
        sentence = codes.text(code, self.env.lang) if code in codes.CATALOGUE else ""
        return {
            "at": at,
            "source": source,
            "source_name": self._source_names()[source],
            "what": what,
            "text": text,
            "code": code or "",
            "sentence": sentence,
            "tone": tone,
        }

    def _source_names(self):
        return {
            "server": self.env._("Server"),
            "terminal": self.env._("Signed by the terminal"),
            "provider": self.env._("Payment provider"),
            "page": self.env._("Word of the page"),
        }

    def _call_names(self):
        """Return what the calls of the page are, in words; others are shown by their own names."""
        return {
            "new_nonce": self.env._("Asks for a reading of the card"),
            "interrupted": self.env._("Started anew: asks what was interrupted"),
            "quote": self.env._("Asks whose card it is and what may be bought"),
            "file": self.env._("Shows account and bills"),
            "ask": self.env._("Asks the marketing system"),
            "begin": self.env._("Begins a purchase"),
            "collect": self.env._("Asks for leave to take notes"),
            "add_tender": self.env._("Brings a statement about money"),
            "give_up": self.env._("Ends a purchase without a card"),
            "status": self.env._("Asks how the purchase stands"),
            "authorize": self.env._("Asks for leave to write the card"),
            "confirm": self.env._("Brings receipts of the terminal"),
            "resolve": self.env._("Asks what is open on the card"),
            "identify": self.env._("Tries to be known without a card"),
            "file_of": self.env._("Shows account and bills to whom was known without a card"),
            "end_visit": self.env._("Ends what a customer without a card was known for"),
            "arrears": self.env._("Asks what is owed"),
            "begin_arrears": self.env._("Begins a payment of arrears"),
            "finish_here": self.env._("Ends what was begun at another terminal"),
            "receipt": self.env._("Asks for the receipt"),
            "receipt_copy": self.env._("Asks for a copy of a receipt"),
            "pay": self.env._("Begins a payment"),
            "pay_status": self.env._("Asks how the payment stands"),
            "pay_cancel": self.env._("Gives a payment up"),
            "pay_open": self.env._("Asks whether a payment is open"),
            "screen": self.env._("Screen shown"),
            "key": self.env._("Key touched"),
            "error": self.env._("Error in the browser"),
        }

    def _step_events(self):
        names, sees = self._call_names(), self._sees_customer()
        outcomes = dict(self.step_ids._fields["outcome"]._description_selection(self.env))
        tones = {"refused": "warning", "crashed": "danger"}
        serials = {order.uuid: order.name for order in self._recharges()} if sees else {}
        for step, said in self._page_rows():
            yield self._event(step.moment(), "page", names.get(step.call, step.call), said, tone="muted")
        for step in self.step_ids.filtered(lambda each: each.source == "server"):
            parts = [outcomes[step.outcome], self.env._("%(number)s ms", number=step.duration)]
            if sees and step.account:
                parts.append(self.env._("account %(number)s", number=masking.number(step.account)))
            if sees and step.order_uuid:
                parts.append(serials.get(step.order_uuid) or step.order_uuid)
            yield self._event(
                step.at,
                "server",
                names.get(step.call, step.call),
                " · ".join(parts),
                step.code,
                "" if _is_nothing_refused(step) else tones.get(step.outcome, ""),
            )

    def _login_events(self):
        """The login of the browser that this visit was made with: the last one before it, and those during it."""
        logins = self.env["electricity.kiosk.login"].sudo()
        mine = [("terminal_id", "=", self.terminal_id.id)]
        before = [("logged_in_at", ">=", self.started_at - BEFORE), ("logged_in_at", "<", self.started_at)]
        during = [("logged_in_at", ">=", self.started_at), ("logged_in_at", "<=", self.ended_at)]
        found = logins.search([*mine, *before], limit=1) | logins.search([*mine, *during])
        for login in found:
            yield self._event(
                login.logged_in_at, "terminal", self.env._("Logs the browser in"), login.address or "", tone="info"
            )

    def _tender_events(self, recharges):
        tenders = self.env["electricity.tender"].sudo().search([("recharge_id", "in", recharges.ids)], order="id")
        kinds = dict(tenders._fields["kind"]._description_selection(self.env))
        for tender in tenders:
            back = self.env._("handed back") if tender.direction == "out" else ""
            parts = [kinds.get(tender.kind, tender.kind), tender.notes_text, back, tender.recharge_id.name]
            source = "terminal" if tender.kind == "terminal_cash" else "server"
            what = self.env._("Money: %(amount)s", amount=money.format_cents(money.to_cents(tender.amount)))
            if tender.amount:
                yield self._event(tender.occurred_at, source, what, " · ".join(filter(None, parts)), tone="success")
            if tender.uncertain_amount:
                yield self._event(
                    tender.occurred_at,
                    "terminal",
                    self.env._("A note whose end is not certain"),
                    tender.uncertain_text,
                    codes.A_UNCERTAIN,
                    "warning",
                )

    def _note_events(self, recharges):
        """Each note that the terminal tells of: also one that came back, and one that nobody was being paid with."""
        trail = self.env["electricity.terminal.trail"].sudo()
        for note in trail.of_notes(recharges, self.terminal_id, self.started_at, self.ended_at):
            worth = money.format_cents(note.denomination) if note.denomination else self.env._("of unknown worth")
            code = codes.A_UNCERTAIN if note.end == trails.UNCERTAIN else None
            what = self.env._("Note %(worth)s", worth=worth)
            yield self._event(note.done, "terminal", what, self._note_text(note), code, NOTE_TONES[note.end])

    def _note_text(self, note):
        if note.end == trails.STACKED:
            return self.env._("went into the cash box")
        if note.end == trails.UNCERTAIN:
            return self.env._("was put in; the acceptor does not say where it is")
        if note.end == trails.REJECTED:
            return self.env._("came back, not taken (%(reason)s)", reason=note.words or "–")
        if note.wish == trails.RETURN:
            return self.env._("came back, was not to be taken")
        return self.env._("came back, although it was to be taken")

    def _write_events(self, recharges):
        """Orders to write the card, and what the terminal's receipts say that became of them."""
        attempts = self.env["electricity.recharge.attempt"].sudo()
        attempts = attempts.search([("recharge_id", "in", recharges.ids)], order="id")
        receipts = self.env["electricity.receipt"].sudo().search([("attempt_id", "in", attempts.ids)], order="id")
        for attempt in attempts:
            text = " · ".join((attempt.recharge_id.name, masking.number(attempt.card_no), attempt.jti))
            yield self._event(attempt.issued_at, "server", self.env._("Signs the order to write the card"), text)
        for receipt in receipts:
            yield from self._receipt_events(receipt)
        for write in self.env["electricity.terminal.trail"].sudo().of_writes(attempts, self.terminal_id):
            what = self.env._("Steps of the write, with the card's last status words")
            yield self._event(write.done, "terminal", what, write.words)

    def _receipt_events(self, receipt):
        try:
            _header, claims = tokens.peek(receipt.token, codes.R_INVALID_RECEIPT)
        except Refusal:
            # It was verified when it came; one that was shortened since still has its row.
            claims = {}
        versions = claims.get("versions") or {}
        images = [claims.get(name) for name in ("before", "after")]
        digests = [image["digest"][:DIGEST] if image else "–" for image in images]
        outcomes = dict(receipt._fields["outcome"]._description_selection(self.env))
        parts = [
            outcomes[receipt.outcome],
            self.env._("card before %(before)s, after %(after)s", before=digests[0], after=digests[1]),
            " ".join(filter(None, (claims.get("driver"), versions.get("driver"), versions.get("proxy")))),
            receipt.jti,
        ]
        tone = {"written": "success", "void": ""}.get(receipt.outcome, "warning")
        if claims.get("intent_at"):
            yield self._event(
                _moment(claims["intent_at"]), "terminal", self.env._("Begins to write the card"), receipt.jti
            )
        at = _moment(claims["done_at"]) if claims.get("done_at") else receipt.received_at
        what = self.env._("Receipt about the write")
        yield self._event(at, "terminal", what, " · ".join(parts), claims.get("code") or receipt.code, tone)

    def _provider_events(self, recharges):
        """What payment providers told of these orders: begun here, and how it stands."""
        payments = self.env["payment.transaction"].sudo()
        payments = payments.search([("electricity_recharge_id", "in", recharges.ids)], order="id")
        states = dict(payments._fields["state"]._description_selection(self.env))
        for payment in payments:
            amount = money.format_cents(money.to_cents(payment.amount))
            text = " · ".join((payment.reference, amount, payment.provider_id.name))
            yield self._event(payment.create_date, "server", self.env._("Begins a payment"), text)
            at = payment.last_state_change or payment.create_date
            tone = {"done": "success", "error": "warning", "cancel": "warning"}.get(payment.state, "")
            text = " · ".join(filter(None, (payment.reference, states[payment.state], payment.state_message)))
            yield self._event(at, "provider", self.env._("State of the payment"), text, tone=tone)


def _is_nothing_refused(step):
    return step.code in PASSING or (step.call in UNASKED and step.outcome == "refused")


def _moment(milliseconds):
    """Return a time of the terminal as Odoo has times: UTC without a zone."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).replace(tzinfo=None, microsecond=0)
