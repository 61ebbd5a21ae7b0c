"""Keys of the central key service, over this terminal's own line to Odoo (docs/protocol/key-service.md)."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from hw_proxy import tokens
from hw_proxy.bounded import TooLate, bounded
from hw_proxy.clock import Clock
from hw_proxy.errors import ConfigError
from hw_proxy.key_client import KeyRefused, KeySession
from hw_proxy.keys import Identity
from hw_proxy.odoo import OdooClient, OdooError

logger = logging.getLogger(__name__)

PATH = "/electricity/terminal/keys"
TYPE = "key+jwt"
_BUSY = "S-101"
_BUSY_PAUSE = 0.15
_LOST_PAUSE = 0.3
_CODE = re.compile(r"[A-Z]-[0-9]{3}\Z")
_MAX_COMMAND = 260


@dataclass(frozen=True)
class KeyLine:
    """How this terminal reaches the key service.

    ``client``: makes the HTTP client once it is needed; ``timeout``: seconds for one request; ``patience``: seconds
    that one attempt waits in all.
    """

    identity: Identity
    clock: Clock
    client: Callable[[], OdooClient]
    timeout: float = 4.0
    patience: float = 20.0


class OdooKeys(KeySession):
    """The key service, asked for one attempt. A lost answer is asked for again by the same token."""

    def __init__(self, attempt: str, driver: str, serial: str, line: KeyLine) -> None:
        super().__init__(attempt, driver, serial)
        self._line = line
        self._left = line.patience

    def authenticate(self, version: int, answer: bytes, challenge: bytes) -> bytes:
        """The cryptogram of the external authentication."""
        claims = {"r": self.random.hex(), "answer": answer.hex()}
        return self._bytes(self._ask("authenticate", version, challenge, claims), "cryptogram", 8)

    def mac(self, version: int, challenge: bytes, header: bytes, data: bytes) -> bytes:
        """The MAC of one secure update."""
        claims = {"header": header.hex(), "data": data.hex()}
        return self._bytes(self._ask("mac", version, challenge, claims), "mac", 4)

    def update_key(self, version: int, challenge: bytes) -> tuple[bytes, int]:
        """The WRITE KEY command and the new key version."""
        answer = self._ask("update_key", version, challenge, {})
        made = answer.get("version")
        if not tokens.is_uint(255)(made):
            raise KeyRefused("K-101", "an answer without a version")
        return self._bytes(answer, "command"), made

    def _bytes(self, answer: dict[str, object], name: str, size: int | None = None) -> bytes:
        value = answer.get(name)
        if not value or not tokens.is_hex(_MAX_COMMAND)(value) or size not in (None, len(value) // 2):
            raise KeyRefused("K-101", f"an answer without a {name}")
        return bytes.fromhex(value)

    def _ask(self, op: str, version: int, challenge: bytes, claims: dict[str, str]) -> dict[str, object]:
        pairing = self._line.identity.pairing
        request = {
            "iss": pairing.terminal,
            "aud": pairing.iss,
            "jti": str(uuid.uuid4()),
            "iat": self._line.clock.now_ms() // 1000,
            "attempt": self.attempt,
            "serial": self.serial,
            "version": version,
            "op": op,
            "challenge": challenge.hex(),
            **claims,
        }
        token = tokens.sign(self._line.identity.keys.signing, TYPE, request)
        while True:
            begun = time.monotonic()
            try:
                answer = bounded(lambda: self._post(token), min(self._line.timeout, self._left))
                self._spend(begun)
                return answer
            except (OdooError, TooLate) as error:
                code = getattr(error, "code", "")
                logger.warning("key service, %s: %s", op, error)
                self._spend(begun)
                if code != _BUSY and _CODE.match(code):
                    raise KeyRefused(code, str(error)) from error
                pause = _BUSY_PAUSE if code == _BUSY else _LOST_PAUSE
                if self._left <= pause:
                    raise KeyRefused("K-101", str(error)) from error
                time.sleep(pause)
                self._left -= pause

    def _post(self, token: str) -> dict[str, object]:
        try:
            client = self._line.client()
        except ConfigError as error:
            raise KeyRefused("K-101", str(error)) from error
        return client.post(PATH, {"request": token})

    def _spend(self, begun: float) -> None:
        self._left -= time.monotonic() - begun
