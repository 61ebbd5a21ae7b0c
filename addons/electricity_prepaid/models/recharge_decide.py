"""What may be written for an order: its first write, the same again, or on a new card."""

from dataclasses import replace

from odoo import models

from ..core import codecs, codes, money, resolution
from ..core.card_image import BLANK
from .recharge_plan import ISSUING, Plan, said_by
from .recharge_tries import WRITTEN_AGAIN


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    # ------------------------------------------------------------------------------------------------- the first write

    def _decide_first(self, reading):
        """Check the first write of a paid order and split its amount.

        :return: a :class:`~.recharge_plan.Plan`
        :raises Refusal: the gate's codes, those of limits and tariff, S-110
        """
        account = self.electricity_account_id
        if account.installation_id != self.installation_id:
            self._refuse(codes.C_OTHER_METER)
        if self.op == "clear":
            return self._decide_clear(reading)
        if money.to_cents(self.amount):
            self._check_marketing_still(account)
        if self.op in ISSUING:
            return self._decide_issue(reading)
        card = self._find_card(reading)
        if card.electricity_account_id != account:
            self._refuse(codes.C_OTHER_CUSTOMER)
        facts = account.facts_for_sale()
        # This order is the open one: the database keeps a second from being there.
        count = self._check_gate("purchase", account, card, reading, facts).count
        changes = {"card_id": card.id, "card_no": card.name, **self._split(reading, facts)}
        companions = self._companions(facts, "purchase", reading)
        block = self._block(facts, "purchase", count, changes.pop("quantity"), card.issue, companions)
        write = self._write_claim(facts.driver, "purchase", block, reading.snapshot.memory, companions.files)
        block = said_by(facts.driver, write, block)
        return Plan("purchase", write, block, {**changes, **companions.as_values()})

    def _split(self, reading, facts):
        """Split the amount by tariff and limits, and check that the account covers it.

        :return: fields of the order, and the ``quantity`` for the card
        """
        account = self.electricity_account_id
        breakdown = self._price(account, money.to_cents(self.amount), reading, facts, order=self)
        if breakdown.cost > account.available_cents():
            self._refuse(codes.S_NOT_PAID, due=money.format_cents(breakdown.cost - account.available_cents()))
        return {**self._split_values(breakdown, facts), "quantity": breakdown.quantity}

    def _decide_issue(self, reading):
        """Check the write of a blank card that becomes the account's: open or replace."""
        account = self.electricity_account_id
        facts = account.facts_for_sale()
        card = self._find_card(reading)
        last = self._order_at_last_count(account)
        gate = self._check_gate(self.op, account, card, reading, facts, order=last, last_in_meter=self.last_in_meter)
        if last._live_attempt():
            # It may be written, or set back, this very moment.
            last._refuse(codes.S_OTHER_OPEN)
        again = self.op == "replace" and not self.last_in_meter
        if again and money.to_cents(self.amount):
            # What was read since the money came says that the last purchase is issued again, without money.
            self._refuse(codes.S_NOT_IN_STATE)
        changes = {"quantity": 0}
        if money.to_cents(self.amount):
            changes = self._split(reading, facts)
        quantity = changes.pop("quantity")
        if again:
            quantity = last._ordered_block().quantity if last.card_block else 0
        card, issue, values = self._card_to_issue(card, reading)
        companions = self._companions(facts, self.op, reading)
        block = self._block(facts, self.op, gate.count, quantity, issue, companions)
        write = self._write_claim(facts.driver, self.op, block, reading.snapshot.memory, companions.files)
        block = said_by(facts.driver, write, block)
        bound = {"card_id": card.id, "card_no": card.name}
        return Plan(self.op, write, block, {**changes, **bound, **companions.as_values()}, card, values)

    def _card_to_issue(self, card, reading):
        """Return the record of a blank card, its issue number, and what binds it to this order's account.

        :param card: our record of it, or empty: then it is made
        :raises Refusal: C-107, C-109 when our records say that the card belongs to somebody, or is out of use
        """
        account = self.electricity_account_id
        if card.electricity_account_id and card.electricity_account_id != account:
            self._refuse(codes.C_OTHER_CUSTOMER)
        if card and card.state != "blank":
            self._refuse(codes.C_REPLACED)
        if not card:
            card = card.create(
                {
                    "name": reading.image.serial,
                    "driver": reading.snapshot.driver,
                    "company_id": self.company_id.id,
                    "state": "blank",
                }
            )
        others = account.card_ids - card
        issue = max((other.issue for other in others if other.state != "void"), default=0) + 1
        values = {"issue": issue, "generation": self.installation_id.generation, "driver": reading.snapshot.driver}
        return card, issue, {"electricity_account_id": account.id, **values}

    def _decide_clear(self, reading):
        """Check that a card may be made blank again: its account is closed, or settled and without a meter."""
        account = self.electricity_account_id
        card = self._find_card(reading)
        if card.electricity_account_id != account:
            self._refuse(codes.C_OTHER_CUSTOMER)
        self._check_gate("clear", account, card, reading, account.facts_for_sale())
        write = self._write_claim(reading.snapshot.driver, "clear", None, reading.snapshot.memory)
        return Plan("clear", write, None, {"card_id": card.id, "card_no": card.name})

    # ------------------------------------------------------------------------------------------------- the same again

    def _decide_again(self, reading):
        """Check that the same may be written again, on the same card or on the one that takes its place.

        :return: a :class:`~.recharge_plan.Plan`
        """
        account = self.electricity_account_id
        if self.state not in WRITTEN_AGAIN:
            self._refuse(codes.S_NOT_IN_STATE)
        if self.op == "clear":
            return self._decide_clear_again(reading)
        if not self.card_block or self.count != account.purchase_count:
            self._refuse(codes.S_NOT_IN_STATE)
        if self.takes_new_card and reading.image.condition == BLANK:
            return self._decide_takeover(reading)
        card = self._find_card(reading)
        if card.electricity_account_id != account:
            self._refuse(codes.C_OTHER_CUSTOMER)
        if card != self.card_id:
            self._refuse(codes.C_REPLACED)
        self._check_gate("rewrite", account, card, reading, account.facts_for_sale(), order=self)
        if self._resolution_of(reading) != resolution.REWRITE:
            self._refuse(codes.C_COUNT_DIFFERS)
        block = self._ordered_block()
        op = self._write_op()
        write = self._write_claim(
            self.driver, op if op in ISSUING else "rewrite", block, reading.snapshot.memory, self._files()
        )
        return Plan("rewrite", write, block, {"takes_new_card": False})

    def _decide_takeover(self, reading):
        """Check that a blank card takes over this order: same count, same quantity, no new money."""
        account = self.electricity_account_id
        facts = account.facts_for_sale()
        op = "open" if self.op == "open" else "replace"
        card = self._find_card(reading)
        self._check_gate("replace", account, card, reading, facts, order=self)
        card, issue, values = self._card_to_issue(card, reading)
        companions = self._companions(facts, op, reading)
        block = self._ordered_block()
        if hasattr(block, "card_type"):
            block = replace(block, update_flag=companions.flag, switch_time=companions.switch_time)
        else:
            block = replace(block, issue=issue)
        write = self._write_claim(facts.driver, op, block, reading.snapshot.memory, companions.files)
        block = said_by(facts.driver, write, block)
        changes = {"card_id": card.id, "card_no": card.name, "takes_new_card": False, **companions.as_values()}
        return Plan(op, write, block, changes, card, values)

    def _decide_clear_again(self, reading):
        card = self._find_card(reading)
        if card != self.card_id:
            self._refuse(codes.C_OTHER_CUSTOMER)
        if self._resolution_of(reading) != resolution.REWRITE:
            self._refuse(codes.C_COUNT_DIFFERS)
        write = self._write_claim(reading.snapshot.driver, "clear", None, reading.snapshot.memory)
        return Plan("rewrite", write)

    # -------------------------------------------------------------------------------------------- what a reading says

    def _is_torn(self, reading):
        """Tell whether the reading is what an interrupted write of this order can have left."""
        images = [
            (bytes.fromhex(attempt.image_before), bytes.fromhex(attempt.expected_image))
            for attempt in self._attempts()
            if attempt.image_before and attempt.expected_image and attempt.card_no in (False, reading.image.serial)
        ]
        return resolution.is_torn(self.driver, reading.snapshot.memory, images)

    def _resolution_of(self, reading):
        """Return what a reading of the card says about this order: ``written``, ``rewrite`` or ``hold``."""
        if self.op == "clear":
            if reading.snapshot.memory.hex() == self._attempts()[-1:].expected_image:
                return resolution.WRITTEN
            return resolution.REWRITE if self._is_torn(reading) else resolution.HOLD
        previous = codecs.block_from_claim(self.driver, self.previous_block) if self.previous_block else None
        ordered = resolution.Ordered(block=self._ordered_block(), previous=previous, torn=self._is_torn(reading))
        return resolution.resolve(reading.image, ordered)
