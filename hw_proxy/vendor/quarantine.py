"""Libraries that failed too often rest, over restarts of the service too."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Protocol


class Store(Protocol):
    """Where small values live: the journal."""

    def get(self, key: str) -> str | None:
        """A stored value."""

    def put(self, key: str, value: str) -> None:
        """Store a value durably."""


@dataclass(frozen=True)
class Health:
    """How a library does.

    ``failures``: in a row; ``until``: end of the quarantine, seconds since the epoch, 0 = none; ``verb`` and ``why``:
    of the last failure.
    """

    failures: int = 0
    until: float = 0.0
    verb: str = ""
    why: str = ""


class Quarantine:
    """Counts the failures of one library.

    :param store: keeps the count.
    :param library: id of the library.
    :param allowed: failures in a row until it rests.
    :param cooldown: seconds that it rests; then one more failure makes it rest again.
    """

    def __init__(
        self, store: Store, library: str, allowed: int, cooldown: float, now: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._key = f"vendor/{library}/health"
        self._allowed = allowed
        self._cooldown = cooldown
        self._now = now

    def health(self) -> Health:
        """What is known."""
        stored = self._store.get(self._key)
        return Health(**json.loads(stored)) if stored else Health()

    def resting(self) -> bool:
        """Whether the library may not be called."""
        # A clock set back must not make a rest of minutes one of years.
        return 0 < self.health().until - self._now() <= self._cooldown

    def failed(self, verb: str, why: str) -> Health:
        """Count a failure.

        :param verb: what the library was doing.
        """
        failures = self.health().failures + 1
        until = self._now() + self._cooldown if failures >= self._allowed else 0.0
        return self._keep(Health(failures, until, verb, why))

    def worked(self, verb: str) -> None:
        """A call went well: forget the failures, if it is what failed. A reading says nothing about writing."""
        if self.health().verb == verb:
            self._keep(Health())

    def release(self) -> None:
        """The operator lets it work again."""
        self._keep(Health())

    def _keep(self, health: Health) -> Health:
        self._store.put(self._key, json.dumps(asdict(health)))
        return health


class MemoryStore(dict):
    """A store for tools and tests that keeps nothing."""

    def put(self, key: str, value: str) -> None:
        """Keep a value as long as the object lives."""
        self[key] = value
