"""One whole sale without a person, through the same HTTP interfaces as a clerk's browser, up to the utility's books."""

import json
from decimal import Decimal

from simulators.client import BenchClient
from stack.demo_kiosk import KIOSK_SLOT
from stack.kiosk import KioskPage
from stack.odoo import run
from stack.page import Counter, OdooSession
from stack.processes import wait_until

SERIAL, METER, ACCOUNT = "000000000101", "200000000101", "100000000101"
KIOSK_SERIAL, KIOSK_METER, KIOSK_ACCOUNT = "000000000113", "200000000113", "100000000113"
AMOUNT = "100.00"
KIOSK_NOTES = (5_000, 5_000)
"""What the customer at the kiosk puts in, in cents."""
BOOKS = """
import json
account = env["electricity.account"].search([("name", "=", {account!r})])
entries = env["electricity.ledger.entry"].search([("electricity_account_id", "=", account.id)])
tenders = env["electricity.tender"].search([("electricity_account_id", "=", account.id)])
orders = env["electricity.recharge"].search([("electricity_account_id", "=", account.id)])
print("BOOKS", json.dumps({{
    "balance": str(account.currency_id.round(account.balance)),
    "ledger_money": str(round(sum(entries.mapped("money")), 2)),
    "ledger_energy": str(round(sum(entries.mapped("energy")), 2)),
    "received": str(round(sum(t.amount if t.direction == "in" else -t.amount for t in tenders), 2)),
    "cost": str(round(sum(orders.mapped("cost")), 2)),
    "orders": [[order.state, order.count] for order in orders],
}}))
"""


def check(demo, say):
    """Sell to one customer at the counter and to one at the kiosk, carry the cards to their meters, and compare meters,
    orders, ledger and the utility's books.

    The marketing system books the payment and does not answer: it must be asked, not told twice.

    :param Demo demo: started
    :param say: prints a line
    :return: 0 when meter and marketing system have the sale once and the ledger agrees, 1 otherwise
    """
    bench = BenchClient(demo.simulators.url)
    counter = Counter(OdooSession(demo.odoo.url, demo.name, "clerk", "clerk"), _terminal(demo))
    counter.open_shift()
    wait_until(lambda: counter.api.call("status")["clock"]["kind"] == "signed", 30, "the terminal to hear of Odoo")
    demo.cis.client.fault("timeout_after", operation="SubmitPayment", seconds=0)
    bench.do("insert", card=SERIAL)
    wait_until(lambda: _has_card(counter), 20, "the card in the reader")
    quote = counter.quote(AMOUNT)
    say(f"Card of {quote['customer']['name']}, account {quote['customer']['account']}, meter {METER}")
    # As the page does: a sale needs what the marketing system says of the customer now.
    counter.sale("lookup", counter.terminal_id, ACCOUNT)
    counter.sell(AMOUNT)
    # The terminal's own push may be carrying the same receipt at this moment; the page's copy is then refused as busy.
    wait_until(lambda: counter.status()["state"] == "written", 20, "the receipt to be confirmed")
    order = counter.status()
    say(f"Paid {AMOUNT}, bought {order['energy']} kWh for {order['cost']}: {order['state']}, purchase {order['count']}")
    bench.do("pull")
    result = bench.do("carry", card=SERIAL, meter=METER)
    say(f"Meter: {result['display']['en']}")
    again = bench.do("carry", card=SERIAL, meter=METER)
    credits = [tuple(entry) for entry in bench.meter(METER)["credits"] if entry[0] > 1]
    wait_until(lambda: _upload(demo, order) == "done", 120, "the payment to be uploaded")
    say("Marketing system: booked, asked again after an answer was lost")
    wrong = [*_differences(demo, order, result, again, credits), *_kiosk(demo, bench, say)]
    for line in wrong:
        say(f"WRONG: {line}")
    if not wrong:
        say("Each meter was credited once, the marketing system booked once, and the ledger agrees.")
    return 1 if wrong else 0


def _terminal(demo):
    session = OdooSession(demo.odoo.url, demo.name, "clerk", "clerk")
    return session.sale("counter_state", None)["terminals"][0]["id"]


def _upload(demo, order):
    admin = OdooSession(demo.odoo.url, demo.name, "admin", "admin")
    return admin.call("electricity.recharge", "search_read", [["name", "=", order["serial"]]], ["upload_state"])[0][
        "upload_state"
    ]


def _has_card(page):
    return any(reader["state"] == "card" for reader in page.api.call("status")["readers"])


def _differences(demo, order, result, again, credits):
    """Return a sentence for each thing that is not as it should be."""
    energy = round(Decimal(order["energy"]) * 100)
    books = _books(demo)
    booked = [
        (each["serial"], each["account_no"], each["amount"], each["count"])
        for each in demo.cis.client.records()["payment"]
    ]
    expected = [
        ("the order's state", order["state"], "written"),
        ("the meter's answer", result["accepted"], True),
        ("what the meter credited", credits, [(order["count"], energy)]),
        ("what a second insertion credited", bool(again["credited"]), False),
        ("what the marketing system booked", booked, [(order["serial"], ACCOUNT, 10000, order["count"])]),
        ("the account's orders", books["orders"], [["written", order["count"]]]),
        ("the sum of the ledger", Decimal(books["ledger_money"]), Decimal(books["balance"])),
        ("the energy of the ledger", Decimal(books["ledger_energy"]), Decimal(order["energy"])),
        ("energy and balance", Decimal(books["cost"]) + Decimal(books["balance"]), Decimal(books["received"])),
    ]
    return [f"{name} is {found!r}, not {wanted!r}" for name, found, wanted in expected if found != wanted]


def _kiosk(demo, bench, say):
    """Buy at the kiosk with notes; return a sentence for each thing that is not as it should be."""
    kiosk = KioskPage(demo.kiosk.url)
    bench.do("insert", card=KIOSK_SERIAL, slot=KIOSK_SLOT)
    wait_until(lambda: _has_card(kiosk), 20, "the card in the kiosk's reader")
    order = kiosk.buy(AMOUNT, lambda: [_put_in(bench, note) for note in KIOSK_NOTES])
    say(f"Kiosk: paid {AMOUNT} with {len(KIOSK_NOTES)} notes, bought {order['energy']} kWh: {order['state']}")
    bench.do("pull", slot=KIOSK_SLOT)
    result = bench.do("carry", card=KIOSK_SERIAL, meter=KIOSK_METER)
    say(f"Meter: {result['display']['en']}")
    books = _books(demo, KIOSK_ACCOUNT)
    expected = [
        ("the order at the kiosk", order["state"], "written"),
        ("its meter's answer", result["accepted"], True),
        ("the notes in the box", bench.state()["notes"]["total"], sum(KIOSK_NOTES)),
        ("its energy and balance", Decimal(books["cost"]) + Decimal(books["balance"]), Decimal(books["received"])),
        ("its notes in the books", Decimal(books["received"]) * 100, sum(KIOSK_NOTES)),
    ]
    return [f"{name} is {found!r}, not {wanted!r}" for name, found, wanted in expected if found != wanted]


def _put_in(bench, note):
    """Put one note in, when the acceptor has done with the one before."""
    before = bench.state()["notes"]["total"]

    def is_in():
        state = bench.state()["notes"]
        return state["total"] > before

    bench.do("note", cents=note)
    wait_until(is_in, 20, "the note in the box", interval=0.1)


def _books(demo, account=ACCOUNT):
    output = run("shell", f"--database={demo.name}", "--no-http", stdin=BOOKS.format(account=account)).stdout
    line = next(each for each in output.splitlines() if each.lstrip("> ").startswith("BOOKS"))
    return json.loads(line.split("BOOKS", 1)[1])
