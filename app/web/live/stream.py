"""One websocket for each viewer of a run: catch up from the cursor, then be sent what all who are up to date are sent.

What the viewer sends is not read, but for its leaving.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Annotated

from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect

from app.errors import Busy, CursorMismatch, Overloaded, RunNotFound, StoreUnavailable
from app.logs import about
from app.runs.history import Cursor
from app.scheduling.run_metrics import RunMetrics
from app.web.admission.admission import Admission
from app.web.admission.error_answers import INTERNAL, answer_to
from app.web.admission.visitor import visitor_of
from app.web.live.broadcast import Broadcast, Broadcasts, RunMoved
from app.web.live.raw_websocket import write_of
from app.web.protocol import BAD_CURSOR, COME_BACK, NO_SUCH_RUN, RUN_OVER, TRY_LATER, encode_error

_log = logging.getLogger(__name__)

CLOSE_CODES: dict[type[Exception], int] = {RunNotFound: NO_SUCH_RUN, CursorMismatch: BAD_CURSOR}

Counts = Annotated[str | None, Query(description="What the viewer has: one number for each lane, comma-separated.")]


def stream_routes(admission: Admission, broadcasts: Broadcasts, metrics: RunMetrics) -> APIRouter:
    router = APIRouter()

    @router.websocket("/api/runs/{run_id}/stream")
    async def stream(
        socket: WebSocket, run_id: str, steps: Counts = None, evaluations: Counts = None, pushes: Counts = None
    ) -> None:
        async with serve_viewer(socket, metrics, run_id) as held:
            run = await held.enter_async_context(admission.watch(visitor_of(socket), run_id))
            cursor = run.cursor(numbers(steps), numbers(evaluations), numbers(pushes), ahead=True)
            async with broadcasts.of(run) as broadcast:
                await until_left(socket, _send(socket, broadcast, cursor))

    return router


@asynccontextmanager
async def serve_viewer(socket: WebSocket, metrics: RunMetrics, watched: str) -> AsyncIterator[AsyncExitStack]:
    """Accept a viewer of what has this id; one who may not watch it, or not from there, is sent the reason and closed.

    What the viewer takes, a place among the viewers, is given back at the end.
    """
    await socket.accept()
    try:
        async with AsyncExitStack() as held:
            yield held
    except (Busy, Overloaded, RunNotFound, StoreUnavailable, CursorMismatch) as problem:
        code = answer_to(problem).code
        if isinstance(problem, Busy):
            metrics.refused["viewer"][code] += 1
        await _refuse(socket, code, problem, CLOSE_CODES.get(type(problem), TRY_LATER))
    except RunMoved:
        with suppress(WebSocketDisconnect, RuntimeError):
            await socket.close(COME_BACK)
    except Exception:
        # A fault of ours, which coming back at once would meet again.
        _log.exception("viewer cannot be served", extra=about(watched=watched))
        await _refuse(socket, "internal", INTERNAL, TRY_LATER)


def numbers(text: str | None) -> list[int] | None:
    """Raises CursorMismatch for anything but whole numbers with commas between."""
    if text is None:
        return None
    try:
        return [int(number) for number in text.split(",")]
    except ValueError:
        raise CursorMismatch(f"A cursor should be whole numbers separated by commas; got {text[:60]!a}.") from None


async def _refuse(socket: WebSocket, code: str, problem: Exception | str, close_code: int) -> None:
    try:
        await socket.send_text(encode_error(code, str(problem)))
        await socket.close(close_code)
    except (WebSocketDisconnect, RuntimeError):
        pass


async def until_left(socket: WebSocket, send: Coroutine[None, None, None]) -> None:
    """Send until all is sent, or the viewer has left."""
    sending = asyncio.create_task(send)
    leaving = asyncio.create_task(_leave(socket))
    try:
        await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, leaving):
            task.cancel()
        problem, _ = await asyncio.gather(sending, leaving, return_exceptions=True)
    # A send to a viewer who has just left fails, as expected.
    if isinstance(problem, Exception) and not isinstance(problem, WebSocketDisconnect | RuntimeError):
        raise problem


async def _leave(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _send(socket: WebSocket, broadcast: Broadcast, cursor: Cursor) -> None:
    version = broadcast.sent.version
    await socket.send_text(broadcast.text)
    await broadcast.wait_until_sent(cursor)
    while True:
        while cursor != broadcast.sent.cursor:
            message, cursor = broadcast.next_message(cursor)
            await socket.send_bytes(message)
        if version != broadcast.sent.version:
            version = broadcast.sent.version
            await socket.send_text(broadcast.text)
        elif broadcast.over:
            await socket.close(RUN_OVER)
            return
        else:
            cursor, version = await broadcast.subscribe(write_of(socket))
