"""Cash boxes that the demo's kiosk has had before: one in order, one with short money, and one that nobody has counted.

They go the way of real ones, step by step, by the people whose work it is; only their times are of the days before.
"""

BOXES = """
import uuid
from datetime import timedelta

from odoo import fields

terminal = env["electricity.terminal"].search([("code", "=", {terminal!r})])
Box = env["electricity.cash.box"].sudo()
people = {{login: env["res.users"].search([("login", "=", login)]) for login in ("technician", "cash", "supervisor")}}
accounts = env["electricity.account"].search([("name", "in", {accounts!r})], order="name")


def put_in(box, days, notes):
    # One purchase that was given up: its notes are the customer's balance.
    account = accounts[box.id % len(accounts)]
    cents = sum(value * count for value, count in notes.items())
    at = fields.Datetime.now() - timedelta(days=days)
    tender = env["electricity.tender"].sudo().create({{
        "currency_id": box.currency_id.id, "uuid": str(uuid.uuid4()), "kind": "terminal_cash", "amount": cents / 100,
        "received": cents / 100, "signed_amount": cents / 100, "company_id": box.company_id.id,
        "electricity_account_id": account.id, "terminal_id": terminal.id, "statement_session": box.session,
        "statement_seq": 1 + env["electricity.tender"].sudo().search_count([("statement_session", "=", box.session)]),
        "note_counts": {{str(value): count for value, count in notes.items()}}, "occurred_at": at,
    }})
    account.sudo().take()
    account.sudo().book("tender", cents, tender=tender)


def take_out(days, *takings):
    box = Box.of_session(terminal, terminal.box_session())
    for number, notes in enumerate(takings):
        put_in(box, days + 1 + number, notes)
    box.with_user(people["technician"]).action_take_out()
    box.leaving_at = fields.Datetime.now() - timedelta(minutes=5)
    box.with_user(people["technician"]).action_out()
    out_at = fields.Datetime.now() - timedelta(days=days)
    box.write({{
        "put_in_at": out_at - timedelta(days=7), "leaving_at": out_at - timedelta(minutes=3), "out_at": out_at,
        "switch_out_at": out_at - timedelta(minutes=1), "switch_in_at": out_at - timedelta(seconds=20),
    }})
    return box


def count(box, pieces):
    mine = box.with_user(people["cash"])
    mine.confirm_count(pieces)
    mine.action_print_slip()
    return mine


if terminal.box_number == 1 and all(people.values()) and accounts:
    first = take_out(15, {{10000: 12, 5000: 9, 2000: 5}}, {{10000: 3, 1000: 4}})
    count(first, {{10000: 15, 5000: 9, 2000: 5, 1000: 4}}).action_close()
    short = take_out(8, {{10000: 18, 5000: 4}}, {{2000: 7, 500: 6}})
    mine = count(short, {{10000: 18, 5000: 3, 2000: 7, 500: 6}})
    expenses = [("account_type", "=", "expense"), ("company_ids", "in", company.id)]
    why = "The acceptor's log has one note of 50 twice, in the same second."
    mine.propose_explanation(-50, "acceptor", why, env["account.account"].search(expenses, limit=1))
    take_out(1, {{10000: 9, 5000: 6}}, {{5000: 2, 1000: 8}})
"""
ACCOUNTS = ["100000000106", "100000000107", "100000000108"]
"""Whose money it was: customers to whom the demo's check sells nothing."""


def boxes_script(terminal):
    """Return what an Odoo shell does to have the boxes, once; runs where ``company`` is known.

    :param terminal: code of the kiosk's terminal
    """
    return BOXES.format(terminal=terminal, accounts=ACCOUNTS)
