"""Files that hold keys: owned by us, readable by nobody else, replaced as a whole or not at all."""

import json
import os
import stat
from pathlib import Path

from .codes import T_NO_KEY
from .errors import Refusal

MODE = 0o600
_LARGEST = 1_000_000


def refuse(reason):
    """Return the refusal T-107 with a reason for the log (the sentence for people does not show it)."""
    return Refusal(T_NO_KEY, reason=reason)


def _check_private(status):
    if not stat.S_ISREG(status.st_mode):
        raise refuse("key file is not a regular file")
    if status.st_uid != os.geteuid():
        raise refuse("key file belongs to another user")
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise refuse("key file is open to group or others; it must have mode 0600")


def read_private_bytes(path):
    """Read a private file, at most one byte more than the largest that is taken.

    :param path: a regular file, not a link, owned by this process's user, without any right for group and others
    :raise Refusal: T-107 with a ``reason``
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise refuse(f"key file: {os.strerror(error.errno)}") from error
    try:
        _check_private(os.fstat(descriptor))
        return os.read(descriptor, _LARGEST + 1)
    finally:
        os.close(descriptor)


def read_private(path):
    """Read a JSON object from a private file.

    :param path: as for :func:`read_private_bytes`
    :raise Refusal: T-107 with a ``reason``
    """
    raw = read_private_bytes(path)
    try:
        content = json.loads(raw) if len(raw) <= _LARGEST else None
    except ValueError as error:
        raise refuse("key file is not JSON") from error
    if not isinstance(content, dict):
        raise refuse("key file is not a JSON object")
    return content


def write_private(path, content, replace):
    """Write a JSON object to a private file so that after a power cut the old or the new content is there, never half.

    :param content: a dict
    :param replace: whether the file must exist already; without, it must not
    :raise FileExistsError: the file is there and ``replace`` is false
    :raise FileNotFoundError: the file is not there and ``replace`` is true
    """
    path = Path(path)
    if replace and not path.exists():
        raise FileNotFoundError(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps(content, indent=2).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if replace:
            os.replace(temporary, path)
        else:
            # A link fails when the name is taken, a rename would silently destroy the keys behind it.
            os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
