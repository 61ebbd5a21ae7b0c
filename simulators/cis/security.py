"""WS-Security UsernameToken with a password digest: who calls, and that the call is not an old one played again."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import threading
import time
from datetime import UTC, datetime
from itertools import islice

from lxml import etree

from .envelope import WSSE, Request, SoapFault

_WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_DIGEST = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
LONGEST_AGE = 300


class Guard:
    """Lets one user in.

    :param username: its name
    :param password: its password; nowhere written
    :param longest_age: seconds that a token is good for, by the machine's own clock
    """

    def __init__(self, username: str, password: str, longest_age: float = LONGEST_AGE) -> None:
        self._username = username.encode()
        self._password = password.encode()
        self._longest_age = longest_age
        self._nonces: dict[bytes, float] = {}
        self._lock = threading.Lock()

    def check(self, request: Request) -> None:
        """Check the token of a request.

        :raises SoapFault: there is none, or it is wrong, too old, from the future, or was here before
        """
        security = next((each for each in request.headers if each.tag == f"{{{WSSE}}}Security"), None)
        token = security.find(f"{{{WSSE}}}UsernameToken") if security is not None else None
        if token is None:
            raise _refused("InvalidSecurity", "a UsernameToken is wanted")
        username, password = _text(token, WSSE, "Username"), token.find(f"{{{WSSE}}}Password")
        if password is None or password.get("Type") != _DIGEST:
            raise _refused("UnsupportedSecurityToken", "a password digest is wanted")
        created = _text(token, _WSU, "Created")
        try:
            nonce = base64.b64decode(_text(token, WSSE, "Nonce"), validate=True)
            given = base64.b64decode((password.text or "").strip(), validate=True)
            age = time.time() - _moment(created).timestamp()
        except (binascii.Error, ValueError) as error:
            raise _refused("InvalidSecurityToken", "the token cannot be read") from error
        wanted = hashlib.sha1(nonce + created.encode() + self._password).digest()
        # Both are compared, so that the time does not tell which was wrong.
        is_known = hmac.compare_digest(username.encode(), self._username)
        if not (hmac.compare_digest(given, wanted) and is_known and nonce):
            raise _refused("FailedAuthentication", "the token was refused")
        if abs(age) > self._longest_age:
            raise _refused("MessageExpired", "the token is too old or from the future")
        self._use(nonce)

    def _use(self, nonce: bytes) -> None:
        now = time.monotonic()
        with self._lock:
            # Twice the age: a token from the future is good for longer.
            if self._nonces.get(nonce, 0) > now:
                raise _refused("FailedAuthentication", "the token was used before")
            self._nonces[nonce] = now + 2 * self._longest_age
            # The oldest are first.
            for old in list(islice(self._nonces, 2)):
                if self._nonces[old] <= now:
                    del self._nonces[old]


def _refused(code: str, text: str) -> SoapFault:
    return SoapFault("caller", text, security=code)


def _text(token: etree._Element, namespace: str, name: str) -> str:
    return (token.findtext(f"{{{namespace}}}{name}") or "").strip()


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
