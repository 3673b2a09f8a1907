"""One websocket for each viewer of a run: wait for news, read from the cursor, send.

Viewers at the same cursor share the encoded bytes. The viewer is listened to only to hear it leave.
"""

import asyncio
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect

from app.errors import CursorMismatch, RunNotFound
from app.runs.history import Cursor
from app.runs.manager import Manager
from app.runs.run import Run
from app.web.protocol import encode_beat, encode_block, encode_error, encode_run

BEAT_S = 5.0
RUN_OVER, BAD_CURSOR, NO_SUCH_RUN = 1000, 4400, 4404

Counts = Annotated[str | None, Query(description="What the viewer has: one number for each lane, comma-separated.")]


def stream_routes(manager: Manager) -> APIRouter:
    router = APIRouter()

    @router.websocket("/api/runs/{run_id}/stream")
    async def stream(socket: WebSocket, run_id: str, steps: Counts = None, evaluations: Counts = None) -> None:
        await socket.accept()
        try:
            run = manager.get(run_id)
            cursor = run.cursor(_numbers(steps), _numbers(evaluations))
        except RunNotFound as problem:
            await _refuse(socket, "not_found", problem, NO_SUCH_RUN)
        except CursorMismatch as problem:
            await _refuse(socket, "invalid_request", problem, BAD_CURSOR)
        else:
            await _serve(socket, run, cursor)

    return router


def _numbers(text: str | None) -> list[int] | None:
    """Raises CursorMismatch for anything but whole numbers with commas between."""
    if text is None:
        return None
    try:
        return [int(number) for number in text.split(",")]
    except ValueError:
        raise CursorMismatch(f"A cursor should be whole numbers with commas between; got {text[:60]!a}.") from None


async def _refuse(socket: WebSocket, code: str, problem: Exception, close_code: int) -> None:
    try:
        await socket.send_text(encode_error(code, str(problem)))
        await socket.close(close_code)
    except (WebSocketDisconnect, RuntimeError):
        pass


async def _serve(socket: WebSocket, run: Run, cursor: Cursor) -> None:
    sending = asyncio.create_task(_send(socket, run, cursor))
    leaving = asyncio.create_task(_leave(socket))
    try:
        await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, leaving):
            task.cancel()
        # A send to somebody who has just left fails; that is no news.
        await asyncio.gather(sending, leaving, return_exceptions=True)


async def _leave(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _send(socket: WebSocket, run: Run, cursor: Cursor) -> None:
    version = run.version
    await socket.send_text(_encoded_run(run, version))
    while True:
        news = run.pulse.next
        while cursor != (end := run.history.end()):
            message, cursor = _encoded_history(run, cursor, end)
            await socket.send_bytes(message)
        if version != run.version:
            # After the points it speaks of: a run that is told to be over is complete.
            version = run.version
            await socket.send_text(_encoded_run(run, version))
        elif run.status.final:
            await socket.close(RUN_OVER)
            return
        else:
            try:
                await asyncio.wait_for(news.wait(), BEAT_S)
            except TimeoutError:
                await socket.send_text(encode_beat())


@lru_cache(maxsize=32)
def _encoded_run(run: Run, version: int) -> str:
    return encode_run(run.describe())


@lru_cache(maxsize=32)
def _encoded_history(run: Run, cursor: Cursor, end: Cursor) -> tuple[bytes, Cursor]:
    """History is append-only, so the same cursors always give the same bytes."""
    blocks, after = run.history.read(cursor, end)
    return b"".join(encode_block(*block) for block in blocks), after
