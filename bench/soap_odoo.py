"""The part of bench ``soap`` that runs in "odoo shell"."""

import json
import os
import sys
import time

from stack.cis import SECRET

from bench import soap_raw
from bench.recharge import _Sale

MARK = "BENCH "
WARM_UP = 3
_SHARDS = 4


def prepare(env, settings):
    """Make the connection, one sale with its message, and accounts like its own."""
    env.company.partner_id.tz = "UTC"
    _Sale(env).once()
    env.cr.rollback()
    values = {"name": "Bench", "url": settings["url"], "username": settings["username"], "secret_name": "demo"}
    env["electricity.cis.connection"].create(values)
    message = env["electricity.cis.message"]._queue_payment(env["electricity.recharge"].search([], limit=1))
    env.flush_all()
    # It is the pattern of the others, and stays behind.
    env.cr.execute("UPDATE electricity_cis_message SET state = 'withdrawn' WHERE id = %s", [message.id])
    _clone(
        env,
        "electricity_account",
        message.electricity_account_id.id,
        {"name": f"'{settings['first']}' || lpad(n::text, 10, '0')"},
        settings["accounts"],
    )
    env.cr.commit()


def queue(env, settings, before, count):
    """Put payments into the outbox, the first of each account first, and wake the crons.

    :param before: how many were queued before
    """
    message = env["electricity.cis.message"].search([], order="id", limit=1)
    account = f"'{settings['first']}' || lpad(mod(n + {before}, {settings['accounts']})::text, 10, '0')"
    owner = f"(SELECT id FROM electricity_account WHERE name = {account})"
    serial = f"'R' || lpad((n + {before})::text, 20, '0')"
    own = {"uuid": "gen_random_uuid()::text", "name": serial, "electricity_account_id": owner, "account_no": account}
    _clone(env, "electricity_recharge", message.recharge_id.id, {**own, "upload_state": "'queued'"}, count)
    payload = (
        f"payload || jsonb_build_object('serial', {serial}, 'account_no', {account},"
        f" 'count', (n + {before}) / {settings['accounts']} + 1)"
    )
    queued = {
        "name": serial,
        "recharge_id": f"(SELECT id FROM electricity_recharge WHERE name = {serial})",
        "electricity_account_id": owner,
        "payload": payload,
        "state": "'queued'",
        "next_try_at": "now() AT TIME ZONE 'UTC'",
        "queued_at": "now() AT TIME ZONE 'UTC'",
    }
    _clone(env, "electricity_cis_message", message.id, queued, count)
    env.cr.execute("ANALYZE electricity_cis_message, electricity_recharge")
    for shard in range(_SHARDS):
        env.ref(f"electricity_prepaid.ir_cron_cis_send_{shard}")._trigger()
    env.cr.commit()


def lookups(env, settings, runs):
    """Ask about customers, look them up at the sale, and ask by zeep, by turns.

    Prints two lists of pairs in seconds: question and lookup, each beside zeep.
    """
    terminal = env["electricity.terminal"].search([], limit=1)
    user = env["res.users"].search([("login", "=", "bench")])
    env.cr.commit()
    password = os.environ[SECRET]

    def asked(account_no):
        told = env["electricity.cis.connection"]._for_company(env.company).ask_about("account", account_no, account_no)
        if told.silence:
            raise RuntimeError(f"no answer: {told.silence}")

    def stored(account_no):
        answer = env(user=user.id)["electricity.recharge"].lookup(terminal.id, account_no)
        env.cr.commit()
        if not answer["ok"] or answer["state"] != "up":
            raise RuntimeError(f"lookup: {answer}")
        env.invalidate_all()

    def plain(account_no):
        soap_raw.look_up(settings["url"], settings["username"], password, account_no)

    def timed(work, number):
        begin = time.perf_counter()
        work(f"{settings['first']}{number:010d}")
        return time.perf_counter() - begin

    turns = [[timed(work, number) for work in (asked, stored, plain)] for number in range(runs + WARM_UP)][WARM_UP:]
    pairs = [[(turn[column], turn[2]) for turn in turns] for column in (0, 1)]
    sys.stdout.write(MARK + json.dumps(pairs) + "\n")
    sys.stdout.flush()


def _clone(env, table, row, changes, count):
    """Copy a row ``count`` times.

    :param changes: column → SQL expression of the copy's number ``n``, from 0, and the row's own columns
    """
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id'", [table]
    )
    columns = [name for (name,) in env.cr.fetchall()]
    values = ", ".join(changes.get(name, f'"{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    source = f"{table}, generate_series(0, %s) AS n WHERE {table}.id = %s"
    env.cr.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM {source}", [count - 1, row])
