"""The JSON routes to sweeps: start one, look at it, stop it."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from app.report.sweeps.description import SweepDescription
from app.scheduling.manager import Manager
from app.web.address import root_of
from app.web.admission.admission import Admission
from app.web.admission.owner_key import HEADER, RESERVATION, OwnerKey
from app.web.admission.visitor import visitor_of
from app.web.json_answer import json_answer
from app.web.schemas import FAILURES, Passphrase, RequestBody, TeacherKey, started_headers
from app.web.sweeps.described import changes_of, described

EXAMPLES = {
    "learning rates": {
        "summary": "Three optimizers at five learning rates",
        "value": {
            "axes": {
                "optimizer": ["sgd", "momentum", "adam"],
                "learning_rate": [0.0001, 0.001, 0.01, 0.1, 1],
                "seed": [42, 43],
            },
            "config": {"epochs": 1},
        },
    },
    "batch sizes": {"summary": "Momentum with batches of three sizes", "value": {
        "axes": {"optimizer": ["momentum"], "batch_size": [8, 64, 512]}, "config": {"learning_rate": 0.01},
    }},
}  # fmt: skip
STARTED = started_headers("The key that stops the sweep.")
OVER = {"model": SweepDescription, "description": "It was over already."}

SweepId = Annotated[str, Path(description="The `id` from the answer to the sweep's start.")]
Cursor = Annotated[
    int | None, Query(ge=0, description="The newest `cursor` received: then the answer is what has changed since.")
]


class NewSweep(RequestBody):
    """A grid. What an axis has, the config leaves out."""

    axes: dict[str, list[Any]] = Field(
        description="Values to combine, by the name of a setting (learning_rate, seed, batch_size, …) or of a lane's "
        "choice: optimizer, schedule, weight_decay."
    )
    config: dict[str, Any] = Field(
        {},
        description="Other settings, as in a run's config, without lanes and target_accuracy; one epoch by default.",
    )


def sweep_routes(admission: Admission, manager: Manager) -> APIRouter:
    """Routes over the sweeps of `manager`."""
    router = APIRouter(prefix="/api/sweeps", tags=["sweeps"], responses=FAILURES)

    @router.post("", status_code=201, response_model=SweepDescription, responses={201: STARTED})
    async def start_sweep(
        request: Request,
        new: Annotated[NewSweep, Body(openapi_examples=EXAMPLES)],
        x_passphrase: Passphrase = None,
        x_teacher_key: TeacherKey = None,
    ) -> Response:
        """Train every combination of these values, each as a run of one lane. It may have to wait in the queue first.

        Where learning rates are compared, each optimizer's best and its usual one are trained again on fresh seeds.
        This answer alone has the header X-Owner-Key, which stopping the sweep needs.
        """
        base = {"epochs": 1, **new.config}
        reserved = request.scope.get(RESERVATION)
        sweep, key = await admission.start_sweep(
            visitor_of(request), new.axes, base, x_passphrase, x_teacher_key, reserved
        )
        location = f"{root_of(request.scope)}/api/sweeps/{sweep.id}"
        await admission.first_saved(sweep)
        return json_answer(described(sweep), 201, {"Location": location, HEADER: key})

    @router.head("/{sweep_id}", include_in_schema=False)
    @router.get("/{sweep_id}", response_model=SweepDescription)
    async def get_sweep(sweep_id: SweepId, cursor: Cursor = None, key: OwnerKey = None) -> Response:
        """A sweep as it is now; with a cursor, what its stream would send after it."""
        sweep = await admission.read_sweep(sweep_id, key)
        return json_answer(described(sweep) if cursor is None else changes_of(sweep, cursor))

    @router.post("/{sweep_id}/stop", status_code=202, response_model=SweepDescription, responses={200: OVER})
    async def stop_sweep(sweep_id: SweepId, key: OwnerKey = None) -> Response:
        """Stop a sweep; what has come out of it so far stays. One that is over is answered as it is, with 200."""
        sweep = await admission.command_sweep(sweep_id, key)
        over = sweep.status.final
        manager.give_way(sweep, by="owner")
        return json_answer(described(sweep), 200 if over else 202)

    return router
