"""Where things are: the checkout and the cache that script/bootstrap fills."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def cache_folder():
    """Return the folder of everything that is made outside the checkout.

    ``PREPAID_CACHE`` names it; otherwise it is ``prepaid-electricity`` under ``XDG_CACHE_HOME`` or ``~/.cache``.
    """
    named = os.environ.get("PREPAID_CACHE")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "prepaid-electricity"
