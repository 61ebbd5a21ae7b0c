"""The terminal's print desk: one receipt after the other, each once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image

from hw_proxy.errors import ConfigError, JournalError, Refusal
from hw_proxy.paper import columns, order, picture
from hw_proxy.paper.book import PrintBook
from hw_proxy.paper.codes import NO_PRINTER, NOT_GENUINE, NOT_READY
from hw_proxy.paper.order import Line
from hw_proxy.pos.printer import ReceiptPrinter
from hw_proxy.pos.slip import NOT_PRINTED, SlipEnd

if TYPE_CHECKING:
    from hw_proxy.terminal import Terminal

logger = logging.getLogger(__name__)

_LAST_WAIT = 10.0
TEXT = "gb18030"


class PrintDesk:
    """Prints what Odoo has signed, and the terminal's own vouchers.

    :raises JournalError: the journal cannot be written.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._printing = threading.Lock()
        self._threads: list[threading.Thread] = []
        self.printer: ReceiptPrinter | None = None
        """Set by the service before the first request; none: there is no printer."""
        self.book = PrintBook(terminal.journal, terminal.config.limits.keep_days)

    def print(self, token: object) -> dict[str, object]:
        """Print a receipt that Odoo has signed. One that was printed before, or tried, is only answered.

        :param token: print order, untrusted.
        :return: as :meth:`state`
        :raises Refusal: A-405, A-406, P-110.
        """
        terminal = self._terminal
        pairing = terminal.identity.pairing
        wanted = order.verify(token, pairing.issuer, pairing.terminal, terminal.odoo.epoch)
        if self._known(wanted.jti) is None and not order.is_current(wanted, terminal.clock.now_ms()):
            raise Refusal(NOT_GENUINE)
        return self.start(wanted.jti, wanted.lines)

    def state(self, jti: str) -> dict[str, object]:
        """What became of a receipt: ``printing``, ``printed``, ``not_printed`` or ``unknown``, and a code or none.

        :raises Refusal: P-110, P-112.
        """
        known = self._known(jti)
        if known is None:
            raise Refusal("P-112")
        return {"job": jti, "state": known[0], "code": known[1]}

    def start(self, jti: str, lines: Sequence[Line]) -> dict[str, object]:
        """Print lines under a name, once.

        :return: as :meth:`state`
        :raises Refusal: A-406, P-110.
        """
        if self._known(jti) is not None:
            return self.state(jti)
        printer = self.printer
        if printer is None:
            raise Refusal(NO_PRINTER)
        try:
            is_new = self.book.begin(jti, self._terminal.clock.now_ms())
        except JournalError as error:
            raise Refusal("P-110") from error
        if is_new:
            thread = threading.Thread(target=self._work, args=(printer, jti, lines), name="receipt", daemon=True)
            self._threads = [each for each in self._threads if each.is_alive()] + [thread]
            thread.start()
        return self.state(jti)

    def count(self) -> None:
        """Count a receipt that the printer was given without this desk."""
        try:
            self.book.count()
        except JournalError as error:
            # It is a figure for the operator; the receipt is in somebody's hand.
            logger.error("a receipt could not be counted: %s", error)

    def _known(self, jti: str) -> tuple[str, str | None] | None:
        try:
            return self.book.state(jti)
        except JournalError as error:
            raise Refusal("P-110") from error

    def _work(self, printer: ReceiptPrinter, jti: str, lines: Sequence[Line]) -> None:
        # One after the other: the time that a printer has for a receipt begins with that receipt.
        with self._printing:
            try:
                end = printer.print_slip(self._slip(lines))
            except ConfigError as error:
                logger.error("no receipt can be printed: %s", error)
                end = SlipEnd(NOT_PRINTED, NOT_READY)
        try:
            self.book.end(jti, end)
        except JournalError as error:
            # It stays "printing", and is uncertain after the next start.
            logger.error("what became of a receipt could not be stored: %s", error)
        self._terminal.events.publish("print", {"job": jti, "state": end.state, "code": end.code})
        self._terminal.errands.ended(jti)

    def _slip(self, lines: Sequence[Line]) -> Image.Image | bytes:
        settings = self._terminal.config.printer
        if settings.text == TEXT:
            return columns.encode(lines, settings.width)
        return picture.render(lines, settings.width, picture.font_file(settings.font))

    def stop(self) -> None:
        """Wait for what is being printed."""
        for thread in self._threads:
            thread.join(_LAST_WAIT)
