"""The card layouts that this side can read, by driver name."""

from . import at24_demo, csg2015, gdw1365, sle4428_demo, sle4442_demo, vendor_image
from .card_image import FULL_TRIES, UNKNOWN, CardImage, ImageWrite, digest
from .codes import O_DRIVER_UNKNOWN, O_INVALID
from .errors import Refusal

#: ``{driver: codec}``. A codec has ``DRIVER``, ``UNIT``, ``SIZE``, ``BLOCK`` and the functions of this module.
CODECS = {module.CODEC.DRIVER: module.CODEC for module in (sle4442_demo, sle4428_demo, at24_demo, gdw1365, csg2015)}
#: ``{prefix: driver -> codec or None}``, for drivers that are a kind, such as ``vendor:``.
PREFIXES = {vendor_image.PREFIX: vendor_image.finder(CODECS)}

#: Bytes that an image may have whose driver is not known here, or has no fixed size.
ANY_SIZE = (0, 2048)


def codec_of(driver):
    """Return the codec of a driver, or None.

    :param driver: such as ``"sle4442_demo"`` or ``"vendor:acme"``
    """
    codec = CODECS.get(driver)
    if codec is None and ":" in (driver or ""):
        prefix, _, _ = driver.partition(":")
        find = PREFIXES.get(f"{prefix}:")
        return find(driver) if find else None
    return codec


def _codec(driver):
    codec = codec_of(driver)
    if codec is None:
        raise Refusal(O_DRIVER_UNKNOWN)
    return codec


def _bytes(memory):
    return bytes.fromhex(memory) if isinstance(memory, str) else bytes(memory)


def memory_sizes(driver):
    """Return the least and the most bytes that an image of a driver has."""
    codec = codec_of(driver)
    size = getattr(codec, "SIZE", None)
    return ANY_SIZE if size is None else (size, size)


def unit(driver):
    """Return what a driver counts in: ``"kwh"`` (0.01 kWh) or ``"cents"`` (0.01 yuan).

    :raise Refusal: O-108
    """
    return _codec(driver).UNIT


def block_from_claim(driver, claim):
    """Read what a block's ``as_claim`` gave.

    :return: :class:`~.card_image.PurchaseBlock` or :class:`~.card_image.CpuBlock`
    :raise Refusal: O-108
    """
    return _codec(driver).BLOCK.from_claim(claim)


def decode(driver, memory, tries=FULL_TRIES):
    """Read a card's memory with the codec of its driver.

    :param driver: such as ``"sle4442_demo"``; an unknown one gives the condition ``unknown``
    :param memory: raw bytes or their hex digits
    :param tries: presentations of the card code that are left
    :return: a :class:`~.card_image.CardImage`
    """
    data = _bytes(memory)
    codec = codec_of(driver)
    if codec is None:
        return CardImage(driver=driver or "", condition=UNKNOWN, tries=tries, digest=digest(data))
    return codec.decode(data, tries)


def expected_after(driver, memory, write):
    """Return the bytes that a card must hold after a write.

    :param memory: raw bytes before, or their hex digits
    :param write: a :class:`~.card_image.PurchaseBlock` or an :class:`~.card_image.ImageWrite`
    :raise Refusal: O-108; O-101 the image is not of this card
    """
    codec, before = _codec(driver), _bytes(memory)
    if not isinstance(write, ImageWrite):
        return codec.expected_after(before, write)
    # What a library says of a card is as long as its numbers are.
    same_size = codec.SIZE is None or len(write.image) == len(before)
    if not same_size or codec.identity(write.image) != codec.identity(before):
        raise Refusal(O_INVALID)
    return write.image


def lies_between(driver, before, after, memory):
    """Return whether an image is one that an interrupted write can leave, both ends included.

    :param before: raw bytes before the write
    :param after: raw bytes that were to be there afterwards
    :param memory: raw bytes that were read
    :raise Refusal: O-108
    """
    return _codec(driver).lies_between(_bytes(before), _bytes(after), _bytes(memory))
