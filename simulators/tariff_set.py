"""A tariff set of the CPU cards, bytes <-> values, and what a kWh costs by it (docs/protocol/card-layout-cpu.md)."""

from __future__ import annotations

from dataclasses import dataclass

from .bcd import decode_bcd, encode_bcd
from .cpu_kinds import Kind
from .cpu_layout import NO_TIME, checksum

THRESHOLDS, PRICES = 6, 7


@dataclass(frozen=True)
class TariffSet:
    """Prices in 0.0001 yuan/kWh, thresholds in 0.01 kWh (zero: not used), settlement days as MMDDhh (zeros: none).

    What a kWh costs is the price of its rate plus the price of the ladder's step. ``switch_time``: YYMMDDhhmm.
    """

    rates: tuple[int, ...] = (0,)
    thresholds: tuple[int, ...] = ()
    prices: tuple[int, ...] = ()
    settlement: tuple[str, ...] = ()
    switch_time: str = NO_TIME

    def step(self, used: int) -> int:
        """Return the step of the ladder, from 0, at which energy flows after ``used`` (0.01 kWh)."""
        return sum(1 for threshold in self.thresholds if 0 < threshold <= used)

    def until_next_step(self, used: int) -> int | None:
        """Return the energy until the price changes, 0.01 kWh; None when it does not."""
        return min((threshold - used for threshold in self.thresholds if threshold > used), default=None)

    def price(self, rate: int, used: int) -> int:
        """Return what a kWh costs, 0.0001 yuan.

        :param rate: number of the rate in force, from 1; one that the set does not have costs nothing.
        :param used: energy since the last settlement, 0.01 kWh.
        """
        by_rate = self.rates[rate - 1] if rate <= len(self.rates) else 0
        step = self.step(used)
        return by_rate + (self.prices[step] if step < len(self.prices) else 0)


def pack_tariff_set(kind: Kind, tariff: TariffSet) -> bytes:
    """Return the bytes of a set; its ladder is the first of the kind's."""
    ladder = kind.ladders[0]
    data = bytearray(kind.tariff_size)
    data[:4] = bytes([0x68, 0x01]) + (kind.tariff_size - 6).to_bytes(2, "big")
    for offset, count, values in (
        (4, kind.rates, tariff.rates),
        (ladder.offset, THRESHOLDS, tariff.thresholds),
        (ladder.prices, PRICES, tariff.prices),
    ):
        if len(values) > count:
            raise ValueError(f"a set of {kind.driver} has no room for {len(values)} values")
        for index, value in enumerate(values):
            data[offset + 4 * index : offset + 4 * index + 4] = encode_bcd(str(value), 4)
    if len(tariff.settlement) > ladder.days:
        raise ValueError(f"a set of {kind.driver} has no room for {len(tariff.settlement)} days")
    for index, day in enumerate(tariff.settlement):
        place = ladder.settlement + 3 * index
        data[place : place + 3] = encode_bcd(day, 3)
    data[kind.ladder_switch : kind.ladder_switch + 5] = encode_bcd(tariff.switch_time, 5)
    data[-2:] = bytes([checksum(data[1:-2]), 0x16])
    return bytes(data)


def parse_tariff_set(kind: Kind, data: bytes) -> TariffSet | None:
    """Read a set.

    :return: None when the file is all zero: no set.
    :raises ValueError: frame, CS or digits are wrong.
    """
    if not any(data):
        return None
    head = bytes([0x68, 0x01]) + (kind.tariff_size - 6).to_bytes(2, "big")
    if len(data) != kind.tariff_size or data[:4] != head or data[-1] != 0x16 or checksum(data[1:-2]) != data[-2]:
        raise ValueError("the frame of the tariff set is wrong")
    ladder = kind.ladders[0]
    days = (
        decode_bcd(data[place : place + 3])
        for place in range(ladder.settlement, ladder.settlement + 3 * ladder.days, 3)
    )
    return TariffSet(
        rates=_numbers(data, 4, kind.rates),
        thresholds=_numbers(data, ladder.offset, THRESHOLDS),
        prices=_numbers(data, ladder.prices, PRICES),
        settlement=tuple(day for day in days if int(day)),
        switch_time=decode_bcd(data[kind.ladder_switch : kind.ladder_switch + 5]),
    )


def _numbers(data: bytes, offset: int, count: int) -> tuple[int, ...]:
    return tuple(int(decode_bcd(data[place : place + 4])) for place in range(offset, offset + 4 * count, 4))
