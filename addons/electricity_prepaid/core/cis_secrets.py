"""What the connection to a marketing system must know and Odoo's database must not: password and files of keys.

The database only names them. Each value comes from the environment, else from a private TOML file with a table for each
name::

    [city]
    password = "…"
    hosts = ["marketing.city.example", "10.1.2.3:8443"]
    companies = [1]
    ca_file = "/etc/prepaid-electricity/city-ca.pem"
    client_cert = "/etc/prepaid-electricity/client.pem"
    client_key = "/etc/prepaid-electricity/client.key"

``hosts`` says to whom the password may be shown: whoever may enter an address in the database is not thereby entitled
to the secret of another company, which a digest sent to his own server would let him use or guess.
"""

import ipaddress
import re
import tomllib
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .cis_types import Unreachable
from .errors import Refusal
from .private_files import read_private_bytes

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
_VARIABLES = {
    "password": "{}_SECRET_{}",
    "ca_file": "{}_CA_FILE_{}",
    "client_cert": "{}_CLIENT_CERT_{}",
    "client_key": "{}_CLIENT_KEY_{}",
}
_LISTS = {
    "hosts": ("{}_HOSTS_{}", str),
    "companies": ("{}_COMPANIES_{}", int),
}
MARKETING = "ELECTRICITY_CIS"
PAYMENT = "ELECTRICITY_PAYMENT"


class NotReleased(Unreachable):
    """A secret is not meant for the connection that names it.

    :param detail: what does not fit
    """

    def __init__(self, detail):
        super().__init__("configuration", detail, sent=False)


@dataclass(frozen=True)
class Secrets:
    """What one name stands for.

    :param password: of the user
    :param ca_file: path of the certificates that are trusted; None: those of the system
    :param client_cert: path of our certificate, or None
    :param client_key: path of its key; None: it is in the file of the certificate
    :param hosts: names or addresses, each with a port or for any, to which the password may be sent
    :param companies: ids of ``res.company`` whose connections may use it; empty: any
    """

    password: str = field(repr=False)
    ca_file: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    hosts: tuple[str, ...] = ()
    companies: tuple[int, ...] = ()


def load(name, environ, path, prefix=MARKETING):
    """Return the secrets of a name.

    :param name: as :data:`NAME`
    :param environ: the environment, a mapping
    :param path: of the private file, or None
    :param prefix: with which the variables begin: :data:`MARKETING`, or :data:`PAYMENT` for a payment gateway
    :return: :class:`Secrets`
    :raises Unreachable: ``configuration``, not sent: there is no password, or the file may not be used
    """
    stored = _from_file(name, path) if path else {}
    found = {
        key: environ.get(pattern.format(prefix, name.upper())) or stored.get(key) for key, pattern in _VARIABLES.items()
    }
    if not found["password"]:
        raise _incomplete(f"no password under the name {name}")
    if found["client_key"] and not found["client_cert"]:
        raise _incomplete(f"there is a client key of {name}, but no client certificate")
    lists = {key: _list(key, name, environ, stored, prefix) for key in _LISTS}
    return Secrets(**found, **lists)


def check_released(secrets, name, url, company_id):
    """Check that a secret may be used at an address, by a company; at a loopback address any may.

    :param secrets: :class:`Secrets`
    :param name: under which they are stored
    :param url: of the connection
    :param company_id: of the connection
    :raises NotReleased: with the list that lacks it
    """
    if secrets.companies and company_id not in secrets.companies:
        raise NotReleased(f"companies of {name} does not list {company_id}")
    try:
        place = urlsplit(url)
        port = place.port or {"https": 443}.get(place.scheme, 80)
    except ValueError:
        raise NotReleased(f"the address for {name} is none") from None
    if is_loopback(place.hostname) or any(_is_at(entry, place.hostname, port) for entry in secrets.hosts):
        return
    raise NotReleased(f"hosts of {name} does not list {place.hostname}:{port}")


def is_loopback(host):
    """Tell whether a host of an address is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_at(entry, host, port):
    try:
        place = urlsplit(f"//{entry}")
        return place.hostname == host and place.port in (None, port)
    except ValueError:
        return False


def _list(key, name, environ, stored, prefix):
    variable, kind = _LISTS[key]
    told = environ.get(variable.format(prefix, name.upper()))
    try:
        return tuple(kind(each.strip()) for each in told.split(",")) if told else tuple(stored.get(key, ()))
    except ValueError:
        raise _incomplete(f"{key} of {name} is not a list of numbers") from None


def _incomplete(reason):
    return Unreachable("configuration", reason, sent=False)


def _from_file(name, path):
    try:
        table = tomllib.loads(read_private_bytes(path).decode()).get(name, {})
    except Refusal as refusal:
        raise _incomplete(refusal.params["reason"].replace("key file", "secrets file")) from None
    except ValueError:
        # The parser's own words would quote the line, which may be the one with the password.
        raise _incomplete("secrets file is not TOML") from None
    if not isinstance(table, dict) or not all(_is_value(key, value) for key, value in table.items()):
        raise _incomplete(f"secrets file: {name} is not a table of texts, with lists of hosts and companies")
    return table


def _is_value(key, value):
    if key not in _LISTS:
        return isinstance(value, str)
    kind = _LISTS[key][1]
    return isinstance(value, list) and all(type(each) is kind for each in value)
