"""script/bench: figures beside a reference that is measured in the same run."""

import argparse
import json
import sys

from stack import bench_card, bench_recharge, postgres
from stack.processes import ProcessError

BENCHES = {"recharge": bench_recharge.main, "card": bench_card.main}


def main(arguments=None):
    """Command line of script/bench; returns 1 when a ratio is above its limit."""
    parser = argparse.ArgumentParser(prog="script/bench", description="Measure, beside a reference in the same run.")
    parser.add_argument("name", nargs="?", choices=sorted(BENCHES), help="one bench; all by default")
    parser.add_argument("--json", metavar="FILE", help="append a JSON line per row: name, figure, reference, ratio")
    options = parser.parse_args(arguments)
    postgres.ensure()
    rows = []
    try:
        for name in [options.name] if options.name else BENCHES:
            rows += BENCHES[name]()
    except ProcessError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for row in rows:
        row["ratio"] = round(row["figure"] / row["reference"], 3)
    sys.stdout.write(f"{'name':<14}{'unit':<22}{'figure':>12}{'reference':>12}{'ratio':>9}{'limit':>9}\n")
    for row in rows:
        limit = "-" if row["limit"] is None else f"{row['limit']:g}"
        sys.stdout.write(f"{row['name']:<14}{row['unit']:<22}{row['figure']:>12g}{row['reference']:>12g}")
        sys.stdout.write(f"{row['ratio']:>9.3f}{limit:>9}\n")
    if options.json:
        with open(options.json, "a", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps({key: row[key] for key in ("name", "figure", "reference", "ratio")}) + "\n")
    return 1 if any(row["limit"] is not None and row["ratio"] > row["limit"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
