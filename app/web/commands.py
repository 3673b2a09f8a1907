"""The JSON routes to runs: start one, look at it, command it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from app.choices import VIEW
from app.config import LearningRate, Pace, RunConfig
from app.runs.description import RunDescription
from app.runs.run import Run
from app.scheduling.manager import Manager
from app.web.address import root_of
from app.web.admission.admission import Admission
from app.web.admission.owner_key import HEADER, RESERVATION, OwnerKey
from app.web.admission.visitor import visitor_of
from app.web.described import described
from app.web.json_answer import json_answer
from app.web.schemas import FAILURES, Passphrase, RequestBody, RunId, Started, TeacherKey, started_headers

EXAMPLES = {
    "default": {"summary": "The default race", "value": {}},
    "per lane": {
        "summary": "A learning rate for each optimizer",
        "value": {
            "epochs": 3,
            "lanes": [
                {"optimizer": "sgd", "learning_rate": 0.1},
                {"optimizer": "momentum", "learning_rate": 0.03},
                {"optimizer": "adam", "learning_rate": 0.001},
            ],
        },
    },
}

STARTED = started_headers("The key that commands the run.")

JOINED = {"model": Started, "description": "In a classroom: an existing race with these settings."}
OVER = {"model": RunDescription, "description": "It was over already."}

LaneNumber = Annotated[int, Path(ge=0, description="Counted from 0, in the order of the config.")]


class NewPace(RequestBody):
    batches_per_s: Pace | None = Field(description="Of each lane; null is full speed.", examples=[10])


class NewLearningRate(RequestBody):
    learning_rate: LearningRate = Field(description="Before the lane's schedule.", examples=[0.003])


def command_routes(admission: Admission, manager: Manager) -> APIRouter:
    """Routes over the runs of `manager`."""
    router = APIRouter(prefix="/api/runs", tags=["runs"], responses=FAILURES)

    def commanded(command: Literal["stop", "step", "other"]) -> Any:
        async def run(run_id: RunId, key: OwnerKey = None) -> Run:
            return await admission.command(run_id, key, command)

        return Depends(run)

    @router.post("", status_code=201, response_model=Started, responses={200: JOINED, 201: STARTED})
    async def start_run(
        request: Request,
        config: Annotated[RunConfig, Body(openapi_examples=EXAMPLES)],
        pace: Annotated[Pace | None, Query(description=VIEW["pace"].help)] = None,
        paused: Annotated[bool, Query(description="Whether to wait before the first batch.")] = False,
        x_passphrase: Passphrase = None,
        x_teacher_key: TeacherKey = None,
    ) -> Response:
        """Start a race with these choices; `{}` is the default race. It may have to wait in the queue first.

        This answer alone has the header X-Owner-Key, which commands to the run need. In a classroom, if there is a race
        with the same choices already, that one is answered instead, with 200: to be watched.
        """
        started = await admission.start(
            visitor_of(request), config, pace, paused, x_passphrase, x_teacher_key, request.scope.get(RESERVATION)
        )
        # As it starts: it goes on while it is being saved.
        answer = described(started.run) | {"joined": started.key is None}
        answer |= {"saved": await admission.first_saved(started.run)}
        if started.key is None:
            return json_answer(answer)
        location = f"{root_of(request.scope)}/api/runs/{started.run.id}"
        return json_answer(answer, 201, {"Location": location, HEADER: started.key})

    @router.head("/{run_id}", include_in_schema=False)
    @router.get("/{run_id}", response_model=RunDescription)
    async def get_run(run_id: RunId, key: OwnerKey = None) -> Response:
        """A run as it is now: its status, its config, and for each lane how far and how good it is."""
        return _described(await admission.read(run_id, key), 200)

    @router.post("/{run_id}/stop", status_code=202, response_model=RunDescription, responses={200: OVER})
    async def stop_run(run: Annotated[Run, commanded("stop")]) -> Response:
        """Stop a run, or take it out of the queue. One that is over is answered as it is, with 200."""
        over = run.status.final
        return _described(manager.stop(run.id), 200 if over else 202)

    @router.post("/{run_id}/pause", status_code=202, response_model=RunDescription)
    async def pause_run(run: Annotated[Run, commanded("other")]) -> Response:
        """Let all lanes wait after the batch they are at. A paused run stays as it is."""
        return _described(manager.pause(run.id), 202)

    @router.post("/{run_id}/resume", status_code=202, response_model=RunDescription)
    async def resume_run(run: Annotated[Run, commanded("other")]) -> Response:
        """Let all lanes go on. A running run stays as it is."""
        return _described(manager.resume(run.id), 202)

    @router.post("/{run_id}/step", status_code=202, response_model=RunDescription)
    async def step_run(run: Annotated[Run, commanded("step")]) -> Response:
        """Let every lane that still trains make exactly one more batch, and wait. A running run is paused by it."""
        return _described(manager.step(run.id), 202)

    @router.put("/{run_id}/pace", status_code=202, response_model=RunDescription)
    async def set_pace(run: Annotated[Run, commanded("other")], body: NewPace) -> Response:
        """Change how fast all lanes train, from now on, or from the start of a run in the queue."""
        return _described(manager.set_pace(run.id, body.batches_per_s), 202)

    @router.put("/{run_id}/lanes/{lane}/learning-rate", status_code=202, response_model=RunDescription)
    async def set_learning_rate(
        run: Annotated[Run, commanded("other")], lane: LaneNumber, body: NewLearningRate
    ) -> Response:
        """Change a lane's learning rate from its next batch on; its `learning_rate_changes` tell which that was."""
        return _described(manager.set_learning_rate(run.id, lane, body.learning_rate), 202)

    return router


def _described(run: Run, status: int) -> Response:
    return json_answer(described(run), status)
