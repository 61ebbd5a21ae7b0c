"""Runs inside ``odoo shell``: a kiosk's session is closed while its notes and its cash box are brought into the books.

Two connections each time. What happened is printed as one line of JSON, which ``test_closing_race.py`` checks.
"""

import json
import logging
import threading
import time
import uuid
from contextlib import contextmanager
from datetime import timedelta

import psycopg2
from odoo import api, fields
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.core.tenders import TenderStatement
from odoo.exceptions import LockError, UserError

RACES = (UserError, LockError, Refusal, psycopg2.Error)
DEADLINE = 60
SEQ = {}


class Till:
    """One kiosk, as another process sees it: each call of :meth:`connection` is a transaction of its own."""

    def __init__(self, env, config_id):
        self.registry, self.uid, self.config_id = env.registry, env.uid, config_id

    @contextmanager
    def connection(self):
        with self.registry.cursor() as cr:
            config = api.Environment(cr, self.uid, {})["pos.config"].browse(self.config_id)
            # What it sees from now on is this moment.
            cr.execute("SELECT count(*) FROM electricity_tender")
            yield config

    def put_in(self, config, cents, session=None):
        """Take a statement of the terminal about one note, as a push of it does."""
        terminal = config.electricity_terminal_id
        session = session or terminal.box_session()
        SEQ[session] = SEQ.get(session, 0) + 1
        jti = str(uuid.uuid4())
        signed = TenderStatement(jti, int(time.time()), str(uuid.uuid4()), session, SEQ[session], ((cents, 1),), cents)
        config.env["electricity.recharge"].browse()._take_statement(terminal, signed, jti, pushed=True)

    def take(self, cents, session=None):
        with self.connection() as config:
            self.put_in(config, cents, session)

    def project(self, config):
        return config.env["electricity.tender"]._project(config)

    def close(self, config):
        """Close the open session as the roll-over does; answer whether that succeeded."""
        session = config.current_session_id
        session.start_at = fields.Datetime.now() - timedelta(hours=25)
        session._roll_over()

    def attempt(self, step):
        """Carry a step out in a transaction of its own; answer whether it was committed."""
        try:
            with self.connection() as config:
                step(config)
        except RACES:
            return False
        return True

    def box(self, config, session):
        domain = [("terminal_id", "=", config.electricity_terminal_id.id), ("session", "=", session)]
        return config.env["electricity.cash.box"].search(domain)

    def take_out(self):
        """Take the present box out; return its session."""
        with self.connection() as config:
            session = config.electricity_terminal_id.box_session()
            self.box(config, session).write({"state": "out", "out_at": fields.Datetime.now()})
            config.electricity_terminal_id.begin_box()
            self.box(config, session).of_session(config.electricity_terminal_id, f"box-{session[4:]}")
        return session

    def count(self, session, notes):
        def step(config):
            self.box(config, session).confirm_count(notes)

        return step

    def book(self, session):
        def step(config):
            self.box(config, session)._book()

        return step


def waits(env):
    """Whether a connection to this database waits for another one's lock."""
    env.cr.execute("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    return bool(env.cr.fetchone())


def overlapping(env, till, holds, comes):
    """Let one step hold what it wrote while another comes; answer whether that one was committed.

    It may wait for the other's locks or be refused at once: both are looked at until the first has committed.
    """
    ends = {}
    with till.connection() as config:
        holds(config)
        other = threading.Thread(target=lambda: ends.update(comes=till.attempt(comes)))
        other.start()
        until = time.monotonic() + DEADLINE
        while other.is_alive() and not waits(env) and time.monotonic() < until:
            env.cr.rollback()
            time.sleep(0.02)
    other.join(DEADLINE)
    return ends["comes"]


def after_snapshot(till, first, late):
    """Let one step begin, and another be over before it acts; answer whether the one was committed."""
    try:
        with till.connection() as config:
            assert till.attempt(first)
            late(config)
    except RACES:
        return False
    return True


def closing_against_projecting(env, till):
    found = {}
    till.take(1000)
    found["close, then the projection that began before"] = after_snapshot(till, till.close, till.project)
    till.take(2000)
    found["projection, then the closing that began before"] = after_snapshot(till, till.project, till.close)

    def take_and_project(config):
        till.put_in(config, 5000)
        till.project(config)

    found["money and projection, then the closing that began before"] = after_snapshot(
        till, take_and_project, till.close
    )
    till.take(10000)
    found["closing comes while a projection is not committed"] = overlapping(env, till, till.project, till.close)
    till.take(500)
    found["projection comes while a closing is not committed"] = overlapping(env, till, till.close, till.project)
    return found


def closing_against_emptying(env, till):
    found = {}
    session = till.take_out()
    with till.connection() as config:
        recorded = {str(value): pieces for value, pieces in till.box(config, session)._recorded().popitem()[1].items()}
    recorded["1000"] = recorded.get("1000", 0) + 1
    found["count, then the closing that began before"] = after_snapshot(till, till.count(session, recorded), till.close)
    till.take(2000, session)
    found["closing comes while a box is not committed"] = overlapping(env, till, till.book(session), till.close)
    till.take(100, session)
    found["box comes while a closing is not committed"] = overlapping(env, till, till.close, till.book(session))
    with till.connection() as config:
        till.box(config, session)._begin_step(("base.group_user",), ("counted",)).slip_count = 1
    return found


def counting_against_statements(env, till):
    found = {}
    till.take(5000)
    session = till.take_out()

    def statement(config):
        till.put_in(config, 1000, session)

    found["statement, then the count that began before"] = after_snapshot(
        till, statement, till.count(session, {"5000": 1})
    )
    found["count, then the statement that began before"] = after_snapshot(
        till, till.count(session, {"5000": 1, "1000": 1}), statement
    )
    SEQ[session] -= 1
    till.take(1000, session)
    with till.connection() as config:
        box = till.box(config, session)
        found["box"] = [box.state, round(box.difference * 100)]
    return found


def books(till):
    """Return what is in the books after everything has come to rest."""
    for _time in range(2):
        with till.connection() as config:
            till.project(config)
        with till.connection() as config:
            for box in config.env["electricity.cash.box"].search(
                [("is_booked", "=", False), ("counted_at", "!=", False)]
            ):
                box._book()
        with till.connection() as config:
            till.close(config)
    with till.connection() as config:
        env = config.env
        tenders = env["electricity.tender"].search([])
        orders = env["pos.order"].search([])
        journal = config.payment_method_ids.journal_id
        accounts = {
            "cash": journal.default_account_id,
            "suspense": journal.profit_account_id,
            "transit": env.company.transfer_account_id,
            "advances": config.kiosk_advance_product_id.property_account_income_id,
        }
        lines = env["account.move.line"].search([("parent_state", "=", "posted")])
        sums = {
            name: round(
                sum(lines.filtered(lambda line, account=account: line.account_id == account).mapped("balance")) * 100
            )
            for name, account in accounts.items()
        }
        boxes = env["electricity.cash.box"].search([("counted_at", "!=", False)])
        gone = sum(cents * pieces for counts in boxes._recorded().values() for cents, pieces in counts.items())
        return {
            **sums,
            "tenders": sorted(tenders.mapped("uuid")),
            "orders": sorted(orders.mapped("uuid")),
            "taken": round(sum(tenders.mapped("amount")) * 100),
            "counted": round(sum(boxes.mapped("counted")) * 100),
            "recorded_in_counted": gone,
            "differences": env["pos.session"].search([]).mapped("cash_register_difference"),
        }


def main(env):
    logging.getLogger("odoo.sql_db").setLevel(logging.CRITICAL)
    accounts = env["account.account"]
    advances = accounts.search([("code", "=", "220390")], limit=1)
    product = env["product.product"].search([("property_account_income_id", "=", advances.id)], limit=1)
    terminal = env["electricity.terminal"].create({"name": "Kiosk R", "code": "R01", "takes_notes": True})
    method = env["pos.payment.method"].search([("name", "=", "Notes")], limit=1)
    config = env["pos.config"].create(
        {
            "name": "Kiosk R",
            "electricity_terminal_id": terminal.id,
            "payment_method_ids": [(6, 0, method.ids)],
            "kiosk_advance_product_id": product.id,
        }
    )
    env.user.group_ids += env.ref("kiosk_hw.group_cash_box")
    config.open_kiosk_session()
    env.cr.commit()
    till = Till(env, config.id)
    found = {
        **closing_against_projecting(env, till),
        **closing_against_emptying(env, till),
        **counting_against_statements(env, till),
    }
    print("RACES " + json.dumps({"found": found, "books": books(till)}))  # noqa: T201


main(env)  # noqa: F821
