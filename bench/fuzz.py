"""Bench ``fuzz``: a million malformed images of every card, read on both sides.

A malformed image gives a condition and, by the gate, a code. An exception that leaves a codec ends the bench; the image
that made it is shown.
"""

import importlib
import random
import sys
import time
from collections import Counter

from stack.codes_page import PACKAGE, load_codes

from bench.figures import Figure
from hw_proxy.cards import cpu_layout as proxy_cpu
from hw_proxy.cards import demo_layout as proxy_demo

IMAGES = 1_000_000
SEED = 20150301
CUSTOMER, METER = "000000004567", "000000008901"


def _core(name):
    load_codes()
    return importlib.import_module(f"{PACKAGE}.{name}")


class Family:
    """The images of one driver, and the ways of reading them.

    :param str driver: its name
    :param random.Random chance: where the damage comes from
    """

    def __init__(self, driver, chance):
        self.driver, self.chance = driver, chance
        self.codec = _core("codecs").codec_of(driver)
        self.is_cpu = self.codec.UNIT == "cents"
        image = _core("card_image")
        answered = image.WriteBack("valid", 3)
        first, second = (
            (image.CpuBlock(3, 100), image.CpuBlock(4, 200, alarm1=500))
            if self.is_cpu
            else (image.PurchaseBlock(3, 100), image.PurchaseBlock(4, 200))
        )
        serial = "1234567890123456" if self.is_cpu else "000000000123"
        before = self.codec.encode_card(serial, CUSTOMER, METER, first, answered)
        after = self.codec.image_for("purchase", before, second)
        self.pool = (before, after, self.codec.image_for("clear", before))
        self.ends = before, after

    def image(self):
        """Return a damaged image: bytes changed, areas wiped or moved, cut, or nonsense under a right checksum."""
        chance = self.chance
        memory = bytearray(chance.choice(self.pool))
        for _change in range(chance.randint(1, 4)):
            start = chance.randrange(len(memory))
            size = chance.choice((1, 1, 2, 4, 16, 64))
            filling = chance.choice((b"\x00", b"\xff", None))
            for place in range(start, min(start + size, len(memory))):
                memory[place] = filling[0] if filling else chance.randrange(256)
        if chance.random() < 0.4:
            self._sign(memory)
        if chance.random() < 0.02:
            del memory[chance.randrange(len(memory)) :]
        return bytes(memory)

    def _sign(self, memory):
        """Make checksums right, so that what is behind them is read."""
        if self.is_cpu:
            frame = _core("cpu_fields").frame
            memory[16:61] = frame(self.codec.COMMAND, bytes(memory[20:59]))
            memory[69:] = frame(0x11, bytes(memory[73:-2]))
            return
        crc16 = proxy_demo.crc16
        for start, size in ((0x20, 16), (0x40, 20), (0x60, 20), (0x80, 26)):
            end = start + size
            memory[end - 2 : end] = crc16(bytes(memory[start : end - 2])).to_bytes(2, "big")

    def read(self, memory):
        """Read an image on both sides and ask the gate; return its condition."""
        if self.is_cpu:
            layout = proxy_cpu.GDW1365 if self.driver == "gdw1365" else proxy_cpu.CSG2015
            proxy_cpu.decode(layout, memory)
        else:
            proxy_demo.decode(memory)
        card = self.codec.decode(memory, 3)
        gate = _core("gate")
        account = gate.AccountState(CUSTOMER, METER, card.serial, card.issue or 1, 3, driver=self.driver)
        result = gate.check("purchase", card, account)
        if not result.allowed and result.code not in _core("codes").CATALOGUE:
            raise ValueError(f"no such code: {result.code}")
        self.codec.lies_between(*self.ends, memory)
        return card.condition


def measure(_runs, images=IMAGES):
    """Return the figure: how long an image takes. An exception that leaves a codec ends the bench, its image shown.

    :param int images: how many, spread evenly over the drivers
    """
    chance = random.Random(SEED)
    families = [Family(driver, chance) for driver in _core("codecs").CODECS]
    conditions = Counter()
    begin = time.perf_counter()
    for number in range(images):
        family = families[number % len(families)]
        memory, condition = family.image(), None
        try:
            condition = family.read(memory)
        finally:
            if condition is None:
                sys.stderr.write(f"{family.driver}, image {number} of seed {SEED}: {memory.hex()}\n")
        conditions[condition] += 1
    each = round((time.perf_counter() - begin) / images * 1e6, 1)
    read = ", ".join(f"{name} {count}" for name, count in sorted(conditions.items()))
    return [Figure("fuzz", each, each, 1.0, "µs", f"an image, of {images} malformed ones, none raised: {read}")]
