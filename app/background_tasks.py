"""Background work that has to go on: what fails in it is logged, and begun again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from app.logs import about

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 5.0

_log = logging.getLogger(__name__)


async def keep_going(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Await `work()`, again after each failure, with growing pauses, until it returns by itself.

    The traceback of a failure is logged once, not each time that the same comes again.
    """
    loop, pause_s, logged = asyncio.get_running_loop(), FIRST_PAUSE_S, ""
    while True:
        began = loop.time()
        try:
            return await work()
        except Exception as problem:
            if loop.time() - began > LONGEST_PAUSE_S:
                pause_s, logged = FIRST_PAUSE_S, ""
            if logged != (logged := f"{type(problem).__name__}: {problem}"):
                _log.exception("background task failed", extra=about(task=name))
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
