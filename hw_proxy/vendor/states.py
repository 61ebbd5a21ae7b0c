"""What a library's write returned and its next write needs: kept in the journal, sealed to the terminal's own key."""

from __future__ import annotations

import json

from jwcrypto import jwe, jwk

from hw_proxy import tokens
from hw_proxy.errors import TokenError
from hw_proxy.journal import Journal
from hw_proxy.vendor import faults
from hw_proxy.vendor.faults import VendorError
from hw_proxy.vendor.quarantine import Store

#: The values that are kept.
KEPT = ("state", "password")


class States:
    """The states of every card of every library at this terminal.

    Every method raises :class:`~hw_proxy.errors.JournalError` when the journal cannot be written or read.

    :param store: the journal.
    :param key: the terminal's X25519 key; a state may be, or hold, the code of a card.
    """

    def __init__(self, store: Store, key: jwk.JWK) -> None:
        self._store = store
        self._key = key

    def before_write(self, library: str, serial: str, digest: str) -> dict[str, str]:
        """The values that the next write needs, empty for a first one. The write is noted, durably.

        :param digest: of the card's image as just read.
        :raises VendorError: V-107: an earlier write ended without its state, and the card has changed since.
        """
        kept = self._read(library, serial)
        pending = kept.get("pending")
        if pending is not None and pending != digest:
            raise VendorError(faults.STATE_MISSING, "the last write to this card ended before its state came back")
        values = {name: kept[name] for name in KEPT if name in kept}
        self._write(library, serial, {**values, "pending": digest})
        return values

    def after_write(self, library: str, serial: str, answer: dict[str, object]) -> None:
        """Keep what a write returned. When this returns it is on the disk."""
        self._write(library, serial, {name: str(answer[name]) for name in KEPT if name in answer})

    def _read(self, library: str, serial: str) -> dict[str, str]:
        stored = self._store.get(_name(library, serial))
        if not stored:
            return {}
        try:
            return tokens.open_jwe(stored, self._key)
        except TokenError as error:
            raise VendorError(faults.STATE_MISSING, "the stored state was sealed to another key") from error

    def _write(self, library: str, serial: str, values: dict[str, str]) -> None:
        box = jwe.JWE(
            json.dumps(values).encode(),
            protected=json.dumps({"alg": "ECDH-ES", "enc": "A256GCM"}),
            recipient=jwk.JWK.from_json(self._key.export_public()),
        )
        self._store.put(_name(library, serial), box.serialize(compact=True))


def forget(journal: Journal, library: str, serial: str, at: int) -> bool:
    """Take from a card what the last write left for the next one, which begins like a first one then.

    What was stored is kept, sealed as it is, under a name that nothing reads.

    :param library: its id.
    :param at: ms.
    :return: whether something was stored.
    :raises JournalError: nothing was changed.
    """
    name = _name(library, serial)
    stored = journal.get(name)
    if not stored:
        return False
    journal.note(at, f"vendor forget {library} {serial}", {name: "", f"{name}/forgotten/{at}": stored})
    return True


def _name(library: str, serial: str) -> str:
    return f"vendor/{library}/state/{serial}"
