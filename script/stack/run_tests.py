"""The groups of tests behind script/test, each in a pytest process of its own."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from stack import logs, postgres, stock_pos
from stack.databases import ACCOUNTS, drop_database, install_database
from stack.odoo import command, data_folder
from stack.paths import ROOT
from stack.processes import ProcessError, free_ports
from stack.pytest_plugin import COUNTS

NOTHING_COLLECTED = 5
# Mostly wait, for hands at cards, for pages and for servers that start again: run beside all the others, some abreast.
# The longest begin first, so that none is left over at the end.
BESIDE = (
    "tests/kiosk",
    "tests/end_to_end",
    "tests/hw_proxy",
    "tests/browser",
    "tests/keys",
    "tests/marketing",
    "tests/interop",
    "tests/simulators",
)
ABREAST = 3
IN_PARTS = {"tests/kiosk": 2}
"""Folders that alone would take longer than all the others: as so many groups, each with servers of its own."""
PLAIN = ("tests/docs", "tests/stack", "tests/core", "tests/cis", "tests/families")
TAKES_VALUE = {"-k", "-m", "-o", "-p", "-c", "-W", "-r", "--deselect", "--ignore", "--durations", "--maxfail", "--tb"}
NEEDS_ASSETS = ("HttpCase", "start_tour", "browser_js")


class Selection:
    """What the arguments select.

    :param list arguments: those of script/test: options of pytest and paths, in any order
    """

    def __init__(self, arguments):
        self.options, self.paths = [], []
        takes_value = False
        for argument in arguments:
            is_path = not takes_value and not argument.startswith("-") and Path(argument.split("::")[0]).exists()
            (self.paths if is_path else self.options).append(argument)
            takes_value = argument in TAKES_VALUE
        self.is_all = not arguments
        self.filters = any(option.split("=")[0] in {"-k", "-m", "--deselect", "--lf"} for option in self.options)

    def of(self, folders):
        """Return the arguments for a group of ``folders``: the selected paths within, or all of them.

        A selected folder that contains the group's folders stands for these.
        """
        found = []
        for folder in folders if not self.paths else self.paths:
            where = (ROOT / folder.split("::")[0]).resolve()
            for own in folders:
                if where.is_relative_to(ROOT / own):
                    found.append(folder)
                    break
                if (ROOT / own).is_relative_to(where):
                    found.append(own)
        return list(dict.fromkeys(each for each in found if (ROOT / each.split("::")[0]).exists()))


def crossing_folders():
    """Return the folders of tests/ whose tests cross components: all but the plain ones."""
    folders = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").iterdir() if path.is_dir())
    return [folder for folder in folders if folder not in PLAIN and any((ROOT / folder).rglob("test_*.py"))]


def parts_of(folder, paths):
    """Return the groups of a folder's tests that run beside others, as (name, paths): the whole of a long one in parts.

    :param list paths: what of the folder is selected
    """
    number = IN_PARTS.get(folder, 1)
    if number == 1 or paths != [folder]:
        return [(folder, paths)]
    files = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("test_*.py"))
    return [(f"{folder} {part + 1}/{number}", files[part::number]) for part in range(number)]


def pytest(paths, options, output=None):
    """Run pytest on ``paths`` and return its exit status.

    :param output: file for what it prints; None: where this program prints
    """
    command = [sys.executable, "-m", "pytest", "-p", "stack.pytest_plugin", *options, *paths]
    return subprocess.run(command, cwd=ROOT, stdout=output, stderr=output, check=False).returncode


def run_addons(paths, options):
    """Run the addons' tests on a fresh copy of the template database and return pytest's exit status."""
    postgres.ensure()
    sources = [path for each in paths for path in _test_files(ROOT / each.split("::")[0])]
    assets = any(word in path.read_text(encoding="utf-8") for path in sources for word in NEEDS_ASSETS)
    database = f"prepaid_test_{os.getpid()}"
    install_database(database, assets=assets, script=ACCOUNTS)
    try:
        odoo = [
            "--import-mode=prepend",
            f"--odoo-database={database}",
            f"--odoo-config={ROOT / 'odoo.conf'}",
            f"--odoo-addons-path={ROOT / 'addons'}",
            f"--odoo-extra=data-dir={data_folder()}",
            "--odoo-http",
        ]
        return pytest(paths, [*odoo, *options])
    finally:
        drop_database(database)


def _test_files(path):
    return sorted(path.rglob("test_*.py")) if path.is_dir() else [path]


def run_odoo_lint(_paths):
    """Run Odoo's own checks of code and views (``test_lint``) over the installed addons; return 1 when one fails.

    Without its pylint run, which examines all of Odoo for many minutes: script/lint does that for this project.
    """
    postgres.ensure()
    database = f"prepaid_test_{os.getpid()}"
    install_database(database)
    try:
        options = ["--init=test_lint", "--test-tags=/test_lint,-/test_lint:TestPyLint", "--stop-after-init"]
        server = command("server", f"--database={database}", f"--http-port={free_ports(2)}", *options)
        done = subprocess.run(server, cwd=ROOT, capture_output=True, text=True, check=False)
    finally:
        drop_database(database)
    found = re.search(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests", done.stderr)
    failed, errors, total = map(int, found.groups()) if found else (1, 0, 1)
    with open(os.environ[COUNTS], "a", encoding="ascii") as file:
        file.write(json.dumps({"passed": total - failed - errors, "failed": failed + errors}) + "\n")
    if failed or errors:
        reports = re.findall(r"(?:FAIL|ERROR): (?:.*\n)(?:(?!\d{4}-\d\d-\d\d ).*\n)+", done.stderr)
        sys.stdout.write("\n".join(reports) or done.stderr[-4000:])
    return 1 if failed or errors else 0


def run_stock_pos(_paths):
    """Run some of Odoo's own tests of the point of sale with kiosk_hw installed; return 1 when one fails."""
    postgres.ensure()
    result = stock_pos.quick()
    with open(os.environ[COUNTS], "a", encoding="ascii") as file:
        failed = len(result.failed)
        file.write(json.dumps({"passed": result.tests - failed, "failed": failed}) + "\n")
    return stock_pos.report(result)


def lint():
    """Run script/lint and return its exit status."""
    return subprocess.run([ROOT / "script" / "lint"], cwd=ROOT, check=False).returncode


def main(arguments):
    """Run every selected group, print the sum as the last line, and return the exit status."""
    selection = Selection(arguments)

    def run_plain(paths):
        return pytest(paths, ["-p", "no:odoo", *selection.options])

    groups = [
        ("without Odoo", selection.of(PLAIN), run_plain),
        ("addons", selection.of(["addons"]), lambda paths: run_addons(paths, selection.options)),
    ]
    # Each folder by itself: its point of sale lives until the process ends, and would read the other's cards.
    groups += [(folder, selection.of([folder]), run_plain) for folder in crossing_folders() if folder not in BESIDE]
    if selection.is_all:
        groups.insert(0, ("style", ["."], lambda _paths: lint()))
        groups.insert(3, ("Odoo's own lint", ["addons"], run_odoo_lint))
        groups.insert(4, ("Odoo's point of sale with kiosk_hw", ["addons"], run_stock_pos))
    chosen = [group for group in groups if group[1]]
    beside = [part for folder in BESIDE if (paths := selection.of([folder])) for part in parts_of(folder, paths)]
    with (
        tempfile.NamedTemporaryFile("r", suffix=".jsonl") as counts,
        tempfile.TemporaryDirectory(prefix="prepaid-logs-") as kept,
        ExitStack() as running,
    ):
        os.environ[COUNTS], os.environ[logs.FOLDER] = counts.name, kept
        if not chosen and len(beside) == 1:
            chosen = [(name, paths, run_plain) for name, paths in beside]
        else:
            lanes = running.enter_context(ThreadPoolExecutor(ABREAST))
            for name, paths in beside:
                later = lanes.submit(run_quietly, name, paths, ["-p", "no:odoo", *selection.options])
                chosen.append((f"waiting for {name}", paths, lambda _paths, later=later: later.result()))
        groups = [*chosen, ("no secret in any log", kept, search_logs)] if chosen else []
        statuses = {name: _timed(name, lambda paths=paths, run=run: run(paths)) for name, paths, run in groups}
        seen = sum((Counter(json.loads(line)) for line in counts), Counter())
    empty = [name for name, status in statuses.items() if status == NOTHING_COLLECTED]
    wrong = [name for name, status in statuses.items() if status and name not in empty]
    if empty and (not selection.filters or len(empty) == len(chosen)):
        wrong += [f"{name} (no tests)" for name in empty]
    if not chosen:
        wrong.append("no such tests")
    if wrong:
        sys.stdout.write(f"Not in order: {', '.join(wrong)}\n")
    sys.stdout.write(f"{seen['passed']} passed, {seen['failed'] + bool(wrong and not seen['failed'])} failed, ")
    sys.stdout.write(f"{seen['skipped']} skipped\n")
    return 1 if wrong else 0


def search_logs(kept):
    """Search what the groups before logged for secrets, print what was found, and return 1 for anything.

    :param str kept: folder of the logs
    """
    findings = logs.found(Path(kept))
    sys.stdout.write("".join(f"{each}\n" for each in findings))
    with open(os.environ[COUNTS], "a", encoding="ascii") as file:
        file.write(json.dumps({"failed" if findings else "passed": 1}) + "\n")
    return 1 if findings else 0


def run_quietly(name, paths, options):
    """Run a group beside the others and print what it printed in one piece, so that it does not mix with theirs.

    :param str name: of the group
    :param list paths: of its tests
    :param list options: of pytest
    :return: the exit status
    """
    with tempfile.TemporaryFile() as output:
        start = time.monotonic()
        status = pytest(paths, options, output)
        took = time.monotonic() - start
        output.seek(0)
        text = output.read().decode(errors="replace")
    sys.stdout.write(f"\n== {name}, beside the others\n{text}== {name}: {took:.0f} s\n")
    sys.stdout.flush()
    return status


def _timed(name, run):
    sys.stdout.write(f"\n== {name}\n")
    sys.stdout.flush()
    start = time.monotonic()
    try:
        status = run()
    except ProcessError as error:
        sys.stderr.write(f"{error}\n")
        status = 1
    sys.stdout.write(f"== {name}: {time.monotonic() - start:.0f} s\n")
    sys.stdout.flush()
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
