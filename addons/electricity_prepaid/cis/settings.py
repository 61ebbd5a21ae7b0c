"""Where one utility's marketing system is, and how it is called."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ..core.cis_types import Unreachable

SOAP_11, SOAP_12 = VERSIONS = ("1.1", "1.2")
#: Seconds for a whole call, connecting included. What a customer waits for is short; what books has longer, because its
#: time-out leaves an unknown outcome behind. None is longer than a minute: a cron ends with the call that is out, and
#: Odoo's limit covers all ready crons together (docs/marketing-system.md).
TIMEOUTS = {
    "query_customer": 5.0,
    "query_arrears": 5.0,
    "query_payment": 15.0,
    "submit_payment": 30.0,
    "reverse_payment": 30.0,
    "list_customer_changes": 60.0,
    "reconcile": 60.0,
}
_CONTROL = frozenset(map(chr, range(33))) | {"\x7f"}


@dataclass(frozen=True)
class Settings:
    """Everything that a call depends on.

    :param adapter: key of :data:`.adapters.ADAPTERS`
    :param url: ``https://…``; plain ``http`` only to this machine's loopback address
    :param soap: ``"1.1"`` or ``"1.2"``
    :param username: of the WS-Security token; empty: the messages carry none
    :param password: never sent and never shown: only its digest leaves
    :param ca_file: path of the authorities that may sign the server's certificate; None: those of the system
    :param client_cert: path of our certificate chain (PEM), or None
    :param client_key: path of its key (PEM); None: the key is in the file of the certificate
    :param connect_timeout: seconds until the connection stands
    :param timeouts: seconds by operation, where they differ from :data:`TIMEOUTS`
    :param max_bytes: longest answer, unpacked
    :param messages: the log's records carry the masked messages, too
    :param log: called with one masked record a call (:mod:`.log`); must not raise
    """

    adapter: str
    url: str
    soap: str = SOAP_11
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    connect_timeout: float = 5.0
    timeouts: Mapping[str, float] = field(default_factory=dict, hash=False)
    max_bytes: int = 8 * 1024 * 1024
    messages: bool = False
    log: Callable | None = field(default=None, compare=False, repr=False)

    def timeout(self, operation):
        """Return the seconds that a call of an operation may take."""
        return self.timeouts.get(operation, TIMEOUTS[operation])

    def check(self):
        """Refuse what cannot be right.

        :raises Unreachable: kind ``configuration``; nothing was sent
        """
        if self.soap not in VERSIONS:
            raise misconfigured("the SOAP version is neither 1.1 nor 1.2")
        if self.client_key and not self.client_cert:
            raise misconfigured("there is a client key, but no client certificate")
        unknown = sorted(set(self.timeouts) - set(TIMEOUTS))
        if unknown:
            raise misconfigured(f"there is a time-out for an unknown operation: {unknown[0]}")
        numbers = (self.connect_timeout, self.max_bytes, *self.timeouts.values())
        if not all(number > 0 for number in numbers):
            raise misconfigured("a time-out or a size is not above zero")
        if not self.username.isprintable() or any("\ud800" <= each <= "\udfff" for each in self.password):
            raise misconfigured("user name or password has characters that cannot be sent")
        _check_url(self.url)


def _check_url(url):
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise misconfigured("the address is malformed") from None
    if not host or parts.scheme not in ("http", "https") or _CONTROL.intersection(url):
        raise misconfigured("the address is not an https address")
    if parts.username is not None or parts.password is not None:
        raise misconfigured("the address must not hold a user name or a password")
    if parts.scheme == "http" and not is_loopback(host):
        raise misconfigured("plain http is for this machine only: the address must begin with https")


def is_loopback(host):
    """Return whether a host's name means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def misconfigured(detail):
    """Return the error for settings with which no call can be made."""
    return Unreachable("configuration", detail, sent=False)
