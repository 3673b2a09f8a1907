"""The HTML pages."""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial

import numpy as np
from fastapi import APIRouter, Request
from numpy.typing import NDArray
from starlette.responses import Response

from app.choices import PANELS, SETTINGS, VIEW
from app.config import LANES, RunConfig, limits
from app.errors import Overloaded, RunNotFound, StoreUnavailable
from app.report.caption import description_of, lane_names, settings_of, title_of
from app.report.story import story
from app.runs.history import Kind
from app.runs.run import Run
from app.training.dataset import Dataset
from app.training.evaluation import QUICK_DIGITS, TRAIN_SAMPLE
from app.web.address import oembed_address, public_url, run_path
from app.web.admission.admission import Admission
from app.web.capacity import Look
from app.web.experiments.pages import ExperimentPage, ExperimentPages
from app.web.experiments.routes import ARTICLE
from app.web.files import page_templates

# Those first that networks take for each other; data without some of them has others.
EXAMPLES = (2, 3, 5, 7, 8, 0, 1, 4, 6, 9)
MOST_EXAMPLES = 5
# A page that could not be made asks again after so long.
AWAY_RETRY_S = 5
# Programs are answered something else.
BY_READER = {"Vary": "Accept"}


def asks_for_settings(names: Iterable[str]) -> bool:
    """Whether a link with parameters of these names asks for anything here.

    What others append, to follow those who open it, does not; `static/js/model/address.js` decides alike.
    """
    ours = {*SETTINGS, *VIEW}
    of_lane = re.compile(rf"(?:{'|'.join(LANES)})\d*\.", re.ASCII)
    return any(name in ours or of_lane.match(name) for name in names)


def page_routes(
    admission: Admission,
    dataset: Dataset,
    wall: NDArray[np.int64],
    dataset_name: str,
    recordings: Sequence[Run],
    experiments: ExperimentPages,
    look: Look,
) -> APIRouter:
    """The playground at `/`, which shows a recorded race first, a run at its own address, the experiments, and `/docs`.

    `wall`: numbers of the digits of the wall. `recordings`: that of the front page is the first.
    """
    router = APIRouter(include_in_schema=False)
    templates = page_templates()

    examples, choices = _examples(dataset), limits()
    # What every page knows of the digits.
    digits = {
        "name": dataset_name,
        "train": len(dataset.train_labels),
        "test": len(dataset.test_labels),
        "quick": min(QUICK_DIGITS, len(dataset.test_labels)),
        "wall": dataset.test_labels[wall].tolist(),
    }

    test = len(dataset.test_labels)
    # What test accuracies are of.
    unseen = f"{test:,} unseen digits" + (f" ({QUICK_DIGITS:,} in the first batches)" if test > QUICK_DIGITS else "")

    def page(
        request: Request, run: Run | None = None, run_id: str | None = None, experiment: ExperimentPage | None = None
    ) -> Response:
        # A visitor whose link has settings has seen the playground before.
        first = run_id is None and not asks_for_settings(request.query_params)
        front_page = recordings[0] if recordings else None
        recorded = experiment.recorded_run if experiment else front_page
        config = experiment.config if experiment else RunConfig()
        bootstrap = {
            "run_id": run_id,
            "recorded": recorded.id if recorded and first else None,
            "experiment": experiment.bootstrap if experiment else None,
            "capacity": look(request),
            "config": config.model_dump(),
            **choices,
            "dataset": {**digits, "examples": examples},
        }
        shown = run or (recorded if first else None)
        values = {
            # As many walls as the race that is shown first has lanes.
            "lanes": len(shown.config.lanes if shown else config.lanes),
            "experiment": experiment.words if experiment else None,
            "bootstrap": bootstrap,
            "panels": PANELS,
            "unseen": unseen,
            "help": {name: choice.help for name, choice in SETTINGS.items()},
            "preview": preview(request, run, experiment),
            "train_sample": min(TRAIN_SAMPLE, len(dataset.train_labels)),
        }
        return templates.TemplateResponse(request, "index.html", values)

    def preview(request: Request, run: Run | None, experiment: ExperimentPage | None) -> dict[str, str]:
        """What other sites show of a link to the page, with whole addresses; `picture` lies below its root."""
        base = public_url(request)
        if run is None:
            if experiment:
                return {**experiment.preview(base), "picture": f"{experiment.path}/card.png"}
            picture = "/static/card.png"
            return {"url": f"{base}/", "card": base + picture, "picture": picture}
        described = run.describe()
        sentences = story(described, *map(run.history.tables, (Kind.EVALUATIONS, Kind.PUSH)))
        url, picture = f"{base}{run_path(run.id)}", f"{run_path(run.id)}/card.png"
        return {
            "title": title_of(described, sentences, dataset_name),
            "description": description_of(described, sentences),
            "url": url,
            "card": base + picture,
            "picture": picture,
            "oembed": oembed_address(request, url),
        }

    async def home(request: Request) -> Response:
        return page(request)

    async def run_page(request: Request, experiment: ExperimentPage | None = None) -> Response:
        run_id = request.path_params["run_id"]
        try:
            # While the database is away, or too many ask it, the page comes, and its stream later.
            run = None
            with suppress(StoreUnavailable, Overloaded):
                run = await admission.read(run_id)
        except RunNotFound:
            return templates.TemplateResponse(request, "not-found.html", {"run": True}, status_code=404)
        return page(request, run, run_id, experiment)

    async def gallery(request: Request) -> Response:
        return templates.TemplateResponse(request, "experiments.html", {"cards": experiments.cards, "article": ARTICLE})

    async def experiment_page(request: Request, experiment: ExperimentPage) -> Response:
        return page(request, experiment=experiment)

    async def embed(request: Request) -> Response:
        run_id = request.path_params["run_id"]
        try:
            run = await admission.read(run_id)
        except RunNotFound:
            gone = {"run": True, "target": "_blank"}
            return templates.TemplateResponse(request, "not-found.html", gone, status_code=404)
        except (StoreUnavailable, Overloaded) as problem:
            # It asks again by itself: frames are not reloaded by hand.
            later = {"away": str(problem), "retry_s": AWAY_RETRY_S}
            headers = {"Retry-After": str(AWAY_RETRY_S)}
            return templates.TemplateResponse(request, "not-found.html", later, status_code=503, headers=headers)
        described = run.describe()
        values = {
            "bootstrap": {"run_id": run.id, "dataset": digits, **choices},
            "lanes": len(run.config.lanes),
            "panels": PANELS,
            "unseen": unseen,
            "lane_names": lane_names(described),
            "settings": settings_of(described),
            "dataset": dataset_name,
            "path": run_path(run.id),
            "theme": request.query_params.get("theme"),
        }
        return templates.TemplateResponse(request, "embed.html", values)

    async def docs(request: Request) -> Response:
        return templates.TemplateResponse(request, "docs.html")

    # Starlette's own routes answer HEAD as well, which link previews ask with.
    router.add_route("/", home)
    router.add_route("/runs/{run_id}", run_page)
    router.add_route("/embed/{run_id}", embed)
    router.add_route("/experiments", gallery)
    for each in experiments.races:
        router.add_route(each.path, partial(experiment_page, experiment=each))
        router.add_route(f"{each.path}/runs/{{run_id}}", partial(run_page, experiment=each))
    router.add_route("/docs", docs)
    return router


def nothing_here() -> Callable[[Request], Response]:
    """Makes the page for an address at which there is nothing."""
    templates = page_templates()
    return lambda request: templates.TemplateResponse(request, "not-found.html", status_code=404, headers=BY_READER)


def _examples(dataset: Dataset) -> list[dict[str, int]]:
    """The first test digit of each of a few kinds, for those who cannot draw one."""
    found = {label: np.flatnonzero(dataset.test_labels == label)[:1] for label in EXAMPLES}
    first = [{"label": label, "index": int(index)} for label, indices in found.items() for index in indices]
    return first[:MOST_EXAMPLES]
