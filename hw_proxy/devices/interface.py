"""An interface finds readers as they come and go."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable

from hw_proxy.cards.registry import CardRegistry
from hw_proxy.devices.reader import Reader, ReaderStatus, Slot


class Interface(ABC):
    """Hot-plug discovery of one kind of readers.

    :param registry: finds the drivers of cards.
    :param changed: called, on any thread, whenever a reader's status has changed.
    """

    def __init__(self, registry: CardRegistry, changed: Callable[[ReaderStatus], None]) -> None:
        self.registry = registry
        self.changed = changed
        self.stopping = threading.Event()
        self._readers: dict[str, Reader] = {}
        self._lock = threading.Lock()

    @abstractmethod
    def watch(self) -> None:
        """Follow the readers until :attr:`stopping` is set; runs on a thread of its own."""

    @abstractmethod
    def problem(self) -> str | None:
        """Code of what keeps the whole interface from working, or none."""

    def readers(self) -> list[Reader]:
        """Every reader seen since the start, absent ones too."""
        with self._lock:
            return list(self._readers.values())

    def reader(self, slot: Slot) -> Reader:
        """The reader of a slot, made when it is new."""
        with self._lock:
            found = self._readers.get(slot.name)
            if found is None:
                found = self._readers[slot.name] = Reader(slot, self.registry, self.changed)
            return found

    def look_after(self, patience: float) -> None:
        """Show what hangs, and give it up in the end; called by the monitor every now and then.

        :param patience: seconds after which a call to a card is given up.
        """
        for reader in self.readers():
            reader.look_after(patience)

    def stop(self) -> None:
        """End the watch and every reader, after the work that has begun."""
        self.stopping.set()
        for reader in self.readers():
            reader.close()
