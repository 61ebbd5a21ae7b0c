"""The meter for CPU cards: money in 0.01 yuan, consumption by tariff sets (docs/protocol/card-layout-cpu.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from . import cpu_kinds as files
from . import meter_codes as codes
from .acceptance import Decision, by_table, is_other_serial, unopened_error
from .bcd import encode_time
from .card import ApduCard
from .card_meter import CardMeter
from .cpu_kinds import Kind
from .cpu_layout import (
    BLANK,
    CARD_OPEN,
    CARD_PURCHASE,
    CARD_REPLACEMENT,
    EMPTY,
    FLAG_BACKUP_LADDER,
    FLAG_BACKUP_RATES,
    FLAG_CURRENT_LADDER,
    FLAG_CURRENT_RATES,
    FLAG_PARAMETERS,
    GOOD,
    NO_TIME,
    CardFile,
    Parameters,
    Wallet,
    WriteBack,
    pack_write_back,
    parse_card_file,
    parse_parameters,
    parse_wallet,
    parse_write_back,
)
from .cpu_session import CommandRefused, CpuSession, NotGenuine
from .keys import CpuMasters
from .money_state import MoneyState
from .tariff_set import TariffSet, parse_tariff_set

_BACKUP = FLAG_BACKUP_RATES | FLAG_BACKUP_LADDER
_CURRENT = FLAG_CURRENT_RATES | FLAG_CURRENT_LADDER


class _Refused(Exception):
    """The card is refused before the counts are compared; the argument is the meter's error code."""


@dataclass(frozen=True)
class _Content:
    """What a card says: its files as values. Tariff sets are None where the card brings none."""

    card: CardFile
    parameters: Parameters
    wallet: Wallet
    write_back_empty: bool
    current: TariffSet | None
    backup: TariffSet | None
    reconnect: bytes | None


class MoneyMeter(CardMeter):
    """One meter.

    :param meter_no: 12 digits.
    :param kind: of its cards.
    :param masters: of its cards.
    :param path: JSON file that holds the meter's memory; None keeps it in this object only.
    :param clock: local time.
    """

    STATE = MoneyState

    def __init__(
        self,
        meter_no: str,
        kind: Kind,
        masters: CpuMasters,
        path: str | Path | None = None,
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        super().__init__(meter_no, kind.driver, kind.atr, path, clock)
        self.kind = kind
        self._masters = masters
        self._session: CpuSession | None = None

    # -- one insertion -------------------------------------------------------------------------------------------

    def examine(self, card: ApduCard) -> tuple[Decision, _Content | None]:
        """Application, authentication, frame and CS, numbers, card type, owner; then the table."""
        self.state.look_at_clock(self._clock())
        session = self._session = CpuSession(card, self._masters)
        try:
            self._authenticate(session)
            content = self._read(session)
            self._check_owner(content)
        except _Refused as refusal:
            return Decision(error=refusal.args[0]), None
        except CommandRefused:
            return Decision(error=codes.COMMUNICATION), None
        decision = by_table(
            self.state,
            count=content.wallet.count,
            quantity=content.wallet.amount,
            write_back_empty=content.write_back_empty,
            serial=content.card.serial,
            flagged=content.parameters.update_flag != 0,
        )
        return decision, content

    def _authenticate(self, session: CpuSession) -> None:
        try:
            session.begin()
        except CommandRefused as error:
            raise _Refused(codes.NOT_ISSUED) from error
        try:
            session.authenticate()
        except NotGenuine as error:
            raise _Refused(codes.CARD_CODE) from error
        except CommandRefused as error:
            locked = error.status == b"\x69\x83"
            raise _Refused(codes.CARD_LOCKED if locked else codes.CARD_CODE) from error

    def _read(self, session: CpuSession) -> _Content:
        kind = self.kind
        state, parameters = parse_parameters(kind, session.read(files.PARAMETERS, files.PARAMETERS_SIZE))
        if state != GOOD:
            raise _Refused(codes.NOT_ISSUED if state == BLANK else codes.FILE_FORMAT)
        wallet = parse_wallet(session.read(files.WALLET, files.WALLET_SIZE))
        write_back, _value = parse_write_back(kind, session.read(kind.write_back, kind.write_back_size))
        flag = parameters.update_flag
        try:
            return _Content(
                card=parse_card_file(session.card_file),
                parameters=parameters,
                wallet=wallet,
                write_back_empty=write_back == EMPTY,
                current=self._tariff(session, files.CURRENT_TARIFF) if flag & _CURRENT else None,
                backup=self._tariff(session, files.BACKUP_TARIFF) if flag & _BACKUP else None,
                reconnect=session.read(kind.reconnect, 16) if kind.reconnect is not None else None,
            )
        except ValueError as error:
            raise _Refused(codes.FILE_FORMAT) from error

    def _tariff(self, session: CpuSession, sfi: int) -> TariffSet | None:
        return parse_tariff_set(self.kind, session.read(sfi, self.kind.tariff_size))

    def _check_owner(self, content: _Content) -> None:
        state, parameters = self.state, content.parameters
        if parameters.meter_no != state.meter_no:
            raise _Refused(codes.METER_NO)
        if parameters.card_type not in (CARD_OPEN, CARD_PURCHASE, CARD_REPLACEMENT):
            raise _Refused(codes.CARD_TYPE)
        if not state.opened:
            error = unopened_error(parameters.card_type, content.wallet.count)
            if error is not None:
                raise _Refused(error)
            return
        if parameters.customer_no != state.customer_no:
            raise _Refused(codes.CUSTOMER_NO)
        if parameters.card_type == CARD_PURCHASE and is_other_serial(state, content.card.serial):
            raise _Refused(codes.CARD_SERIAL)

    # -- after the decision --------------------------------------------------------------------------------------

    def learn(self, decision: Decision, content: _Content) -> None:
        """Take owner, flagged parameters and tariff sets, serial, and a reconnect command."""
        state = self.state
        if decision.delta == 1 and decision.error is None:
            state.customer_no = content.parameters.customer_no
        if decision.parameters:
            self._take_parameters(content)
        if decision.remember:
            state.serial = content.card.serial
        state.card_key_version = content.card.key_version
        if content.reconnect and any(content.reconnect):
            self._obey(content.reconnect)
        state.look_at_clock(self._clock())

    def _take_parameters(self, content: _Content) -> None:
        state, parameters = self.state, content.parameters
        if parameters.update_flag & FLAG_PARAMETERS:
            state.alarm1, state.alarm2 = parameters.alarm1, parameters.alarm2
            state.ct, state.pt, state.user_type = parameters.ct, parameters.pt, parameters.user_type
        for flag, tariff, take, backup in (
            (FLAG_CURRENT_RATES, content.current, state.take_rates, False),
            (FLAG_CURRENT_LADDER, content.current, state.take_ladder, False),
            (FLAG_BACKUP_RATES, content.backup, state.take_rates, True),
            (FLAG_BACKUP_LADDER, content.backup, state.take_ladder, True),
        ):
            if parameters.update_flag & flag and tariff is not None:
                take(tariff, backup=backup)
        if content.backup is not None and parameters.update_flag & FLAG_BACKUP_RATES:
            state.switch_time = parameters.switch_time
        if content.backup is not None and parameters.update_flag & FLAG_BACKUP_LADDER:
            own = content.backup.switch_time
            state.ladder_switch_time = own if own != NO_TIME else parameters.switch_time

    def _obey(self, command: bytes) -> None:
        """Close what was tripped from afar, when the command is this card's and its deadline has not passed."""
        deadline = self._session.keys.reconnect_deadline(command)
        if deadline is not None and self._clock().strftime("%y%m%d%H%M%S") <= deadline.hex():
            self.state.remote_trip = False

    def answer(self, card: ApduCard) -> tuple[int | None, bool]:
        """Write back with a secure update, and read it back."""
        state = self.state
        block = pack_write_back(
            self.kind,
            WriteBack(
                meter_no=state.meter_no,
                customer_no=state.customer_no or "0",
                remaining=state.remaining,
                count=state.count,
                over_used=state.over_used,
                illegal_inserts=state.illegal_inserts,
                time=encode_time(self._clock()),
                ct=state.ct,
                pt=state.pt,
                key_version=state.card_key_version,
            ),
        )
        try:
            self._session.update(self.kind.write_back, block)
            complete = self._session.read(self.kind.write_back, len(block)) == block
        except CommandRefused as error:
            return (codes.MAC if error.status in (b"\x69\x88", b"\x69\x83") else codes.COMMUNICATION), False
        return (None if complete else codes.COMMUNICATION), complete

    # -- living --------------------------------------------------------------------------------------------------

    def _draw(self, energy: int) -> int:
        self.state.look_at_clock(self._clock())
        return self.state.consume(energy)

    def amount(self, quantity: int, language: str) -> str:
        """Return yuan."""
        return f"{Decimal(quantity) / 100:,.2f} {'元' if language == 'zh' else 'yuan'}"
