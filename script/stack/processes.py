"""Child processes: started with a log of their own, waited for, stopped in order, and gone when the parent is gone."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from stack import logs

FIRST_PORT = 20000
LAST_PORT = 29999
# The kernel's death signal follows the thread that started a child, not its process: so one that lasts starts them all.
_starter = ThreadPoolExecutor(1, thread_name_prefix="starter")


class ProcessError(RuntimeError):
    """A process did not start, ended by itself, or never became ready. The text has the end of its log."""


def free_ports(count=1):
    """Return the first of ``count`` consecutive TCP ports that are free on the loopback address.

    They are this process's until it ends: no other program that asks here is given one, also while the server behind it
    starts again. They lie below the range that the kernel gives to clients, so that no outgoing connection takes one
    meanwhile.

    :raises ProcessError: when there are none.
    """
    start = FIRST_PORT + os.getpid() * 37 % (LAST_PORT - FIRST_PORT)
    for offset in range(0, LAST_PORT - FIRST_PORT, count):
        first = FIRST_PORT + (start - FIRST_PORT + offset) % (LAST_PORT - FIRST_PORT - count)
        if all(_reserve(port) for port in range(first, first + count)):
            return first
    raise ProcessError("no free TCP port")


reserved = {}
"""Ports that this process has, with the locks that say so to others."""


def _reserve(port):
    if port in reserved or not is_free(port):
        return False
    folder = Path(tempfile.gettempdir(), f"prepaid-ports-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    # Stays open: the lock is held as long as the file, and with it the port, until this process ends.
    lock = open(folder / str(port), "w", encoding="ascii")  # noqa: SIM115  # pylint: disable=consider-using-with
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return False
    reserved[port] = lock
    return True


def is_free(port):
    """Tell whether nobody listens on this TCP port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers(url):
    """Tell whether a service answers at an address that it has."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError):
        return False


def wait_until(check, timeout, what, interval=0.05):
    """Call ``check`` until it returns something true, and return that.

    :param float timeout: seconds
    :param str what: for the error, such as "Odoo to answer"
    :raises ProcessError: when the time is over.
    """
    end = time.monotonic() + timeout
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > end:
            raise ProcessError(f"waited {timeout:g} s in vain for {what}")
        time.sleep(interval)


class Process:
    """One child process.

    Subclasses set :attr:`command` and :attr:`environment` and may override :meth:`prepare` and :meth:`is_ready`.

    :param str name: for messages and the log's name
    :param list command: program and arguments
    :param Path log_folder: where ``<name>.log`` is appended to
    :param dict environment: variables beside those of this process
    :param Path cwd: working folder
    """

    ready_timeout = 60
    stop_timeout = 15

    def __init__(self, name, command, log_folder, environment=None, cwd=None):
        self.name = name
        self.command = [str(part) for part in command]
        self.environment = dict(environment or {})
        self.cwd = cwd
        self.log = log_folder / f"{name}.log"
        self.child = None

    def prepare(self):
        """Do what must be done before each start."""

    def is_ready(self):
        """Tell whether the process does its work. Called until it says so."""
        return True

    def wrapped(self):
        """Return the whole command: the child is killed by the kernel when this process ends, however it ends."""
        return ["setpriv", "--pdeathsig", "KILL", "--", *self.command]

    @property
    def pid(self):
        """Process id, or None when it does not run."""
        return self.child.pid if self.is_running() else None

    def is_running(self):
        """Tell whether the process runs."""
        return self.child is not None and self.child.poll() is None

    def start(self):
        """Start the process and wait until it is ready.

        :return: itself
        :raises ProcessError: when it ends or is not ready in time.
        """
        if self.is_running():
            return self
        self.prepare()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "ab") as log:
            self.child = _starter.submit(
                subprocess.Popen,
                self.wrapped(),
                cwd=self.cwd,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            ).result()
        logs.keep(self.log)
        try:
            wait_until(self._ready_or_dead, self.ready_timeout, f"{self.name} to be ready")
        except ProcessError as error:
            self.kill()
            raise ProcessError(f"{error}\n{self.log_tail()}") from None
        return self

    def _ready_or_dead(self):
        if not self.is_running():
            raise ProcessError(f"{self.name} ended with status {self.child.returncode}")
        return self.is_ready()

    def stop(self):
        """Ask the process to end, and kill it when it does not."""
        if not self.is_running():
            return
        self.child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.child.wait(self.stop_timeout)
        self.kill()

    def kill(self):
        """Kill the process and its children at once, as a power cut would (SIGKILL)."""
        if self.child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()

    def restart(self):
        """Stop (if it runs) and start again."""
        self.stop()
        return self.start()

    def log_tail(self, lines=40):
        """Return the last lines of the log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def __enter__(self):
        return self.start()

    def __exit__(self, *exception):
        self.stop()


class Stack:
    """Processes that belong together: started in order, stopped in reverse order.

    Used as a context manager; leaving it stops everything, also after an error or Ctrl-C.
    """

    def __init__(self):
        self.processes = []

    def start(self, process):
        """Start a process, keep it for the end, and return it."""
        self.processes.append(process)
        return process.start()

    def ended(self):
        """Return the processes that have ended by themselves."""
        return [process for process in self.processes if not process.is_running()]

    def stop(self):
        """Stop all, the last first. One that resists does not keep the others."""
        while self.processes:
            self.processes.pop().stop()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()
