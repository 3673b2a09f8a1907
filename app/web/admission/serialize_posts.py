"""Handles POST requests one by one, so that a crowd of them in one instant does not hold up everything else.

A start costs a millisecond; two hundred in one turn of the event loop would be a fifth of a second in which no frame is
sent and no health check is answered.
"""

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send


class SerializePosts:
    """ASGI middleware: between two POST requests that go in, the event loop has had a turn for all that waits."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            async with self._turn:
                await asyncio.sleep(0)
        await self._app(scope, receive, send)
