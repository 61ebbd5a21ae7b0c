"""Identifiers and parameters that a caller sends."""

import base64
import hashlib
import json
import uuid as uuid_module

from ..core import codes
from ..core.errors import Refusal


def request_digest(*parts):
    """Name the parameters of a call, so that a repeat is told apart from a conflict."""
    text = json.dumps(parts, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def check_uuid(value):
    """Check an identifier that a caller made.

    :return: its canonical form
    :raises Refusal: P-104
    """
    try:
        return str(uuid_module.UUID(value))
    except (ValueError, TypeError, AttributeError):
        raise Refusal(codes.P_MALFORMED) from None
