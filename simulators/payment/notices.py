"""Telling the merchant how a payment ended: again and again until it says that it knows."""

from __future__ import annotations

import http.client
import queue
import secrets
import threading
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from . import messages

if TYPE_CHECKING:
    from .books import Books, Payment

_TRIES = 60
_PAUSE = 0.5
_TIMEOUT = 15
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Notices:
    """One thread that sends what is to be told."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._queue: queue.Queue[tuple[Payment, str]] = queue.Queue()
        self._held: list[tuple[Payment, str]] = []
        threading.Thread(target=self._run, daemon=True).start()

    def tell(self, payment: Payment) -> None:
        """Send the notice of a payment, as the armed faults have it."""
        faults = self._books.faults
        key = self._books.key
        if faults.take("notice_lost"):
            self._books.note("notice_lost", payment)
            return
        if faults.take("notice_signature"):
            key = "a key that nobody has, long enough to be one"
        message = self._message(payment, key)
        if faults.take("notice_late"):
            self._held.append((payment, message))
            self._books.note("notice_held", payment)
            return
        for _each in range(2 if faults.take("notice_twice") else 1):
            self._queue.put((payment, message))

    def release(self) -> int:
        """Send what was held; return how many."""
        held, self._held = self._held, []
        for each in held:
            self._queue.put(each)
        return len(held)

    def held(self) -> int:
        """Return how many wait to be released."""
        return len(self._held)

    def wait_until_sent(self) -> None:
        """Wait until nothing is to be sent."""
        self._queue.join()

    def forget(self) -> None:
        """Do not send what is held."""
        self._held.clear()

    def _message(self, payment: Payment, key: str) -> str:
        claims = {"jti": secrets.token_hex(16), "iat": int(time.time())}
        claims["order"] = self._books.says(payment, payment.reference)
        return messages.sign(messages.NOTICE, claims, self._books.merchant, key)

    def _run(self) -> None:
        while True:
            payment, message = self._queue.get()
            try:
                self._send(payment, message)
            finally:
                self._queue.task_done()

    def _send(self, payment: Payment, message: str) -> None:
        for _try in range(_TRIES):
            status = _post(payment.notify_url, message)
            self._books.note("notice", payment, str(status))
            if status == 200 or 400 <= status < 500:
                return
            time.sleep(_PAUSE)


def _post(url: str, message: str) -> int:
    """Return the status of the answer; 0: there was none."""
    request = urllib.request.Request(url, message.encode(), {"Content-Type": "application/jose"})
    try:
        with _NO_PROXY.open(request, timeout=_TIMEOUT) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, http.client.HTTPException):
        return 0
