"""Remembers in a file that a token refused its PIN: tokens lock themselves after some wrong ones, and Odoo has many
processes, each of which would try for itself."""

import contextlib
import fcntl
import hashlib
import hmac
import os
from pathlib import Path

from .codes import K_PROVIDER
from .errors import Refusal
from .private_files import read_private, refuse, write_private

_SALT_SIZE = 16


class RefusedPin:
    """The PIN that a token refused last, if any, for all processes that use the token.

    The PIN itself is not in the file, only a salted scrypt hash of it.

    :param path: of the file, mode 0600; it is there only while a PIN is refused. Its folder must exist
    """

    def __init__(self, path):
        self._path = Path(path)

    @contextlib.contextmanager
    def trying(self, token, pin, refusals):
        """Let one process at a time try a PIN, and none that was refused before.

        Remembers a refusal of the PIN, and forgets the last one when the PIN is taken.

        :param token: names the token and its module
        :param pin: what the body will try, once
        :param refusals: the exceptions by which the token refuses a PIN; they go on
        :raise Refusal: K-109 with a ``reason``: it was refused before; T-107: the file cannot be used
        """
        with self._alone():
            if self._path.exists() and self._holds(token, pin):
                raise Refusal(
                    K_PROVIDER,
                    reason="the PIN was refused before: give another one, or run odoo electricity_keys retry-pin",
                )
            ready = self._prepare(token, pin)
            try:
                yield
                self._path.unlink(missing_ok=True)
            except refusals:
                ready.replace(self._path)
                raise
            finally:
                ready.unlink(missing_ok=True)

    def forget(self):
        """Let the PIN be tried once more.

        :return: whether one was refused
        """
        with self._alone():
            known = self._path.exists()
            self._path.unlink(missing_ok=True)
        return known

    def _prepare(self, token, pin):
        """Write what would have to be remembered before the PIN is tried: a full disk must not make anybody forget."""
        ready = self._path.with_name(f"{self._path.name}.ready")
        salt = os.urandom(_SALT_SIZE)
        try:
            write_private(ready, {"salt": salt.hex(), "digest": _digest(token, pin, salt)}, replace=ready.exists())
        except OSError as error:
            raise refuse(f"{ready.name}: {os.strerror(error.errno)}; the PIN is not tried") from error
        return ready

    def _holds(self, token, pin):
        content = read_private(self._path)
        try:
            salt, digest = bytes.fromhex(content["salt"]), content["digest"]
            return hmac.compare_digest(_digest(token, pin, salt), digest)
        except (KeyError, TypeError, ValueError) as error:
            raise refuse(f"{self._path.name} is not as it was written") from error

    @contextlib.contextmanager
    def _alone(self):
        """Keep other processes out by a lock on the folder, which leaves nothing behind when a process is killed."""
        try:
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise refuse(f"folder of {self._path.name}: {os.strerror(error.errno)}") from error
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def _digest(token, pin, salt):
    # Slow on purpose: a PIN is short.
    return hashlib.scrypt(f"{token}\0{pin}".encode(), salt=salt, n=2**14, r=8, p=1).hex()
