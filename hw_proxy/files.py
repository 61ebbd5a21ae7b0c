"""Files that only the service may read."""

from __future__ import annotations

import json
import os
from pathlib import Path


def make_private_dir(path: Path) -> None:
    """Make a directory with mode 0700, or set that mode on one that exists.

    :raises OSError: it cannot be made.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)


def write_private_json(path: Path, value: object) -> None:
    """Replace a file by a JSON document, mode 0600, so that a power cut leaves the old or the new one.

    :raises OSError: it cannot be written.
    """
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        json.dump(value, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def read_json(path: Path) -> dict[str, object] | None:
    """Content of a JSON file; none when the file does not exist.

    :raises ValueError: it is not a JSON object.
    :raises OSError: it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError(f"{path} is not a JSON object")
    return value
