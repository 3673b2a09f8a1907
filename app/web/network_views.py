"""The pictures of why: what the lanes of a run make of a drawn digit, their weights, their confusions.

Many viewers ask for the same: what does not depend on who asks is encoded once.
"""

import base64
from collections.abc import Hashable
from functools import partial
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, HTTPException, Path, Request
from starlette.responses import Response

from app.choices import MOST_LANES
from app.errors import NothingToShow, RunNotFound
from app.events import Evaluation
from app.report import network_views as views
from app.runs.run import Run
from app.training.dataset import Dataset
from app.training.idx import PIXELS
from app.training.network import Network
from app.web.admission.admission import Admission
from app.web.json_answer import json_answer
from app.web.protocol import encode_json
from app.web.run_cache import RunCache
from app.web.schemas import FAILURES, Confused, Confusion, Predictions, RunId, Weights
from app.web.work_queue import WorkQueue

# The busiest units are chosen over so many test digits.
JUDGES = 500
INK = {
    "required": True,
    "description": "784 bytes, row by row, 0 is paper and 255 is ink.",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}

LaneNumber = Annotated[int, Path(ge=0, lt=2**31, description="Lanes are numbered from 0.")]
_Networks = list[tuple[int, Network] | tuple[None, None]]
Digit = Annotated[int, Path(ge=0, le=9)]


def network_view_routes(admission: Admission, dataset: Dataset, work_queue: WorkQueue) -> APIRouter:
    """Routes over the runs of `admission`, whose lanes learn `dataset`."""
    router = APIRouter(responses=FAILURES, tags=["pictures"])
    judges = dataset.test_images[:JUDGES]

    # Selected again with each evaluation, not with each request, so that pictures don't jump.
    units: RunCache[list[int]] = RunCache(MOST_LANES)
    weights: RunCache[str] = RunCache(1)

    def key_of(networks: _Networks, evaluated_at: list[int | None]) -> Hashable:
        return tuple(step for step, _ in networks), tuple(evaluated_at)

    def weights_text(run: Run, networks: _Networks, evaluated_at: list[int | None]) -> str:
        key = key_of(networks, evaluated_at)
        # Another request may have made it meanwhile.
        if (made := weights.get(run, key)) is not None:
            return made
        lanes: list[dict[str, Any] | None] = []
        for lane, (step, network) in enumerate(networks):
            if network is None:
                lanes.append(None)
                continue
            place = lane, evaluated_at[lane]
            chosen = units.get(run, place) or units.keep(run, place, views.busiest_units(network, judges))
            images = views.unit_images(network, chosen).tobytes()
            lanes.append({"step": step, "units": chosen, "images": base64.b64encode(images).decode()})
        return weights.keep(run, key, encode_json({"lanes": lanes}))

    @router.post("/api/runs/{run_id}/predict", response_model=Predictions, openapi_extra={"requestBody": INK})
    async def predict(run_id: RunId, request: Request) -> Response:
        """What each lane takes a drawn digit for, with its newest network, while it trains and after."""
        run, body = await admission.read(run_id), await request.body()
        if len(body) != PIXELS:
            raise HTTPException(422, f"The body should be the {PIXELS} bytes of a digit of 28×28; got {len(body):,}")
        ink = np.frombuffer(body, np.uint8)
        return json_answer(await work_queue.make(request, partial(_predictions, _networks(run), ink)))

    @router.get("/api/runs/{run_id}/weights", response_model=Weights)
    async def get_weights(run_id: RunId, request: Request) -> Response:
        """Of each lane the weights from the pixels to the six busiest units of its first layer, as pictures."""
        run = await admission.read(run_id)
        networks = _networks(run)
        evaluated_at = [lane.whole_evaluation and lane.whole_evaluation.step for lane in run.lanes]
        # A class that looks at one race does not queue for what is made already.
        made = weights.get(run, key_of(networks, evaluated_at))
        if made is None:
            made = await work_queue.make(request, partial(weights_text, run, networks, evaluated_at))
        return json_answer(made)

    @router.get("/api/runs/{run_id}/lanes/{lane}/confusion", response_model=Confusion)
    async def get_confusion(run_id: RunId, lane: LaneNumber) -> Response:
        """How many test digits of each label got each answer, at the newest evaluation of a lane."""
        evaluation = _evaluation(await admission.read(run_id), lane)
        matrix = views.confusion(dataset.test_labels, evaluation.answers)
        return json_answer({"step": evaluation.step, "matrix": matrix})

    @router.get("/api/runs/{run_id}/lanes/{lane}/confusion/{label}/{answer}", response_model=Confused)
    async def get_confused(run_id: RunId, lane: LaneNumber, label: Digit, answer: Digit) -> Response:
        """The test digits of a label that got an answer: at most 60, those first of which the lane was surest."""
        evaluation = _evaluation(await admission.read(run_id), lane)
        return json_answer({"digits": views.confused(dataset.test_labels, evaluation, label, answer)})

    return router


def _networks(run: Run) -> _Networks:
    """The newest network of each lane, and its step. Raises NothingToShow when there is none at all."""
    newest = [lane.parameters for lane in run.lanes]
    if not any(newest):
        raise _nothing(run)
    return [(each.step, views.network(run.config, each)) if each else (None, None) for each in newest]


def _nothing(run: Run) -> NothingToShow:
    if run.status.final:
        return NothingToShow(
            f"Run {run.id} has no networks to show: it never began, or they are no longer kept. Run it again."
        )
    return NothingToShow(f"Run {run.id} has no network to show yet; try again when its lanes have begun.")


def _predictions(networks: _Networks, ink: views.Bytes) -> str:
    """None as well for a network that has overflowed: it has no opinion."""
    lanes = []
    for step, network in networks:
        probabilities = network and views.probabilities(network, ink)
        lanes.append({"step": step, "probabilities": probabilities} if probabilities else None)
    return encode_json({"lanes": lanes})


def _evaluation(run: Run, lane: int) -> Evaluation:
    if lane >= len(run.lanes):
        raise RunNotFound(f"Run {run.id} has no lane {lane}; its lanes go from 0 to {len(run.lanes) - 1}.")
    evaluation = run.lanes[lane].whole_evaluation
    if evaluation is None:
        raise NothingToShow(f"Lane {lane} of run {run.id} has not been evaluated yet; try again when it has.")
    if not len(evaluation.answers):
        raise NothingToShow(f"The answers of lane {lane} of run {run.id} were not saved. Run it again to see them.")
    return evaluation
