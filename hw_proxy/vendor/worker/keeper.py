"""The parent of a library's process: nothing that the library starts outlives it.

A library may start processes of its own that leave their group, their session and their parent, as daemons do. The
kernel hands such orphans to the nearest ancestor that asked for them (``PR_SET_CHILD_SUBREAPER``), which is this
process: it needs no rights for that, and the unit's hardening allows it. So all of them are found here, and end when
the library's process has ended or the service lets go of the line, be it that the service died.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import time
from contextlib import suppress
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_CHILDREN = "/proc/self/task/{}/children"
_PAUSE, _LONGEST_PAUSE = 0.001, 0.5
_LOOK = os.WEXITED | os.WNOHANG | os.WNOWAIT
_libc = ctypes.CDLL(None, use_errno=True)


class Keeper:
    """Starts one process, waits for it, and ends all that came of it.

    :param line: a descriptor; when its other end is closed everything is ended.
    :raises OSError: orphans would not come here.
    """

    def __init__(self, line: int) -> None:
        if _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        self._line = line
        self._woken, self._waker = os.pipe()
        self._child = 0
        self._status: int | None = None

    def fork(self) -> bool:
        """Start the process; true in it, false here.

        :raises OSError: there is no room for it.
        """
        for end in (self._woken, self._waker):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        # Without a handler of ours nothing would be written into the pipe.
        signal.signal(signal.SIGCHLD, lambda *_arguments: None)
        # systemd tells every process of the unit to end; a write that has begun is ended by the service, not by that.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self._child = os.fork()
        if self._child:
            return False
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for end in (self._line, self._woken, self._waker):
            os.close(end)
        return True

    def wait(self) -> int:
        """Wait for the process or the line, and end what is left.

        :return: how the process ended, as shells say it: its exit code, or 128 and the number of the signal.
        """
        while self._reap() and self._status is None:
            ready, _, _ = select.select([self._line, self._woken], [], [])
            if self._line in ready:
                break
            with suppress(BlockingIOError):
                os.read(self._woken, 512)
        self._end_all()
        code = os.waitstatus_to_exitcode(self._status)
        return code if code >= 0 else 128 - code

    def _end_all(self) -> None:
        """Kill the children, and theirs, who become ours when they lose their parent, until there are none."""
        pause, before = _PAUSE, None
        while self._reap():
            found = _children()
            for pid in found:
                # Nobody else can have got the number of a child of ours that is not collected.
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if found == before:
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            before = found

    def _reap(self) -> bool:
        """Collect the dead; whether there are living ones."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self._child:
                self._status = status


def _children() -> set[int]:
    """The numbers of this process's children."""
    return {pid for pid in _candidates() if _is_child(pid)}


def _candidates() -> set[int]:
    """Processes among which all children are.

    Where the kernel does not list them, those of the system and of our control group: the first may hide processes
    that cannot be traced (``hidepid``, in the unit ``ProtectProc``), the second may not be there.
    """
    with suppress(OSError):
        return {int(number) for number in Path(_CHILDREN.format(os.getpid())).read_text().split()}
    found = {int(name) for name in os.listdir("/proc") if name.isdigit()}
    with suppress(OSError):
        group = Path("/proc/self/cgroup").read_text().splitlines()[-1].split(":", 2)[2]
        members = Path(f"/sys/fs/cgroup{group}/cgroup.procs").read_text().split()
        found.update(int(number) for number in members)
    return found


def _is_child(pid: int) -> bool:
    try:
        os.waitid(os.P_PID, pid, _LOOK)
    except ChildProcessError:
        return False
    return True
