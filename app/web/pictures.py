"""The pictures of why: what the lanes of a run make of a drawn digit, their weights, their confusions.

Many viewers ask for the same: what does not depend on who asks is encoded once.
"""

import base64
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, HTTPException, Path, Request
from starlette.responses import Response

from app.errors import NothingToShow, RunNotFound
from app.events import Evaluation
from app.runs import pictures
from app.runs.manager import Manager
from app.runs.run import Run
from app.training.dataset import PIXELS, Dataset
from app.training.network import Network
from app.web.protocol import encode_json
from app.web.schemas import FAILURES, Confused, Confusion, Predictions, Weights

# The busiest units are told by so many test digits.
JUDGES = 500
INK = {
    "required": True,
    "description": "784 bytes, row by row, 0 is paper and 255 is ink.",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}

RunId = Annotated[str, Path(description="The `id` that starting the run answered.")]
LaneNumber = Annotated[int, Path(ge=0, lt=2**31, description="Lanes are numbered from 0.")]
Digit = Annotated[int, Path(ge=0, le=9)]


def picture_routes(manager: Manager, dataset: Dataset) -> APIRouter:
    """Routes over the runs of `manager`, whose lanes learn `dataset`."""
    router = APIRouter(responses=FAILURES, tags=["pictures"])
    judges = dataset.test_images[:JUDGES]

    @lru_cache(maxsize=64)
    def units(run: Run, lane: int, evaluated_at: int | None) -> list[int]:
        """Chosen anew with each evaluation, not with each look, so that pictures don't jump."""
        return pictures.busiest_units(_network(run, lane), judges)

    @lru_cache(maxsize=16)
    def weights_text(run: Run, steps: tuple[int | None, ...], evaluated_at: tuple[int | None, ...]) -> str:
        lanes: list[dict[str, Any] | None] = []
        for lane, step in enumerate(steps):
            if step is None:
                lanes.append(None)
            else:
                chosen = units(run, lane, evaluated_at[lane])
                images = pictures.unit_images(_network(run, lane), chosen).tobytes()
                lanes.append({"step": step, "units": chosen, "images": base64.b64encode(images).decode()})
        return encode_json({"lanes": lanes})

    @lru_cache(maxsize=64)
    def confusion_text(run: Run, lane: int, evaluated_at: int) -> str:
        answers = _evaluation(run, lane).answers
        return encode_json({"step": evaluated_at, "matrix": pictures.confusion(dataset.test_labels, answers)})

    @router.post("/api/runs/{run_id}/predict", response_model=Predictions, openapi_extra={"requestBody": INK})
    async def predict(run_id: RunId, request: Request) -> Response:
        """What each lane takes a drawn digit for, with the newest network it has told, while it trains and after."""
        run, body = await manager.find(run_id), await request.body()
        if len(body) != PIXELS:
            raise HTTPException(422, f"The body should be the {PIXELS} bytes of a digit of 28×28; got {len(body):,}")
        ink = np.frombuffer(body, np.uint8)
        lanes = [_prediction(run, lane, step, ink) for lane, step in enumerate(_told(run))]
        return _json(encode_json({"lanes": lanes}))

    @router.get("/api/runs/{run_id}/weights", response_model=Weights)
    async def get_weights(run_id: RunId) -> Response:
        """Of each lane the weights from the pixels to the six busiest units of its first layer, as pictures."""
        run = await manager.find(run_id)
        evaluations = (lane.evaluation for lane in run.lanes)
        return _json(weights_text(run, tuple(_told(run)), tuple(e and e.step for e in evaluations)))

    @router.get("/api/runs/{run_id}/lanes/{lane}/confusion", response_model=Confusion)
    async def get_confusion(run_id: RunId, lane: LaneNumber) -> Response:
        """How many test digits of each label got each answer, at the newest evaluation of a lane."""
        run = await manager.find(run_id)
        return _json(confusion_text(run, lane, _evaluation(run, lane).step))

    @router.get("/api/runs/{run_id}/lanes/{lane}/confusion/{label}/{answer}", response_model=Confused)
    async def get_confused(run_id: RunId, lane: LaneNumber, label: Digit, answer: Digit) -> Response:
        """The test digits of a label that got an answer: at most 60, those first of which the lane was surest."""
        evaluation = _evaluation(await manager.find(run_id), lane)
        return _json(encode_json({"digits": pictures.confused(dataset.test_labels, evaluation, label, answer)}))

    return router


def _told(run: Run) -> list[int | None]:
    """The step of each lane's newest network. Raises NothingToShow when there is none at all."""
    steps = [lane.parameters and lane.parameters.step for lane in run.lanes]
    if all(step is None for step in steps):
        raise _nothing(run)
    return steps


def _network(run: Run, lane: int) -> Network:
    parameters = run.lanes[lane].parameters
    if parameters is None:
        raise _nothing(run)
    return pictures.network(run.config, parameters)


def _nothing(run: Run) -> NothingToShow:
    if run.status.final:
        return NothingToShow(
            f"Run {run.id} has no networks to show: it never began, or the server keeps newer ones. Run it again."
        )
    return NothingToShow(f"Run {run.id} has no network to show yet; ask again when its lanes have begun.")


def _prediction(run: Run, lane: int, step: int | None, ink: pictures.Bytes) -> dict[str, Any] | None:
    """None as well for a network that has overflowed: it has no opinion."""
    told = step is not None and pictures.probabilities(_network(run, lane), ink)
    return {"step": step, "probabilities": told} if told else None


def _evaluation(run: Run, lane: int) -> Evaluation:
    if lane >= len(run.lanes):
        raise RunNotFound(f"Run {run.id} has no lane {lane}; its lanes go from 0 to {len(run.lanes) - 1}.")
    evaluation = run.lanes[lane].evaluation
    if evaluation is None:
        raise NothingToShow(f"Lane {lane} of run {run.id} has not been evaluated yet; ask again when it has.")
    if not len(evaluation.answers):
        raise NothingToShow(f"The answers of lane {lane} of run {run.id} were not saved. Run it again to see them.")
    return evaluation


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")
