"""Reading TOML tables with errors that say what to change."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from hw_proxy.errors import ConfigError


class Table:
    """One table of a file, whose every key must be asked for.

    :param file: named in errors.
    :param where: path of the table inside the file, such as ``functions.read``.
    :param raw: what the file says.
    :raises ConfigError: it is not a table.
    """

    def __init__(self, file: Path, where: str, raw: object) -> None:
        self._file = file
        self._where = where
        self._asked: set[str] = set()
        if not isinstance(raw, dict):
            raise ConfigError(f"{file}: {where} must be a table.")
        self.raw: dict[str, object] = raw

    def error(self, key: str, advice: str) -> ConfigError:
        """The error of one key.

        :param advice: what must be written there.
        """
        return ConfigError(f"{self._file}: {self._where}{'.' if self._where and key else ''}{key} {advice}")

    def text(
        self, key: str, default: str | None = None, matches: Callable[[str], object] = bool, form: str = "text"
    ) -> str:
        """A text.

        :param default: none: the key must be there.
        :param matches: tells whether a text is fine.
        :param form: what it must be, for the error.
        """
        value = self._get(key, default)
        if not isinstance(value, str) or (value != default and not matches(value)):
            raise self.error(key, f"must be {form}, not {value!r}.")
        return value

    def choice(self, key: str, allowed: Collection[str], default: str | None = None) -> str:
        """One of several texts."""
        value = self._get(key, default)
        if value not in allowed:
            names = ", ".join(sorted(each for each in allowed if each))
            empty = ", or left out" if "" in allowed else ""
            raise self.error(key, f"must be one of {names}{empty}; it is {value!r}.")
        return value

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        """A number between two bounds, whole when the bounds are."""
        value = self._get(key, default)
        kinds = (int,) if isinstance(low, int) else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
            raise self.error(key, f"must be a number from {low} to {high}; it is {value!r}.")
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        """``true`` or ``false``."""
        value = self._get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, "must be true or false.")
        return value

    def items(self, key: str, kind: type, default: list | None = None) -> list:
        """A list of values of one type."""
        value = self._get(key, default)
        good = isinstance(value, list) and all(type(item) is kind for item in value)
        if not good:
            raise self.error(key, f"must be a list of {'numbers' if kind is int else 'texts'}.")
        return value

    def table(self, key: str) -> Table:
        """A table inside this one, empty when it is missing."""
        return Table(self._file, f"{self._where}.{key}".lstrip("."), self._get(key, {}))

    def tables(self, key: str) -> list[Table]:
        """A list of tables."""
        value = self._get(key, [])
        if not isinstance(value, list):
            raise self.error(key, "must be a list of tables.")
        return [
            Table(self._file, f"{self._where}.{key}[{index}]".lstrip("."), item) for index, item in enumerate(value)
        ]

    def has(self, key: str) -> bool:
        """Whether the key is there; it counts as asked for."""
        self._asked.add(key)
        return key in self.raw

    def done(self) -> None:
        """Refuse keys that nobody asked for.

        :raises ConfigError: there is one.
        """
        for key in self.raw:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                raise self.error(key, f"is not known here: remove it. There are: {known}.")

    def _get(self, key: str, default: object) -> object:
        self._asked.add(key)
        if key in self.raw:
            return self.raw[key]
        if default is None:
            raise self.error(key, "is missing: add it.")
        return default
