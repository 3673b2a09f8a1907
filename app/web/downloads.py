"""Files that are made piece by piece in the work queue while they are sent: few at once, and only while they are read.

The work queue is held while one piece is made, not while it travels. When as many files as may be are on their way, the
slowest reader loses its file to the next one who asks.
"""

import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import anyio
from fastapi import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from app.errors import Overloaded, PlaygroundError, VisitorOverloaded
from app.logs import about
from app.web.admission.visitor import source_of, visitor_of
from app.web.work_queue import WorkQueue

# Open at once, of all and of one visitor.
MOST, SHARE = 16, 2
RETRY_S = 5.0
# A reader that takes nothing for so long is gone, or does it on purpose.
TAKE_TIMEOUT_S = 30.0
# A reader who has kept its file waiting for so long in all is slow, and is dropped when others need its place.
SLOW_S = 3.0

# Their media types.
CSV, PARQUET, JSON = "text/csv; charset=utf-8", "application/vnd.apache.parquet", "application/json"

Begin = Callable[[], Awaitable[Iterator[bytes]]]

_log = logging.getLogger(__name__)


def file_of(media_type: str) -> dict[str, Any]:
    """What a route that answers with such a file says of itself."""
    content: dict[str, Any] = {media_type.partition(";")[0]: {}}
    return {"response_class": Response, "responses": {200: {"content": content}}}


class _Reader:
    """One file on its way: how much was taken, and how long sending it has waited for that."""

    def __init__(self, visitor: str) -> None:
        self.visitor = visitor
        self.scope = anyio.CancelScope()
        self._sent = 0
        self._waited_s = 0.0
        self._since: float | None = None

    @property
    def waited_s(self) -> float:
        return self._waited_s + (0.0 if self._since is None else time.monotonic() - self._since)

    @property
    def speed(self) -> float:
        """Bytes a second, while there was something to take."""
        return self._sent / self.waited_s

    @contextmanager
    def taking(self, size: int) -> Iterator[None]:
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._waited_s, self._since = self.waited_s, None
        self._sent += size


class Downloads:
    """Those of one server."""

    def __init__(self, work_queue: WorkQueue, take_timeout_s: float = TAKE_TIMEOUT_S, slow_s: float = SLOW_S) -> None:
        self._work_queue = work_queue
        self.take_timeout_s = take_timeout_s
        self._slow_s = slow_s
        self._open: list[_Reader] = []

    def file(
        self, request: Request, pieces: Iterator[bytes], name: str, media_type: str, then: Sequence[Begin] = ()
    ) -> Response:
        """An answer that raises Overloaded, when it is to be sent, if too many files are on their way.

        What comes after the pieces is begun when it is its turn.
        """
        return _Download(self, self.made(visitor_of(request), pieces, then), visitor_of(request), name, media_type)

    @contextmanager
    def place(self, visitor: str) -> Iterator[_Reader]:
        """For as long as a file is on its way. Raises Overloaded."""
        if sum(reader.visitor == visitor for reader in self._open) >= SHARE:
            raise VisitorOverloaded(
                f"{SHARE} files are already being sent to {source_of(visitor)}, the most allowed at once. "
                "Try again when one has arrived.",
                RETRY_S,
                "files",
            )
        if len(self._open) >= MOST:
            self._end_slowest()
        reader = _Reader(visitor)
        self._open.append(reader)
        try:
            yield reader
        finally:
            # A slow one may have lost its place.
            if reader in self._open:
                self._open.remove(reader)

    def _end_slowest(self) -> None:
        slow = [reader for reader in self._open if reader.waited_s >= self._slow_s]
        if not slow:
            raise Overloaded("This server is sending as many files as it can. Try again in a few seconds.", RETRY_S)
        slowest = min(slow, key=lambda reader: reader.speed)
        self._open.remove(slowest)
        slowest.scope.cancel()

    async def made(
        self, visitor: str, pieces: Iterator[bytes], then: Sequence[Begin] = ()
    ) -> AsyncGenerator[bytes, None]:
        rest = iter(then)
        while True:
            async with self._work_queue.turn(visitor, even_if_abandoned=True):
                piece = await self._work_queue.in_thread(partial(next, pieces, None))
            if piece is not None:
                yield piece
            elif (begin := next(rest, None)) is not None:
                pieces = await begin()
            else:
                return


class _Download(StreamingResponse):
    def __init__(
        self, downloads: Downloads, pieces: AsyncGenerator[bytes, None], visitor: str, name: str, media_type: str
    ) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        self._pieces = pieces
        super().__init__(self._pieces, headers=headers, media_type=media_type)
        self._downloads = downloads
        self._visitor = visitor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._downloads.place(self._visitor) as reader:

            async def taken(message: Message) -> None:
                with anyio.fail_after(self._downloads.take_timeout_s), reader.taking(len(message.get("body", b""))):
                    await send(message)

            with reader.scope:
                await super().__call__(scope, receive, taken)

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        except TimeoutError:
            # The server closes the connection of an answer that is not complete.
            return
        except (MemoryError, PlaygroundError) as problem:
            _log.warning("a file could not be completed", extra=about(why=str(problem) or "too little memory"))
        finally:
            # What it is made from is given back now, not when it is collected.
            await self._pieces.aclose()
