"""The payment gateway as a process, with a page that plays the customer's phone and the card terminal."""

import secrets
import sys

from simulators.payment.client import PaymentClient
from stack import logs
from stack.paths import ROOT
from stack.processes import Process, answers, free_ports

MERCHANT = "kiosk-demo"
SECRET = "ELECTRICITY_PAYMENT_SECRET_DEMO"


class PaymentProcess(Process):
    """``python -m simulators payment``.

    :param Path folder: where its log and its payments are kept
    :param int port: of its page and control interface, and the next one for the gateway; free ones by default
    :param str key: shared with Odoo; a new random one by default
    """

    ready_timeout = 15
    stop_timeout = 5

    def __init__(self, folder, port=None, key=None, name="payment"):
        self.port = port or free_ports(2)
        self.merchant, self.key = MERCHANT, key or secrets.token_urlsafe(32)
        logs.plant(self.key, "the key of the payment gateway")
        arguments = [f"--port={self.port}", f"--gateway-port={self.port + 1}", f"--merchant={MERCHANT}"]
        arguments.append(f"--books={folder / 'payments.sqlite'}")
        command = [sys.executable, "-m", "simulators", "payment", *arguments, f"--key-variable={SECRET}"]
        super().__init__(name, command, folder, {SECRET: self.key}, cwd=ROOT)

    @property
    def url(self):
        """Address of the gateway, as it is entered in Odoo."""
        return f"http://127.0.0.1:{self.port + 1}/gateway"

    @property
    def control(self):
        """Address of its page and control interface."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def client(self):
        """A new PaymentClient of the control interface."""
        return PaymentClient(self.control)

    @property
    def environment_of_odoo(self):
        """Variables from which Odoo takes the key of a provider whose secret is named DEMO."""
        return {SECRET: self.key}

    def is_ready(self):
        return answers(f"{self.control}/api/books")
