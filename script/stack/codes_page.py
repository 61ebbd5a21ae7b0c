"""The page docs/codes.md, made from the catalogue in the addon's ``core/codes.py``.

``python -m stack.codes_page`` writes the page; ``tests/docs`` fails while it differs from the catalogue.
"""

import importlib.util
import sys

from stack.paths import ROOT

PAGE = ROOT / "docs" / "codes.md"
CORE = ROOT / "addons" / "electricity_prepaid" / "core"
PACKAGE = "prepaid_core"
FAMILIES = {
    "C": "the card",
    "S": "the sale and its money",
    "T": "the terminal, as Odoo sees it",
    "A": "the note acceptor and its cash",
    "P": "the program at the terminal (`hw_proxy`)",
    "K": "the key service and the keys of CPU cards",
    "V": "libraries of card makers",
    "M": "the marketing system (营销系统)",
    "O": "a write order that the terminal did not take",
    "N": "a reading of the card that Odoo did not take",
    "R": "a receipt of a terminal that Odoo did not take",
}
HEAD = """\
# Codes

Every refusal has a code: a letter for the family, and a number. The counter shows the sentence and, below it, the code;
the log of the terminal and the answers of the interfaces carry the code alone. A word in braces stands for a value that
is put in, such as an amount.

Where to find the code of a sale that is over: [guide to the sale](guide-sale.md#help-desk-find-the-code-of-a-sale).

This page is made from the catalogue in `addons/electricity_prepaid/core/codes.py` by
`PYTHONPATH=script python3 -m stack.codes_page`. Change the catalogue, not the page.
"""


def load_codes():
    """Return the module ``codes`` of ``core``, loaded as a package of its own: the addon around it needs Odoo."""
    if PACKAGE not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            PACKAGE, CORE / "__init__.py", submodule_search_locations=[str(CORE)]
        )
        package = importlib.util.module_from_spec(spec)
        sys.modules[PACKAGE] = package
        spec.loader.exec_module(package)
    return importlib.import_module(f"{PACKAGE}.codes")


def page():
    """Return the text of the page: a table for each family, in the order of :data:`FAMILIES`.

    :raise KeyError: a code belongs to no family
    """
    parts = [HEAD]
    rows = {letter: [] for letter in FAMILIES}
    for code in load_codes().CATALOGUE.values():
        rows[code.id[0]].append(f"| **{code.id}** | {_cell(code.en)} | {_cell(code.zh)} |")
    for letter, about in FAMILIES.items():
        parts.append(
            f"## {letter}: {about}\n\n| code | English | 中文 |\n|---|---|---|\n" + "\n".join(rows[letter]) + "\n"
        )
    return "\n".join(parts)


def _cell(text):
    return text.replace("|", "\\|")


def main():
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
