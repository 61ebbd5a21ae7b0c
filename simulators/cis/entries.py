"""What callers bring: payments, reversals and pages of a day. Money is cents, energy 0.01 kWh."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date


@dataclass(frozen=True)
class Allocation:
    """Part of a payment for one receivable, its late fee included."""

    receivable_id: str
    amount: int


@dataclass(frozen=True)
class Payment:
    """A payment to be booked; energy and count are None where the message has none."""

    serial: str
    account_no: str
    accounting_date: date
    kind: str
    method: str
    channel: str
    operator: str
    amount: int
    batch: str
    allocations: tuple[Allocation, ...] = ()
    energy: int | None = None
    count: int | None = None

    def to_json(self) -> dict:
        """Return what :meth:`from_json` reads."""
        return {**asdict(self), "accounting_date": self.accounting_date.isoformat()}

    @classmethod
    def from_json(cls, values: dict) -> Payment:
        """Return the payment of a stored dictionary."""
        allocations = tuple(Allocation(**each) for each in values["allocations"])
        day = date.fromisoformat(values["accounting_date"])
        return cls(**{**values, "accounting_date": day, "allocations": allocations})


@dataclass(frozen=True)
class Reversal:
    """A whole payment to be taken back."""

    serial: str
    original_serial: str
    accounting_date: date
    operator: str
    reason: str

    def to_json(self) -> dict:
        """Return what :meth:`from_json` reads."""
        return {**asdict(self), "accounting_date": self.accounting_date.isoformat()}

    @classmethod
    def from_json(cls, values: dict) -> Reversal:
        """Return the reversal of a stored dictionary."""
        return cls(**{**values, "accounting_date": date.fromisoformat(values["accounting_date"])})


@dataclass(frozen=True)
class Record:
    """One record of a day's detail; negative for a reversal."""

    serial: str
    account_no: str
    amount: int
    original_serial: str | None = None


@dataclass(frozen=True)
class DayPage:
    """One page of a day's detail with the day's totals; pages count from 1."""

    accounting_date: date
    batch: str
    count: int
    total: int
    page: int
    pages: int
    records: tuple[Record, ...] = ()
