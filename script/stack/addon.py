"""The addon's plain-Python packages, ``core`` and ``cis``, without Odoo, where the addon itself is not importable."""

import sys
import types

from stack.paths import ROOT

NAME = "prepaid_addon"


def load():
    """Make ``prepaid_addon.core`` and ``prepaid_addon.cis`` importable, once in a process.

    ``prepaid_addon`` is the addon's folder as a package of its own, whose ``__init__`` is not run: what is imported
    from it is found as usual, relative imports between the two packages included.
    """
    if NAME not in sys.modules:
        package = types.ModuleType(NAME)
        package.__path__ = [str(ROOT / "addons" / "electricity_prepaid")]
        sys.modules[NAME] = package
