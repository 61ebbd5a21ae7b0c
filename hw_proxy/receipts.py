"""Receipts: signed and journalled in one step (docs/protocol, section 1, "receipt")."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

from hw_proxy import __version__, tokens
from hw_proxy.cards.registry import driver_version
from hw_proxy.clock import Clock
from hw_proxy.journal import Intent, Journal, Stored
from hw_proxy.keys import Identity
from hw_proxy.orders import Order

TYPE = "receipt+jwt"
WRITTEN, NOT_WRITTEN, UNKNOWN, VOID = "written", "not_written", "unknown", "void"


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended. ``before`` and ``after`` as in a receipt."""

    outcome: str
    code: str | None = None
    before: dict[str, object] | None = None
    after: dict[str, object] | None = None


class ReceiptBook:
    """Writes the receipts of one terminal.

    Every method raises :class:`~hw_proxy.errors.JournalError` when nothing could be stored.
    """

    def __init__(self, identity: Identity, journal: Journal, clock: Clock) -> None:
        self._identity = identity
        self._journal = journal
        self._clock = clock

    def void(self, order: Order, code: str, before: dict[str, object] | None = None) -> Stored:
        """Refuse a genuine order before its intent, for ever.

        :raises AlreadyKnown: it is being written right now.
        """
        return self._store(
            attempt=order.jti,
            serial=order.serial,
            token=order.token,
            ins=order.ins,
            driver=order.driver,
            driver_version=driver_version(order.driver),
            intent_at=None,
            result=Outcome(VOID, code, before),
        )

    def close(self, intent: Intent, result: Outcome) -> Stored:
        """Record how an attempt with an intent ended."""
        return self._store(
            attempt=intent.attempt,
            serial=intent.serial,
            token=intent.order,
            ins=intent.ins,
            driver=intent.driver,
            driver_version=intent.driver_version,
            intent_at=intent.at,
            result=result,
        )

    def replay(self) -> list[Stored]:
        """Receipts for the intents that a crash left without an outcome: nobody knows what the card took."""
        return [self.close(intent, Outcome(UNKNOWN, "C-205", intent.before)) for intent in self._journal.open_intents()]

    def _store(
        self,
        attempt: str,
        serial: str,
        token: str,
        ins: str,
        driver: str,
        driver_version: str,
        intent_at: int | None,
        result: Outcome,
    ) -> Stored:
        kind, now = self._clock.stamp()
        pairing = self._identity.pairing

        def build(seq: int, previous: str) -> str:
            claims = {
                "iss": pairing.terminal,
                "aud": pairing.iss,
                "jti": str(uuid.uuid4()),
                "attempt": attempt,
                "seq": seq,
                "prev": previous,
                "iat": now // 1000,
                "clk": kind,
                "outcome": result.outcome,
                "code": result.code,
                "order": token,
                "ins": ins,
                "before": result.before,
                "after": result.after,
                "intent_at": intent_at,
                "done_at": now,
                "driver": driver,
                "versions": {"proxy": __version__, "driver": driver_version},
            }
            return tokens.sign(self._identity.keys.signing, TYPE, claims)

        return self._journal.close_attempt(
            attempt, serial, result.outcome, result.code, now, build, with_intent=intent_at is not None
        )


def claims_of(token: str) -> dict[str, object]:
    """Claims of one of our own receipts, unverified: for display and tests."""
    return json.loads(tokens.unb64(token.split(".")[1]))
