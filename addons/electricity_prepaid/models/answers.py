"""How the calls of the sale answer: a dictionary, also when they refuse."""

import functools
import logging
from contextlib import contextmanager

import psycopg2.errors
from odoo import modules
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core import codes
from ..core.errors import Refusal

_logger = logging.getLogger(__name__)

FOR_CUSTOMER = "electricity_for_customer"
"""In the context of a call whose answer a customer reads, alone at a kiosk. What is kept for staff ignores it."""

RACES = (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected, psycopg2.errors.LockNotAvailable)


def answering(method):
    """Make a public method of a model answer as docs/protocol §4 says.

    The method returns a dictionary of what it adds to ``{"ok": True}``. A ``Refusal`` that it raises becomes
    ``{"ok": False, "code", "message", "params"}``: it is returned, not raised, so that what was recorded before it
    stays committed. The method runs as superuser after the caller's groups were checked; ``env.user`` is still the
    caller.
    """

    @functools.wraps(method)
    def call(self, *args, **kwargs):
        self._check_may_sell_at_all()
        try:
            return {"ok": True, **method(as_engine(self), *args, **kwargs)}
        except Refusal as refusal:
            return refused(self.env, refusal)

    return call


def lock_at_once(env, query):
    """Run a locking query that never waits.

    The savepoint travels with it in one round trip and ends with the transaction. It is there for the race in which the
    row was changed after this transaction began: the refusal can still be committed.

    :param env: the environment
    :param query: ``odoo.tools.SQL``, returns a row when the lock was obtained
    :return: that row
    :raises Refusal: S-101
    """
    try:
        env.cr.execute(SQL("SAVEPOINT electricity_take; %s", query), log_exceptions=False)
        taken = env.cr.fetchone()
    except RACES:
        env.cr.execute("ROLLBACK TO SAVEPOINT electricity_take")
        taken = None
    if not taken:
        raise Refusal(codes.S_BUSY)
    return taken


def undo_to_lock(env):
    """Forget all that this transaction did since it took its latest lock, so that a refusal can be committed.

    After an error of the database only; :func:`lock_at_once` must have run.

    :param env: the environment
    """
    env.cr.execute("ROLLBACK TO SAVEPOINT electricity_take")
    env.clear()


def step_apart(env, step, *args):
    """Take a step of a scheduled job that must not stop the other steps: one company's rows never stop all others'.

    What failed is undone and logged; a lease that stays behind runs out.

    :param env: the environment
    :param step: bound method
    :return: what the step returns; None when somebody else works at its rows, or it failed
    """
    try:
        return step(*args)
    except RACES:
        _logger.info("%s.%s is left for the next run: others work at its rows", step.__self__._name, step.__name__)
    except Exception:
        _logger.exception("%s.%s failed", step.__self__._name, step.__name__)
    # A test has one transaction.
    if not modules.module.current_test:
        env.cr.rollback()
    return None


def columns_of(records):
    """Return the columns of a model that a sale uses; others say ``prefetch=False``."""
    return [
        name for name, field in records._fields.items() if field.column_type and field.store and field.prefetch is True
    ]


def find_one(records, domain, order=None):
    """Return the first record of a domain with the columns that a sale uses, in one query.

    A search and the first access to a field are two; on the way of every sale that doubles the work.

    :param records: a model
    :param domain: a domain
    :param order: as of ``search``
    """
    return records.search_fetch(domain, columns_of(records), order=order, limit=1)


def find_by(records, **values):
    """Return the record whose columns equal the values, archived or not, as :func:`find_one` does.

    For superuser and names that are unique: without access rules and a domain to compile it takes half the time.

    :param records: a model
    :param values: column=value
    """
    # Translated columns hold all languages, so they are left to the ORM.
    names = [name for name in columns_of(records) if not records._fields[name].translate]
    records.flush_model(values)
    rows = records.env.execute_query(
        SQL(
            "SELECT %s FROM %s WHERE %s ORDER BY id DESC LIMIT 1",
            SQL(", ").join(map(SQL.identifier, ["id", *names])),
            SQL.identifier(records._table),
            SQL(" AND ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items()),
        )
    )
    if not rows:
        return records.browse()
    record = records.browse(rows[0][0])
    for name, value in zip(names, rows[0][1:], strict=True):
        # What is pending in the cache is newer and stays.
        record._fields[name]._insert_cache(record, [value])
    return record


def as_engine(records):
    """Return the records as superuser, in the context in which the sale works."""
    context = dict(QUIET)
    if not records.env.context.get("allowed_company_ids"):
        # Any of the user's companies will do, each call names its own; without one Odoo reads the user to find it.
        context["allowed_company_ids"] = list(records.env.user._get_company_ids())
    records = records.sudo().with_context(**context)
    records.env["res.currency"].remember_roundings()
    return records


def refused(env, refusal):
    """Return the answer for a refusal, its sentence in the user's language.

    :param env: the environment, for the language
    :param refusal: ``core.errors.Refusal``; an attribute ``order`` (status dictionary) or ``arrears`` (fresh
        figures) travels along
    """
    params = public_params(env, refusal)
    answer = {"ok": False, "code": refusal.code, "message": spoken(env, refusal.code, **params), "params": params}
    for name in ("order", "arrears"):
        more = getattr(refusal, name, None)
        if more is not None:
            answer[name] = more
    return answer


def as_user_error(env, refusal):
    """Return the error that shows a refusal to a person: its sentence and its code.

    :param env: the environment, for the language
    :param refusal: ``core.errors.Refusal``
    """
    return told(refused(env, refusal))


@contextmanager
def telling(env):
    """Show a refusal of a step to the person who pressed its button.

    :param env: the environment, for the language
    :raises UserError: its sentence and its code
    """
    try:
        yield
    except Refusal as refusal:
        raise as_user_error(env, refusal) from refusal


def told(answer):
    """Return the error that shows a refused answer to a person."""
    text = f"{answer['message']} ({answer['code']})"
    return UserError(text)


def public_params(env, refusal):
    """Return what the page may know of a refusal; why a key file cannot be used goes to the log instead.

    At a kiosk, where another sentence stands in for that of staff, it is nothing: no figure from inside goes there.

    :param env: the environment, for who reads it
    :param refusal: ``core.errors.Refusal``
    """
    params = dict(refusal.params)
    reason = params.pop("reason", None)
    if reason:
        _logger.warning("%s: %s", refusal.code, reason)
    return {} if env.context.get(FOR_CUSTOMER) and codes.speaks_otherwise(refusal.code) else params


def spoken(env, code, **params):
    """Return the sentence of a code for whoever reads the answer of this call: staff, or a customer at a kiosk.

    For answers only. What is stored, posted or logged speaks to staff: :func:`sentence`.

    :param env: the environment, for the language and who reads it
    :param code: an identifier of docs/protocol §5
    :param params: what the sentence names
    """
    language = env.lang or env.user.lang or "en_US"
    return codes.text(code, language, for_customer=bool(env.context.get(FOR_CUSTOMER)), **params)


def sentence(env, code, **params):
    """Return the sentence of a code for staff, in the user's language.

    :param env: the environment
    :param code: an identifier of docs/protocol §5
    :param params: what the sentence names
    """
    return codes.text(code, env.lang or env.user.lang or "en_US", **params)


# The sale writes its own history; a tracked change per call would double its cost.
QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_notrack": True, "mail_create_nosubscribe": True}
