"""The logs of everything that the tests start, kept until the last test and searched for what no log may hold.

script/test names a folder in ``PREPAID_TEST_LOGS``. A process's log gets a second name there, which outlives the
temporary folder of its test; what the tests' own processes log is written there too. Whoever makes a secret for a test
plants it; afterwards none may be found, and neither may the shapes of secrets that nobody planted.
"""

import contextlib
import json
import logging
import os
import re
from pathlib import Path

FOLDER = "PREPAID_TEST_LOGS"
_PLANTED = "planted.jsonl"
_SHORTEST = 8
_SHAPES = {
    "a private key": rb"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "the digest of a password": rb"#PasswordDigest",
    "a token's nonce": rb"<(?:[\w\-]+:)?Nonce[ >]",
    "a private key of a JWK": rb'"d": ?"[A-Za-z0-9_\-]{43}"',
}


def folder():
    """Return where logs are kept, or None outside script/test."""
    return Path(os.environ[FOLDER]) if os.environ.get(FOLDER) else None


def plant(secret, what):
    """Note a secret that no log may hold from now on.

    :param str secret: at least eight characters, so that it is not found by chance
    :param str what: its name in the report
    :return: the secret
    """
    if len(secret) < _SHORTEST:
        raise ValueError(f"{what}: too short to be told from other text")
    if folder():
        with open(folder() / _PLANTED, "a", encoding="utf-8") as file:
            file.write(json.dumps([what, secret]) + "\n")
    return secret


def plant_keys(path):
    """Plant the private parts of a key ring, or the keys of cards.

    :param Path path: JSON file
    """
    for name, value in _strings(json.loads(Path(path).read_text(encoding="utf-8"))):
        if name not in ("x", "kid", "db_uuid") and re.fullmatch(r"[0-9a-fA-F]{32,}|[A-Za-z0-9_\-]{43}", value):
            plant(value, f"a key of {Path(path).name}")


def _strings(value, name=""):
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _strings(each, key)


def keep(log):
    """Give a log its second name.

    :param Path log: an existing file
    """
    if not folder():
        return
    status = log.stat()
    kept = folder() / f"{status.st_dev}-{status.st_ino}-{log.name}"
    with contextlib.suppress(FileExistsError):
        try:
            os.link(log, kept)
        except OSError as error:
            if isinstance(error, FileExistsError):
                raise
            # Another file system: found as long as the test's folder is there.
            kept.symlink_to(log)


def keep_own():
    """Write what this process logs where the others' logs are."""
    if folder():
        handler = logging.FileHandler(folder() / f"tests-{os.getpid()}.log", encoding="utf-8", delay=True)
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
        logging.getLogger().addHandler(handler)


def found(where):
    """Search the kept logs.

    :param Path where: the folder
    :return: a line for each finding, which names the secret and does not hold it
    """
    planted = where / _PLANTED
    lines = planted.read_text(encoding="utf-8").splitlines() if planted.exists() else []
    secrets = {secret.encode(): what for what, secret in map(json.loads, lines)}
    shapes = {re.compile(shape): what for what, shape in _SHAPES.items()}
    # One search for all: the longest first, so that a secret within another one is reported as the longer.
    words = re.compile(b"|".join(map(re.escape, sorted(secrets, key=len, reverse=True)))) if secrets else None
    findings = []
    for log in sorted(path for path in where.iterdir() if path.name != _PLANTED and path.exists()):
        with open(log, "rb") as file:
            for number, line in enumerate(file, 1):
                names = [secrets[hit] for hit in words.findall(line)] if words else []
                names += [what for shape, what in shapes.items() if shape.search(line)]
                findings += [f"{log.name}, line {number}: {what}" for what in dict.fromkeys(names)]
    return findings
