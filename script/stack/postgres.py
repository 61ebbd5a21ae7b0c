"""PostgreSQL for development: a cluster of the project's own, or the server that the environment names.

Odoo refuses the role ``postgres``, and PostgreSQL refuses to run as root. So the cluster has the superuser ``odoo``,
listens on a Unix socket only (in a folder that nobody else may enter), and belongs to the system user ``postgres``
when the caller is root.
"""

import argparse
import os
import pwd
import re
import subprocess
import sys
import time
from pathlib import Path

from stack.locks import locked
from stack.paths import cache_folder

ROLE = "odoo"
SYSTEM_USER = "postgres"
ROOT_FOLDER = Path("/var/cache/prepaid-electricity")
SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "jit": "off",
    # After a power cut: file by file it takes minutes with as many databases as tests make.
    "recovery_init_sync_method": "syncfs",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "lc_messages": "'C'",
}

READY_TIMEOUT = 600
"""Seconds that a server may take to recover after a power cut."""
_EXPECTED = {"pg_ctl": (0, 3), "pg_isready": (0, 1, 2)}


class PostgresError(RuntimeError):
    """A command of PostgreSQL failed; the text is what it said."""


def is_external():
    """Tell whether the environment already names a server (``PGHOST`` or ``PGSERVICE``)."""
    return bool(os.environ.get("PGHOST") or os.environ.get("PGSERVICE"))


class Cluster:
    """The project's own cluster.

    :param Path folder: where the data, the socket and the log go; by default under the cache, or under
        ``/var/cache/prepaid-electricity`` for root, whose home nobody else can enter.
    """

    def __init__(self, folder=None):
        self.as_root = os.geteuid() == 0
        self.folder = folder or (ROOT_FOLDER if self.as_root else cache_folder()) / "postgresql"
        self.data = self.folder / "data"
        self.socket = self.folder / "socket"
        self.log = self.folder / "server.log"
        self.programs = self._programs()

    @staticmethod
    def _programs():
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
        if not found:
            raise PostgresError("PostgreSQL's server programs are missing: run script/bootstrap")
        return found[-1].parent

    def _run(self, program, *arguments):
        command = [str(self.programs / program), *map(str, arguments)]
        if self.as_root:
            command = ["setpriv", f"--reuid={SYSTEM_USER}", f"--regid={SYSTEM_USER}", "--init-groups", *command]
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C"}
        done = subprocess.run(
            command, cwd="/", env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )
        if done.returncode not in (_EXPECTED.get(program, (0,))):
            raise PostgresError(f"{program}: {(done.stderr or done.stdout).strip()}")
        return done

    def init(self):
        """Make the cluster unless it is there already.

        :raises PostgresError: when initdb fails or the cluster is of another major version.
        """
        version = self.programs.parent.name
        if (self.data / "PG_VERSION").exists():
            made = (self.data / "PG_VERSION").read_text().strip()
            if made != version:
                raise PostgresError(
                    f"{self.data} was made by PostgreSQL {made}, but {version} is installed: remove {self.folder}"
                )
            return
        for folder in (self.folder, self.socket):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
            if self.as_root:
                user = pwd.getpwnam(SYSTEM_USER)
                os.chown(folder, user.pw_uid, user.pw_gid)
        self._run("initdb", "-D", self.data, "-U", ROLE, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        lines = [f"{name} = {value}" for name, value in SETTINGS.items()]
        lines.append(f"unix_socket_directories = '{self.socket}'")
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write("\n# Set by script/bootstrap\n" + "\n".join(lines) + "\n")

    def is_running(self):
        """Tell whether the server of this cluster runs."""
        return self._run("pg_ctl", "status", "-D", self.data).returncode == 0

    def start(self):
        """Make the cluster and start the server, unless it is there and runs; one program at a time.

        :return: whether this call started it.
        :raises PostgresError: when one that somebody else has begun to start does not get ready.
        """
        with locked(self.folder.with_suffix(".lock")):
            self.init()
            if not self.is_running():
                self._run("pg_ctl", "start", "-D", self.data, "-l", self.log, "-w", "-t", READY_TIMEOUT, "-s")
                return True
        self._wait_until_ready()
        return False

    def _wait_until_ready(self):
        # After a power cut it first reads its log, and refuses everybody meanwhile.
        deadline = time.monotonic() + READY_TIMEOUT
        while self._run("pg_isready", "-q", "-h", self.socket, "-p", "5432", "-U", ROLE).returncode:
            if time.monotonic() > deadline:
                raise PostgresError(f"the server does not get ready: see {self.log}")
            time.sleep(0.2)

    def stop(self):
        """Stop the server, ending its sessions."""
        if self.is_running():
            self._run("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w", "-s")

    def environment(self):
        """Return the PG* variables that lead libpq, psql and Odoo to this cluster."""
        return {"PGHOST": str(self.socket), "PGPORT": "5432", "PGUSER": ROLE}


def ensure():
    """Make sure that a server answers and that this process's environment leads to it.

    The project's server goes on running afterwards: the next run starts the sooner, and others may be using it.

    :return: whether this call started the server.
    """
    if is_external():
        return False
    cluster = Cluster()
    started = cluster.start()
    os.environ.update(cluster.environment())
    return started


def query(statement, database="postgres"):
    """Run one SQL statement with psql and return its rows as lists of strings.

    :raises PostgresError: with psql's message.
    """
    done = subprocess.run(
        ["psql", "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PostgresError(done.stderr.strip())
    return [line.split("\t") for line in done.stdout.splitlines()]


def _identifier(name):
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,63}", name):
        raise ValueError(f"not a database name: {name!r}")
    return f'"{name}"'


def exists(name):
    """Tell whether the database exists."""
    return bool(query(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))


def create(name, template="template0"):
    """Create a database, by default empty, otherwise as a copy of ``template``, which nobody may be using."""
    query(f"CREATE DATABASE {_identifier(name)} TEMPLATE {_identifier(template)}")


def drop(name):
    """Drop a database, ending its sessions. One that does not exist is no error."""
    query(f"DROP DATABASE IF EXISTS {_identifier(name)} WITH (FORCE)")


def rename(name, new):
    """Rename a database that nobody is using."""
    query(f"ALTER DATABASE {_identifier(name)} RENAME TO {_identifier(new)}")


def names(prefix):
    """Return the names of the databases that begin with ``prefix``, in order."""
    rows = query(f"SELECT datname FROM pg_database WHERE starts_with(datname, '{prefix}') ORDER BY datname")
    return [row[0] for row in rows]


def main(arguments=None):
    """Command line of this module: ``python -m stack.postgres init|start|stop|env``."""
    parser = argparse.ArgumentParser(description="the project's own PostgreSQL cluster")
    parser.add_argument("action", choices=["init", "start", "stop", "env"])
    action = parser.parse_args(arguments).action
    cluster = Cluster()
    try:
        if action == "init":
            cluster.init()
            sys.stdout.write(f"PostgreSQL {cluster.programs.parent.name}, cluster in {cluster.folder}\n")
        elif action == "start":
            cluster.start()
        elif action == "stop":
            cluster.stop()
        else:
            cluster.start()
            lines = [f"export {name}={value}\n" for name, value in cluster.environment().items()]
            sys.stdout.write("".join(lines))
    except PostgresError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
