"""Tariff sets of CPU purchase cards: files that a card takes to the meter when its update flag says so.

Source: ``docs/protocol/card-layout-cpu.md``. Rates and prices are BCD XXXX.XXXX yuan/kWh, held here in 0.0001 yuan/kWh;
thresholds are BCD XXXXXX.XX kWh, held in 0.01 kWh; settlement days are ``"MMDDhh"``. The checksum is the sum from the
command byte on, mod 256.
"""

from dataclasses import dataclass

from .cpu_fields import digits, frame, packed, unframe

_COMMAND = 0x01
_NO_TIME = "0" * 10
_NO_DAY = "0" * 6


def _row(values, count, size, name):
    if len(values) != count:
        raise ValueError(f"{name}: {count} values, not {len(values)}")
    return b"".join(packed(value, size) for value in values)


def _numbers(text, count):
    return tuple(int(text[8 * place : 8 * place + 8]) for place in range(count))


def _days(text, count):
    return tuple(text[6 * place : 6 * place + 6] for place in range(count))


@dataclass(frozen=True)
class Ladder:
    """A ladder (阶梯): tiers of consumption with a price each.

    :param thresholds: six, 0.01 kWh
    :param prices: seven, 0.0001 yuan/kWh
    :param days: settlement days ``"MMDDhh"``: four (gdw1365) or six (csg2015)
    """

    thresholds: tuple = (0,) * 6
    prices: tuple = (0,) * 7
    days: tuple = ()

    def encode(self, days):
        """Return 6 thresholds × 4, 7 prices × 4, ``days`` days × 3; days that are not given are zero.

        :raise ValueError: a value does not fit its field
        """
        given = tuple(self.days) + (_NO_DAY,) * (days - len(self.days))
        return (
            _row(self.thresholds, 6, 4, "thresholds") + _row(self.prices, 7, 4, "prices") + _row(given, days, 3, "days")
        )

    @classmethod
    def decode(cls, text, days):
        """Read the digits of :meth:`encode`."""
        return cls(_numbers(text, 6), _numbers(text[48:], 7), _days(text[104:], days))


@dataclass(frozen=True)
class GdwTariffSet:
    """Tariff set of ``gdw1365``, SFI 03 (current) and 04 (backup), 258 bytes.

    | @ | bytes | field |
    |---|---|---|
    | 0 | 4 | ``68 01`` and length ``00FC`` |
    | 4 | 32 × 4 | rates |
    | 132 | 6 × 4 | ladder thresholds |
    | 156 | 7 × 4 | ladder prices |
    | 184 | 4 × 3 | year-settlement days |
    | 196 | 5 | backup set only: when the ladder switches, BCD YYMMDDhhmm |
    | 201 | 55 | zero |
    | 256 | 2 | checksum, ``16`` |

    :param rates: up to 32, 0.0001 yuan/kWh; the rest is zero
    :param ladder: a :class:`Ladder` with four days
    :param switch_time: ``"YYMMDDhhmm"``
    """

    rates: tuple = ()
    ladder: Ladder = Ladder()
    switch_time: str = _NO_TIME

    def encode(self):
        """Return the 258 bytes.

        :raise ValueError: a value does not fit its field
        """
        rates = tuple(self.rates) + (0,) * (32 - len(self.rates))
        body = _row(rates, 32, 4, "rates") + self.ladder.encode(4) + packed(self.switch_time, 5)
        return frame(_COMMAND, body + bytes(55))

    @classmethod
    def decode(cls, data):
        """Read 258 bytes; None when length, frame, checksum or a digit is wrong."""
        body = unframe(_COMMAND, data) if len(data) == 258 else None
        text = digits(body[:197]) if body is not None else None
        if text is None:
            return None
        return cls(_numbers(text, 32), Ladder.decode(text[256:384], 4), text[384:394])


@dataclass(frozen=True)
class CsgTariffSet:
    """Tariff set of ``csg2015``, SFI 03 (current) and 04 (backup), 199 bytes.

    | @ | bytes | field |
    |---|---|---|
    | 0 | 4 | ``68 01`` and length ``00C1`` |
    | 4 | 12 × 4 | rates |
    | 52 | 70 | first ladder: 6 thresholds × 4, 7 prices × 4, 6 days × 3 |
    | 122 | 70 | second ladder, the same |
    | 192 | 5 | when the second ladder begins, BCD YYMMDDhhmm |
    | 197 | 2 | checksum, ``16`` |

    :param rates: up to 12, 0.0001 yuan/kWh; the rest is zero
    :param ladder: first :class:`Ladder`, six days
    :param second: second :class:`Ladder`, six days
    :param switch_time: ``"YYMMDDhhmm"``
    """

    rates: tuple = ()
    ladder: Ladder = Ladder()
    second: Ladder = Ladder()
    switch_time: str = _NO_TIME

    def encode(self):
        """Return the 199 bytes.

        :raise ValueError: a value does not fit its field
        """
        rates = tuple(self.rates) + (0,) * (12 - len(self.rates))
        body = _row(rates, 12, 4, "rates") + self.ladder.encode(6) + self.second.encode(6)
        return frame(_COMMAND, body + packed(self.switch_time, 5))

    @classmethod
    def decode(cls, data):
        """Read 199 bytes; None when length, frame, checksum or a digit is wrong."""
        body = unframe(_COMMAND, data) if len(data) == 199 else None
        text = digits(body) if body is not None else None
        if text is None:
            return None
        return cls(_numbers(text, 12), Ladder.decode(text[96:236], 6), Ladder.decode(text[236:376], 6), text[376:386])
