"""The JSON routes: commands to runs, and what a page needs beside its stream."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path
from starlette.responses import Response

from app.config import RunConfig
from app.errors import RunNotFound
from app.runs.manager import Manager
from app.runs.run import Run
from app.training.dataset import Dataset
from app.web.protocol import encode_json
from app.web.schemas import FAILURES, Health, RunDescription

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

RunId = Annotated[str, Path(description="The `id` that starting the run answered.")]


def api_routes(manager: Manager, dataset: Dataset) -> APIRouter:
    """Routes over the runs of `manager`."""
    router = APIRouter(responses=FAILURES)

    @router.post("/api/runs", status_code=201, tags=["runs"], response_model=RunDescription)
    async def start_run(config: Annotated[RunConfig, Body(openapi_examples=EXAMPLES)]) -> Response:
        """Start a race with these choices; `{}` is the default race. It may have to wait in the queue first."""
        run = manager.start(config)
        return _described(run, 201, {"Location": f"/api/runs/{run.id}"})

    @router.get("/api/runs/{run_id}", tags=["runs"], response_model=RunDescription)
    async def get_run(run_id: RunId) -> Response:
        """A run as it is now: its status, its config, and for each lane how far and how good it is."""
        return _described(manager.get(run_id), 200)

    @router.post("/api/runs/{run_id}/stop", status_code=202, tags=["runs"], response_model=RunDescription)
    async def stop_run(run_id: RunId) -> Response:
        """Stop a run, or take it out of the queue. One that is over is answered as it is, with 200."""
        over = manager.get(run_id).status.final
        return _described(manager.stop(run_id), 200 if over else 202)

    @router.get(
        "/api/digits/{index}",
        tags=["data"],
        response_class=Response,
        responses={200: {"content": {"application/octet-stream": {}}}},
    )
    async def get_digit(index: Annotated[int, Path(ge=0, lt=2**31)]) -> Response:
        """One test digit: 784 bytes, row by row, 0 is paper and 255 is ink."""
        if index >= len(dataset.test_images):
            raise RunNotFound(f"There is no test digit {index}; they go from 0 to {len(dataset.test_images) - 1:,}.")
        return Response(
            dataset.test_images[index].tobytes(),
            media_type="application/octet-stream",
            headers={"Cache-Control": "public, max-age=3600"},
        )

    @router.get("/healthz", tags=["server"])
    async def health() -> Health:
        """Whether the server answers."""
        return Health(status="ok")

    return router


def _described(run: Run, status: int, headers: dict[str, Any] | None = None) -> Response:
    return Response(encode_json(run.describe()), status, headers, media_type="application/json")
