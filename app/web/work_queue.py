"""Where what takes long is made: in one thread, one thing at a time, so that the event loop and all others go on.

Python's threads take turns anyway, and every one more makes the event loop wait longer for its own. It is always the
same thread: fonts, caches and the allocator's arenas are kept for each that ever drew or wrote. Requests wait
visitor by visitor, so that one who asks for a lot does not make the others wait for all of it; for visitors who have
left meanwhile nothing is begun. What is made, and whether it is kept, is not decided here.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from fastapi import Request

from app.errors import Overloaded, VisitorOverloaded
from app.storage.serial_thread import SerialThread
from app.web.admission.visitor import source_of, visitor_of

# All those who wait, and those of one visitor, which may be a whole classroom.
MOST_WAITING, SHARE = 64, 16
RETRY_S = 3.0

Made = TypeVar("Made")


class WorkQueue:
    """One for all routes of a server; close it when there is none any more."""

    def __init__(self, most_waiting: int = MOST_WAITING, share: int = SHARE) -> None:
        self._thread: SerialThread | None = None
        self._free = True
        self._most_waiting = most_waiting
        self._share = share
        # The visitor whose turn comes next is the first.
        self._line: dict[str, deque[asyncio.Future[None]]] = {}

    async def make(self, request: Request, work: Callable[[], Made]) -> Made:
        """What `work()` returns, made in a thread. Raises Overloaded."""
        async with self.place(request):
            return await self.in_thread(work)

    async def in_thread(self, work: Callable[[], Made]) -> Made:
        """For short work, or while holding the place: `work()`, after all that was begun before."""
        self._thread = self._thread or SerialThread("work queue")
        return await self._thread.run(work)

    def close(self) -> None:
        """End the thread after the current work; the next work starts a new one."""
        if self._thread:
            self._thread.close()
            self._thread = None

    @asynccontextmanager
    async def place(self, request: Request) -> AsyncIterator[None]:
        """The same as `turn`, for the visitor of a request, if it is still there by then. Raises Overloaded."""
        async with self.turn(visitor_of(request)):
            if await request.is_disconnected():
                raise Overloaded("The client no longer waits for this.", RETRY_S)
            yield

    @asynccontextmanager
    async def turn(self, visitor: str, even_if_abandoned: bool = False) -> AsyncIterator[None]:
        """The one place, when it is this visitor's turn.

        Raises Overloaded if too many wait already, unless `even_if_abandoned`.
        """
        await self._enter(visitor, even_if_abandoned)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, visitor: str, even_if_abandoned: bool) -> None:
        if self._free:
            self._free = False
            return
        if not even_if_abandoned and len(self._line.get(visitor, ())) >= self._share:
            raise VisitorOverloaded(
                f"{self._share} requests from {source_of(visitor)} are waiting already, the most allowed.",
                RETRY_S,
                "work",
            )
        if not even_if_abandoned and sum(map(len, self._line.values())) >= self._most_waiting:
            raise Overloaded("Too many slow requests are waiting. Try again in a few seconds.", RETRY_S)
        turn = asyncio.get_running_loop().create_future()
        self._line.setdefault(visitor, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._leave()
            raise

    def _leave(self) -> None:
        while self._line:
            visitor = next(iter(self._line))
            waiting = self._line.pop(visitor)
            turn = waiting.popleft()
            if waiting:
                # Behind all others.
                self._line[visitor] = waiting
            if not turn.done():
                turn.set_result(None)
                return
        self._free = True
