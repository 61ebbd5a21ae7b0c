"""Talks to a running bench over HTTP, for the command line and for tests in other processes."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

DEFAULT_URL = "http://127.0.0.1:8270"


class BenchUnreachable(Exception):
    """No bench answers at this address."""


class BenchRefused(Exception):
    """The bench answered that it cannot do this; the text says why."""


class BenchClient:
    """The HTTP interface as methods.

    :param url: where ``python -m simulators serve`` listens.
    :param timeout: seconds for one call.
    """

    name = "bench"
    starter = "python -m simulators serve"

    def __init__(self, url: str = DEFAULT_URL, timeout: float = 30.0) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout
        # Never through a proxy: the bench is on this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def state(self) -> dict:
        """Return slots, cards, meters and events."""
        return self._call("/api/state")

    def card(self, name: str) -> dict:
        """Return one card, decoded."""
        return self._call(f"/api/cards/{name}")

    def meter(self, meter_no: str) -> dict:
        """Return one meter."""
        return self._call(f"/api/meters/{meter_no}")

    def do(self, action: str, **arguments: object) -> dict:
        """Carry out an action: insert, pull, carry, fault, clear-faults, consume, set-meter, issue, blank-card,
        factory-card, meter, baseline, reset, note, note-fault, note-mend, note-power, note-plug, note-box-out,
        note-box-in. Arguments that are None are left out.

        :raises BenchRefused: with the bench's reason.
        :raises BenchUnreachable: nothing answers.
        """
        return self._call(f"/api/{action}", {key: value for key, value in arguments.items() if value is not None})

    def _call(self, path: str, body: dict | None = None) -> dict:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, {"Content-Type": "application/json"})
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise BenchRefused(json.load(error)["error"]) from error
        except OSError as error:
            raise BenchUnreachable(f"no {self.name} answers at {self._url}; start one with: {self.starter}") from error
