"""The second SOAP stack: Node's ``soap``, which script/bootstrap installs under the cache."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from stack.addon import load
from stack.cis import CisProcess
from stack.paths import cache_folder

load()

PROGRAMS = Path(__file__).with_name("node")
USERNAME, PASSWORD = "kiosk-demo", "a password of the tests"


def node_environment(**more):
    """Environment in which Node finds the installed packages."""
    return {**os.environ, "NODE_PATH": str(cache_folder() / "node" / "node_modules"), **more}


@pytest.fixture(scope="session")
def node():
    """The program."""
    found = shutil.which("node")
    assert found, "script/bootstrap installs Node"
    return found


@pytest.fixture
def cis(tmp_path):
    """The simulated marketing system."""
    with CisProcess(tmp_path / "state", password=PASSWORD) as running:
        yield running


@pytest.fixture
def call_from_node(node):
    """Call a marketing system from Node: ``call_from_node(wsdl, version, calls, password=…)`` → list of answers."""

    def call(wsdl, version, calls, password=PASSWORD):
        job = {"wsdl": wsdl, "version": version, "username": USERNAME, "password": password, "calls": calls}
        done = subprocess.run(
            [node, PROGRAMS / "client.cjs"],
            input=json.dumps(job).encode(),
            capture_output=True,
            env=node_environment(),
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    return call


@pytest.fixture(params=["1.1", "1.2"])
def node_server(request, node):
    """A marketing system that is served by Node: SOAP version and address."""
    wsdl = Path(__file__).parents[2] / "addons" / "electricity_prepaid" / "cis" / "wsdl" / "marketing.wsdl"
    command = [node, PROGRAMS / "server.cjs", wsdl, request.param, USERNAME]
    environment = node_environment(INTEROP_PASSWORD=PASSWORD)
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        try:
            port = int(process.stdout.readline())
            yield request.param, f"http://127.0.0.1:{port}/{'soap' if request.param == '1.1' else 'soap12'}"
        finally:
            process.kill()
