"""Fixtures of the simulators' own tests."""

from __future__ import annotations

import hashlib
from datetime import datetime
from types import SimpleNamespace

import pytest

from simulators import layout
from simulators.issue import issue, open_card, write_purchase
from simulators.keys import CardKeys, CpuMasters, MasterKey
from simulators.meter import Meter

SERIAL, CUSTOMER, METER = "000000000123", "000000004567", "000000008901"


@pytest.fixture
def keys() -> MasterKey:
    return MasterKey(bytes(range(32)))


@pytest.fixture
def card_keys() -> CardKeys:
    """The masters of every kind of card; that of the memory cards is :func:`keys`."""
    version = {purpose: hashlib.sha256(purpose.encode()).digest()[:16] for purpose in ("int", "ext", "mac")}
    masters = CpuMasters({1: version}, 1)
    memory = dict.fromkeys(("sle4442_demo", "sle4428_demo"), bytes(range(32)))
    return CardKeys(memory, {"gdw1365": masters, "csg2015": masters})


@pytest.fixture
def home(keys):
    """One household: an opened card, its meter (count 1, 100.00 kWh), and helpers to sell and to make other cards."""
    meter = Meter(METER, keys, clock=lambda: datetime(2026, 3, 4, 5, 6))
    chip, _opened = issue(SERIAL, CUSTOMER, meter, keys)

    def sell(count: int, energy: int = 5_000, **fields) -> None:
        write_purchase(chip, layout.Purchase(count, energy, **fields), keys)

    def other_card(**fields):
        values = {"serial": SERIAL, "customer": CUSTOMER, "meter": METER, "type": 1, "issue": 1, "count": 2, **fields}
        return open_card(
            values["serial"],
            layout.Contract(values["customer"], values["meter"], values["type"], values["issue"]),
            layout.Purchase(values["count"], values.get("energy", 5_000), issue=values["issue"]),
            keys,
        )

    def write_back():
        return layout.parse(chip.image()).write_back

    return SimpleNamespace(keys=keys, meter=meter, chip=chip, sell=sell, other_card=other_card, write_back=write_back)
