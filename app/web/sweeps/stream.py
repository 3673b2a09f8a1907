"""One websocket for each viewer of a sweep: what has changed since the cursor, until the sweep is over."""

import asyncio

from fastapi import APIRouter, WebSocket

from app.errors import CursorMismatch
from app.events import ViewersChanged
from app.scheduling.run_metrics import RunMetrics
from app.sweeps.sweep import Sweep
from app.web.admission.admission import Admission
from app.web.admission.visitor import visitor_of
from app.web.live.broadcast import BEAT_S, Broadcasts, RunMoved
from app.web.live.raw_websocket import write_of
from app.web.live.stream import serve_viewer, until_left
from app.web.protocol import BEAT_TEXT, RUN_OVER
from app.web.sweeps.described import changes_of

# Changes are sent at most this often; a slow viewer gets larger ones.
EVERY_S = 0.25


def sweep_stream_routes(admission: Admission, broadcasts: Broadcasts, metrics: RunMetrics) -> APIRouter:
    router = APIRouter()

    @router.websocket("/api/sweeps/{sweep_id}/stream")
    async def stream(socket: WebSocket, sweep_id: str, cursor: str | None = None) -> None:
        async with serve_viewer(socket, metrics, sweep_id) as held:
            sweep = await held.enter_async_context(admission.watch_sweep(visitor_of(socket), sweep_id))
            first = changes_of(sweep, _number(cursor))
            sweep.apply(ViewersChanged(sweep.own_viewers + 1))
            held.callback(lambda: sweep.apply(ViewersChanged(sweep.own_viewers - 1)))
            held.enter_context(broadcasts.sweep_viewer(write_of(socket)))
            await until_left(socket, _send(socket, sweep, first))

    return router


def _number(cursor: str | None) -> int | None:
    """Raises CursorMismatch for anything but a whole number."""
    if cursor is None or (cursor.isascii() and cursor.isdigit() and len(cursor) < 16):
        return None if cursor is None else int(cursor)
    raise CursorMismatch(f"A cursor should be a whole number; got {cursor[:60]!a}.")


async def _send(socket: WebSocket, sweep: Sweep, text: str) -> None:
    while True:
        version = sweep.version
        await socket.send_text(text)
        while version == sweep.version:
            if sweep.moved:
                raise RunMoved
            if sweep.status.final:
                await socket.close(RUN_OVER)
                return
            try:
                async with asyncio.timeout(BEAT_S):
                    await sweep.notifier.next.wait()
            except TimeoutError:
                await socket.send_text(BEAT_TEXT)
        if not sweep.status.final:
            await asyncio.sleep(EVERY_S)
        if sweep.moved:
            raise RunMoved
        text = changes_of(sweep, version)
