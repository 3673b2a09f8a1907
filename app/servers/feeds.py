"""What the leader tells the other servers: its runs and sweeps as they go on, and who watches through all of them.

Streamed by plain HTTP, each message with its length before it, and a sign of life where there is nothing to tell.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from app.errors import RunNotFound
from app.lessons.lessons import Lessons
from app.runs.run import Run
from app.scheduling.manager import Manager
from app.servers.run_feed import encode_changes
from app.servers.sweep_feed import encode_sweep_changes
from app.servers.watching import Seen, Watching
from app.web.admission.admission import Admission
from app.web.admission.body_limit import FROM_SERVER
from app.web.capacity import Look
from app.web.json_answer import json_answer

LENGTH = struct.Struct("<I")
# An empty message is a sign of life.
BEAT, BEAT_S = LENGTH.pack(0), 1.0
SERVER = "x-playground-server"


class Told(BaseModel):
    """Of a server: viewers of each run and sweep through it, and streams of each visitor."""

    viewers: dict[str, int]
    streams: dict[str, int]


def feed_routes(
    manager: Manager, admission: Admission, lessons: Lessons, watching: Watching, leads: Callable[[], bool], look: Look
) -> APIRouter:
    """Routes that no one finds but other servers; `look` is how much room a visitor would find."""
    router = APIRouter(prefix="/api/servers", include_in_schema=False)

    def server_of(request: Request) -> str:
        if FROM_SERVER not in request.scope:
            raise HTTPException(404)
        return request.headers.get(SERVER, "")

    async def feed(kept: Any, changes: Callable[[Any], tuple[bytes, Any, bool]]) -> AsyncIterator[bytes]:
        mark = None
        # One that ends here because another server leads, or will, is not over.
        while leads() and not manager.draining:
            changed, over = kept.notifier.next, kept.status.final
            message, mark, behind = changes(mark)
            yield LENGTH.pack(len(message)) + message
            if behind:
                continue
            if over:
                return
            while leads() and not manager.draining and not changed.is_set():
                try:
                    async with asyncio.timeout(BEAT_S):
                        await changed.wait()
                except TimeoutError:
                    yield BEAT

    @router.get("/runs/{run_id}/feed")
    async def run_feed(request: Request, run_id: str) -> Response:
        server = server_of(request)
        run = next((run for run in manager.registry.runs if run.id == run_id), None)
        if run is None:
            raise RunNotFound(f"Run {run_id!a} does not go on here.")
        known: Run = run
        pieces = feed(
            known, lambda mark: encode_changes(known, mark, known.own_viewers + watching.viewers(run_id, but=server))
        )
        return StreamingResponse(pieces, media_type="application/octet-stream")

    @router.get("/sweeps/{sweep_id}/feed")
    async def sweep_feed(request: Request, sweep_id: str) -> Response:
        server = server_of(request)
        sweep = next((sweep for sweep in manager.sweeps.runs if sweep.id == sweep_id), None)
        if sweep is None:
            raise RunNotFound(f"Sweep {sweep_id!a} does not go on here.")
        known = sweep

        def changes(mark: Any) -> tuple[bytes, Any, bool]:
            viewers = known.own_viewers + watching.viewers(sweep_id, but=server)
            return *encode_sweep_changes(known, mark, viewers), False

        return StreamingResponse(feed(known, changes), media_type="application/octet-stream")

    @router.put("/watching")
    async def tell(request: Request, told: Told) -> Response:
        """What a server has, answered with what all others have, and how much room there is for races and classes."""
        server = server_of(request)
        watching.tell(server, Seen(told.viewers, told.streams))
        streams = watching.streams(but=server)
        streams.update(admission.streams)
        return json_answer({"streams": streams, "capacity": look(request), "classes": lessons.classes})

    return router
