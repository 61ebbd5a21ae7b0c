"""The event stream of a page that reads too slowly."""

import asyncio
import json
from types import SimpleNamespace

from hw_proxy.api import stream
from hw_proxy.events import QUEUE_LENGTH, Events

TOO_MANY = QUEUE_LENGTH + 20
FOR_EVER = 1 << 40


def fake_terminal():
    asked = []

    def status():
        asked.append(True)
        return {"asked": len(asked)}

    return SimpleNamespace(events=Events(), status=status, clock=SimpleNamespace(now_ms=lambda: 0))


async def read(events, frames):
    """The next frames as (event, data), without the comments that keep the stream alive."""
    found = []
    while len(found) < frames:
        frame = (await anext(events)).decode()
        if not frame.startswith(":"):
            event, data = frame.strip().split("\n")
            found.append((event.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_a_page_that_missed_events_is_told_the_status_once_it_has_caught_up():
    terminal = fake_terminal()

    async def visit():
        events = stream.events(terminal, FOR_EVER, lambda: False)
        await read(events, 1)
        for number in range(TOO_MANY):
            terminal.events.publish("job", {"number": number})
        caught_up = await read(events, QUEUE_LENGTH + 1)
        terminal.events.publish("job", {"number": -1})
        return caught_up, await read(events, 1)

    caught_up, after = asyncio.run(asyncio.wait_for(visit(), 20))
    assert [data["number"] for _event, data in caught_up[:-1]] == list(range(QUEUE_LENGTH))
    assert caught_up[-1] == ("status", {"asked": 2})
    assert after == [("job", {"number": -1})]
