"""Turns between programs that share something: the cluster of databases, a template, a copy of one."""

import contextlib
import fcntl


@contextlib.contextmanager
def locked(path):
    """Hold the lock of a file; wait while another process holds it. It is free again when its holder ends.

    :param Path path: of the file, which is made with its folders and stays
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
