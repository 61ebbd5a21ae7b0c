"""``script/bench``: figures beside a reference that is measured in the same run."""

import argparse
import sys
from pathlib import Path

from stack import postgres
from stack.processes import ProcessError

from bench import card, fuzz, kiosk, recharge, soak, soap, supervision, vendor
from bench.figures import json_lines, table

MODULES = (recharge, card, vendor, supervision, kiosk, soap, soak, fuzz)
BENCHES = {each.__name__.split(".")[-1]: each.measure for each in MODULES}
# Takes minutes, or the better part of an hour: only when it is named.
LONG = {"kiosk", "soap", "soak", "fuzz"}


def main(arguments=None):
    """Command line of script/bench; returns 1 when a ratio is above its limit."""
    parser = argparse.ArgumentParser(prog="script/bench", description="Measure, beside a reference in the same run.")
    parser.add_argument("name", nargs="?", choices=sorted(BENCHES), help="one bench; all but the long ones by default")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write a JSON line per figure")
    parser.add_argument("--runs", metavar="N", type=int, default=30, help="pairs per figure, 30 by default")
    options = parser.parse_args(arguments)
    postgres.ensure()
    figures = []
    try:
        for name in [options.name] if options.name else [each for each in BENCHES if each not in LONG]:
            figures += BENCHES[name](options.runs)
    except ProcessError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(table(figures) + "\n")
    if options.json:
        options.json.write_text(json_lines(figures), encoding="utf-8")
    over = [each.name for each in figures if each.limit is not None and each.ratio > each.limit]
    if over:
        sys.stdout.write(f"above the limit: {', '.join(over)}\n")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
