"""``python -m simulators cis``: the marketing system until it is interrupted."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from .books import Books
from .certificates import Authority
from .contract import Contract
from .control import DEFAULT_PORT, ControlServer
from .security import Guard
from .service import Service
from .soap_server import SoapServer

DEFAULT_SOAP_PORT = 8273


class NoPassword(ValueError):
    """The variable that names the password is not set."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what ``serve`` reads."""
    parser.add_argument("--state", required=True, metavar="DIR", type=Path, help="where the books are kept")
    parser.add_argument(
        "--contract", required=True, metavar="DIR", type=Path, help="folder of marketing.wsdl and marketing.xsd"
    )
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="of page and control (default %(default)s)")
    parser.add_argument(
        "--soap-port", type=int, default=DEFAULT_SOAP_PORT, help="of the SOAP service (default %(default)s)"
    )
    parser.add_argument("--username", default="kiosk-demo", help="who may call (default %(default)s)")
    parser.add_argument(
        "--password-variable",
        default="ELECTRICITY_CIS_SECRET_DEMO",
        metavar="NAME",
        help="environment variable of the caller's password (default %(default)s)",
    )
    parser.add_argument("--zone", default="UTC", help="time zone of the accounting days (default %(default)s)")
    parser.add_argument("--tls", action="store_true", help="HTTPS, with certificates of an authority in DIR/tls")
    parser.add_argument("--client-certificate", action="store_true", help="with --tls: only callers that have one")


def serve(options: argparse.Namespace) -> None:
    """Serve until SIGINT or SIGTERM.

    :raises NoPassword: the password is not in the environment
    """
    password = os.environ.get(options.password_variable)
    if not password:
        raise NoPassword(f"set {options.password_variable} to the password of {options.username}")
    authority = Authority(options.state / "tls", options.client_certificate) if options.tls else None
    books = Books(options.state, options.zone)
    service = Service(Contract(options.contract), books, Guard(options.username, password))
    soap = SoapServer(service, options.soap_port, authority)
    control = ControlServer(soap, options.port)
    # Stopped from another thread: shutdown() waits for the loop that the signal has interrupted.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: threading.Thread(target=control.shutdown).start())
    threading.Thread(target=soap.serve_forever, args=(0.1,), daemon=True).start()
    sys.stdout.write(f"marketing system at {soap.url}/soap?wsdl, books at http://127.0.0.1:{control.port}/\n")
    sys.stdout.flush()
    try:
        control.serve_forever(poll_interval=0.1)
    finally:
        soap.shutdown()
        control.server_close()
        books.close()
