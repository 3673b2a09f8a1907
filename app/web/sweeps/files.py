"""A sweep's numbers as files."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.report.csv_export import with_decimal_commas
from app.report.sweeps.table import sweep_csv, sweep_parquet
from app.web.admission.admission import Admission
from app.web.downloads import CSV, JSON, PARQUET, Downloads, file_of
from app.web.exports import Decimal, joined
from app.web.schemas import FAILURES
from app.web.sweeps.commands import SweepId
from app.web.sweeps.described import described


def sweep_file_routes(admission: Admission, downloads: Downloads) -> APIRouter:
    """Routes over the sweeps of `admission`."""
    router = APIRouter(tags=["export"], responses=FAILURES)
    api = "/api/sweeps/{sweep_id}"

    @router.get(f"{api}/cells.csv", **file_of(CSV))
    async def cells_csv(request: Request, sweep_id: SweepId, decimal: Decimal = "point") -> Response:
        """A line for each training: the same text as `playground sweep --csv` writes."""
        sweep = await admission.read_sweep(sweep_id)
        lines = sweep_csv(sweep.state)
        texts = joined(with_decimal_commas(lines) if decimal == "comma" else lines)
        return downloads.file(request, texts, f"{sweep.id}-cells.csv", CSV)

    @router.get(
        f"{api}/cells.parquet",
        **file_of(PARQUET),
    )
    async def cells_parquet(request: Request, sweep_id: SweepId) -> Response:
        """A row for each training, with the columns of the CSV."""
        sweep = await admission.read_sweep(sweep_id)
        pieces = sweep_parquet(sweep.state)
        return downloads.file(request, pieces, f"{sweep.id}-cells.parquet", PARQUET)

    @router.get(f"{api}/sweep.json", **file_of(JSON))
    async def sweep_json(request: Request, sweep_id: SweepId) -> Response:
        """Everything, as a file: the same as `GET /api/sweeps/{sweep_id}`."""
        sweep = await admission.read_sweep(sweep_id)
        return downloads.file(request, joined([described(sweep)]), f"{sweep.id}.json", JSON)

    return router
