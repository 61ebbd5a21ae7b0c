"""Odoo as a process."""

import os
import subprocess
import sys
import urllib.error
import urllib.request

from stack.paths import ROOT, cache_folder
from stack.processes import Process, ProcessError, free_ports


def data_folder():
    """Return Odoo's data folder (file stores, sessions) of the development databases."""
    return cache_folder() / "odoo-data"


def origin():
    """Return what script/bootstrap recorded about Odoo: where from, version, checksum."""
    return (cache_folder() / "odoo-origin.txt").read_text(encoding="utf-8").strip()


def command(name, *arguments, root=ROOT):
    """Return the command line of Odoo's command ``name`` (server, shell …) with this project's configuration.

    The addons come before the name too: commands that an addon brings are found by it.

    :param Path root: checkout whose addons it runs
    """
    addons = f"--addons-path={root / 'addons'}"
    return [
        *(sys.executable, "-m", "odoo", addons, name),
        *arguments,
        f"--config={ROOT / 'odoo.conf'}",
        addons,
        f"--data-dir={data_folder()}",
    ]


def run(name, *arguments, stdin=None, environment=None, root=ROOT):
    """Run one of Odoo's commands to its end, such as an installation or a shell script.

    :param str stdin: what it reads, or None
    :param dict environment: further variables, such as ``ELECTRICITY_KEYRING``
    :param Path root: checkout whose addons it runs
    :raises ProcessError: when it fails, or logs an error while it installs; the text has the end of its log.
    """
    done = subprocess.run(
        command(name, *arguments, root=root),
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
        input=stdin or "",
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stderr.splitlines()
    wrong = [line for line in lines if " ERROR " in line or " CRITICAL " in line]
    if done.returncode or wrong:
        # What a command says to its caller comes last: the log before it may be long and harmless.
        text = [*wrong, *lines[-40:], *done.stdout.splitlines()[-10:]]
        raise ProcessError(f"odoo {name} ended with status {done.returncode}\n" + "\n".join(text))
    return done


class OdooProcess(Process):
    """An Odoo server on one database and a free port.

    :param str database: it serves this one only
    :param Path log_folder: where ``<name>.log`` goes
    :param int port: HTTP port on 127.0.0.1; a free one by default
    :param list options: further command-line options, such as ``["--workers=2"]``
    :param dict environment: further variables, such as ``ELECTRICITY_KEYRING``
    """

    ready_timeout = 120
    stop_timeout = 30

    def __init__(self, database, log_folder, port=None, options=(), environment=None, name="odoo"):
        self.database = database
        self.port = port or free_ports(2)
        arguments = [
            f"--database={database}",
            f"--db-filter=^{database}$",
            f"--http-port={self.port}",
            f"--gevent-port={self.port + 1}",
            *options,
        ]
        super().__init__(name, command("server", *arguments), log_folder, environment, cwd=ROOT)

    @property
    def url(self):
        """Address of the server, such as ``http://127.0.0.1:20000``."""
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self):
        # With the database's registry loaded: the first real request must not wait for it.
        try:
            with urllib.request.urlopen(f"{self.url}/web/login", timeout=60) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
