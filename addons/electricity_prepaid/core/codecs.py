"""The card layouts that this side can read, by driver name."""

from . import sle4442_demo
from .card_image import UNKNOWN, CardImage, digest
from .codes import O_DRIVER_UNKNOWN
from .errors import Refusal

CODECS = {sle4442_demo.DRIVER: sle4442_demo}


def _bytes(memory):
    return bytes.fromhex(memory) if isinstance(memory, str) else bytes(memory)


def decode(driver, memory, tries=3):
    """Read a card's memory with the codec of its driver.

    :param driver: such as ``"sle4442_demo"``; an unknown one gives the condition ``unknown``
    :param memory: raw bytes or their hex digits
    :param tries: presentations of the card code that are left
    :return: a :class:`~.card_image.CardImage`
    """
    data = _bytes(memory)
    codec = CODECS.get(driver)
    if codec is None:
        return CardImage(driver=driver or "", condition=UNKNOWN, tries=tries, digest=digest(data))
    return codec.decode(data, tries)


def expected_after(driver, memory, write):
    """Return the bytes that a card must hold after a write.

    :param memory: raw bytes before, or their hex digits
    :param write: a :class:`~.card_image.PurchaseBlock`
    :raise Refusal: O-108
    """
    codec = CODECS.get(driver)
    if codec is None:
        raise Refusal(O_DRIVER_UNKNOWN)
    return codec.expected_after(_bytes(memory), write)
