"""The routes by which the leader feeds the other servers: its live runs and sweeps, and who watches anywhere.

A feed is one long HTTP response: messages, each with its length before it, and an empty one each second without news.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, TypeVar

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from app.errors import RunNotFound
from app.lessons.lessons import Lessons
from app.runs.run import Run
from app.scheduling.manager import Manager
from app.servers.headers import SERVER
from app.servers.run_feed import encode_changes
from app.servers.sweep_feed import encode_sweep_changes
from app.servers.watching import Seen, Watching
from app.sweeps.sweep import Sweep
from app.web.admission.body_limit import FROM_SERVER
from app.web.admission.streams import Streams
from app.web.capacity import Look
from app.web.json_answer import json_answer

LENGTH = struct.Struct("<I")
# An empty message: the leader is alive, and has no news.
BEAT, BEAT_S = LENGTH.pack(0), 1.0

Kept = TypeVar("Kept", Run, Sweep)


class Openings(BaseModel):
    """Streams about to be opened through one server: for which visitor, and of what."""

    openings: list[tuple[str, str]]


class Report(BaseModel):
    """Of one server: viewers of each run and sweep through it, and open streams of each visitor."""

    viewers: dict[str, int]
    streams: dict[str, int]


def feed_routes(
    manager: Manager, streams: Streams, lessons: Lessons, watching: Watching, leads: Callable[[], bool], look: Look
) -> APIRouter:
    """Routes for the other servers; all other clients get 404. `look` answers how much room a visitor would find."""
    router = APIRouter(prefix="/api/servers", include_in_schema=False)

    def server_of(request: Request) -> str:
        if FROM_SERVER not in request.scope:
            raise HTTPException(404)
        return request.headers.get(SERVER, "")

    async def feed(kept: Any, changes: Callable[[Any], tuple[bytes, Any, bool]]) -> AsyncIterator[bytes]:
        mark = None
        # Where it ends because another server leads, or is about to, the run is not over.
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
        run = _live(manager.registry.runs, run_id)

        def changes(mark: Any) -> tuple[bytes, Any, bool]:
            return encode_changes(run, mark, run.own_viewers + watching.viewers(run_id, excluding=server))

        return StreamingResponse(feed(run, changes), media_type="application/octet-stream")

    @router.get("/sweeps/{sweep_id}/feed")
    async def sweep_feed(request: Request, sweep_id: str) -> Response:
        server = server_of(request)
        sweep = _live(manager.sweeps.runs, sweep_id)

        def changes(mark: Any) -> tuple[bytes, Any, bool]:
            viewers = sweep.own_viewers + watching.viewers(sweep_id, excluding=server)
            return *encode_sweep_changes(sweep, mark, viewers), False

        return StreamingResponse(feed(sweep, changes), media_type="application/octet-stream")

    @router.put("/watching")
    async def report(request: Request, report: Report) -> Response:
        """Takes in one server's report; answers the streams of all others, the room for races, and the classes."""
        server = server_of(request)
        watching.report(server, Seen(report.viewers, report.streams))
        elsewhere = watching.streams(excluding=server)
        elsewhere.update(streams.counts)
        return json_answer({"streams": elsewhere, "capacity": look(request), "classes": lessons.classes})

    @router.put("/openings")
    async def open_streams(request: Request, asked: Openings) -> Response:
        """Counts those that may be opened; answers why each of the others may not."""
        server = server_of(request)
        refused: list[str | None] = []
        for visitor, watched in asked.openings:
            problem = streams.problem(visitor, watched)
            if not problem:
                watching.opened(server, streams.counted_as(visitor))
            refused.append(str(problem) if problem else None)
        return json_answer({"refused": refused})

    return router


def _live(kept: Iterable[Kept], kept_id: str) -> Kept:
    for each in kept:
        if each.id == kept_id:
            return each
    raise RunNotFound(f"{kept_id!a} is not live here.")
