"""What the stock client asks (Odoo 19, point_of_sale: hardware_proxy_service, hw_printer, barcode_reader_service).

``GET /hw_proxy/hello`` tells that somebody is there. Everything else is JSON-RPC by POST: ``handshake``,
``status_json`` (every five seconds), ``default_printer_action`` (an image to print; there is no cash drawer) and
``scanner`` (waits for the next code, and is asked again at once).
"""

from __future__ import annotations

import base64
import binascii
import logging
import threading
from collections.abc import Callable

from hw_proxy.config import Config
from hw_proxy.devices.device import Device
from hw_proxy.errors import Refusal
from hw_proxy.pos.printer import ReceiptPrinter
from hw_proxy.pos.scanner import Scans, SerialScanner
from hw_proxy.supervisor import Supervised

logger = logging.getLogger(__name__)


class PosFace:
    """Printer and scanner, as the stock client sees them.

    :param config: ``[pos]``, ``[printer]`` and ``[scanner]``.
    """

    def __init__(self, config: Config) -> None:
        self.stopping = threading.Event()
        self.printer = ReceiptPrinter(config.printer) if config.printer.kind else None
        self.on_print: Callable[[], None] = lambda: None
        """Called after each receipt."""
        self.scans = Scans()
        self.scanner: SerialScanner | None = None
        if config.scanner.device:
            self.scanner = SerialScanner(config.scanner, self.scans, self.stopping)
            Supervised("scanner", self.scanner.run, self.stopping).start()

    def status(self) -> dict[str, object]:
        """State of the devices by the client's names; ``connected`` or ``disconnected``. Waits for none of them."""
        drivers: dict[str, object] = {}
        if self.printer is not None:
            state = self.printer.state()
            drivers["printer"] = {
                "status": "connected" if state.ready else "disconnected",
                "messages": [state.message] if state.message else [],
            }
        if self.scanner is not None:
            status = "connected" if self.scanner.connected else "disconnected"
            drivers["scanner"] = {"status": status, "messages": []}
        return drivers

    def devices(self) -> list[Device]:
        """Printer and scanner, whichever there are, for the terminal's status."""
        return [device for device in (self.printer, self.scanner) if device is not None]

    def printer_action(self, data: object) -> dict[str, object]:
        """Carry out what the client wants of its printer.

        :param data: ``{"action": "print_receipt", "receipt": base64 of a JPEG or PNG}``; any other action is refused.
        :return: ``{"result": True}``, or False with a ``code``: the client then says that printing failed.
        """
        action = data.get("action") if isinstance(data, dict) else None
        if action != "print_receipt":
            logger.warning("the point of sale asked for %.40r, which is not done here", action)
            return {"result": False, "code": "P-104"}
        try:
            if self.printer is None:
                raise Refusal("P-116")
            self.printer.print_image(_image(data.get("receipt")))
            self.on_print()
        except Refusal as refusal:
            return {"result": False, "code": refusal.code}
        return {"result": True}

    def close(self) -> None:
        """End the devices."""
        self.stopping.set()
        if self.printer is not None:
            self.printer.close()


def _image(text: object) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise Refusal("P-104", fields=["receipt"]) from error
