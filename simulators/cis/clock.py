"""The utility's clock: it runs, and can be set, so that a test reaches midnight when it wants to."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


class Clock:
    """The time of the utility.

    :param zone: name of its time zone, in which its accounting days lie
    """

    def __init__(self, zone: str = "UTC") -> None:
        self.zone = ZoneInfo(zone)
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the moment, aware, in the utility's zone."""
        return datetime.now(self.zone) + self._ahead

    def today(self) -> date:
        """Return the accounting day."""
        return self.now().date()

    def set(self, moment: datetime) -> None:
        """Let it be another moment; the clock runs on from there.

        :param moment: without a zone: in the utility's
        """
        aware = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
        self._ahead = aware - datetime.now(self.zone)

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self._ahead += timedelta(seconds=seconds)

    def reset(self) -> None:
        """Return to the machine's time."""
        self._ahead = timedelta()
