"""Reading the claims of a verified token field by field, as strictly as the JSON Schemas of ``docs/protocol``."""

import re

from .errors import Refusal

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HASH = re.compile(r"[A-Za-z0-9_-]{43}")
_HEX = re.compile(r"[0-9a-f]*")
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_CODE = re.compile(r"[A-Z]-[0-9]{3}")

LARGEST_INT = 2**53 - 1


class Claims:
    """A JSON object of a token; every method returns one field or refuses the whole token.

    :param values: the object
    :param names: exactly the fields that must be there
    :param refuse: the code to refuse with
    """

    def __init__(self, values, names, refuse):
        self._values = values
        self._refuse = refuse
        if not isinstance(values, dict) or set(values) != set(names):
            raise Refusal(refuse)

    def _checked(self, good, value):
        if not good:
            raise Refusal(self._refuse)
        return value

    def text(self, name, longest=200):
        """Return a text of at most ``longest`` printable characters.

        Others (a zero byte, half of a surrogate pair) could not be stored in the database.
        """
        value = self._values[name]
        return self._checked(isinstance(value, str) and len(value) <= longest and value.isprintable(), value)

    def _matching(self, name, pattern, longest):
        value = self.text(name, longest)
        return self._checked(pattern.fullmatch(value), value)

    def uuid(self, name):
        """Return a UUID in lower case."""
        return self._matching(name, _UUID, 36)

    def hash(self, name):
        """Return a ``base64url(SHA-256)``."""
        return self._matching(name, _HASH, 43)

    def digits(self, name, *lengths):
        """Return decimal digits, exactly as many as one of ``lengths``."""
        value = self.text(name, max(lengths))
        return self._checked(len(value) in lengths and value.isascii() and value.isdecimal(), value)

    def hex(self, name, least, most=None):
        """Return bytes from lower-case hex.

        :param least: bytes; exactly as many without ``most``
        :param most: bytes
        """
        most = least if most is None else most
        value = self._matching(name, _HEX, 2 * most)
        self._checked(len(value) % 2 == 0 and least <= len(value) // 2, value)
        return bytes.fromhex(value)

    def integer(self, name, least=0, most=LARGEST_INT):
        """Return a whole number in a range; true and false are none."""
        value = self._values[name]
        return self._checked(isinstance(value, int) and not isinstance(value, bool) and least <= value <= most, value)

    def choice(self, name, choices):
        """Return one of the given texts."""
        value = self._values[name]
        return self._checked(isinstance(value, str) and value in choices, value)

    def word(self, name, longest=16):
        """Return a word of small letters, digits and underscores."""
        return self._matching(name, _WORD, longest)

    def code(self, name):
        """Return a code of the catalogue's form, such as ``A-104``; it need not be one that we know."""
        return self._matching(name, _CODE, 5)

    def optional(self, name, read):
        """Return None for null, else what ``read(name)`` returns."""
        return None if self._values[name] is None else read(name)

    def has(self, name, inside):
        """Return whether the object under ``name`` has a member ``inside``."""
        value = self._values[name]
        return isinstance(value, dict) and inside in value

    def mapping(self, name, names, read):
        """Return an object whose members all come from ``names``, none of them required.

        :param read: ``(claims, member) -> value``
        """
        value = self._values[name]
        self._checked(isinstance(value, dict) and set(value) <= set(names), value)
        inside = Claims(value, tuple(value), self._refuse)
        return {member: read(inside, member) for member in value}

    def words(self, name, longest):
        """Return an object of at most ``longest`` members, each named by a word and holding one or a whole number."""
        value = self._values[name]
        self._checked(isinstance(value, dict) and len(value) <= longest, value)
        for member in value:
            self._checked(isinstance(member, str) and len(member) <= 16 and _WORD.fullmatch(member), member)
        inside = Claims(value, tuple(value), self._refuse)
        return {
            member: inside.word(member) if isinstance(held, str) else inside.integer(member)
            for member, held in value.items()
        }

    def part(self, name, names):
        """Return an object inside as :class:`Claims`."""
        return Claims(self._values[name], names, self._refuse)

    def parts(self, name, names, longest=100):
        """Return a list of objects inside as :class:`Claims`."""
        value = self._values[name]
        self._checked(isinstance(value, list) and len(value) <= longest, value)
        return [Claims(entry, names, self._refuse) for entry in value]

    def texts(self, name, longest=100):
        """Return a list of texts."""
        value = self._values[name]
        good = isinstance(value, list) and len(value) <= longest and all(isinstance(entry, str) for entry in value)
        return self._checked(good, value)
