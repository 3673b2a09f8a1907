"""Waiting for a condition of another process: until it holds, and never for ever."""

import asyncio
import threading
import time
from collections.abc import Callable

# Nothing takes so long; a machine that is busy with other things may be ten times slower than one at rest.
TIMEOUT_S = 120.0
POLL_S = 0.01
# The longer it takes, the less often it is polled: each poll takes processor time from what it waits for.
LONGEST_POLL_S = 0.1


def until(condition: Callable[[], object], what: str) -> None:
    """Return once `condition()` holds; fail the test, saying `what` was expected, if it does not in TIMEOUT_S."""
    deadline, pause_s = time.monotonic() + TIMEOUT_S, POLL_S
    while not condition():
        assert time.monotonic() < deadline, f"did not happen in {TIMEOUT_S:g} s: {what}"
        threading.Event().wait(pause_s)
        pause_s = min(1.2 * pause_s, LONGEST_POLL_S)


async def until_async(condition: Callable[[], object], what: str) -> None:
    """The same, while the event loop goes on."""
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, f"did not happen in {TIMEOUT_S:g} s: {what}"
        await asyncio.sleep(POLL_S)
