"""The page docs/hw-proxy-config.md, made from ``hw_proxy/config.py``.

``python -m stack.config_page`` writes the page; ``tests/docs`` fails while it differs from the code.
"""

import ast
import sys
from pathlib import Path

from stack.paths import ROOT

PAGE = ROOT / "docs" / "hw-proxy-config.md"
SOURCE = ROOT / "hw_proxy" / "config.py"
WHOLE = "Config"
HEAD = """\
# Configuration of hw_proxy

One file in TOML, `/etc/hw-proxy/hw-proxy.toml` unless `--config` names another; `hw_proxy/hw-proxy.example.toml` is a
template. A key that does not exist, or a value of the wrong type, is refused at the start with a sentence.
`hw-proxy doctor` says what of it does not fit the machine.

This page is made from `hw_proxy/config.py` by `PYTHONPATH=script python3 -m stack.config_page`. Change the code, not
the page.
"""


def _words(node):
    """A docstring on one line of a table, its markup as Markdown."""
    text = " ".join(ast.literal_eval(node).split()) if isinstance(node, ast.Constant) else ""
    return text.replace("``", "`").replace("|", "\\|")


def _default(node):
    """A default as TOML, or empty when there is none."""
    if node is None:
        return ""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Path":
        node = node.args[0]
    value = ast.literal_eval(node)
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return "`[" + ", ".join(f'"{item}"' for item in value) + "]`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def _kind(annotation):
    text = ast.unparse(annotation)
    names = {"str": "text", "Path": "path", "int": "whole number", "float": "number", "bool": "true or false"}
    return names.get(text, "list of texts" if text.startswith("tuple[str") else text)


def sections(source):
    """Return the sections of the file in the code's order: ``(name, its docstring, [(key, kind, default, words)])``.

    The keys before the first section have the name ``""``. A section is a data class whose docstring begins with its
    name in brackets.

    :param str source: text of ``hw_proxy/config.py``
    :raise ValueError: a key has no docstring
    """
    found = []
    for node in ast.parse(source).body:
        if not isinstance(node, ast.ClassDef):
            continue
        about = ast.get_docstring(node) or ""
        name = "" if node.name == WHOLE else about.split("``")[1] if about.startswith("``[") else None
        if name is None:
            continue
        keys = []
        for item, after in zip(node.body, [*node.body[1:], None], strict=True):
            if not isinstance(item, ast.AnnAssign) or isinstance(item.value, ast.Call) and "field" in ast.dump(item):
                continue
            words = _words(after.value) if isinstance(after, ast.Expr) else ""
            if item.target.id in ("readers", "switches"):
                continue
            if not words:
                raise ValueError(f"{node.name}.{item.target.id} has no docstring")
            keys.append((item.target.id, _kind(item.annotation), _default(item.value), words))
        found.append((name, about, keys))
    return sorted(found, key=lambda section: section[0] != "")


def page(source=None):
    """Return the text of the page.

    :param str source: text of ``hw_proxy/config.py``; the file's by default
    """
    parts = [HEAD]
    for name, about, keys in sections(source or SOURCE.read_text(encoding="utf-8")):
        words = about.split("``", 2)[-1].lstrip(": ") if name else "Keys at the top of the file, before any section."
        parts.append(f"## {name.strip('[]') or 'Top'}\n")
        parts.append((f"`{name}`: " if name else "") + " ".join(words.replace("``", "`").split()) + "\n")
        parts.append("| key | kind | default | meaning |\n|---|---|---|---|")
        parts += [f"| `{key}` | {kind} | {default or 'none'} | {text} |" for key, kind, default, text in keys]
        parts.append("")
    return "\n".join(parts)


def main():
    """Write the page."""
    Path(PAGE).write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
