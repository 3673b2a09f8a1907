"""A sweep's numbers as files, and its picture for link previews."""

import asyncio
from functools import partial
from typing import NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.events import RunStatus
from app.report.csv_export import with_decimal_commas
from app.report.sweeps.picture import draw_sweep
from app.report.sweeps.table import sweep_csv, sweep_parquet
from app.sweeps.sweep import Sweep
from app.web.admission.admission import Admission
from app.web.cards import RENEWED_S, card_headers
from app.web.downloads import Downloads
from app.web.exports import Decimal, joined
from app.web.run_cache import RunCache
from app.web.schemas import FAILURES
from app.web.sweeps.commands import SweepId
from app.web.sweeps.described import described
from app.web.work_queue import WorkQueue


class _Card(NamedTuple):
    status: RunStatus
    drawn_at: float
    png: bytes


def sweep_file_routes(admission: Admission, downloads: Downloads, work_queue: WorkQueue) -> APIRouter:
    """Routes over the sweeps of `admission`."""
    router = APIRouter(tags=["export"], responses=FAILURES)
    api = "/api/sweeps/{sweep_id}"
    cards: RunCache[_Card] = RunCache(1)

    @router.get(f"{api}/cells.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
    async def cells_csv(request: Request, sweep_id: SweepId, decimal: Decimal = "point") -> Response:
        """A line for each training: the same text as `playground sweep --csv` writes."""
        sweep = await admission.read_sweep(sweep_id)
        lines = sweep_csv(sweep.state)
        texts = joined(with_decimal_commas(lines) if decimal == "comma" else lines)
        return downloads.file(request, texts, f"{sweep.id}-cells.csv", "text/csv; charset=utf-8")

    @router.get(
        f"{api}/cells.parquet",
        response_class=Response,
        responses={200: {"content": {"application/vnd.apache.parquet": {}}}},
    )
    async def cells_parquet(request: Request, sweep_id: SweepId) -> Response:
        """A row for each training, with the columns of the CSV."""
        sweep = await admission.read_sweep(sweep_id)
        pieces = sweep_parquet(sweep.state)
        return downloads.file(request, pieces, f"{sweep.id}-cells.parquet", "application/vnd.apache.parquet")

    @router.get(f"{api}/sweep.json", response_class=Response, responses={200: {"content": {"application/json": {}}}})
    async def sweep_json(request: Request, sweep_id: SweepId) -> Response:
        """All there is, as a file: what asking for the sweep answers."""
        sweep = await admission.read_sweep(sweep_id)
        return downloads.file(request, joined([described(sweep)]), f"{sweep.id}.json", "application/json")

    def fresh(sweep: Sweep) -> _Card | None:
        """The last picture, if it is of the sweep as it is, or of one that goes on and young."""
        card = cards.get(sweep, sweep.status)
        if card is None or sweep.status.final:
            return card
        return card if asyncio.get_running_loop().time() - card.drawn_at < RENEWED_S else None

    @router.head("/sweeps/{sweep_id}/card.png", include_in_schema=False)
    @router.get("/sweeps/{sweep_id}/card.png", include_in_schema=False)
    async def get_card(request: Request, sweep_id: SweepId) -> Response:
        sweep = await admission.read_sweep(sweep_id)
        card = fresh(sweep)
        if card is None:
            async with work_queue.place(request):
                # Another request may have made it meanwhile.
                card = fresh(sweep)
                if card is None:
                    status = sweep.status
                    png = await work_queue.in_thread(partial(draw_sweep, sweep.state))
                    card = cards.keep(sweep, status, _Card(status, asyncio.get_running_loop().time(), png))
        return Response(card.png, media_type="image/png", headers=card_headers(card.status))

    return router
