"""What a device beside the card readers shows of itself."""

from __future__ import annotations

from typing import Protocol


class Device(Protocol):
    """One device of the terminal, as ``/v1/status`` lists it."""

    def status(self) -> dict[str, object]:
        """``name``, ``kind``, ``state`` and ``code`` (of what is wrong, or none). Waits for nothing."""
