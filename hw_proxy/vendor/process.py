"""The process of one library, as the service sees it."""

from __future__ import annotations

import logging
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import hw_proxy
from hw_proxy.vendor import faults
from hw_proxy.vendor.description import Description
from hw_proxy.vendor.faults import VendorError
from hw_proxy.vendor.worker.channel import Channel, ChannelClosed, ChannelNonsense, ChannelSlow

logger = logging.getLogger(__name__)

Transmit = Callable[[bytes], "bytes | None"]

DEFAULT_USER = "nobody"
START_TIMEOUT = 10.0
#: Seconds of processor time for all calls of one process; the longest call may use 120. Half used, a new one begins.
CPU_LIFE = 600
#: Seconds until the keeper has ended everything; then it is killed itself.
END_TIMEOUT = 5.0
#: More commands to the card than this in one call are no card work any more.
MOST_COMMANDS = 2000
_ROOT = Path(hw_proxy.__file__).resolve().parent.parent
# Behind the standard library, so that nothing beside this package can take the place of one of its modules.
_START = "import sys; sys.path.append(sys.argv.pop(1)); from hw_proxy.vendor.worker.main import run; run()"


@dataclass(frozen=True)
class Answer:
    """What a call gave: the return value, whether it means success, the values that came out."""

    result: int | None
    good: bool
    values: dict[str, object]


class WorkerProcess:
    """A started process with the library loaded.

    :param description: the library.
    :param user: whose rights it gets where the service runs as root.
    :raises VendorError: V-101: no process can be started, or it does not load; V-102, V-103: it hung or died while
        loading.
    """

    def __init__(self, description: Description, user: str = DEFAULT_USER) -> None:
        self._description = description
        self.memory_kb = 0
        self.cpu_s = 0.0
        account = _account(user)
        with ExitStack() as undo:
            try:
                self._process = self._start(account, undo)
            except OSError as error:
                # No memory, no process, no descriptor or no disk is left: what lacks is the terminal's, not the card's.
                raise VendorError(faults.MISSING, f"no process could be started: {error}") from error
            undo.pop_all()
        try:
            self.confinement = self._load(account)
        except VendorError:
            self.kill()
            raise

    def _start(self, account: pwd.struct_passwd | None, undo: ExitStack) -> subprocess.Popen:
        """Start the keeper, which starts the library's process; what is left of a failure is for ``undo``."""
        self._folder = tempfile.mkdtemp(prefix="hw-proxy-vendor-")
        undo.callback(shutil.rmtree, self._folder, ignore_errors=True)
        if account is not None:
            os.chown(self._folder, account.pw_uid, account.pw_gid)
        ours, theirs = socket.socketpair()
        self._channel = Channel(ours)
        undo.callback(ours.close)
        with theirs:
            self._line, line = socket.socketpair()
            undo.callback(self._line.close)
            with line:
                ends = (theirs.fileno(), line.fileno())
                # Nothing of the service's environment, files or keys goes along: an empty folder and two sockets, of
                # which the library's process has one.
                return subprocess.Popen(
                    [sys.executable, "-I", "-S", "-c", _START, str(_ROOT), *map(str, ends)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd=self._folder,
                    env=self._environment(),
                    pass_fds=ends,
                    start_new_session=True,
                )

    @property
    def pid(self) -> int:
        """Process id of the keeper, the parent of the library's process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def call(self, verb: str, values: dict[str, object], transmit: Transmit | None = None) -> Answer:
        """Call one function and wait for it, at most as long as the description allows.

        :param values: what may go in.
        :param transmit: sends a command to the card; none: every command fails.
        :raises VendorError: V-102, V-103 or V-105; the process is gone then.
        """
        until = time.monotonic() + self._description.limits.timeout
        try:
            return self._call(verb, values, transmit, until)
        except ChannelSlow as error:
            self.kill()
            raise VendorError(faults.TIMEOUT, f"{verb} took over {self._description.limits.timeout:g} s") from error
        except ChannelClosed as error:
            raise VendorError(faults.CRASHED, f"{verb}: {self._death()}") from error
        except ChannelNonsense as error:
            self.kill()
            raise VendorError(faults.NONSENSE, f"{verb}: {error}") from error
        except VendorError:
            self.kill()
            raise

    def kill(self) -> None:
        """End it at once, with all that it started (see :mod:`hw_proxy.vendor.worker.keeper`)."""
        self._line.close()
        try:
            self._process.wait(END_TIMEOUT)
        except subprocess.TimeoutExpired:
            logger.error("library %s: its keeper does not end", self._description.id)
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._channel.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _call(self, verb: str, values: dict[str, object], transmit: Transmit | None, until: float) -> Answer:
        timeout = self._description.limits.timeout
        self._channel.send({"verb": verb, "values": values, "timeout": timeout})
        commands = 0
        while True:
            message = self._channel.receive(until)
            if "apdu" not in message:
                return self._answer(verb, message)
            commands += 1
            if commands > MOST_COMMANDS:
                raise VendorError(faults.NONSENSE, f"{verb} sent over {MOST_COMMANDS} commands to the card")
            self._channel.send({"apdu": _relay(message["apdu"], transmit)})

    def _answer(self, verb: str, message: dict[str, object]) -> Answer:
        if "overrun" in message:
            raise VendorError(faults.NONSENSE, f"{verb} wrote past the end of a buffer")
        if "nonsense" in message:
            raise VendorError(faults.NONSENSE, f"{verb}: {message['nonsense']}")
        memory, result, values = message.get("memory_kb"), message.get("result"), message.get("values")
        cpu = message.get("cpu_s")
        good = isinstance(values, dict) and isinstance(memory, int) and isinstance(result, (int, type(None)))
        if not good or not isinstance(cpu, float):
            raise VendorError(faults.NONSENSE, f"{verb}: a broken answer")
        self.memory_kb, self.cpu_s = memory, cpu
        return Answer(result, message.get("good") is True, values)

    def _load(self, account: pwd.struct_passwd | None) -> list[str]:
        description = self._description
        settings = {
            "uid": account.pw_uid if account else None,
            "gid": account.pw_gid if account else None,
            "memory_mb": description.limits.memory_mb,
            "cpu_s": CPU_LIFE,
            "readable": [str(description.file.parent), str(_ROOT / "hw_proxy")],
            "writable": [self._folder, *description.devices],
            "description": description.for_worker(),
        }
        try:
            self._channel.send(settings)
            message = self._channel.receive(time.monotonic() + START_TIMEOUT)
        except ChannelSlow as error:
            raise VendorError(faults.TIMEOUT, "loading took too long") from error
        except ChannelClosed as error:
            raise VendorError(faults.CRASHED, f"loading: {self._death()}") from error
        except ChannelNonsense as error:
            raise VendorError(faults.NONSENSE, f"loading: {error}") from error
        if "ready" not in message:
            raise VendorError(faults.MISSING, f"{description.file} does not load: {message.get('failed')}")
        return [str(each) for each in message["ready"]]

    def _environment(self) -> dict[str, str]:
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **self._description.environment}
        service = os.environ.get("PCSCLITE_CSOCK_NAME")
        if service and self._description.transport == "reader":
            environment["PCSCLITE_CSOCK_NAME"] = service
        return environment

    def _death(self) -> str:
        try:
            status = self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            status = None
        self.kill()
        if status is None:
            return "ended"
        # The keeper says it as shells do; a negative one is its own end.
        by_signal = -status if status < 0 else status - 128 if status > 128 else 0
        return f"ended by signal {by_signal}" if by_signal else f"ended with {status}"


def _relay(command: object, transmit: Transmit | None) -> str | None:
    try:
        data = bytes.fromhex(command) if isinstance(command, str) else b""
    except ValueError:
        data = b""
    if transmit is None or not 4 <= len(data) <= 270:
        return None
    answer = transmit(data)
    return answer.hex() if answer is not None else None


def _account(user: str) -> pwd.struct_passwd | None:
    """Whose rights the process gets; none where the service may not change users."""
    if os.geteuid() != 0:
        return None
    try:
        account = pwd.getpwnam(user)
    except KeyError as error:
        raise VendorError(faults.MISSING, f"there is no user {user!r} for the libraries' processes") from error
    if account.pw_uid == 0:
        raise VendorError(faults.MISSING, "the libraries' processes may not run as root")
    return account
