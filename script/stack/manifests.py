"""What the addons of this project are and need, read from their manifests."""

import ast
import hashlib

from stack.paths import ROOT

IGNORED = {"__pycache__", "tests", "readme"}


def _manifest(module):
    return ast.literal_eval((ROOT / "addons" / module / "__manifest__.py").read_text(encoding="utf-8"))


def own_modules():
    """Return the technical names of this project's addons, in order."""
    return sorted(path.parent.name for path in (ROOT / "addons").glob("*/__manifest__.py"))


def external_modules(modules):
    """Return the modules outside this project that ``modules`` of it depend on, directly or through each other."""
    seen, found, todo = set(), set(), list(modules)
    while todo:
        module = todo.pop()
        if module in seen:
            continue
        seen.add(module)
        for needed in _manifest(module).get("depends", ["base"]):
            if (ROOT / "addons" / needed / "__manifest__.py").exists():
                todo.append(needed)
            else:
                found.add(needed)
    return found


def source_hash(modules):
    """Return a hash over everything of ``modules`` that an installation depends on: all files but their tests."""
    digest = hashlib.sha256()
    for module in sorted(modules):
        folder = ROOT / "addons" / module
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not IGNORED & set(path.relative_to(folder).parts):
                digest.update(f"{path.relative_to(ROOT)}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
