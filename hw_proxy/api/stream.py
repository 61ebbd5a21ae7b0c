"""The event stream: ``text/event-stream`` in the answer to a POST (WHATWG HTML, server-sent events)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable

from starlette.concurrency import run_in_threadpool

from hw_proxy.terminal import Terminal

# Seconds between two comments, by which a page tells a quiet stream from a dead one.
KEEP_ALIVE = 1.0


async def events(terminal: Terminal, expires: int, stopped: Callable[[], bool]) -> AsyncIterator[bytes]:
    """The terminal's events, beginning with its status.

    :param expires: seconds since the epoch at which the page's token ends, and the stream with it.
    :param stopped: whether the service ends.
    """

    async def status() -> bytes:
        # It asks the journal, whose disk may be slow: never in the loop that serves every page.
        return _frame("status", await run_in_threadpool(terminal.status))

    with terminal.events.subscribe() as subscription:
        yield await status()
        while not stopped() and terminal.clock.now_ms() < expires * 1000:
            try:
                event, data = await asyncio.wait_for(subscription.queue.get(), KEEP_ALIVE)
            except TimeoutError:
                yield b": \n\n"
                continue
            yield _frame(event, data)
            if subscription.overrun and subscription.queue.empty():
                subscription.overrun = False
                yield await status()


def _frame(event: str, data: dict[str, object]) -> bytes:
    return f"event: {event}\ndata: {json.dumps(data)}\n\n".encode()
