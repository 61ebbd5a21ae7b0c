"""Which of two versions is older."""

import re

_NUMBER = re.compile(r"\d+")


def parts(version):
    """Return a version's numbers, as they are compared; none for what has no numbers.

    :param version: such as ``"0.1.0"`` or ``"19.0.1.2.0"``
    """
    numbers = [int(number[:9]) for number in _NUMBER.findall(version or "")[:8]]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def is_behind(version, newest):
    """Tell whether a version is older than another. One that is not known is not.

    :param version: of the one
    :param newest: of the other
    """
    return bool(version and newest) and parts(version) < parts(newest)
