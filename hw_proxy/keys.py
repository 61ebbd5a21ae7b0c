"""The terminal's own keys and the pinned key of Odoo (docs/protocol, section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jwcrypto import jwk
from jwcrypto.common import JWException

from hw_proxy import tokens
from hw_proxy.config import Config
from hw_proxy.config_check import is_origin
from hw_proxy.errors import ConfigError
from hw_proxy.files import read_json, write_private_json


@dataclass(frozen=True)
class TerminalKeys:
    """Ed25519 for signing and X25519 for the sealed part of an order. They never leave this machine."""

    signing: jwk.JWK
    agreement: jwk.JWK

    @classmethod
    def generate(cls) -> TerminalKeys:
        """New random keys."""
        return cls(jwk.JWK.generate(kty="OKP", crv="Ed25519"), jwk.JWK.generate(kty="OKP", crv="X25519"))

    @property
    def ed25519(self) -> str:
        """Public signing key, raw 32 bytes in base64url."""
        return self.signing.export_public(as_dict=True)["x"]

    @property
    def x25519(self) -> str:
        """Public agreement key, raw 32 bytes in base64url."""
        return self.agreement.export_public(as_dict=True)["x"]

    def save(self, path: Path, **extra: str) -> None:
        """Write both private keys, mode 0600.

        :raises OSError: they cannot be written.
        """
        write_private_json(
            path,
            {"ed25519": self.signing.export(as_dict=True), "x25519": self.agreement.export(as_dict=True), **extra},
        )

    @classmethod
    def load(cls, path: Path) -> TerminalKeys | None:
        """Keys from their file; none when there is none.

        :raises ConfigError: the file is damaged.
        """
        try:
            raw = read_json(path)
            return cls(jwk.JWK(**raw["ed25519"]), jwk.JWK(**raw["x25519"])) if raw is not None else None
        except (OSError, ValueError, KeyError, TypeError, JWException) as error:
            raise ConfigError(f"The key file {path} cannot be read. Restore it, or pair the terminal again.") from error


@dataclass(frozen=True)
class FurtherKey:
    """A key of Odoo beside the present one: announced, or the one before.

    :param until: ms by Odoo's time after which it is forgotten; none for an announced one.
    """

    kid: str
    key: str
    until: int | None = None

    def check(self) -> None:
        """Refuse values that cannot be right.

        :raises ValueError: malformed, or the kid is not the key's thumbprint.
        """
        if tokens.ed25519_public(self.key).thumbprint() != self.kid or type(self.until) not in (int, type(None)):
            raise ValueError("the kid is not the thumbprint of the key")


@dataclass(frozen=True)
class Pairing:
    """What Odoo told at pairing: who this terminal is and whose orders it takes."""

    terminal: str
    name: str
    iss: str
    kid: str
    key: str
    epoch: int
    origins: tuple[str, ...]
    url: str
    database: str
    further: tuple[FurtherKey, ...] = ()

    def save(self, path: Path) -> None:
        """Write the pairing, mode 0600.

        :raises OSError: it cannot be written.
        """
        further = [vars(key) for key in self.further]
        write_private_json(path, {**self.__dict__, "origins": list(self.origins), "further": further})

    @classmethod
    def load(cls, path: Path) -> Pairing | None:
        """Pairing from its file; none when the terminal is not paired.

        :raises ConfigError: the file is damaged.
        """
        try:
            raw = read_json(path)
            if raw is None:
                return None
            further = tuple(FurtherKey(**key) for key in raw.get("further", []))
            pairing = cls(**{**raw, "origins": tuple(raw["origins"]), "further": further})
            pairing.check()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"The file {path} cannot be read. Pair the terminal again.") from error
        return pairing

    def check(self) -> None:
        """Refuse values that cannot be right.

        :raises ValueError: malformed, or the kid is not the key's thumbprint.
        """
        if not tokens.is_uuid(self.terminal) or not isinstance(self.iss, str) or not self.iss:
            raise ValueError("terminal or iss")
        if type(self.epoch) is not int or self.epoch < 0 or not all(is_origin(origin) for origin in self.origins):
            raise ValueError("epoch or origins")
        if tokens.ed25519_public(self.key).thumbprint() != self.kid:
            raise ValueError("the kid is not the thumbprint of the key")
        for key in self.further:
            key.check()

    @property
    def kids(self) -> list[str]:
        """Thumbprints of the keys whose messages are taken, the present one first."""
        return [self.kid, *(key.kid for key in self.further)]

    @property
    def issuer(self) -> tokens.Issuer:
        """Odoo, as the verifier of its messages needs it."""
        further = {key.kid: tokens.ed25519_public(key.key) for key in self.further}
        return tokens.Issuer(tokens.ed25519_public(self.key), self.kid, self.iss, further)


@dataclass(frozen=True)
class Identity:
    """A paired terminal: its keys and its pairing."""

    keys: TerminalKeys
    pairing: Pairing

    @classmethod
    def load(cls, config: Config) -> Identity | None:
        """Identity from the data directory; none when the terminal is not paired.

        :raises ConfigError: a file is damaged, or the keys of a paired terminal are missing.
        """
        pairing = Pairing.load(config.pairing_file)
        if pairing is None:
            return None
        keys = TerminalKeys.load(config.keys_file)
        if keys is None:
            raise ConfigError(f"The key file {config.keys_file} is missing. Pair the terminal again.")
        return cls(keys, pairing)
