"""What strangers may see over a customer's shoulder: names and numbers with their middle hidden."""

_SHOWN_DIGITS = 4


def name(text):
    """Return a name of which the customer knows that it is theirs, and nobody else whose it is.

    The first character of a Chinese name, the first letter of each word of another one.

    :param text: a person's or a company's name
    """
    words = (text or "").split()
    return " ".join(f"{word[0]}{'*' * min(max(len(word) - 1, 1), 4)}" for word in words)


def number(text):
    """Return a number with all but its last four digits hidden.

    :param text: of an account, a card or a meter
    """
    text = text or ""
    return f"{'*' * max(len(text) - _SHOWN_DIGITS, 0)}{text[-_SHOWN_DIGITS:]}"


def address(text):
    """Return an address of which the customer knows that it is theirs: street and house, without what follows.

    Digits after the first group of them are hidden: building stays, unit and room do not.

    :param text: such as ``"Minzu Avenue 12, Building 3, Room 402"`` or ``"民族大道12号3栋402室"``
    """
    shown, groups, inside = [], 0, False
    for character in text or "":
        is_digit = character.isdigit()
        groups += is_digit and not inside
        inside = is_digit
        shown.append("*" if is_digit and groups > 1 else character)
    return "".join(shown)
