"""Load ``core`` as a package of its own, without Odoo: the addon around it is not importable here."""

import importlib.util
import sys
from pathlib import Path

CORE = Path(__file__).parents[2] / "addons" / "electricity_prepaid" / "core"


def _load(name="prepaid_core"):
    spec = importlib.util.spec_from_file_location(name, CORE / "__init__.py", submodule_search_locations=[str(CORE)])
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    spec.loader.exec_module(package)


if "prepaid_core" not in sys.modules:
    _load()
