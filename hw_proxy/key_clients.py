"""Which keys a terminal uses: its security module when the configuration names one, else the central service."""

from __future__ import annotations

import threading
from dataclasses import replace

from hw_proxy.clock import Clock
from hw_proxy.config import Config
from hw_proxy.key_client import KeySession
from hw_proxy.key_client_odoo import KeyLine, OdooKeys
from hw_proxy.keys import Identity
from hw_proxy.odoo import OdooClient
from hw_proxy.orders import Order
from hw_proxy.sam import SamKeys, SecurityModule, connect


class KeyClients:
    """Makes the key session of each attempt. Nothing is reached before the first question."""

    def __init__(self, config: Config, identity: Identity, clock: Clock) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._client: OdooClient | None = None
        self._line = KeyLine(
            identity, clock, self._odoo, timeout=config.odoo.key_timeout, patience=config.odoo.key_patience
        )
        pattern = config.sam.reader
        self.module = SecurityModule(lambda: connect(pattern)) if pattern else None

    def session(self, order: Order) -> KeySession:
        """Keys for one attempt on one card."""
        central = OdooKeys(order.jti, order.driver, order.card_serial, self._line)
        if self.module is None:
            return central
        return SamKeys(order.jti, order.driver, order.card_serial, self.module, central)

    def close(self) -> None:
        """Let the module go and close the connections."""
        if self.module is not None:
            self.module.close()
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _odoo(self) -> OdooClient:
        with self._lock:
            if self._client is None:
                server = self._config.odoo
                self._client = OdooClient(replace(server, timeout=server.key_timeout))
            return self._client
