"""Ways to pay at the kiosk of the tests, beside notes."""

MAY_CHANGE = {"bypass_payment_method_ids_forbidden_change": True}
CARD_TERMINAL = "POS-1"


class Ways:
    """Gives the kiosk payment methods, and takes them away again.

    :param world: of the tests
    :param gateway: the payment gateway's process
    """

    def __init__(self, world, gateway):
        self.call = world.admin.call
        self.gateway = gateway
        domain = [("electricity_terminal_id", "=", world.terminal.id)]
        (self.config,) = self.call("pos.config", "search", domain)
        (self.provider,) = self.call("payment.provider", "search", [("code", "=", "electricity_gateway")])
        values = {"electricity_gateway_url": gateway.url, "electricity_gateway_merchant": gateway.merchant}
        values |= {"electricity_gateway_secret": "DEMO", "state": "test"}
        self.call("payment.provider", "write", [self.provider], values)
        self.journal = self._found("account.journal", {"name": "Gateway", "code": "GATE", "type": "bank"}, "code")
        self.qr = self._method("QR code", kiosk_kind="qr", kiosk_provider_id=self.provider)
        self.bank_card = self._method(
            "Bank card",
            use_payment_terminal="electricity_gateway",
            kiosk_kind="bank_card",
            kiosk_provider_id=self.provider,
            kiosk_card_terminal=CARD_TERMINAL,
        )

    def demo(self):
        """Return a method for QR codes whose provider is Odoo's own demo."""
        (provider,) = self.call("payment.provider", "search", [("code", "=", "demo")])
        return self._method("QR code, demo", kiosk_kind="qr", kiosk_provider_id=provider)

    def offer(self, *methods):
        """Let the kiosk offer notes and these."""
        (before,) = self.call("pos.config", "read", [self.config], ["payment_method_ids"])
        domain = [("id", "in", before["payment_method_ids"]), ("is_cash_count", "=", True)]
        notes = self.call("pos.payment.method", "search", domain)
        values = {"payment_method_ids": [(6, 0, [*notes, *methods])]}
        self.call("pos.config", "write", [self.config], values, context=MAY_CHANGE)

    def _method(self, name, **values):
        values = {"name": name, "journal_id": self.journal, **values}
        return self._found("pos.payment.method", values, "name")

    def _found(self, model, values, key):
        """Return the id of what an earlier module of the same world has made, or make it."""
        found = self.call(model, "search", [(key, "=", values[key])], limit=1)
        return (found or self.call(model, "create", [values]))[0]
