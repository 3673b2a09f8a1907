"""A thread that does one piece of work after the other, and that the process does not wait for when it ends."""

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
    """Starts its thread with the first work. A process would wait for a thread of a pool, even if that hangs."""

    def __init__(self, name: str) -> None:
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    async def run(self, work: Callable[[], Result], even_if_abandoned: bool = False) -> Result:
        """Returns or raises what `work()` does, in its turn.

        If its caller was cancelled before, it is skipped, unless `even_if_abandoned`.
        """
        if self._thread.ident is None:
            self._thread.start()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()
        self._tasks.put(_Task(work, loop, done, even_if_abandoned))
        return await done

    def close(self) -> None:
        """End after the work given so far, without waiting for it."""
        self._tasks.put(None)

    def join(self) -> None:
        """Wait until it has ended. It blocks: not for the event loop's thread."""
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
