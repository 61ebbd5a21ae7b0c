"""A terminal with a receipt printer of the simulators, as the tests of what is printed need it."""

import time
import uuid

from stack.processes import wait_until

from hw_proxy import tokens
from hw_proxy.config import Printer
from hw_proxy.pos.printer import ReceiptPrinter
from simulators.printer.device import ReceiptPrinter as Device
from simulators.printer.line import PrinterLine

LINES = [
    {"kind": "title", "text": "南宁供电局"},
    {"kind": "heading", "text": "Receipt"},
    {"kind": "rule"},
    {"kind": "pair", "text": "流水号", "value": "R20261126010203"},
    {"kind": "total", "text": "电量", "value": "182.35 kWh"},
    {"kind": "text", "text": "请将卡插入电表，直到显示新余额。Put the card into your meter."},
    {"kind": "qr", "text": "R20261126010203"},
]


def order(odoo, terminal, jti=None, lines=None, key=None, typ="print+jwt", **changes):
    """A print order as Odoo signs it."""
    now = int(time.time())
    claims = {
        "iss": odoo.iss,
        "aud": terminal,
        "jti": jti or str(uuid.uuid4()),
        "epoch": odoo.epoch,
        "iat": now,
        "exp": now + 120,
        "lines": LINES if lines is None else lines,
    }
    return tokens.sign(key or odoo.key, typ, {**claims, **changes})


class Printing:
    """A printer on the table, and the desk of a terminal that prints with it."""

    def __init__(self, bench, text="gb18030", **settings):
        self.bench, self.desk = bench, bench.terminal.prints
        self.device = Device()
        self.line = PrinterLine(self.device)
        self.settings = Printer(kind="network", host="127.0.0.1", port=self.line.port, text=text, **settings)
        object.__setattr__(bench.terminal.config, "printer", self.settings)
        self.desk.printer = ReceiptPrinter(self.settings)

    def order(self, **changes):
        return order(self.bench.odoo, self.bench.identity.pairing.terminal, **changes)

    def print(self, token=None, **changes):
        """Print, and wait for how it ends: (state, code)."""
        job = self.desk.print(token or self.order(**changes))["job"]
        return self.ended(job)

    def ended(self, job):
        wait_until(lambda: self.desk.state(job)["state"] != "printing", 60, "the receipt")
        state = self.desk.state(job)
        return state["state"], state["code"]

    def close(self):
        self.desk.printer.close()
        self.line.close()
