"""A thread that does one thing after the other. Nothing has to wait for it, not even the end of the process."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, NamedTuple, TypeVar

Result = TypeVar("Result")


class _Task(NamedTuple):
    work: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]
    even_if_abandoned: bool


class SerialThread:
    """Starts its thread with the first work. One of a pool would be waited for at the end, whatever it hangs on."""

    def __init__(self, name: str) -> None:
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    async def run(self, work: Callable[[], Result], even_if_abandoned: bool = False) -> Result:
        """What `work()` returns or raises, in its turn.

        When its caller was cancelled it is left out, unless `even_if_abandoned`.
        """
        if self._thread.ident is None:
            self._thread.start()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()
        self._tasks.put(_Task(work, loop, done, even_if_abandoned))
        return await done

    def close(self) -> None:
        """End after what was given so far; don't wait for that."""
        self._tasks.put(None)

    def join(self) -> None:
        """Wait until it has ended, in another thread than the event loop's."""
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while task := self._tasks.get():
            if task.even_if_abandoned or not task.done.cancelled():
                _perform(task)
            # While it waits for the next, the thread holds neither the last one nor what came of it.
            del task


def _perform(task: _Task) -> None:
    result, problem = None, None
    try:
        result = task.work()
    except Exception as raised:
        problem = raised
    # The event loop may have ended meanwhile.
    with suppress(RuntimeError):
        task.loop.call_soon_threadsafe(_resolve, task.done, result, problem)


def _resolve(done: asyncio.Future[Any], result: Any, problem: Exception | None) -> None:
    if done.done():
        return
    if problem:
        done.set_exception(problem)
    else:
        done.set_result(result)
