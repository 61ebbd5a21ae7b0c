"""The utility's preparation of CPU cards: blank, open, purchase and foreign cards, without any point of sale."""

from __future__ import annotations

from . import cpu_kinds as files
from .cpu_card import CpuCard
from .cpu_kinds import Kind
from .cpu_layout import (
    CARD_OPEN,
    CARD_PURCHASE,
    FLAGS_OPEN,
    Parameters,
    Wallet,
    pack_parameters,
    pack_wallet,
    parse_parameters,
)
from .cpu_session import CpuSession
from .keys import CpuMasters
from .meter import InsertResult
from .money_meter import MoneyMeter
from .tariff_set import TariffSet, pack_tariff_set

DEMO_PRICE = 5483
"""0.5483 yuan/kWh, in 0.0001 yuan: the price of issued cards that name no tariff."""


def blank_card(kind: Kind, serial: str, issuer: int = 1, write_times: bool = False) -> CpuCard:
    """Make a card that was never issued: a serial, the public transport keys, empty files."""
    return CpuCard(kind, serial, issuer=issuer, write_times=write_times)


def foreign_card(kind: Kind, serial: str) -> CpuCard:
    """Make a card of this family with another maker's answer to reset: the same files, the last byte 02."""
    return CpuCard(kind, serial, atr=kind.atr[:-1] + b"\x02")


def open_card(
    kind: Kind,
    serial: str,
    masters: CpuMasters,
    parameters: Parameters,
    wallet: Wallet,
    current: TariffSet | None = None,
    backup: TariffSet | None = None,
    write_times: bool = False,
) -> CpuCard:
    """Make a card that was written for a contract and not inserted yet: current keys, files, empty write-back."""
    card = blank_card(kind, serial)
    session = _session(card, masters)
    session.give_keys()
    session.begin()
    session.authenticate()
    for sfi, tariff in ((files.CURRENT_TARIFF, current), (files.BACKUP_TARIFF, backup)):
        if tariff is not None:
            session.update(sfi, pack_tariff_set(kind, tariff))
    session.update(files.WALLET, pack_wallet(wallet))
    session.update(files.PARAMETERS, pack_parameters(kind, parameters))
    card.power_off()
    card.write_times = write_times
    return card


def write_purchase(
    card: CpuCard, masters: CpuMasters, count: int, amount: int, *, clear: bool = True, **parameters: object
) -> None:
    """Write a purchase in the order of docs/protocol: parameters, wallet, then the write-back's zeros.

    :param amount: 0.01 yuan.
    :param clear: False leaves the write-back: a write that was torn before its commit.
    :param parameters: fields of :class:`Parameters` that differ from those on the card.
    :raises CardPulled: the card was pulled in between.
    """
    kind = card.kind
    session = _session(card, masters)
    _state, old = parse_parameters(kind, card.content(files.PARAMETERS))
    values = {**vars(old), "card_type": CARD_PURCHASE, "update_flag": 0, **parameters}
    session.update(files.PARAMETERS, pack_parameters(kind, Parameters(**values)))
    session.update(files.WALLET, pack_wallet(Wallet(amount, count)))
    if clear:
        session.update(kind.write_back, bytes(kind.write_back_size))
    card.power_off()


def write_file(card: CpuCard, masters: CpuMasters, sfi: int, data: bytes) -> None:
    """Write one file with the card's own keys."""
    _session(card, masters).update(sfi, data)
    card.power_off()


def issue(
    serial: str,
    customer_no: str,
    meter: MoneyMeter,
    masters: CpuMasters,
    amount: int = 10_000,
    alarm1: int = 2_000,
    alarm2: int = 500,
    price: int = DEMO_PRICE,
    write_times: bool = False,
) -> tuple[CpuCard, InsertResult]:
    """Open an account: an open card with count 1, already carried to its meter, so its write-back is valid.

    :param meter: a meter that is not opened yet.
    :param amount: first purchase, and the alarms, in 0.01 yuan.
    :param price: of rate 1, 0.0001 yuan/kWh.
    :return: the card and what the meter said to it.
    """
    parameters = Parameters(
        meter.state.meter_no, customer_no.zfill(12), CARD_OPEN, FLAGS_OPEN, alarm1=alarm1, alarm2=alarm2
    )
    tariff = TariffSet(rates=(price,))
    card = open_card(
        meter.kind, serial, masters, parameters, Wallet(amount, 1), current=tariff, write_times=write_times
    )
    return card, meter.insert(card)


def _session(card: CpuCard, masters: CpuMasters) -> CpuSession:
    card.insert()
    card.power_on()
    session = CpuSession(card, masters)
    session.begin()
    session.authenticate()
    return session
