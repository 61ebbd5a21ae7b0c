"""The project's own PostgreSQL cluster: whoever comes first makes and starts it, and nobody else is turned away."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from stack.paths import ROOT
from stack.postgres import Cluster

START = "import sys; from pathlib import Path; from stack.postgres import Cluster; Cluster(Path(sys.argv[1])).start()"


@pytest.fixture
def cluster():
    """A cluster that is not made yet; where the user postgres may go, and not under pytest's own folder."""
    with tempfile.TemporaryDirectory(prefix="prepaid-pg-") as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "postgresql")
        yield cluster
        cluster.stop()


def test_several_programs_that_need_it_at_once_all_find_it_running(cluster):
    command = [sys.executable, "-c", START, cluster.folder]
    programs = [subprocess.Popen(command, cwd=ROOT / "script", stderr=subprocess.PIPE, text=True) for _ in range(4)]
    said = [program.communicate(timeout=120)[1] for program in programs]
    assert [program.returncode for program in programs] == [0, 0, 0, 0], "\n".join(said)
    assert cluster.is_running()
