"""What the connection to a marketing system must know and Odoo's database must not: password and files of keys.

The database only names them. Each value comes from the environment, else from a private TOML file with a table for each
name::

    [city]
    password = "…"
    ca_file = "/etc/prepaid-electricity/city-ca.pem"
    client_cert = "/etc/prepaid-electricity/client.pem"
    client_key = "/etc/prepaid-electricity/client.key"
"""

import re
import tomllib
from dataclasses import dataclass, field

from .cis_types import Unreachable
from .errors import Refusal
from .private_files import read_private_bytes

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
_VARIABLES = {
    "password": "ELECTRICITY_CIS_SECRET_{}",
    "ca_file": "ELECTRICITY_CIS_CA_FILE_{}",
    "client_cert": "ELECTRICITY_CIS_CLIENT_CERT_{}",
    "client_key": "ELECTRICITY_CIS_CLIENT_KEY_{}",
}


@dataclass(frozen=True)
class Secrets:
    """What one name stands for.

    :param password: of the user
    :param ca_file: path of the certificates that are trusted; None: those of the system
    :param client_cert: path of our certificate, or None
    :param client_key: path of its key; None: it is in the file of the certificate
    """

    password: str = field(repr=False)
    ca_file: str | None = None
    client_cert: str | None = None
    client_key: str | None = None


def load(name, environ, path):
    """Return the secrets of a name.

    :param name: as :data:`NAME`
    :param environ: the environment, a mapping
    :param path: of the private file, or None
    :return: :class:`Secrets`
    :raises Unreachable: ``configuration``, not sent: there is no password, or the file may not be used
    """
    stored = _from_file(name, path) if path else {}
    found = {key: environ.get(pattern.format(name.upper())) or stored.get(key) for key, pattern in _VARIABLES.items()}
    if not found["password"]:
        raise _incomplete(f"no password under the name {name}")
    if found["client_key"] and not found["client_cert"]:
        raise _incomplete(f"there is a client key of {name}, but no client certificate")
    return Secrets(**found)


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
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise _incomplete(f"secrets file: {name} is not a table of texts")
    return table
