"""The stream by plain HTTP, for viewers whom a proxy or a content blocker lets have no websocket: each request is
answered with what has come since the one before.

A viewer keeps its seat for a while after each request, so that a run which is watched this way counts as watched.
"""

import asyncio
from contextlib import AsyncExitStack
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.errors import Busy, CursorMismatch, RateLimited, RunNotFound
from app.quotas import Quota, Rate
from app.runs.history import Cursor
from app.runs.run import Run
from app.scheduling.run_metrics import RunMetrics
from app.web.admission.admission import Admission
from app.web.admission.error_answers import answer_to, refusal
from app.web.admission.visitor import visitor_of
from app.web.live.broadcast import Broadcast, Broadcasts
from app.web.live.stream import CLOSE_CODES, Counts, numbers
from app.web.protocol import RUN_OVER, encode_beat, encode_close, encode_error, frame
from app.web.schemas import FAILURES

# A page asks once a second; in a window that nobody looks at browsers let it ask less often.
SEAT_S = 15.0
# Of one viewer. A long history is asked for piece by piece.
REQUESTS = Rate(30, 5)
MOST_BYTES = 1 << 20

Key = tuple[str, str, str]


class _Seat:
    """What one viewer holds between two requests."""

    def __init__(self, run: Run, broadcast: Broadcast, held: AsyncExitStack) -> None:
        self.run, self.broadcast, self.held = run, broadcast, held
        self.end: asyncio.TimerHandle | None = None


class Polling:
    """The viewers of one server who ask; `close` it before what it looks at."""

    def __init__(self, broadcasts: Broadcasts, admission: Admission) -> None:
        self._broadcasts, self._admission = broadcasts, admission
        self._requests = Quota(REQUESTS)
        self._seats: dict[Key, _Seat] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    async def next_frames(self, key: Key, steps: str | None, evaluations: str | None, pushes: str | None) -> bytes:
        """What comes after the cursor, as a socket would carry it.

        Raises what looking for a run raises, CursorMismatch, RateLimited, and Busy when there is no seat.
        """
        asker = "|".join(key)
        if not self._requests.hit(asker):
            raise RateLimited(
                f"This page has asked {self._requests.amount} times within {self._requests.per_s:g} seconds.",
                max(1.0, self._requests.wait_s(asker)),
            )
        seat = await self._seat(key)
        cursor = seat.run.cursor(numbers(steps), numbers(evaluations), numbers(pushes))
        frames, whole = _after(cursor, seat.broadcast)
        if whole and seat.broadcast.over:
            await self._leave(key)
        return frames

    async def close(self) -> None:
        await asyncio.gather(*self._leaving, *map(self._leave, list(self._seats)))

    async def _seat(self, key: Key) -> _Seat:
        visitor, run_id, _ = key
        if key not in self._seats:
            async with AsyncExitStack() as held:
                run = await held.enter_async_context(self._admission.watch(visitor, run_id))
                broadcast = await held.enter_async_context(self._broadcasts.of(run))
                # The same viewer may have asked twice in the meantime.
                if key not in self._seats:
                    self._seats[key] = _Seat(run, broadcast, held.pop_all())
        seat = self._seats[key]
        if seat.end is not None:
            seat.end.cancel()
        seat.end = asyncio.get_running_loop().call_later(SEAT_S, self._expire, key)
        return seat

    def _expire(self, key: Key) -> None:
        task = asyncio.create_task(self._leave(key), name=f"a viewer of {key[1]} leaves")
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _leave(self, key: Key) -> None:
        if seat := self._seats.pop(key, None):
            if seat.end is not None:
                seat.end.cancel()
            await seat.held.aclose()


def _after(cursor: Cursor, broadcast: Broadcast) -> tuple[bytes, bool]:
    """The run, the points after the cursor, and whether these are all there are: then a beat or the end comes last."""
    frames = [frame(broadcast.text)]
    size = 0
    while cursor != broadcast.sent.cursor and broadcast.has(cursor):
        if size >= MOST_BYTES:
            return b"".join(frames), False
        message, cursor = broadcast.next_message(cursor)
        frames.append(frame(message))
        size += len(message)
    frames.append(encode_close(RUN_OVER) if broadcast.over else frame(encode_beat()))
    return b"".join(frames), True


def polling_routes(polling: Polling, metrics: RunMetrics) -> APIRouter:
    router = APIRouter(responses=FAILURES)

    @router.get(
        "/api/runs/{run_id}/frames",
        tags=["runs"],
        response_class=Response,
        responses={200: {"content": {"application/octet-stream": {}}}},
    )
    async def get_frames(
        request: Request,
        run_id: str,
        steps: Counts = None,
        evaluations: Counts = None,
        pushes: Counts = None,
        viewer: Annotated[str, Query(max_length=40, description="Tells viewers at one address apart.")] = "",
    ) -> Response:
        """What the stream would carry after this cursor, for whoever has no websocket: ask about once a second."""
        try:
            frames = await polling.next_frames((visitor_of(request), run_id, viewer), steps, evaluations, pushes)
        except Busy as problem:
            metrics.viewer_refused(answer_to(problem).code)
            return refusal(problem)
        # As over a socket: after a restart these are usual, and a browser would log the status of an error.
        except (CursorMismatch, RunNotFound) as problem:
            message = encode_error(answer_to(problem).code, str(problem))
            frames = frame(message) + encode_close(CLOSE_CODES[type(problem)])
        headers = {"Cache-Control": "no-store, no-transform", "Content-Encoding": "identity"}
        return Response(frames, media_type="application/octet-stream", headers=headers)

    return router
