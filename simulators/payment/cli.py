"""``python -m simulators payment``: the payment gateway until it is interrupted."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from ..cis.cli import NoPassword
from .books import Books
from .control import DEFAULT_PORT, ControlServer
from .gateway_server import GatewayServer

DEFAULT_GATEWAY_PORT = 8275


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what ``serve`` reads."""
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="of page and control (default %(default)s)")
    parser.add_argument(
        "--gateway-port", type=int, default=DEFAULT_GATEWAY_PORT, help="of the gateway (default %(default)s)"
    )
    parser.add_argument("--merchant", default="kiosk-demo", help="who may call (default %(default)s)")
    parser.add_argument(
        "--key-variable",
        default="ELECTRICITY_PAYMENT_SECRET_DEMO",
        metavar="NAME",
        help="environment variable of the shared key (default %(default)s)",
    )
    parser.add_argument("--books", type=Path, metavar="FILE", help="keep the payments there (default: in memory)")


def serve(options: argparse.Namespace) -> None:
    """Serve until SIGINT or SIGTERM.

    :raises NoPassword: the key is not in the environment
    """
    key = os.environ.get(options.key_variable)
    if not key:
        raise NoPassword(f"set {options.key_variable} to the key of {options.merchant}, 32 characters or more")
    books = Books(options.merchant, key, options.books)
    gateway = GatewayServer(books, options.gateway_port)
    control = ControlServer(books, options.port)
    # Stopped from another thread: shutdown() waits for the loop that the signal has interrupted.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: threading.Thread(target=control.shutdown).start())
    threading.Thread(target=gateway.serve_forever, args=(0.1,), daemon=True).start()
    sys.stdout.write(f"payment gateway at {gateway.url}, phone and card terminal at http://127.0.0.1:{control.port}/\n")
    sys.stdout.flush()
    try:
        control.serve_forever(poll_interval=0.1)
    finally:
        books.faults.clear()
        gateway.shutdown()
        control.server_close()
