"""Which dialect a reader speaks and which driver knows a card."""

from __future__ import annotations

import fnmatch
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from hw_proxy.cards import cpu_probe
from hw_proxy.cards.at24_demo import At24Demo
from hw_proxy.cards.cpu_probe import CPU_DRIVERS
from hw_proxy.cards.dialect import MemoryDialect
from hw_proxy.cards.dialect_acs import AcsDialect
from hw_proxy.cards.dialect_omnikey import OmnikeyDialect
from hw_proxy.cards.driver import CardDriver
from hw_proxy.cards.memory_driver import DemoMemoryDriver
from hw_proxy.cards.sle4428_demo import Sle4428Demo
from hw_proxy.cards.sle4442_demo import Sle4442Demo
from hw_proxy.cards.transport import CardError, CardRefused, CardSilent, Connection

if TYPE_CHECKING:
    from hw_proxy.vendor.cards import VendorCards

logger = logging.getLogger(__name__)

DIALECTS: dict[str, type[MemoryDialect]] = {dialect.id: dialect for dialect in (AcsDialect, OmnikeyDialect)}
MEMORY_DRIVERS: dict[str, type[DemoMemoryDriver]] = {
    driver.id: driver for driver in (Sle4442Demo, Sle4428Demo, At24Demo)
}
DRIVERS: dict[str, type[CardDriver]] = {**MEMORY_DRIVERS, **CPU_DRIVERS}
DEFAULT_DIALECT = AcsDialect.id
VENDOR_PREFIX = "vendor:"
"""Drivers that are makers' libraries; their cards are opened by the library, so orders carry no code."""


def driver_version(driver: str) -> str:
    """Version of a driver; ``none`` when there is no such driver here."""
    if driver.startswith(VENDOR_PREFIX):
        return "library"
    known = DRIVERS.get(driver)
    return known.version if known else "none"


def code_length(driver: str) -> int | None:
    """Bytes of the code that an order for a driver carries sealed, 0 for none; none when there is no such driver."""
    if driver.startswith(VENDOR_PREFIX):
        return 0
    known = DRIVERS.get(driver)
    return known.code_length if known else None


class CardRegistry:
    """Finds the driver of a card.

    :param override: dialect id by reader name, from the configuration.
    :param vendor: the makers' libraries, which are asked before our own drivers.
    """

    def __init__(
        self, override: Callable[[str], str | None] = lambda _name: None, vendor: VendorCards | None = None
    ) -> None:
        self._override = override
        self._vendor = vendor

    def dialect_of(self, reader: str, connection: Connection | None = None) -> type[MemoryDialect]:
        """Dialect of a reader: the configuration's, else by its name, else what it says of itself, else ACS, the most
        widely imitated.

        :param connection: to a memory card in it; without one it is not asked.
        :raises CardError: the insertion is over.
        """
        wanted = self._override(reader)
        if wanted in DIALECTS:
            return DIALECTS[wanted]
        if wanted is not None:
            logger.warning("%s: there is no dialect %s, only %s", reader, wanted, ", ".join(DIALECTS))
        for dialect in DIALECTS.values():
            if any(fnmatch.fnmatchcase(reader, pattern) for pattern in dialect.reader_names):
                return dialect
        for dialect in DIALECTS.values():
            if connection is not None and dialect.recognises(connection):
                return dialect
        return DIALECTS[DEFAULT_DIALECT]

    def probe(self, reader: str, connection: Connection, seen: list[str] | None = None) -> CardDriver:
        """Driver of the card: its chip by the answer to reset, its layout by its content. Never presents a code.

        In the order of safety: makers' libraries and memory drivers that know the answer to reset, then what a
        processor card shows to anybody. A memory chip whose content belongs to no layout gets the first driver of the
        chip, so that the page can say what is wrong with the card.

        :param seen: takes what was seen and which drivers declined, a sentence each.
        :raises CardForeign: a driver's chip, but not its files.
        :raises CardUnknown: no driver knows the chip.
        :raises CardError: the card does not answer.
        """
        notes = seen if seen is not None else []
        notes.append(f"answer to reset {connection.atr.hex()}")
        try:
            driver = self._find(reader, connection, notes)
            notes.append(f"taken by {driver.id}")
            return driver
        finally:
            logger.info("%s: %s", reader, "; ".join(notes))

    def _find(self, reader: str, connection: Connection, notes: list[str]) -> CardDriver:
        if self._vendor is not None:
            library = self._vendor.probe(reader, connection, lambda: self.dialect_of(reader, connection), notes.append)
            if library is not None:
                return library
        candidates = [driver for driver in MEMORY_DRIVERS.values() if connection.atr in driver.atrs]
        if not candidates:
            return cpu_probe.probe(connection, notes.append)
        dialect = self.dialect_of(reader, connection)(connection)
        notes.append(f"reader's dialect {dialect.id}")
        candidates = [driver for driver in candidates if driver.chip in dialect.chips]
        first: CardDriver | None = None
        failure: CardError = CardSilent("no driver could start the card")
        for kind in candidates:
            driver = kind(dialect)
            try:
                driver.start()
                if len(candidates) == 1 or kind.owns(driver.read().memory):
                    return driver
                notes.append(f"{kind.id}: another layout")
            except (CardRefused, CardSilent) as error:
                notes.append(f"{kind.id}: {error}")
                failure = error
                continue
            first = first or driver
        if first is None:
            raise failure
        return first
