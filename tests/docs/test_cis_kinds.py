"""The guide for integrators names each way in which the client refuses an answer, and no other."""

import re

from stack.paths import ROOT

GUIDE = ROOT / "docs" / "cis-interface.md"
CLIENT = ROOT / "addons" / "electricity_prepaid" / "cis"


def test_each_kind_of_a_refused_answer_is_in_the_guide():
    raised = set()
    for path in CLIENT.glob("*.py"):
        raised |= set(re.findall(r'Unreachable\(\s*"(\w+)"', path.read_text()))
    table = GUIDE.read_text().partition("| kind | when | `sent` |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == raised
