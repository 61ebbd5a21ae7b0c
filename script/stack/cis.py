"""The utility's marketing system as a process: a SOAP service with books of its own, and a page that shows them."""

import secrets
import sys
from pathlib import Path

from simulators.cis.client import CisClient
from stack import logs
from stack.paths import ROOT
from stack.processes import Process, answers, free_ports

CONTRACT = ROOT / "addons" / "electricity_prepaid" / "cis" / "wsdl"
USERNAME = "kiosk-demo"
SECRET = "ELECTRICITY_CIS_SECRET_DEMO"


class CisProcess(Process):
    """``python -m simulators cis``.

    :param Path state: folder where the books and the test authority's certificates are kept
    :param int port: of its page and control interface, and the next one for SOAP; free ones by default
    :param bool tls: serve HTTPS, with certificates of the authority in :attr:`ca_file`
    :param bool client_certificate: with ``tls``, let in only callers that show :attr:`client_certificate`
    :param str password: of :data:`USERNAME`; a new random one by default
    :param str zone: time zone of the utility's accounting days
    """

    ready_timeout = 15
    stop_timeout = 5

    def __init__(self, state, port=None, tls=False, client_certificate=False, password=None, zone="UTC", name="cis"):
        self.port = port or free_ports(2)
        self.tls = tls
        self.username, self.password = USERNAME, password or secrets.token_urlsafe(18)
        logs.plant(self.password, "the password of the marketing system")
        self._tls_folder = Path(state) / "tls"
        arguments = [f"--state={state}", f"--contract={CONTRACT}", f"--zone={zone}", f"--username={USERNAME}"]
        arguments += [f"--port={self.port}", f"--soap-port={self.port + 1}", f"--password-variable={SECRET}"]
        arguments += ["--tls"] * tls + ["--client-certificate"] * client_certificate
        command = [sys.executable, "-m", "simulators", "cis", *arguments]
        super().__init__(name, command, Path(state).parent, {SECRET: self.password}, cwd=ROOT)

    @property
    def base(self):
        """Address of the SOAP service without a path."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port + 1}"

    @property
    def url(self):
        """Address of the SOAP 1.1 binding."""
        return f"{self.base}/soap"

    @property
    def url12(self):
        """Address of the SOAP 1.2 binding."""
        return f"{self.base}/soap12"

    @property
    def control(self):
        """Address of its page and control interface."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def client(self):
        """A new CisClient of the control interface."""
        return CisClient(self.control)

    @property
    def ca_file(self):
        """Certificate of the authority that signed the service's, with ``tls``."""
        return self._tls_folder / "ca.pem"

    @property
    def client_certificate(self):
        """Certificate and key of a caller: two paths, with ``tls``."""
        return self._tls_folder / "client.pem", self._tls_folder / "client.key"

    @property
    def environment_of_odoo(self):
        """Variables from which Odoo takes the password of a connection whose secret is named DEMO."""
        return {SECRET: self.password}

    def is_ready(self):
        return answers(f"{self.control}/api/books")
