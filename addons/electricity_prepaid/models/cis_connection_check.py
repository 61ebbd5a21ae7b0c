"""The button that tries a connection with a harmless question and says in plain words what fails."""

import secrets
import socket
import time
from urllib.parse import urlsplit

from odoo import models

from ..core import cis_diagnosis, codes
from ..core.cis_types import Unreachable
from .answers import sentence

NOTHING_KNOWN = "1003"
PATIENCE = 5
"""Seconds to wait for the connection alone."""


class ElectricityCisConnection(models.Model):
    _inherit = "electricity.cis.connection"

    def action_test(self):
        """Let the screen say what is being waited for, and then ask :meth:`test_now`."""
        self.ensure_one()
        self.check_access("write")
        from ..cis.settings import TIMEOUTS

        limit = PATIENCE + TIMEOUTS["query_payment"]
        message = self.env._(
            "Asking %(name)s. Without an answer this ends after about %(seconds)s seconds.",
            name=self.name,
            seconds=f"{limit:.0f}",
        )
        return {
            "type": "ir.actions.client",
            "tag": "electricity_prepaid.connection_test",
            "params": {"connection": self.id, "message": message},
        }

    def test_now(self):
        """Ask for a serial that cannot exist, and return the action that tells what came of it."""
        self.ensure_one()
        self.check_access("write")
        code, params, milliseconds = self.sudo()._try_out()
        if code is None:
            message = self.env._(
                "%(name)s answers in %(milliseconds)s ms, and accepts us.",
                name=self.name,
                milliseconds=f"{milliseconds:.0f}",
            )
        else:
            message = f"{sentence(self.env, code, **params)} ({code})"
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if code is None else "danger",
                "sticky": code is not None,
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _try_out(self):
        """Ask, whatever the circuit says, and find the first thing that is in the way.

        :return: code of what fails (None when nothing does), values for its sentence, milliseconds
        """
        address = urlsplit(self.url)
        host, port = address.hostname, address.port or (443 if address.scheme == "https" else 80)
        began = time.monotonic()
        try:
            system = self._system()
            code = _reach(host, port)
            if code:
                self._note_failure(Unreachable("connection", code, sent=False))
                return code, {"host": host}, 0
            began = time.monotonic()
            answer = system.query_payment(f"TEST-{secrets.token_hex(10)}")
        except Unreachable as failure:
            self._note_failure(failure)
            return cis_diagnosis.code_of(failure), {"reason": failure.detail or failure.kind, "host": host}, 0
        milliseconds = (time.monotonic() - began) * 1000
        self._note_success(milliseconds)
        if answer.result.code != NOTHING_KNOWN:
            return codes.M_CODE_UNKNOWN, {"result": answer.result.code}, milliseconds
        return None, {}, milliseconds


def _reach(host, port):
    """Return the code of what keeps a connection from being made, None when one was."""
    try:
        socket.getaddrinfo(host, port)
    except (OSError, UnicodeError):
        # UnicodeError: a name that none can be, such as one with two dots in a row.
        return codes.M_NAME_UNKNOWN
    try:
        socket.create_connection((host, port), PATIENCE).close()
    except TimeoutError:
        return codes.M_NO_ANSWER
    except OSError:
        return codes.M_CONNECTION_REFUSED
    return None
