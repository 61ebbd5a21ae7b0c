"""A skipped test is a failure where CI runs."""

import json
import os
import subprocess
import sys

import pytest

TESTS = """
import pytest

def test_good():
    pass

def test_bad():
    assert False

@pytest.mark.skip(reason="no browser")
def test_skipped():
    pass
"""


@pytest.fixture
def run(tmp_path):
    (tmp_path / "test_sample.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "test_module.py").write_text("import pytest\npytest.importorskip('no_such_module')\n", encoding="utf-8")

    def run(ci):
        counts = tmp_path / "counts"
        variables = {"CI": ci, "PREPAID_TEST_COUNTS": str(counts), "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:odoo", "-p", "stack.pytest_plugin", "-c", "/dev/null", tmp_path],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        return json.loads(counts.read_text(encoding="ascii")), done.stdout

    return run


def test_skips_are_counted(run):
    counts, _output = run(ci="")
    assert counts == {"passed": 1, "failed": 1, "skipped": 2}


def test_skips_fail_in_ci(run):
    counts, output = run(ci="1")
    assert counts == {"failed": 1}
    assert "could not import 'no_such_module'" in output


def test_a_skipped_test_fails_in_ci(run, tmp_path):
    (tmp_path / "test_module.py").unlink()
    counts, output = run(ci="true")
    assert counts == {"passed": 1, "failed": 2}
    assert "Skipped, which CI does not accept: Skipped: no browser" in output
