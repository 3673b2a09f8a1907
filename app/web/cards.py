"""The pictures of runs, sweeps and experiments for link previews, `card.png` beside their pages.

They are drawn in the work queue, and kept.
"""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.events import RunStatus
from app.experiments.card import draw_experiment
from app.report.social_card import draw_card
from app.report.story import story
from app.report.sweeps.picture import draw_sweep
from app.runs.history import Kind
from app.runs.run import Run
from app.settings import Settings
from app.sweeps.sweep import Sweep
from app.web.admission.admission import Admission
from app.web.experiments.routes import experiment_named
from app.web.work_queue import WorkQueue

MOST_KEPT = 64
# So often a run or a sweep that still goes on gets a new one.
RENEWED_S = 30.0
A_DAY = 24 * 3600


class _Card(NamedTuple):
    version: int
    status: RunStatus
    drawn_at: float
    png: bytes


def card_routes(admission: Admission, settings: Settings, work_queue: WorkQueue) -> APIRouter:
    """Cards of what `admission` finds; what drawing has to keep between two starts goes into the cache folder."""
    router = APIRouter(include_in_schema=False)
    cards: OrderedDict[str, _Card] = OrderedDict()
    of_experiments: dict[str, bytes] = {}
    # matplotlib looks for its list of fonts there, and for no other settings.
    os.environ.setdefault("MPLCONFIGDIR", str(settings.cache_dir / "matplotlib"))

    async def run_card(request: Request) -> Response:
        return await answer(request, await admission.read(request.path_params["run_id"]))

    async def sweep_card(request: Request) -> Response:
        return await answer(request, await admission.read_sweep(request.path_params["sweep_id"]))

    async def experiment_card(request: Request) -> Response:
        experiment = experiment_named(request.path_params["name"])
        if experiment.name not in of_experiments:
            png = await work_queue.make(request, partial(draw_experiment, experiment))
            of_experiments[experiment.name] = png
        return _picture(of_experiments[experiment.name], A_DAY)

    async def answer(request: Request, shown: Run | Sweep) -> Response:
        card = fresh(shown) or await drawn(request, shown)
        return _picture(card.png, A_DAY if card.status.final else int(RENEWED_S))

    def fresh(shown: Run | Sweep) -> _Card | None:
        card = cards.get(shown.id)
        if card is None or card.version == shown.version:
            return card
        young = asyncio.get_running_loop().time() - card.drawn_at < RENEWED_S
        # What it says of a race that has begun or ended since would be wrong.
        return card if young and card.status is shown.status and not shown.status.final else None

    async def drawn(request: Request, shown: Run | Sweep) -> _Card:
        async with work_queue.place(request):
            # Another request may have made it meanwhile.
            card = fresh(shown)
            if card is None:
                version, status = shown.version, shown.status
                png = await work_queue.in_thread(_drawing(shown))
                card = cards[shown.id] = _Card(version, status, asyncio.get_running_loop().time(), png)
                while len(cards) > MOST_KEPT:
                    cards.popitem(last=False)
        cards.move_to_end(shown.id)
        return card

    router.add_route("/runs/{run_id}/card.png", run_card)
    router.add_route("/sweeps/{sweep_id}/card.png", sweep_card)
    router.add_route("/experiments/{name}/card.png", experiment_card)
    return router


def _picture(png: bytes, keep_s: int) -> Response:
    """Every site may show it."""
    headers = {"Cache-Control": f"public, max-age={keep_s}", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(png, media_type="image/png", headers=headers)


def _drawing(shown: Run | Sweep) -> Callable[[], bytes]:
    """What draws it as it is now, whatever comes meanwhile."""
    if isinstance(shown, Sweep):
        return partial(draw_sweep, shown.state)
    described = shown.describe()
    evaluations, pushes = (
        [table.copy() for table in shown.history.tables(kind)] for kind in (Kind.EVALUATIONS, Kind.PUSH)
    )
    return partial(draw_card, described, evaluations, story(described, evaluations, pushes))
