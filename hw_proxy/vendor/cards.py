"""Which library a card belongs to."""

from __future__ import annotations

import logging
from collections.abc import Callable

from hw_proxy.cards.dialect import MemoryDialect
from hw_proxy.cards.registry import MEMORY_DRIVERS
from hw_proxy.cards.transport import Connection
from hw_proxy.config import Config
from hw_proxy.journal import Journal
from hw_proxy.keys import Identity
from hw_proxy.vendor.description import Description
from hw_proxy.vendor.driver import LibraryFailed, NotMine, ReadBackDriver, VendorDriver
from hw_proxy.vendor.library import Library
from hw_proxy.vendor.states import States

logger = logging.getLogger(__name__)


class VendorCards:
    """The libraries of this terminal.

    :param libraries: asked in this order.
    :param states: keeps what their writes return.
    """

    def __init__(self, libraries: list[Library], states: States) -> None:
        self.libraries = libraries
        self._states = states

    @classmethod
    def make(cls, descriptions: list[Description], config: Config, identity: Identity, journal: Journal) -> VendorCards:
        """The libraries of a paired terminal; their processes start when a card needs them."""
        libraries = [Library(description, journal, config.vendor.user) for description in descriptions]
        return cls(libraries, States(journal, identity.keys.agreement))

    def probe(
        self,
        reader: str,
        connection: Connection,
        dialect: Callable[[], type[MemoryDialect]],
        note: Callable[[str], None] = lambda _text: None,
    ) -> VendorDriver | None:
        """The driver of a card that belongs to a library; none when no library wants it.

        :param reader: PC/SC name.
        :param dialect: tells the reader's dialect.
        :param note: told which libraries declined, and why.
        :raises LibraryFailed: the only libraries that might know the card failed.
        :raises CardGone: the card left.
        """
        failure: LibraryFailed | None = None
        for library in self.libraries:
            if connection.atr not in library.description.atrs:
                continue
            driver = self._driver(library, reader, connection, dialect)
            try:
                driver.start()
                return driver
            except NotMine as error:
                note(str(error))
            except LibraryFailed as error:
                logger.warning("%s: %s", reader, error)
                note(str(error))
                failure = failure or error
        if failure is not None:
            raise failure
        return None

    def stop(self) -> None:
        """End the libraries' processes."""
        for library in self.libraries:
            library.stop()

    def _driver(
        self, library: Library, reader: str, connection: Connection, dialect: Callable[[], type[MemoryDialect]]
    ) -> VendorDriver:
        if library.description.read_back == "none":
            return VendorDriver(library, connection, reader, self._states)
        inner = MEMORY_DRIVERS[library.description.read_back](dialect()(connection))
        return ReadBackDriver(library, connection, reader, self._states, inner)
