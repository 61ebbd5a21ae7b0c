"""The adapters by the name that a connection has for them."""

from .cents import CentsAdapter
from .standard import StandardAdapter

ADAPTERS = {"standard": StandardAdapter, "cents": CentsAdapter}
