"""What an interrupted write leaves behind: the one rule that all layouts share."""

_ERASED = 0xFF


def _made_of(before, steps, memory):
    """Return whether every byte is from before, from the steps or erased: most images are told apart by this."""
    after = bytearray(before)
    for address, data in steps:
        after[address : address + len(data)] = data
    return all(byte in (old, new, _ERASED) for byte, old, new in zip(memory, before, after, strict=True))


def is_between(before, steps, memory, page=1):
    """Return whether an interrupted write can have left an image; both ends count.

    Steps before one point are done, steps after it are not; the step at that point is done up to some byte, and the
    byte there may be erased (``FF``): EEPROM cells are erased before they are written (``docs/decisions/0002``). A chip
    that is written by pages erases all that a step has for a page at once.

    :param before: bytes before the write
    :param steps: ``(address, bytes)`` in the order of the write
    :param memory: bytes that were read
    :param page: bytes that the chip erases at once
    """
    if len(memory) != len(before) or not _made_of(before, steps, memory):
        return False
    state = bytearray(before)
    if state == memory:
        return True
    for address, data in steps:
        for place, byte in enumerate(data, address):
            if place == address or place % page == 0:
                end = min(place - place % page + page, address + len(data))
                state[place:end] = bytes((_ERASED,)) * (end - place)
            if state == memory:
                return True
            state[place] = byte
            if state == memory:
                return True
    return False
