"""The HTML pages of sweeps: the form that starts one, and a sweep at its own address."""

from contextlib import suppress
from functools import partial
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.choices import SETTINGS, SWEEP
from app.config import RunConfig, limits
from app.errors import Overloaded, RunNotFound, StoreUnavailable
from app.machine import cores
from app.report.sweeps.caption import description_of_sweep, title_of_sweep
from app.scheduling.manager import Manager
from app.scheduling.work import STEP_OVERHEAD
from app.sweeps.sweep import Sweep
from app.web.address import oembed_address, public_url
from app.web.admission.admission import Admission
from app.web.capacity import Look
from app.web.experiments.pages import ExperimentPage, ExperimentPages
from app.web.files import page_templates

# One pass over the data shows most differences.
EPOCHS = 1
# In multiply-adds a second, until this machine's is measured: of a core of 2020, measured with `playground sweep`.
SPEED_OF_A_CORE = 2.5e10


def sweep_page_routes(
    admission: Admission,
    manager: Manager,
    digits: int,
    dataset_name: str,
    experiments: ExperimentPages,
    look: Look,
) -> APIRouter:
    """`/sweeps` and `/sweeps/{id}`, and the experiments that are sweeps; there are so many `digits`
    to train on, of the data set of this name.
    """
    router = APIRouter(include_in_schema=False)
    templates = page_templates()
    config = RunConfig(epochs=EPOCHS)
    known = {
        **limits(),
        "sweep": {name: row.shown(name) for name, row in SWEEP.items()},
        "config": config.model_dump(),
        "digits": digits,
        "step_overhead": STEP_OVERHEAD,
    }

    def bootstrap(
        request: Request, sweep_id: str | None, experiment: ExperimentPage | None = None
    ) -> dict[str, object]:
        speed = manager.queue.speed or SPEED_OF_A_CORE * cores()
        words = experiment.bootstrap if experiment else None
        return {"sweep_id": sweep_id, "experiment": words, "capacity": look(request), "speed": speed, **known}

    async def form(request: Request) -> Response:
        values = {
            "bootstrap": bootstrap(request, None),
            "chosen": [lane.optimizer for lane in config.lanes],
            "help": {name: row.help for name, row in {**SETTINGS, **SWEEP}.items()},
        }
        return templates.TemplateResponse(request, "sweeps.html", values)

    async def sweep_page(request: Request, experiment: ExperimentPage | None = None) -> Response:
        sweep_id = request.path_params["sweep_id"]
        sweep = None
        try:
            # While the database is away, or too many ask it, the page comes, and its stream later.
            with suppress(StoreUnavailable, Overloaded):
                sweep = await admission.read_sweep(sweep_id)
        except RunNotFound:
            return templates.TemplateResponse(request, "not-found.html", {"sweep": True}, status_code=404)
        return shown(request, sweep_id, experiment, preview(request, sweep) if sweep else None)

    def preview(request: Request, sweep: Sweep) -> dict[str, str]:
        """What other sites show of a link to the sweep, with whole addresses."""
        url, state = f"{public_url(request)}/sweeps/{quote(sweep.id, safe='')}", sweep.state
        title = title_of_sweep(state, dataset_name)
        return {
            "title": title,
            "description": description_of_sweep(state),
            "url": url,
            "card": f"{url}/card.png",
            "oembed": oembed_address(request, url),
        }

    def shown(
        request: Request,
        sweep_id: str | None,
        experiment: ExperimentPage | None,
        preview: dict[str, str] | None = None,
    ) -> Response:
        values = {
            "preview": preview,
            "bootstrap": bootstrap(request, sweep_id, experiment),
            "experiment": experiment.words if experiment else None,
            "path": f"/sweeps/{quote(sweep_id or '', safe='')}",
        }
        return templates.TemplateResponse(request, "sweep.html", values)

    async def embed(request: Request) -> Response:
        sweep_id = request.path_params["sweep_id"]
        try:
            # While the database is away, or too many ask it, the frame comes, and its stream later.
            with suppress(StoreUnavailable, Overloaded):
                await admission.read_sweep(sweep_id)
        except RunNotFound:
            gone = {"sweep": True, "target": "_blank"}
            return templates.TemplateResponse(request, "not-found.html", gone, status_code=404)
        values = {"bootstrap": bootstrap(request, sweep_id), "path": f"/sweeps/{quote(sweep_id, safe='')}"}
        return templates.TemplateResponse(request, "sweep-embed.html", values)

    async def experiment_page(request: Request, experiment: ExperimentPage) -> Response:
        return shown(request, experiment.recorded_id, experiment, experiment.preview(public_url(request)))

    # Starlette's own routes answer HEAD as well, which link previews ask with.
    router.add_route("/sweeps", form)
    router.add_route("/sweeps/{sweep_id}", sweep_page)
    router.add_route("/embed/sweeps/{sweep_id}", embed)
    for each in experiments.sweeps:
        router.add_route(each.path, partial(experiment_page, experiment=each))
        router.add_route(f"{each.path}/sweeps/{{sweep_id}}", partial(sweep_page, experiment=each))
    return router
