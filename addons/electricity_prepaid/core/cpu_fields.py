"""The files of a CPU purchase card that are part of its image: bytes to values and back.

Source: ``docs/protocol/card-layout-cpu.md``. What both drivers share stands here; :mod:`.cpu_layout` puts the files
together. Offsets are those inside the file. BCD is packed, numbers are big-endian.
"""

from dataclasses import dataclass

from .card_image import DAMAGED, EMPTY, VALID, CpuBlock, WriteBack

#: Largest amount in a wallet and largest alarm, 0.01 yuan.
MOST_CENTS = 99_999_999
#: Card types by operation; a re-write repeats that of its order.
OPEN, PURCHASE, REPLACEMENT = 1, 2, 3
CARD_TYPES = {"open": OPEN, "purchase": PURCHASE, "replace": REPLACEMENT}
#: Update flag by operation: an opening gives the meter everything, the others nothing unless a tariff is sent along.
UPDATE_FLAGS = {"open": 0x8F, "purchase": 0x00, "replace": 0x00}

HEAD, TAIL = 0x68, 0x16
PARAMETERS_SIZE, WALLET_SIZE = 45, 8
_PARAMETERS_LENGTH = 0x27
_WRITEBACK_COMMAND = 0x11


def checksum(data):
    """Return the sum of all bytes, mod 256."""
    return sum(data) & 0xFF


def frame(command, body):
    """Return ``68 · command · length · body · CS · 16``; CS is the sum from the command to the end of the body."""
    inside = bytes((command,)) + len(body).to_bytes(2, "big") + body
    return bytes((HEAD,)) + inside + bytes((checksum(inside), TAIL))


def unframe(command, data):
    """Return the body of a frame, or None when head, command, length, checksum or tail is wrong."""
    good = len(data) >= 6 and data[0] == HEAD and data[1] == command and data[-1] == TAIL
    good = good and int.from_bytes(data[2:4], "big") == len(data) - 6 and data[-2] == checksum(data[1:-2])
    return data[4:-2] if good else None


def digits(data):
    """Return packed BCD as digits, or None when a nibble is none."""
    text = data.hex()
    return text if text.isdecimal() else None


def packed(number, size):
    """Return a number or digits as packed BCD.

    :param number: not negative, or a text of digits
    :param size: bytes
    :raise ValueError: not digits, or too many
    """
    text = str(number).zfill(2 * size)
    if len(text) != 2 * size or not (text.isascii() and text.isdecimal()):
        raise ValueError(f"not {2 * size} digits: {number}")
    return bytes.fromhex(text)


@dataclass(frozen=True)
class Parameters:
    """The parameter file, SFI 01, 45 bytes: ``68 · command · 0027 · …``.

    :param user_type: @4, 1 byte
    :param update_flag: @5, 1 byte; bits: 0 current rates, 1 backup rates, 2 current ladder, 3 backup ladder,
        7 parameters
    :param switch_time: @10, 5 bytes BCD, ``"YYMMDDhhmm"`` when the backup set begins, zeros = never
    :param alarm1: @16, 4 bytes BCD, 0.01 yuan
    :param alarm2: @20, 4 bytes BCD, 0.01 yuan
    :param ct: @24, 3 bytes BCD, current transformer ratio
    :param pt: @27, 3 bytes BCD, voltage transformer ratio
    :param meter_no: @30, 6 bytes BCD, 12 digits
    :param customer_no: @36, 6 bytes BCD, 12 digits
    :param card_type: @42, 1 byte: 1 open, 2 purchase, 3 replacement

    @6 (4 bytes) and @15 (1 byte) are reserved, zero; @43 is the checksum over 1…42, @44 is ``16``.
    """

    user_type: int
    update_flag: int
    switch_time: str
    alarm1: int
    alarm2: int
    ct: int
    pt: int
    meter_no: str
    customer_no: str
    card_type: int

    @classmethod
    def of(cls, block, customer_no, meter_no):
        """Return the parameters of a purchase.

        :param block: :class:`~.card_image.CpuBlock`
        :param customer_no: up to 12 digits
        :param meter_no: up to 12 digits
        """
        return cls(
            user_type=block.user_type,
            update_flag=block.update_flag,
            switch_time=block.switch_time,
            alarm1=block.alarm1,
            alarm2=block.alarm2,
            ct=block.ct,
            pt=block.pt,
            meter_no=meter_no.zfill(12),
            customer_no=customer_no.zfill(12),
            card_type=block.card_type,
        )

    def encode(self, command):
        """Return the 45 bytes.

        :param command: ``01`` (gdw1365) or ``03`` (csg2015)
        :raise ValueError: a value does not fit its field
        """
        body = bytes((self.user_type, self.update_flag)) + bytes(4) + packed(self.switch_time, 5) + bytes(1)
        body += packed(self.alarm1, 4) + packed(self.alarm2, 4) + packed(self.ct, 3) + packed(self.pt, 3)
        body += packed(self.meter_no, 6) + packed(self.customer_no, 6) + bytes((self.card_type,))
        return frame(command, body)

    @classmethod
    def decode(cls, command, data):
        """Read the 45 bytes; None when frame, checksum, a digit or the card type is wrong."""
        body = unframe(command, data)
        if body is None or len(body) != _PARAMETERS_LENGTH:
            return None
        numbers = [digits(body[start:end]) for start, end in _PARAMETER_DIGITS]
        if None in numbers or body[38] not in CARD_TYPES.values():
            return None
        switch_time, alarm1, alarm2, ct, pt, meter_no, customer_no = numbers
        return cls(
            user_type=body[0],
            update_flag=body[1],
            switch_time=switch_time,
            alarm1=int(alarm1),
            alarm2=int(alarm2),
            ct=int(ct),
            pt=int(pt),
            meter_no=meter_no,
            customer_no=customer_no,
            card_type=body[38],
        )

    def block(self, count, amount):
        """Return what the card says of its last purchase.

        :param count: purchase count of the wallet
        :param amount: of the wallet, 0.01 yuan
        """
        return CpuBlock(
            count=count,
            amount=amount,
            user_type=self.user_type,
            update_flag=self.update_flag,
            switch_time=self.switch_time,
            alarm1=self.alarm1,
            alarm2=self.alarm2,
            ct=self.ct,
            pt=self.pt,
            card_type=self.card_type,
        )


#: BCD fields inside the body, which begins at @4: switch time, alarms, CT, PT, meter, customer.
_PARAMETER_DIGITS = ((6, 11), (12, 16), (16, 20), (20, 23), (23, 26), (26, 32), (32, 38))


def encode_wallet(count, amount):
    """Return the wallet file, SFI 02, 8 bytes: amount u32 in 0.01 yuan @0, purchase count u32 @4."""
    return amount.to_bytes(4, "big") + count.to_bytes(4, "big")


def decode_wallet(data):
    """Return ``(count, amount)``; None when the amount is larger than a wallet may hold."""
    amount = int.from_bytes(data[:4], "big")
    return (int.from_bytes(data[4:], "big"), amount) if amount <= MOST_CENTS else None


#: BCD fields inside the write-back's body, which begins at @4: CT, PT, meter, customer, overdraft, illegal, time.
_WRITEBACK_DIGITS = ((1, 4), (4, 7), (7, 13), (13, 19), (27, 31), (35, 38), (38, 43))


def encode_writeback(size, writeback, ct=1, pt=1, key_version=1):
    """Return the write-back file as a meter writes it.

    | @ | bytes | field |
    |---|---|---|
    | 0 | 4 | ``68 11`` and length ``002B`` (49 bytes) or ``002C`` (50 bytes) |
    | 4 | 1 | reserved |
    | 5 | 3 | CT ratio, BCD |
    | 8 | 3 | PT ratio, BCD |
    | 11 | 6 | meter number, BCD, 12 digits |
    | 17 | 6 | customer number, BCD, 12 digits |
    | 23 | 4 | remaining money, u32, 0.01 yuan |
    | 27 | 4 | purchase count, u32 |
    | 31 | 4 | overdraft, BCD, 0.01 yuan |
    | 35 | 4 | key info, key version in the last byte |
    | 39 | 3 | illegal inserts, BCD |
    | 42 | 5 | time, BCD YYMMDDhhmm |
    | 47 | 0 or 1 | reserved, zero (50 bytes only) |
    | −2 | 2 | checksum from the command on, ``16`` |

    :param size: 49 (gdw1365) or 50 (csg2015)
    :param writeback: :class:`~.card_image.WriteBack`, ``empty`` or ``valid``
    :raise ValueError: a value does not fit its field
    """
    if writeback.state == EMPTY:
        return bytes(size)
    body = bytes(1) + packed(ct, 3) + packed(pt, 3)
    body += packed(writeback.meter_no, 6) + packed(writeback.customer_no, 6)
    body += writeback.remaining.to_bytes(4, "big") + writeback.count.to_bytes(4, "big")
    body += packed(writeback.overused, 4) + key_version.to_bytes(4, "big")
    body += packed(writeback.illegal_inserts, 3) + packed(writeback.time, 5)
    return frame(_WRITEBACK_COMMAND, body.ljust(size - 6, b"\x00"))


def decode_writeback(data):
    """Read the write-back file (:func:`encode_writeback`): all zero is empty, what is not in order is damaged."""
    if not any(data):
        return WriteBack(EMPTY)
    body = unframe(_WRITEBACK_COMMAND, data)
    numbers = [digits(body[start:end]) for start, end in _WRITEBACK_DIGITS] if body is not None else [None]
    if None in numbers:
        return WriteBack(DAMAGED)
    _ct, _pt, meter_no, customer_no, overdraft, illegal, time = numbers
    return WriteBack(
        VALID,
        count=int.from_bytes(body[23:27], "big"),
        remaining=int.from_bytes(body[19:23], "big"),
        overused=int(overdraft),
        illegal_inserts=int(illegal),
        time=time,
        customer_no=customer_no,
        meter_no=meter_no,
    )
