"""Makers' libraries as they come: three of our own in C, of different shapes, that can be told to misbehave.

``kaida`` speaks PC/SC by itself, takes and gives texts with bars, and writes the demo layout, which others can read
too. ``huali`` takes structures and money, has a backup zone and a layout that it alone can read. ``zongliang`` has no
count on its cards but all that was ever bought, and every write needs the blob that the write before returned.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

_FOLDER = Path(__file__).parent
_SOURCES = {"kaida": "pipe_demo.c", "huali": "struct_demo.c", "zongliang": "total_demo.c"}
_OPTIONS = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-I/usr/include/PCSC"]

LIBRARIES = tuple(_SOURCES)


def build(library: str, folder: str | Path, relayed: bool = False, **environment: str) -> Path:
    """Compile a library and put its description beside it.

    :param library: one of :data:`LIBRARIES`.
    :param folder: where both go; the libraries' user must be able to read it.
    :param relayed: of ``kaida``: without pcscd, its commands go to the function that ``relay_through(transmit,
        context)`` was given (``relay.c``). The description does not say so.
    :param environment: for the description, such as ``VENDOR_TRICK="sell:hang"``.
    :return: the description.
    :raises subprocess.CalledProcessError: the compiler refused.
    """
    folder = Path(folder)
    target = folder / f"lib{library}.so"
    if not target.exists():
        source = _FOLDER / _SOURCES[library]
        pcsc = ([_FOLDER / "relay.c"] if relayed else ["-lpcsclite"]) if library == "kaida" else []
        subprocess.run(["cc", *_OPTIONS, "-o", target, source, *pcsc], check=True)
    return describe(library, folder, **environment)


def describe(library: str, folder: str | Path, **environment: str) -> Path:
    """Write a library's description into a folder.

    :param environment: as for :func:`build`.
    """
    text = (_FOLDER / f"{library}.toml").read_text(encoding="utf-8")
    if environment:
        text += "\n[environment]\n" + "".join(f'{name} = "{value}"\n' for name, value in environment.items())
    path = Path(folder) / f"{library}.toml"
    path.write_text(text, encoding="utf-8")
    return path
