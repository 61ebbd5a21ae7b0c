"""What the process gives up before it loads a library: rights, files, network, memory."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CLONE_NEWNET, _CLONE_NEWIPC = 0x40000000, 0x08000000
# System calls of Landlock: the same numbers on every architecture (kernel documentation, userspace-api/landlock).
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH = 1
_FS_EXECUTE, _FS_WRITE, _FS_READ_FILE, _FS_READ_DIR = 1, 2, 4, 8
_FS_REFER, _FS_TRUNCATE, _FS_IOCTL = 1 << 13, 1 << 14, 1 << 15
_READ = _FS_EXECUTE | _FS_READ_FILE | _FS_READ_DIR
_NET_ALL = 3
_SCOPE_ALL = 3
_SYSTEM = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/etc/timezone")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")


class NotConfined(Exception):
    """The process could not be kept away from the service's files, so nothing is loaded."""


def confine(settings: dict) -> list[str]:
    """Give up everything that a library does not need.

    :param settings: ``uid``, ``gid`` (none: stay), ``memory_mb``, ``cpu_s`` (seconds of
        processor time in its whole life), ``readable`` (paths), ``writable`` (paths).
    :return: what was given up, for people.
    :raises NotConfined: neither another user nor Landlock keeps it away from the service's files.
    """
    done = []
    root = os.geteuid() == 0
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    done.append("no new privileges")
    if root and _libc.unshare(_CLONE_NEWNET | _CLONE_NEWIPC) == 0:
        done.append("no network")
    fenced = _landlock(settings)
    if fenced:
        done.append(f"files fenced (Landlock {fenced})")
    if root and settings.get("uid"):
        os.setgroups([])
        os.setgid(settings["gid"])
        os.setuid(settings["uid"])
        done.append(f"user {settings['uid']}")
    if os.geteuid() == 0 or not (fenced or root):
        raise NotConfined("neither another user nor Landlock (Linux 5.13) keeps the library from the service's files")
    _limits(settings["memory_mb"], settings["cpu_s"])
    done.append(f"{settings['memory_mb']} MB, {settings['cpu_s']} s of processor time")
    # Changing the user forgets this; the process must not outlive the service.
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    return done


def _limits(memory_mb: int, cpu_s: int) -> None:
    for what, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory_mb << 20),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_FSIZE, 1 << 20),
        # A library that starts threads is fine, one that forks without end is not.
        (resource.RLIMIT_NPROC, 64),
        # Each call has a lower one, which a library could raise up to here, or ignore.
        (resource.RLIMIT_CPU, cpu_s),
    ):
        hard = resource.getrlimit(what)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (value, value))


def limit_cpu(seconds: float) -> None:
    """Let the process use this many more seconds of processor time; more kills it."""
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (min(int(cpu_seconds() + seconds) + 2, hard), hard))


def cpu_seconds() -> float:
    """Processor time used so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def memory_kb() -> int:
    """Highest resident memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _landlock(settings: dict) -> int:
    """Fence files, network and signals; return Landlock's version, 0 when the kernel has none."""
    version = _libc.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return 0
    files = (1 << 13) - 1
    if version >= 2:
        files |= _FS_REFER
    if version >= 3:
        files |= _FS_TRUNCATE
    if version >= 5:
        files |= _FS_IOCTL
    attributes = struct.pack("=QQQ", files, _NET_ALL if version >= 4 else 0, _SCOPE_ALL if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _libc.syscall(_CREATE_RULESET, attributes, size, 0)
    if ruleset < 0:
        return 0
    try:
        for path in (*_SYSTEM, os.path.join(sys.base_prefix, "lib"), *settings["readable"]):
            _allow(ruleset, path, _READ)
        for path in (*_DEVICES, *settings["writable"]):
            _allow(ruleset, path, files)
        return version if _libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0 else 0
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        # What is not there needs no permission.
        return
    if not os.path.isdir(path):
        rights &= _FS_EXECUTE | _FS_WRITE | _FS_READ_FILE | _FS_TRUNCATE | _FS_IOCTL
    try:
        _libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0)
    finally:
        os.close(descriptor)
