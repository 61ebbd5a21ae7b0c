"""``script/test stock-pos``: Odoo's own tests of ``point_of_sale`` with ``kiosk_hw`` installed, beside those without.

The same tests run on two databases with the same modules of Odoo; in one of them this project's addons are installed
too. What fails without them is the environment's doing (a module that this installation lacks, an asset of another
maker) and is named; what fails only with them is ours, and fails the command.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from stack import postgres
from stack.databases import drop_database, install_database
from stack.manifests import external_modules, own_modules
from stack.odoo import command
from stack.paths import ROOT
from stack.processes import free_ports

MODULE = "point_of_sale"
QUICK = ("TestPoSSetup", "TestPointOfSale", "TestPosSimpleOrders")
"""Classes that go through what kiosk_hw overrides: settings, sessions, their data and their closing, orders."""
TOURS = (
    "TestUi",
    "MobileTestUi",
    "TestTaxCommonPOS",
    "TestGenericLocalization",
    "TestPosPerformance",
    "TestPosCashRounding",
    "TestPoSController",
    "TestPoSProductVariants",
)
"""Classes that need a browser."""
_FAILED = re.compile(r" (?:FAIL|ERROR): (?:subtest )?([\w.]+)")
_SUM = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")


@dataclass(frozen=True)
class Result:
    """What one run said: number of tests, the names of those that failed, seconds, and its log."""

    tests: int
    failed: frozenset
    seconds: float
    log: str


def run_tests(name, modules, tags):
    """Run tests of Odoo on a database of their own.

    :param str name: of the database
    :param list modules: installed in it
    :param str tags: of Odoo's ``--test-tags``
    """
    install_database(name, modules)
    begin = time.monotonic()
    try:
        options = [f"--test-tags={tags}", "--stop-after-init", "--log-level=warn", "--log-handler=odoo.tests:INFO"]
        server = command("server", f"--database={name}", f"--http-port={free_ports(2)}", *options)
        done = subprocess.run(server, cwd=ROOT, capture_output=True, text=True, check=False)
    finally:
        drop_database(name)
    found = _SUM.search(done.stderr)
    if not found:
        raise SystemExit(f"no test ran on {name}:\n{done.stderr[-3000:]}")
    failed = frozenset(_FAILED.findall(done.stderr))
    return Result(int(found[3]), failed, time.monotonic() - begin, done.stderr)


def main(arguments=None):
    """Command line; returns 1 when a test fails that passes without this project's addons, or when fewer run."""
    parser = argparse.ArgumentParser(prog="script/test stock-pos", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few classes, with kiosk_hw only: what .ci/run does")
    parser.add_argument("--tours", action="store_true", help="also those that need a browser: half an hour and more")
    parser.add_argument(
        "--only", metavar="TAGS", help="tags of Odoo's --test-tags instead, such as /point_of_sale:TestUi"
    )
    options = parser.parse_args(arguments)
    tags = options.only or _tags(options.tours)
    postgres.ensure()
    if options.quick:
        return report(quick())
    stock = _stock_modules()
    runs = {
        "without": (f"prepaid_stock_{os.getpid()}", stock),
        "with": (f"prepaid_kiosk_{os.getpid()}", [*stock, *own_modules()]),
    }
    with ThreadPoolExecutor(len(runs)) as both:
        running = {name: both.submit(run_tests, *where, tags) for name, where in runs.items()}
        without, ours = (running[name].result() for name in runs)
    return report(ours, without)


def quick():
    """Run the classes of :data:`QUICK` with this project's addons; return the :class:`Result`."""
    tags = ",".join(f"/{MODULE}:{name}" for name in QUICK)
    return run_tests(f"prepaid_kiosk_{os.getpid()}", [*_stock_modules(), *own_modules()], tags)


def _stock_modules():
    return sorted(external_modules(own_modules()) | {MODULE})


def _tags(tours):
    return f"/{MODULE}" if tours else ",".join([f"/{MODULE}", *(f"-/{MODULE}:{name}" for name in TOURS)])


def report(ours, without=None):
    """Print what failed, and what differs; return the exit status.

    :param Result ours: of Odoo with this project's addons
    :param Result without: of stock Odoo, None when it was not run: then nothing may fail
    """
    for name, result in (("without kiosk_hw", without), ("with kiosk_hw", ours)):
        if result:
            sys.stdout.write(
                f"{name:<17}{result.tests:>4} tests, {len(result.failed)} failed, {result.seconds:.0f} s\n"
            )
    excused = without.failed if without else frozenset()
    for name in sorted(excused):
        also = "" if name in ours.failed else ", and passes with kiosk_hw"
        sys.stdout.write(f"fails without kiosk_hw too: {name}{also}\n")
    new = sorted(ours.failed - excused)
    for name in new:
        sys.stdout.write(f"FAILS WITH KIOSK_HW: {name}\n{_excerpt(ours.log, name)}\n")
    missing = without.tests - ours.tests if without else 0
    if missing > 0:
        sys.stdout.write(f"{missing} tests did not run with kiosk_hw\n")
    return 1 if new or missing > 0 else 0


def _excerpt(log, name):
    """Return what the log says about a failed test."""
    found = re.search(rf"(?:FAIL|ERROR): (?:subtest )?{re.escape(name)}.*\n(?:(?!\d{{4}}-\d\d-\d\d ).*\n)*", log)
    return found[0] if found else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
