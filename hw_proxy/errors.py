"""Refusals with a code of the catalogue (docs/protocol, section 5)."""

from __future__ import annotations

_STATUS = {
    "P-101": 403,
    "P-102": 403,
    "P-103": 401,
    "P-104": 400,
    "P-105": 413,
    "P-106": 429,
    "P-107": 409,
    "P-108": 503,
    "P-109": 503,
    "P-110": 503,
    "P-111": 503,
    "P-112": 404,
    "P-113": 409,
    "P-114": 500,
    "P-117": 503,
    "A-201": 403,
    "A-203": 404,
    "A-205": 503,
    "A-405": 403,
}
_STATUS_BY_FAMILY = {"A": 409, "C": 409, "K": 503, "O": 403, "T": 403, "V": 503}


class Refusal(Exception):
    """A request that is refused; it becomes ``{"code", "params"}`` with a 4xx or 5xx status.

    :param code: code of the catalogue, for example ``P-103``.
    :param params: values for the sentence that the page shows; never a secret.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    @property
    def status(self) -> int:
        """HTTP status that goes with the code."""
        return _STATUS.get(self.code) or _STATUS_BY_FAMILY.get(self.code[0], 400)

    def as_dict(self) -> dict[str, object]:
        """Body of the error answer."""
        return {"code": self.code, "params": self.params}


class ConfigError(Exception):
    """The configuration file is missing or wrong; the text says what to change."""


class JournalError(Exception):
    """The journal could not be written or read (disk full, read-only, damaged): code P-110."""


class PairingError(Exception):
    """Pairing failed; the text says why and what to do."""


class TokenError(Exception):
    """A signed message is not what it must be.

    :param reason: ``form`` (not a compact JWS of the wanted kind, or a claim is malformed), ``kid`` (another key),
        ``signature``, ``iss`` or ``aud``.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
