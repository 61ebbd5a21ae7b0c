"""CPU purchase cards: the image as a whole, what an operation makes of it, and the updates in their order.

Source: ``docs/protocol/card-layout-cpu.md``. Pure functions; talking to the card is the terminal's business, and keys
are the key service's.

The image is a concatenation: card file 16 · parameters 45 · wallet 8 · write-back 49 or 50. The card file (in MF, SFI
15 hexadecimal) is: serial @0, 8 bytes BCD, 16 digits · issuer @8, u16 · key version @10, u8 · 5 zero bytes.
"""

from dataclasses import replace

from . import cpu_fields
from .card_image import BLANK, DAMAGED, FOREIGN, LOCKED, OK, UNKNOWN, CardImage, CpuBlock, digest
from .cpu_fields import Parameters
from .tearing import is_between

CARD = slice(0, 16)
PARAMETERS = slice(16, 61)
WALLET = slice(61, 69)
_WRITEBACK_START = 69
_KEY_VERSION = 10
#: Serial and issuer: no order changes them. The key version may change with the first issue.
_IDENTITY = slice(0, _KEY_VERSION)

_PARAMETERS_SFI, _WALLET_SFI = 0x01, 0x02
#: Most bytes in one secure update (*ours*).
CHUNK = 129
_MAC_SIZE = 4


class CpuLayout:
    """One kind of CPU card. A subclass says what differs.

    ``COMMAND``: command byte of the parameter file; ``WRITEBACK_SIZE``: bytes; ``WRITEBACK_SFI``; ``TARIFF_SET``: class
    of the tariff files; ``COMPANIONS``: SFIs of files beside the image, in the order of a write.
    """

    DRIVER = ""
    UNIT = "cents"
    BLOCK = CpuBlock
    COMMAND = 0
    WRITEBACK_SIZE = 0
    WRITEBACK_SFI = 0
    TARIFF_SET = None
    COMPANIONS = ()

    @property
    def SIZE(self):
        """Bytes of the image."""
        return _WRITEBACK_START + self.WRITEBACK_SIZE

    @property
    def _writeback(self):
        return slice(_WRITEBACK_START, self.SIZE)

    def identity(self, memory):
        """Return the bytes that no order may change: serial and issuer."""
        return memory[_IDENTITY]

    def key_version(self, memory):
        """Return the version of the card's keys; 0 = transport keys, never issued."""
        return memory[_KEY_VERSION]

    def decode(self, memory, tries=3):
        """Read an image. Every content gives a condition; none raises.

        ``blank``: parameters, wallet and write-back are all zero. ``damaged``: frame, checksum, digit or card type of
        the parameters wrong, or an amount that no wallet holds; then there is no block. The write-back has its own
        state.

        :param memory: raw bytes; any other length than the layout's gives the condition ``unknown``
        :param tries: 0 when the card has blocked its keys, which gives the condition ``locked``
        """
        memory = bytes(memory)
        image = {"driver": self.DRIVER, "tries": tries, "digest": digest(memory), "issue": None}
        if len(memory) != self.SIZE:
            return CardImage(condition=UNKNOWN, **image)
        serial = cpu_fields.digits(memory[0:8])
        if serial is None:
            return CardImage(condition=LOCKED if tries == 0 else FOREIGN, **image)
        image["serial"], image["issuer"] = serial, int.from_bytes(memory[8:10], "big")
        image["writeback"] = cpu_fields.decode_writeback(memory[self._writeback])
        condition = BLANK
        if any(memory[PARAMETERS.start :]):
            condition = DAMAGED
            parameters = Parameters.decode(self.COMMAND, memory[PARAMETERS])
            wallet = cpu_fields.decode_wallet(memory[WALLET])
            if parameters:
                image["customer_no"], image["meter_no"] = parameters.customer_no, parameters.meter_no
                image["card_type"] = parameters.card_type
            if parameters and wallet:
                condition, image["block"] = OK, parameters.block(*wallet)
        return CardImage(condition=LOCKED if tries == 0 else condition, **image)

    def image_for(self, op, memory, block=None, customer_no=None, meter_no=None, key_version=None):
        """Return the image that a card must hold after an operation; the write-back is empty in all of them.

        :param op: ``open``, ``replace``, ``purchase``, ``rewrite`` or ``clear``; for ``reverse`` see
            :meth:`reversed_image`
        :param memory: raw bytes before
        :param block: :class:`~.card_image.CpuBlock`, not for ``clear``; its card type follows the operation, a
            ``rewrite`` keeps the block's own. A replacement at count 1 is an open card: the meter may not be opened yet
        :param customer_no: up to 12 digits; without, the one on the card
        :param meter_no: likewise
        :param key_version: of the keys that ``open`` or ``replace`` gives the card; without, the version stays
        :raise ValueError: a value does not fit its field, or numbers are neither given nor on the card
        """
        after = bytearray(memory)
        after[PARAMETERS.start :] = bytes(self.SIZE - PARAMETERS.start)
        if op == "clear":
            return bytes(after)
        on_card = Parameters.decode(self.COMMAND, memory[PARAMETERS])
        customer_no = customer_no or (on_card.customer_no if on_card else None)
        meter_no = meter_no or (on_card.meter_no if on_card else None)
        if not customer_no or not meter_no:
            raise ValueError("numbers are neither given nor on the card")
        block = replace(block, card_type=_card_type(op, block))
        after[PARAMETERS] = Parameters.of(block, customer_no, meter_no).encode(self.COMMAND)
        after[WALLET] = cpu_fields.encode_wallet(block.count, block.amount)
        if key_version is not None and op in ("open", "replace", "rewrite"):
            after[_KEY_VERSION] = key_version
        return bytes(after)

    def reversed_image(self, memory, before):
        """Return the image of a reversal: that from before the order, but for the key version, which never goes back.

        :param memory: raw bytes now
        :param before: raw bytes before the order
        """
        place = slice(_KEY_VERSION, _KEY_VERSION + 1)
        return before[: place.start] + memory[place] + before[place.stop :]

    def expected_after(self, memory, write):
        """Return the image after a purchase or a re-write of a block, the numbers as on the card."""
        return self.image_for("rewrite", memory, write)

    def _order(self, before, after):
        """Return the files ``(SFI, slice or None for a companion)`` in the order of the write.

        What keeps the meter from crediting stands until the last file: a write-back that is not empty, or parameters
        that are no frame (``docs/protocol/card-layout-cpu.md``, "The order of a write").
        """
        parameters, wallet = (_PARAMETERS_SFI, PARAMETERS), (_WALLET_SFI, WALLET)
        writeback = (self.WRITEBACK_SFI, self._writeback)
        companions = [(sfi, None) for sfi in self.COMPANIONS]
        if any(after[self._writeback]):
            return [writeback, wallet, parameters]
        if not any(after[PARAMETERS]):
            return [parameters, wallet, writeback]
        if not any(before[self._writeback]) and Parameters.decode(self.COMMAND, before[PARAMETERS]) is None:
            return [*companions, wallet, parameters]
        return [parameters, wallet, *companions, writeback]

    def write_steps(self, before, after):
        """Return the changes of the image in the order of the write, as ``(offset in the image, bytes)``.

        A file that already holds its bytes is not written. A new key version comes first: it is part of the key update.

        :param before: raw bytes before
        :param after: raw bytes afterwards
        """
        files = [place for _sfi, place in self._order(before, after) if place]
        steps = [(place.start, after[place]) for place in files if before[place] != after[place]]
        if before[_KEY_VERSION] != after[_KEY_VERSION]:
            steps.insert(0, (_KEY_VERSION, after[_KEY_VERSION : _KEY_VERSION + 1]))
        return steps

    def secure_updates(self, memory, write):
        """Return the secure updates of an order in the order of the write.

        :param memory: raw bytes before
        :param write: :class:`~.card_image.ImageWrite`
        :return: list of ``(header, data)``; header: ``04 D6 80+SFI offset Lc``, Lc counts data and MAC
        """
        updates = []
        for sfi, place in self._order(memory, write.image):
            data = write.files.get(sfi, b"") if place is None else write.image[place]
            if place is None or memory[place] != data:
                updates.extend(_chunks(sfi, data))
        return updates

    def lies_between(self, before, after, memory):
        """Return whether an interrupted write can have left what an image says of the purchase; both ends count.

        The write-back is not looked at: a meter answers on a torn card too, and that answer may be torn itself.
        """
        if not len(before) == len(after) == len(memory) == self.SIZE:
            return False
        start = _WRITEBACK_START
        steps = [step for step in self.write_steps(before, after) if step[0] < start]
        return is_between(before[:start], steps, memory[:start])

    def encode_card(self, serial, customer_no, meter_no, block, writeback, key_version=1, issuer=1):
        """Return the image of a whole card.

        :param serial: 16 digits
        :param block: :class:`~.card_image.CpuBlock`, None for a blank card
        :param writeback: :class:`~.card_image.WriteBack`; numbers that it does not say are those given
        """
        card = cpu_fields.packed(serial, 8) + issuer.to_bytes(2, "big") + bytes((key_version,)) + bytes(5)
        if block is None:
            return card.ljust(self.SIZE, b"\x00")
        numbers = {"customer_no": customer_no, "meter_no": meter_no, "time": "0" * 10}
        writeback = replace(writeback, **{name: getattr(writeback, name) or value for name, value in numbers.items()})
        parameters = Parameters.of(block, customer_no, meter_no).encode(self.COMMAND)
        wallet = cpu_fields.encode_wallet(block.count, block.amount)
        answer = cpu_fields.encode_writeback(self.WRITEBACK_SIZE, writeback, block.ct, block.pt, key_version)
        return card + parameters + wallet + answer


def _card_type(op, block):
    if op == "replace" and block.count == 1:
        return cpu_fields.OPEN
    return cpu_fields.CARD_TYPES.get(op, block.card_type)


def _chunks(sfi, data):
    for offset in range(0, len(data), CHUNK):
        part = data[offset : offset + CHUNK]
        yield bytes((0x04, 0xD6, 0x80 + sfi, offset, len(part) + _MAC_SIZE)), part
