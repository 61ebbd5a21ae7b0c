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

A kiosk stands alone with its customer, so it says something else where the sentence speaks to staff. The last column
has it: the name of a sentence [below](#what-a-kiosk-says), or one of its own, or *the same*. Whoever calls with a code
has read that one; what to do about it stands beside it.

This page is made from the catalogue in `addons/electricity_prepaid/core/codes.py` by
`PYTHONPATH=script python3 -m stack.codes_page`. Change the catalogue, not the page.
"""


def load_codes(module="codes"):
    """Return a module of ``core``, loaded as a package of its own: the addon around it needs Odoo."""
    if PACKAGE not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            PACKAGE, CORE / "__init__.py", submodule_search_locations=[str(CORE)]
        )
        package = importlib.util.module_from_spec(spec)
        sys.modules[PACKAGE] = package
        spec.loader.exec_module(package)
    return importlib.import_module(f"{PACKAGE}.{module}")


def page():
    """Return the text of the page: a table for each family, in the order of :data:`FAMILIES`.

    :raise KeyError: a code belongs to no family
    """
    customer = load_codes("codes_customer")
    parts = [HEAD]
    rows = {letter: [] for letter in FAMILIES}
    for code in load_codes().CATALOGUE.values():
        cells = (f"**{code.id}**", _cell(code.en), _cell(code.zh), _at_a_kiosk(customer, code.id))
        rows[code.id[0]].append(f"| {' | '.join(cells)} |")
    for letter, about in FAMILIES.items():
        table = "| code | English | 中文 | at a kiosk |\n|---|---|---|---|\n"
        parts.append(f"## {letter}: {about}\n\n{table}" + "\n".join(rows[letter]) + "\n")
    told = [f"| **{name}** | {_cell(en)} | {_cell(zh)} |" for name, (en, zh) in customer.GROUPS.items()]
    table = "| sentence | English | 中文 |\n|---|---|---|\n"
    parts.append(f"## What a kiosk says\n\n{table}" + "\n".join(told) + "\n")
    return "\n".join(parts)


def _at_a_kiosk(customer, code):
    """Return what a customer is told for a code: the name of a group, a sentence of its own, or nothing else."""
    groups = [name for name, members in customer.GROUP_OF.items() if code in members]
    if groups:
        return f"[{groups[0]}](#what-a-kiosk-says)"
    return _cell(" ".join(customer.CUSTOMER[code])) if code in customer.CUSTOMER else "the same"


def _cell(text):
    return text.replace("|", "\\|")


def main():
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
