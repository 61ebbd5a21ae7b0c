"""The log: to standard error and to a rotating file; tokens, codes and customers' numbers are masked."""

from __future__ import annotations

import logging
import logging.handlers
import os
import re
from pathlib import Path

_TOKEN = re.compile(r"\b[A-Za-z0-9_-]{16,}(?:\.[A-Za-z0-9_-]*){2,4}")
_BEARER = re.compile(r"(?i)(bearer\s+)\S+")
_NUMBER = re.compile(r"(?<![0-9A-Za-z-])[0-9]{8}([0-9]{4})(?![0-9A-Za-z-])")
_HEX = re.compile(r"\b[0-9a-fA-F]{64,}\b")
_PSC = re.compile(r"(?i)(psc\W{0,4})[0-9a-f]{6}")


def mask(text: str) -> str:
    """A text without what must not be in a log."""
    text = _BEARER.sub(r"\1***", text)
    text = _TOKEN.sub("***token***", text)
    text = _PSC.sub(r"\1***", text)
    text = _HEX.sub("***", text)
    return _NUMBER.sub(r"********\1", text)


class MaskingFormatter(logging.Formatter):
    """Masks the finished line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        """The masked line."""
        return mask(super().format(record))


def set_up(level: str, file: Path | None) -> None:
    """Log to standard error and, when given, to a file of mode 0600.

    :param level: a name of the logging module.
    :raises OSError: the file cannot be written.
    :raises ValueError: no such level.
    """
    formatter = MaskingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if file is not None:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))
        handlers.append(logging.handlers.RotatingFileHandler(file, maxBytes=2_000_000, backupCount=5, encoding="utf-8"))
    for handler in handlers:
        handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = handlers
    root.setLevel(level.upper())
    # httpx names every address it calls at INFO.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
