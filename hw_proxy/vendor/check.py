"""``hw-proxy vendor``: look at descriptions and libraries, and let a quarantined one work again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from jwcrypto import jwk

from hw_proxy.cards.registry import CardRegistry
from hw_proxy.cards.transport import CardError, CardGone
from hw_proxy.devices.pcsc import PcscSlot
from hw_proxy.errors import ConfigError
from hw_proxy.vendor.cards import VendorCards
from hw_proxy.vendor.description import Description, load, load_folder
from hw_proxy.vendor.faults import VendorError
from hw_proxy.vendor.library import Library
from hw_proxy.vendor.process import DEFAULT_USER
from hw_proxy.vendor.quarantine import MemoryStore, Quarantine, Store
from hw_proxy.vendor.states import States


class CheckFailed(Exception):
    """The library cannot be used; the text says why."""


def check(path: Path, reader: str | None = None, user: str = DEFAULT_USER) -> Iterator[str]:
    """Load a library as the service does, call what is safe, and tell what was found, line by line.

    Nothing is written: without a reader only ``init``, ``version`` and ``error_text`` are called, with one also
    ``is_mine`` and ``read``.

    :param path: the description.
    :param reader: PC/SC name of a reader with a card of the maker, or none.
    :param user: as in ``[vendor]``.
    :raises ConfigError: the description is wrong.
    :raises CheckFailed: the library does not work.
    """
    description = load(path)
    yield from _described(description)
    library = Library(description, user=user)
    try:
        begin = time.perf_counter()
        library.start()
        yield f"loaded in {(time.perf_counter() - begin) * 1000:.0f} ms, version {library.version or '(says none)'}"
        yield f"confined: {', '.join(library.worker.confinement)}"
        yield from _error_texts(library)
        if reader is not None:
            yield from _card(library, reader)
    except VendorError as error:
        raise CheckFailed(str(error)) from error
    except CardError as error:
        raise CheckFailed(f"the card: {error} ({error.code})") from error
    finally:
        library.stop()


def _described(description: Description) -> Iterator[str]:
    yield f"{description.path}: {description.name} by {description.maker}, driver {description.driver}"
    fence = {(True, False): "count", (False, True): "total, no count", (True, True): "count and total"}
    yield (
        f"card says: {fence.get((description.count, description.cumulative), 'neither count nor total')}; "
        f"unit: {description.unit}; operations: {', '.join(description.operations)}"
    )
    extras = [name for name in ("state", "password", "backup") if getattr(description, name)]
    yield f"extras: {', '.join(extras) or 'none'}; commands to the card: {description.transport}"
    if description.read_back == "none":
        limits = "" if description.count else ": no unattended sale, what is unknown goes to staff"
        yield f"read back by: the library alone{limits}"
    else:
        yield f"read back by: our driver {description.read_back}, which decides"


def _error_texts(library: Library) -> Iterator[str]:
    for number, row in sorted(library.description.errors.items()):
        theirs = ""
        if library.has("error_text"):
            theirs = f"; the library: {library.call('error_text', {'error': number}).get('version', '')}"
        yield f"error {number}: {row.code}, {row.text}{theirs}"


def _card(library: Library, reader: str) -> Iterator[str]:
    registry = CardRegistry()
    try:
        taken = PcscSlot(reader).connect()
    except CardGone as error:
        if error.code != "C-202":
            raise
        raise CheckFailed(f"there is no card in {reader} (C-201)") from error
    with closing(taken) as connection:
        yield f"card with answer to reset {connection.atr.hex()}"
        cards = VendorCards([library], States(MemoryStore(), jwk.JWK.generate(kty="OKP", crv="X25519")))
        driver = cards.probe(reader, connection, lambda: registry.dialect_of(reader, connection))
        if driver is None:
            raise CheckFailed("the card is not one of this library (answer to reset, serial, or what is_mine says)")
        yield f"image: {driver.read().memory.decode()}"


def descriptions(folder: Path, store: Store | None) -> Iterator[tuple[bool, str]]:
    """Every library of this terminal: whether it may work, and a line about it.

    :param store: the journal, or none before the pairing.
    :raises ConfigError: a description is wrong.
    """
    for description in load_folder(folder):
        limits = description.limits
        health = None
        if store is not None:
            quarantine = Quarantine(store, description.id, limits.crashes, limits.cooldown)
            health = quarantine.health() if quarantine.resting() else None
        if not description.file.exists():
            yield False, f"{description.driver}: the file {description.file} is missing"
        elif health is not None:
            minutes = max(1, round((health.until - time.time()) / 60))
            yield False, f"{description.driver}: quarantined for {minutes} more minutes: {health.why}"
        else:
            yield True, f"{description.driver}: {description.name}"


def release(folder: Path, store: Store, library: str) -> None:
    """Let a quarantined library work again, in a running service too.

    :param library: its id.
    :raises ConfigError: there is no such library.
    """
    found = {each.id: each for each in load_folder(folder)}
    if library not in found:
        raise ConfigError(f"There is no library {library!r} in {folder}. There are: {', '.join(found) or 'none'}.")
    limits = found[library].limits
    Quarantine(store, library, limits.crashes, limits.cooldown).release()
