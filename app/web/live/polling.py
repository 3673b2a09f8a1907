"""The stream by plain HTTP, for viewers whose websockets are blocked: each request is answered with what has come since
the one before.

A viewer counts as watching for a while after each request.
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
from app.web.protocol import BEAT, RUN_OVER, encode_close, encode_error, frame
from app.web.schemas import FAILURES

# A page asks once a second; browsers let a hidden one ask less often.
LEAVES_AFTER_S = 15.0
# Of one viewer. A long history is fetched piece by piece.
REQUESTS = Rate(30, 5)
MOST_BYTES = 1 << 20

Key = tuple[str, str, str]


class _Viewer:
    """What one viewer holds between two requests."""

    def __init__(self, run: Run, broadcast: Broadcast, held: AsyncExitStack) -> None:
        self.run, self.broadcast, self.held = run, broadcast, held
        self.end: asyncio.TimerHandle | None = None


class Polling:
    """The polling viewers of one server; `close` it before the manager."""

    def __init__(self, broadcasts: Broadcasts, admission: Admission) -> None:
        self._broadcasts, self._admission = broadcasts, admission
        self._requests = Quota(REQUESTS)
        self._viewers: dict[Key, _Viewer] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    async def next_frames(self, key: Key, steps: str | None, evaluations: str | None, pushes: str | None) -> bytes:
        """What comes after the cursor, as a socket would carry it.

        Raises RateLimited, CursorMismatch, or what `Admission.watch` raises.
        """
        viewer_key = "|".join(key)
        if not self._requests.hit(viewer_key):
            raise RateLimited(
                f"This page has polled {self._requests.amount} times within {self._requests.per_s:g} seconds.",
                max(1.0, self._requests.wait_s(viewer_key)),
                "polls",
            )
        viewer = await self._viewer(key)
        cursor = viewer.run.cursor(numbers(steps), numbers(evaluations), numbers(pushes), ahead=True)
        await viewer.broadcast.wait_until_sent(cursor)
        frames, whole = _after(cursor, viewer.broadcast)
        if whole and viewer.broadcast.over:
            await self._leave(key)
        return frames

    async def close(self) -> None:
        await asyncio.gather(*self._leaving, *map(self._leave, list(self._viewers)))

    async def _viewer(self, key: Key) -> _Viewer:
        visitor, run_id, _ = key
        if (known := self._viewers.get(key)) and known.broadcast.failed:
            await self._leave(key)
        if key not in self._viewers:
            async with AsyncExitStack() as held:
                run = await held.enter_async_context(self._admission.watch(visitor, run_id))
                broadcast = await held.enter_async_context(self._broadcasts.of(run))
                # The same viewer may have sent two requests at once.
                if key not in self._viewers:
                    self._viewers[key] = _Viewer(run, broadcast, held.pop_all())
        viewer = self._viewers[key]
        if viewer.end is not None:
            viewer.end.cancel()
        viewer.end = asyncio.get_running_loop().call_later(LEAVES_AFTER_S, self._expire, key)
        return viewer

    def _expire(self, key: Key) -> None:
        task = asyncio.create_task(self._leave(key), name=f"a viewer of {key[1]} leaves")
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _leave(self, key: Key) -> None:
        if viewer := self._viewers.pop(key, None):
            if viewer.end is not None:
                viewer.end.cancel()
            await viewer.held.aclose()


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
    frames.append(encode_close(RUN_OVER) if broadcast.over else BEAT)
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
        viewer: Annotated[str, Query(max_length=40, description="Distinguishes viewers at one address.")] = "",
    ) -> Response:
        """What the stream would carry after this cursor, for viewers without a websocket: request it once a second."""
        try:
            frames = await polling.next_frames((visitor_of(request), run_id, viewer), steps, evaluations, pushes)
        except Busy as problem:
            metrics.refused["viewer"][answer_to(problem).code] += 1
            return refusal(problem)
        # As over a socket: after a restart these are usual, and a browser would log the status of an error.
        except (CursorMismatch, RunNotFound) as problem:
            message = encode_error(answer_to(problem).code, str(problem))
            frames = frame(message) + encode_close(CLOSE_CODES[type(problem)])
        headers = {"Cache-Control": "no-store, no-transform", "Content-Encoding": "identity"}
        return Response(frames, media_type="application/octet-stream", headers=headers)

    return router
