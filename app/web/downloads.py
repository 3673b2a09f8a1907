"""Files that are made piece by piece in the workshop while they are sent: few at once, and for those who take them.

A place in the workshop is held for the making of one piece, not for the time in which it travels.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial

import anyio
from fastapi import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from app.errors import Crowded
from app.web.visitor import visitor_of
from app.web.workshop import Workshop, in_thread

# Open at once, of all and of one visitor.
MOST, SHARE = 16, 2
RETRY_S = 5.0
# Whoever does not take a piece for so long is gone, or does it on purpose.
PATIENCE_S = 30.0


class Downloads:
    """Those of one server."""

    def __init__(self, workshop: Workshop, patience_s: float = PATIENCE_S) -> None:
        self._workshop = workshop
        self.patience_s = patience_s
        self._open: Counter[str] = Counter()

    def file(self, request: Request, pieces: Iterator[bytes], name: str, media_type: str) -> Response:
        """An answer that raises Crowded, when it is to be sent, if too many files are on their way."""
        return _Download(self, visitor_of(request), pieces, name, media_type)

    @contextmanager
    def place(self, visitor: str) -> Iterator[None]:
        if self._open[visitor] >= SHARE:
            raise Crowded(
                f"You have {SHARE} files on their way, as many as one visitor may. Try again when one is there.",
                RETRY_S,
                own=True,
            )
        if self._open.total() >= MOST:
            raise Crowded(
                "As many files are on their way as this server can make. Try again in a few seconds.", RETRY_S
            )
        self._open[visitor] += 1
        try:
            yield
        finally:
            self._open[visitor] -= 1
            if not self._open[visitor]:
                del self._open[visitor]

    async def made(self, visitor: str, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
        while True:
            async with self._workshop.turn(visitor, surely=True):
                piece = await in_thread(partial(next, pieces, None))
            if piece is None:
                return
            yield piece


class _Download(StreamingResponse):
    def __init__(self, downloads: Downloads, visitor: str, pieces: Iterator[bytes], name: str, media_type: str) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        super().__init__(downloads.made(visitor, pieces), headers=headers, media_type=media_type)
        self._downloads = downloads
        self._visitor = visitor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._downloads.place(self._visitor):
            await super().__call__(scope, receive, send)

    async def stream_response(self, send: Send) -> None:
        async def sent(message: Message) -> None:
            with anyio.fail_after(self._downloads.patience_s):
                await send(message)

        try:
            await super().stream_response(sent)
        except TimeoutError:
            # The server closes the connection of an answer that is not complete.
            return
