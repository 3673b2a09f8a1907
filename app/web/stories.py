"""What is happening in a run in sentences: now, and from moment to moment of a replay."""

from collections.abc import Iterable
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.report.story import Moment, moments, story
from app.runs.history import Kind
from app.web.admission.admission import Admission
from app.web.json_answer import json_answer
from app.web.protocol import encode_json
from app.web.run_cache import RunCache
from app.web.schemas import FAILURES, Moments, RunId, Story
from app.web.work_queue import WorkQueue


def story_routes(admission: Admission, work_queue: WorkQueue) -> APIRouter:
    """Routes over the runs of `admission`."""
    router = APIRouter(prefix="/api/runs/{run_id}/story", tags=["runs"], responses=FAILURES)
    made: RunCache[str] = RunCache(1)

    @router.get("", response_model=Story)
    async def get_story(run_id: RunId) -> Response:
        """What is happening in a run, in one to three sentences computed from its numbers: those the page shows."""
        run = await admission.read(run_id)
        sentences = story(run.describe(), *map(run.history.tables, (Kind.EVALUATIONS, Kind.PUSH)))
        return json_answer({"sentences": sentences, "text": " ".join(sentences)})

    @router.get("/moments", response_model=Moments)
    async def get_moments(request: Request, run_id: RunId) -> Response:
        """The same for every moment of a replay: they change where a lane was evaluated or came to its end."""
        run = await admission.read(run_id)
        if (text := made.get(run, run.version)) is None:
            async with work_queue.place(request):
                # Another request may have made it meanwhile.
                version, tables = run.version, (run.history.tables(kind) for kind in Kind)
                text = made.get(run, version)
                if text is None:
                    text = await work_queue.in_thread(partial(_encoded, moments(run.describe(), *tables)))
                    made.keep(run, version, text)
        return json_answer(text)

    return router


def _encoded(replayed: Iterable[Moment]) -> str:
    return encode_json({"moments": [moment._asdict() for moment in replayed]})
