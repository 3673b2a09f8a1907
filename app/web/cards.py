"""`/runs/{id}/card.png`: the picture of a run for link previews. Drawn in the work queue, and kept."""

import asyncio
import os
from collections import OrderedDict
from functools import partial
from typing import NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.events import RunStatus
from app.report.social_card import draw_card
from app.report.story import story
from app.runs.history import Kind
from app.runs.run import Run
from app.settings import Settings
from app.web.admission.admission import Admission
from app.web.work_queue import WorkQueue

MOST_KEPT = 64
# So often a run that still races gets a new one.
RENEWED_S = 30.0


class _Card(NamedTuple):
    version: int
    status: RunStatus
    drawn_at: float
    png: bytes


def card_headers(status: RunStatus) -> dict[str, str]:
    """How long a picture may be kept, and that every site may show it."""
    keep_s = 24 * 3600 if status.final else int(RENEWED_S)
    return {"Cache-Control": f"public, max-age={keep_s}", "Cross-Origin-Resource-Policy": "cross-origin"}


def card_routes(admission: Admission, settings: Settings, work_queue: WorkQueue) -> APIRouter:
    """Cards of the runs of `admission`; what drawing has to keep between two starts goes into the cache folder."""
    router = APIRouter(include_in_schema=False)
    cards: OrderedDict[str, _Card] = OrderedDict()
    # matplotlib looks for its list of fonts there, and for no other settings.
    os.environ.setdefault("MPLCONFIGDIR", str(settings.cache_dir / "matplotlib"))

    def fresh(run: Run) -> _Card | None:
        card = cards.get(run.id)
        if card is None or card.version == run.version:
            return card
        young = asyncio.get_running_loop().time() - card.drawn_at < RENEWED_S
        # What it says of a race that has begun or ended since would be wrong.
        return card if young and card.status is run.status and not run.status.final else None

    async def drawn(request: Request, run: Run) -> _Card:
        async with work_queue.place(request):
            # Another request may have made it meanwhile.
            card = fresh(run)
            if card is None:
                described, version, status = run.describe(), run.version, run.status
                tables = [table.copy() for table in run.history.tables(Kind.EVALUATIONS)]
                png = await work_queue.in_thread(partial(draw_card, described, tables, story(described, tables)))
                card = cards[run.id] = _Card(version, status, asyncio.get_running_loop().time(), png)
                while len(cards) > MOST_KEPT:
                    cards.popitem(last=False)
        cards.move_to_end(run.id)
        return card

    async def get_card(request: Request) -> Response:
        run = await admission.read(request.path_params["run_id"])
        card = fresh(run) or await drawn(request, run)
        return Response(card.png, media_type="image/png", headers=card_headers(card.status))

    router.add_route("/runs/{run_id}/card.png", get_card)
    return router
