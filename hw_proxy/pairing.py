"""Pairing with a one-time code (docs/protocol, section 2)."""

from __future__ import annotations

import hashlib
import hmac
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hw_proxy import __version__
from hw_proxy.config import Config
from hw_proxy.errors import ConfigError, PairingError
from hw_proxy.files import make_private_dir, read_json
from hw_proxy.journal import Journal
from hw_proxy.keys import Pairing, TerminalKeys
from hw_proxy.odoo import OdooClient, OdooError
from hw_proxy.tokens import b64

_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{16}\Z")
_LOOKALIKES = str.maketrans("ILO", "110")


@dataclass(frozen=True)
class PairingCode:
    """``HHHH-SSSS-SSSS-SSSS``: the handle finds the terminal, the secret is never sent."""

    handle: str
    secret: str

    @classmethod
    def parse(cls, text: str) -> PairingCode:
        """Code as a person types it: any case, with or without dashes, I and L for 1, O for 0.

        :raises PairingError: not a code.
        """
        plain = re.sub(r"[\s-]", "", text).upper().translate(_LOOKALIKES)
        if not _CODE.match(plain):
            raise PairingError("That is not a pairing code. It looks like AB12-CD34-EF56-GH78. (T-108)")
        return cls(plain[:4], plain[4:])

    def key(self) -> bytes:
        """The 32 bytes that both sides derive from the secret."""
        hkdf = HKDF(algorithm=SHA256(), length=32, salt=self.handle.encode(), info=b"prepaid-pairing-v1")
        return hkdf.derive(self.secret.encode())

    def mac(self, *lines: object) -> str:
        """base64url(HMAC-SHA-256) over the lines."""
        text = "\n".join(str(line) for line in lines)
        return b64(hmac.new(self.key(), text.encode(), hashlib.sha256).digest())


def pair(config: Config, text: str, client: OdooClient, replace: bool = False) -> Pairing:
    """Pair this terminal and store what Odoo answers.

    The keys are stored before they are sent, so that a lost answer can be asked for again with the same keys.

    :param text: the code shown in Odoo.
    :param replace: give up an earlier pairing even when its journal holds receipts that Odoo has not acknowledged.
    :raises PairingError: refused, unreachable, or the answer is not from the holder of the code.
    :raises ConfigError: a stored file is damaged.
    """
    code = PairingCode.parse(text)
    _refuse_loss(config, replace)
    try:
        make_private_dir(config.data_dir)
        pending = config.data_dir / "pairing-pending.json"
        keys = _pending_keys(pending, code.handle)
    except OSError as error:
        raise PairingError(f"The directory {config.data_dir} cannot be written: {error.strerror}.") from error
    try:
        answer = client.post(
            "/electricity/terminal/pair",
            {
                "handle": code.handle,
                "ed25519": keys.ed25519,
                "x25519": keys.x25519,
                "host": socket.gethostname(),
                "version": __version__,
                "mac": code.mac("terminal", code.handle, keys.ed25519, keys.x25519),
            },
        )
    except OdooError as error:
        raise PairingError(f"Odoo did not pair this terminal: {error}") from error
    pairing = _accept(config, code, answer)
    try:
        keys.save(config.keys_file)
        pairing.save(config.pairing_file)
        pending.unlink()
    except OSError as error:
        raise PairingError(
            f"The pairing could not be stored in {config.data_dir}: {error.strerror}. Pair again with the same code."
        ) from error
    return pairing


def _refuse_loss(config: Config, replace: bool) -> None:
    if replace:
        return
    try:
        old = Pairing.load(config.pairing_file)
    except ConfigError:
        return
    if old is None or not config.journal_file(old.terminal).exists():
        return
    with Journal.open_read_only(config.journal_file(old.terminal)) as journal:
        waiting = journal.counts().unacknowledged
    if waiting:
        raise PairingError(
            f"{waiting} receipts of the present pairing have not reached Odoo yet, and new keys cannot sign them. "
            "Start the service with the network up and pair after that. When Odoo no longer takes them, make a new "
            "terminal in Odoo and pair as that one with --replace; the old journal stays where it is."
        )


def _pending_keys(path: Path, handle: str) -> TerminalKeys:
    raw = read_json(path)
    if raw is not None and raw.get("handle") == handle:
        keys = TerminalKeys.load(path)
        if keys is not None:
            return keys
    keys = TerminalKeys.generate()
    keys.save(path, handle=handle)
    return keys


def _accept(config: Config, code: PairingCode, answer: dict[str, object]) -> Pairing:
    try:
        origins = answer["origins"]
        if not isinstance(origins, list):
            raise ValueError("origins")
        pairing = Pairing(
            terminal=answer["terminal"],
            name=str(answer["name"]),
            iss=answer["iss"],
            kid=answer["kid"],
            key=answer["key"],
            epoch=answer["epoch"],
            origins=tuple(origins),
            url=config.odoo.url,
            database=config.odoo.database,
        )
        mac = code.mac(
            "odoo", pairing.terminal, pairing.iss, pairing.kid, pairing.key, pairing.epoch, " ".join(pairing.origins)
        )
        if not isinstance(answer["mac"], str) or not hmac.compare_digest(mac.encode(), answer["mac"].encode()):
            raise PairingError("The answer is not from the Odoo that showed this code. Nothing was stored. (T-108)")
        pairing.check()
    except (KeyError, TypeError, ValueError) as error:
        raise PairingError(f"Odoo's answer is malformed ({error}). Nothing was stored.") from error
    return pairing
