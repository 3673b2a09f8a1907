"""Refuses request bodies that are too large, before they are in memory."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.sweeps.grid import MOST_CELLS

MAX_BODY = 16 * 1024
TOO_LARGE = (
    f"The body should be at most {MAX_BODY:,} bytes. A config is far smaller; in a sweep "
    f"at most {MOST_CELLS:,} trainings fit, and so at most as many seeds."
)
# In the scope of a request that another server of the same database has sent, which may say more.
FROM_SERVER = "playground.from_server"


class BodyLimit:
    """ASGI middleware: a body over MAX_BODY bytes is answered with 413, whether or not it announces its length."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body") or b"")
            if received > MAX_BODY:
                raise HTTPException(413, TOO_LARGE)
            return message

        bounded = scope["type"] == "http" and FROM_SERVER not in scope
        await self._app(scope, counted if bounded else receive, send)
