"""One message on its way: what is to be done with it, what came back, and the rows that keep it."""

import re
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from odoo import fields
from odoo.tools import SQL
from psycopg2.extras import Json

from ..core import cis_delivery, money
from ..core.cis_delivery import Standing
from ..core.cis_types import Payment, Reversal, Unreachable

_LONG_NUMBER = re.compile(r"\d{5,}(?=\d{4})")


@dataclass(frozen=True)
class Errand:
    """A message that this worker has a lease on, and what to do with it.

    :param before: :class:`..core.cis_delivery.Standing` before the lease
    :param step: of ``core.cis_delivery``
    :param payment: :class:`..core.cis_types.Payment`, its own or the one to take back
    :param reversal: :class:`..core.cis_types.Reversal` or None
    """

    id: int
    serial: str
    company_id: int
    before: Standing
    step: str
    payment: Payment
    reversal: Reversal | None


@dataclass(frozen=True)
class Report:
    """What came back of an errand.

    :param answer: of ``core.cis_types``, or the ``Unreachable`` that was raised
    :param latency: milliseconds
    """

    errand: Errand
    answer: Any
    tried_at: Any
    latency: float


def now():
    """Return this moment as columns have it."""
    return fields.Datetime.now()


def standing_of(row):
    """Return where a message stands, when its last worker did not come back.

    :param row: of ``_due_rows``
    :return: :class:`..core.cis_delivery.Standing`
    """
    before = Standing(row["kind"], row["state"], bool(row["tried"]), bool(row["uncertain"]), row["failures"] or 0)
    return cis_delivery.abandoned(before) if row["abandoned"] else before


def errand_of(row):
    """Return what is to be done with a message.

    :param row: of ``_due_rows``
    :return: :class:`Errand`
    :raises ValueError, TypeError, LookupError, AttributeError: what is stored of it is no payment or reversal
    """
    before = standing_of(row)
    if row["kind"] == cis_delivery.PAYMENT:
        owner, payment = None, Payment.from_json(row["payload"])
        reversal = row["reversal_payload"] and Reversal.from_json(row["reversal_payload"])
    else:
        owner = Standing(
            cis_delivery.PAYMENT, row["payment_state"], bool(row["payment_tried"]), bool(row["payment_uncertain"])
        )
        payment, reversal = Payment.from_json(row["payment_payload"]), Reversal.from_json(row["payload"])
    step = cis_delivery.next_step(before, owner, followed=bool(reversal))
    return Errand(row["id"], row["name"], row["company_id"], before, step, payment, reversal or None)


def outcome_row(report, outcome):
    """Return the values of :meth:`ElectricityCisMessage._write_outcomes` for one message."""
    standing, found, moment = outcome.standing, outcome.found, now()
    is_final = standing.state in cis_delivery.FINAL
    wait = timedelta(0)
    if standing.state in cis_delivery.LIVE and not outcome.at_once:
        wait = cis_delivery.delay(report.errand.serial, max(1, standing.failures))
    lines = [_as_line(line) for line in getattr(found, "invoice_lines", ())]
    return SQL(
        "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        report.errand.id,
        standing.state,
        standing.tried,
        standing.uncertain,
        standing.failures,
        report.tried_at,
        moment + wait,
        outcome.code,
        outcome.result or None,
        moment if is_final else None,
        found.marketing_serial if found and is_final else None,
        found.booked_at.astimezone(UTC).replace(tzinfo=None, microsecond=0) if found else None,
        Json(lines) if lines and is_final else None,
        Json(_as_found(found)) if found and standing.state in cis_delivery.WORK else None,
    )


def outcome_word(answer, outcome):
    """Return the outcome of a try for its row."""
    return answer.kind if isinstance(answer, Unreachable) else outcome.standing.state


def own_words(answer):
    """Return what the other side said, without full numbers."""
    text = answer.detail if isinstance(answer, Unreachable) else answer.result.message
    return _LONG_NUMBER.sub("…", text)[:250] or None


def _as_found(record):
    """Return a record of the other books for a column."""
    return {
        "serial": record.serial,
        "account": getattr(record, "account_no", "") or "",
        "amount": money.format_cents(record.amount),
        "number": record.marketing_serial,
    }


def _as_line(line):
    """Return an invoice line for a column."""
    return {
        "description": line.description,
        "amount": money.format_cents(line.amount),
        "energy": None if line.energy is None else money.format_energy(line.energy),
        "price": line.price,
    }
