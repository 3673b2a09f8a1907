"""The HTML pages."""

from base64 import b64encode
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from app.config import RANGES, RunConfig, catalogue
from app.errors import RunNotFound
from app.runs.manager import Manager
from app.training.dataset import Dataset
from app.web.files import front_end

EXAMPLES = (2, 3, 5, 7, 8)


def page_routes(manager: Manager, dataset: Dataset, dataset_name: str) -> APIRouter:
    """The playground at `/`, a run at its own address, and the commands at `/docs`."""
    router = APIRouter(include_in_schema=False)
    templates = Jinja2Templates(front_end("templates"))
    scripts = front_end("static") / "js"
    modules = [f"/static/js/{file.relative_to(scripts).as_posix()}" for file in sorted(scripts.rglob("*.js"))]

    examples = _examples(dataset)

    def page(request: Request, run_id: str | None) -> Response:
        bootstrap = {
            "run_id": run_id,
            "config": RunConfig().model_dump(),
            "ranges": RANGES,
            "optimizers": catalogue(),
            "dataset": {
                "name": dataset_name,
                "train": len(dataset.train_labels),
                "test": len(dataset.test_labels),
                "examples": examples,
            },
        }
        return templates.TemplateResponse(request, "index.html", {"bootstrap": bootstrap, "modules": modules})

    async def home(request: Request) -> Response:
        return page(request, None)

    async def run(request: Request) -> Response:
        run_id = request.path_params["run_id"]
        try:
            await manager.find(run_id)
        except RunNotFound as problem:
            return templates.TemplateResponse(request, "not-found.html", {"message": str(problem)}, status_code=404)
        return page(request, run_id)

    async def docs(request: Request) -> Response:
        return templates.TemplateResponse(request, "docs.html")

    # Starlette's own routes answer HEAD as well, which link previews ask with.
    router.add_route("/", home)
    router.add_route("/runs/{run_id}", run)
    router.add_route("/docs", docs)
    return router


def _examples(dataset: Dataset) -> list[dict[str, Any]]:
    """The first test digit of each of a few kinds, for those who cannot draw one: 784 bytes in base64."""
    first = {label: np.flatnonzero(dataset.test_labels == label)[:1] for label in EXAMPLES}
    return [
        {"label": label, "pixels": b64encode(dataset.test_images[index].tobytes()).decode()}
        for label, found in first.items()
        for index in found
    ]
