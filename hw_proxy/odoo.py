"""HTTPS to Odoo: JSON bodies, no cookies, no redirects (docs/protocol, section 2)."""

from __future__ import annotations

import ssl

import httpx

from hw_proxy import __version__
from hw_proxy.config import OdooServer
from hw_proxy.errors import ConfigError


class OdooError(Exception):
    """Odoo could not be reached, refused, or answered something else.

    :param code: code of the catalogue when Odoo refused, else empty.
    """

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(f"{message} ({code})" if code else message)
        self.code = code


class OdooClient:
    """Sends one JSON document and reads one.

    :param server: the ``[odoo]`` section.
    :param transport: replaces the network in tests.
    :raises ConfigError: no address, or the certificate file cannot be read.
    """

    def __init__(self, server: OdooServer, transport: httpx.BaseTransport | None = None) -> None:
        if not server.url:
            raise ConfigError("odoo.url is missing in the configuration file.")
        try:
            context = ssl.create_default_context(cafile=server.ca_file or None)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"odoo.ca_file cannot be read: {error}.") from error
        headers = {"User-Agent": f"hw-proxy/{__version__}"}
        if server.database:
            headers["X-Odoo-Database"] = server.database
        self._client = httpx.Client(
            base_url=server.url.rstrip("/"),
            headers=headers,
            timeout=server.timeout,
            verify=context,
            trust_env=False,
            transport=transport,
        )

    def post(self, path: str, body: dict[str, object]) -> dict[str, object]:
        """Answer of one call.

        :raises OdooError: unreachable, refused with ``{code, message}``, or not a JSON object.
        """
        try:
            response = self._client.post(path, json=body)
        except httpx.HTTPError as error:
            raise OdooError(f"cannot be reached: {type(error).__name__}") from error
        self._client.cookies.clear()
        try:
            value = response.json()
        except ValueError as error:
            raise OdooError(f"HTTP {response.status_code} without JSON") from error
        if not isinstance(value, dict):
            raise OdooError(f"HTTP {response.status_code} without a JSON object")
        if response.status_code != 200:
            code = value.get("code")
            message = value.get("message")
            raise OdooError(
                message if isinstance(message, str) else f"HTTP {response.status_code}",
                code if isinstance(code, str) else "",
            )
        return value

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
