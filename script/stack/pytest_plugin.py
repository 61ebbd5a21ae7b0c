"""pytest plugin of script/test: strict about skips, Odoo's tags as markers, and the counts of every group.

Loaded with ``-p stack.pytest_plugin``.
"""

import json
import os
from collections import Counter

import pytest

from stack import logs

COUNTS = "PREPAID_TEST_COUNTS"


def is_strict():
    """Tell whether a skipped test is a failure: wherever ``CI`` is set to something true."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false", "no")


def _fail_skipped(report):
    if is_strict() and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"Skipped, which CI does not accept: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    return _fail_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return _fail_skipped((yield))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Turn Odoo's tags (``@tagged``) into markers, so that ``-m post_install`` selects them."""
    known = set()
    for item in items:
        for tag in getattr(getattr(item, "cls", None), "test_tags", ()):
            if tag not in known:
                config.addinivalue_line("markers", f"{tag}: tag of Odoo")
                known.add(tag)
            item.add_marker(tag)


class _Counts:
    """Adds up outcomes: an error in a fixture or in collecting counts as a failure."""

    def __init__(self, path):
        self.path = path
        self.seen = Counter()

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.outcome != "passed":
            self.seen[report.outcome] += 1

    def pytest_collectreport(self, report):
        if report.outcome != "passed":
            self.seen[report.outcome] += 1

    def pytest_sessionfinish(self):
        with open(self.path, "a", encoding="ascii") as file:
            file.write(json.dumps(self.seen) + "\n")


def pytest_configure(config):
    logs.keep_own()
    if os.environ.get(COUNTS):
        config.pluginmanager.register(_Counts(os.environ[COUNTS]), "prepaid_counts")
