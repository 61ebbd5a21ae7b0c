"""What a visit leaves behind: one row a call of the kiosk's page, written by the server in the call's own transaction.

Nothing of it is the page's word but the identifier of its visit. A refusal is an answer and commits, so its row stays;
a call that crashes rolls back, and its row is written beside it.
"""

import re
import time
from contextlib import contextmanager
from contextvars import ContextVar

from odoo.addons.electricity_prepaid.models.answers import RACES
from odoo.tools import SQL

SERVER, PAGE = "server", "page"
QUIET = {"start", "report"}
"""Calls without a row: the kiosk looks every few seconds whether it may be used; what the page reports are rows of its
own."""
POLLS = {"status", "pay_status"}
"""Calls that are made over and over: one that answers as the one before leaves no further row."""
PASSING = frozenset(("M-301", "R-102", "S-101", "S-103"))
"""Codes that the page goes on from by itself, so that nothing was refused to the customer: it asks the marketing
system, brings the receipts that are missing, tries again, or shows the purchase that is open."""
UNASKED = frozenset(("interrupted",))
"""Calls that the page makes by itself when it starts with a card in the reader. Nobody has asked for anything, so
nobody is refused anything."""
MOST_A_MINUTE = {SERVER: 240, PAGE: 120}
"""Rows of one kiosk and minute. Several times what hands can do; whoever has stolen a session fills no disk."""
VISIT_KEY = "kiosk_visit"
"""Where the page puts its visit's identifier into the context of its calls."""
UNNAMED = "unnamed"

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_seen = ContextVar("kiosk_trail", default=None)


class Step:
    """One call on its way.

    :param call: name of the method
    :param order: uuid of the order that the call names, if it does
    """

    def __init__(self, call, order):
        self.call = call
        self.outcome = "crashed"
        self.code = None
        self.order = order
        self.account = None
        self.begin = time.monotonic()

    def ends(self, answer):
        """Take the answer of the call."""
        # A quote answers whether something may be done, and one of arrears does so under a name of its own.
        verdict = answer.get("payable") or answer
        self.code = answer.get("code") or verdict.get("code")
        is_no = verdict.get("allowed") is False and self.code not in PASSING
        self.outcome = "ok" if answer["ok"] and not is_no else "refused"


def saw(order=None, account=None):
    """Note which order and whose account the call that is running is about; called where answers are masked.

    :param order: uuid
    :param account: number of the account
    """
    step = _seen.get()
    if step is not None:
        step.order = order or step.order
        step.account = account or step.account


@contextmanager
def following(env, config, call, order):
    """Leave a row about one call.

    :param env: environment of the caller, with the visit in its context
    :param config: the kiosk, one ``pos.config`` as superuser
    :param call: name of the method
    :param order: which order the page named, as it was sent, or None
    """
    step = Step(call, as_uuid(order))
    # Read now: after a crash the call's own transaction may answer nothing.
    place, visit = _place(config), visit_of(env)
    before = _seen.set(step)
    try:
        yield step
    except RACES:
        # Odoo makes the whole call again.
        raise
    except Exception:
        _beside(env, place, visit, step)
        raise
    finally:
        _seen.reset(before)
    if call not in QUIET:
        _insert(env, place, visit, SERVER, step)


def _beside(env, place, visit, step):
    """Write the row of a call that crashed, whose own transaction is lost."""
    with env.registry.cursor() as cr:
        cr.execute(_query(place, visit, SERVER, step))


def write(env, config, source, step, detail=None, age=0):
    """Write one row, unless this kiosk has written too many in this minute.

    :param source: :data:`SERVER` or :data:`PAGE`
    :param step: :class:`Step`
    :param detail: what the page says, already cleaned
    :param age: how many ms ago that was, by its word; no row gets before the begin of its visit
    """
    _insert(env, _place(config), visit_of(env), source, step, detail, age)


def as_uuid(value):
    """Return a text when it is a uuid as browsers make them, else None."""
    return value if isinstance(value, str) and _UUID.fullmatch(value) else None


def visit_of(env):
    """Return the identifier of the visit that the page names; calls without one are kept together."""
    return as_uuid(env.context.get(VISIT_KEY)) or UNNAMED


def _place(config):
    return {
        "config_id": config.id,
        "terminal_id": config.electricity_terminal_id.id,
        "company_id": config.company_id.id,
    }


def _insert(env, place, visit, source, step, detail=None, age=0):
    """Write the row, and that of its visit with the first one, in one round trip.

    Two first calls of a visit may come at once. The later one writes beside its own transaction then, which began
    before the visit was there: the trail makes no call come again, and no number gets into the log.
    """
    query = _query(place, visit, source, step, detail, age)
    try:
        env.cr.execute(SQL("SAVEPOINT kiosk_trail; %s", query), log_exceptions=False)
    except RACES:
        env.cr.execute("ROLLBACK TO SAVEPOINT kiosk_trail")
        with env.registry.cursor() as cr:
            cr.execute(query)


def _query(place, visit, source, step, detail=None, age=0):
    return SQL(
        _QUERY,
        **place,
        visit=visit,
        source=source,
        most=MOST_A_MINUTE[source],
        call=step.call,
        outcome=step.outcome,
        code=step.code,
        order_uuid=step.order,
        account=step.account,
        duration=round((time.monotonic() - step.begin) * 1000),
        detail=detail,
        age=age,
        is_poll=step.call in POLLS,
    )


_QUERY = """
WITH room AS (
    SELECT count(*) < %(most)s AS is_left FROM (
        SELECT 1 FROM electricity_kiosk_step WHERE terminal_id = %(terminal_id)s AND source = %(source)s
        AND at > (clock_timestamp() AT TIME ZONE 'UTC') - interval '1 minute' LIMIT %(most)s
    ) recent
), known AS (
    SELECT id, started_at FROM electricity_kiosk_visit WHERE terminal_id = %(terminal_id)s AND uuid = %(visit)s
), begun AS (
    INSERT INTO electricity_kiosk_visit (uuid, config_id, terminal_id, company_id, started_at, is_cut)
    SELECT %(visit)s, %(config_id)s, %(terminal_id)s, %(company_id)s, clock_timestamp() AT TIME ZONE 'UTC', false
    FROM room WHERE is_left AND NOT EXISTS (SELECT 1 FROM known)
    ON CONFLICT (terminal_id, uuid) DO NOTHING RETURNING id, started_at
), visit AS (
    SELECT id, started_at FROM known UNION ALL SELECT id, started_at FROM begun
), cut AS (
    UPDATE electricity_kiosk_visit SET is_cut = true
    WHERE id IN (SELECT id FROM known) AND NOT is_cut AND NOT (SELECT is_left FROM room)
), latest AS (
    SELECT call, outcome, code, order_uuid FROM electricity_kiosk_step
    WHERE %(is_poll)s AND visit_id IN (SELECT id FROM known) ORDER BY id DESC LIMIT 1
)
INSERT INTO electricity_kiosk_step
    (visit_id, terminal_id, company_id, at, source, call, outcome, code, order_uuid, account, duration, detail,
    age)
SELECT visit.id, %(terminal_id)s, %(company_id)s, clock_timestamp() AT TIME ZONE 'UTC', %(source)s, %(call)s,
    %(outcome)s, %(code)s, %(order_uuid)s, %(account)s, %(duration)s, %(detail)s,
    LEAST(%(age)s, ceil(extract(epoch FROM (clock_timestamp() AT TIME ZONE 'UTC') - visit.started_at) * 1000))
FROM visit, room WHERE is_left AND NOT EXISTS (
    SELECT 1 FROM latest WHERE call = %(call)s AND outcome = %(outcome)s AND code IS NOT DISTINCT FROM %(code)s
    AND order_uuid IS NOT DISTINCT FROM %(order_uuid)s
)
"""
