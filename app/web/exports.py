"""A run's numbers as files: CSV, JSON and Parquet, made piece by piece while they are sent."""

import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import Response

from app.choices import MOST_SEEDS, VIEW
from app.config import RunConfig, Smoothing
from app.report.columns import Piece, batch_columns, evaluation_columns
from app.report.csv_export import csv_lines, with_decimal_commas
from app.report.formats import singles
from app.report.parquet import parquet
from app.report.reproduce import command
from app.runs.history import Kind
from app.runs.run import Run
from app.web.admission.admission import Admission
from app.web.downloads import CSV, JSON, PARQUET, Downloads, file_of
from app.web.json_answer import json_answer
from app.web.protocol import encode_json
from app.web.schemas import FAILURES, Command, RunId

# A series of ten seeds has nine before the last.
MOST_EARLIER = MOST_SEEDS - 1
# About what is made without letting others have their turn.
PIECE = 16 * 1024
IN_FLIGHT = "Its learning rates were changed during the race, which a command cannot repeat."

Table = Annotated[Literal["batches", "evaluations"], Query(description="Every batch, or every evaluation.")]
Weight = Annotated[Smoothing, Query(allow_inf_nan=False, description=VIEW["smoothing"].help)]
USUAL: float = VIEW["smoothing"].default

Series = Annotated[
    str | None,
    Query(
        max_length=MOST_EARLIER * 40,
        pattern=rf"^[^,]+(,[^,]+){{0,{MOST_EARLIER - 1}}}$",
        description="Ids of the same race with other seeds, comma-separated: they come before it in the file.",
    ),
]

Decimal = Annotated[
    Literal["point", "comma"],
    Query(description="With decimal commas, columns are separated by semicolons, as many spreadsheets expect."),
]


def export_routes(admission: Admission, downloads: Downloads) -> APIRouter:
    """Routes over the runs of `admission`."""
    router = APIRouter(prefix="/api/runs/{run_id}", tags=["export"], responses=FAILURES)

    @router.get("/export.csv", **file_of(CSV))
    async def export_csv(
        request: Request,
        run_id: RunId,
        table: Table = "batches",
        smoothing: Weight = USUAL,
        decimal: Decimal = "point",
        series: Series = None,
    ) -> Response:
        """One table as CSV, as far as the run is: the same text as `playground race --csv` writes."""

        async def rows_of(run_id: str, first: bool = False) -> Iterator[bytes]:
            lines = csv_lines(_pieces(await admission.read(run_id), table, smoothing), table, heading=first)
            return joined(with_decimal_commas(lines) if decimal == "comma" else lines)

        config = (await admission.read(run_id)).config
        first, *others = run_ids = [*(series.split(",") if series else []), run_id]
        # All are looked for before anything is sent, and none is held in memory before its turn.
        for each in run_ids[:-1]:
            _check_other_seed(await admission.read(each), config)
        name = f"{run_id}{f'-{len(run_ids)}-seeds' if others else ''}-{table}.csv"
        then = [partial(rows_of, each) for each in others]
        return downloads.file(request, await rows_of(first, True), name, CSV, then)

    @router.get("/export.json", **file_of(JSON))
    async def export_json(request: Request, run_id: RunId, smoothing: Weight = USUAL) -> Response:
        """All there is: the run, the command that races again, and both tables, by lane and column."""
        run = await admission.read(run_id)
        return downloads.file(request, joined(_json(run, smoothing)), f"{run.id}.json", JSON)

    @router.get(
        "/export.parquet",
        **file_of(PARQUET),
    )
    async def export_parquet(
        request: Request, run_id: RunId, table: Table = "batches", smoothing: Weight = USUAL
    ) -> Response:
        """One table as Parquet, with the columns of the CSV."""
        run = await admission.read(run_id)
        pieces = parquet(_pieces(run, table, smoothing), table)
        return downloads.file(request, pieces, f"{run.id}-{table}.parquet", PARQUET)

    @router.get("/command", response_model=Command)
    async def get_command(run_id: RunId) -> Response:
        """The line for a terminal that races again with exactly these settings."""
        return json_answer(_command(await admission.read(run_id)))

    return router


def _check_other_seed(run: Run, config: RunConfig) -> None:
    """The rows of a file say no more of their run than its seed."""
    if run.config.model_copy(update={"seed": config.seed}) != config:
        raise HTTPException(422, f"A file contains one race with several seeds, but run {run.id} is of another race.")


def _command(run: Run) -> dict[str, str | None]:
    changed = any(lane.learning_rate_changes for lane in run.lanes)
    return {"command": command(run.config), "note": IN_FLIGHT if changed else None}


def _pieces(run: Run, table: str, smoothing: float) -> Iterator[Piece]:
    if table == "batches":
        return batch_columns(run.describe(), run.history.tables(Kind.METRICS), smoothing)
    return evaluation_columns(run.describe(), run.history.tables(Kind.EVALUATIONS))


def _json(run: Run, smoothing: float) -> Iterator[str]:
    """Of each table a list of pieces: a lane's consecutive rows, by column."""
    head = encode_json({"run": run.describe(), **_command(run), "smoothing": smoothing})
    yield head.removesuffix("}")
    for table in ("batches", "evaluations"):
        yield f',"{table}":['
        for number, piece in enumerate(_pieces(run, table, smoothing)):
            who = {name: value for name, value in piece._asdict().items() if name != "columns"}
            yield f"{',' if number else ''}{encode_json(who).removesuffix('}')}"
            for name, column in piece.columns.items():
                yield f',"{name}":[{",".join(_numbers(column))}]'
            yield "}"
        yield "]"
    yield "}"


def _numbers(column: np.ndarray) -> Iterable[str]:
    if column.dtype != np.float32:
        return map(json.dumps, column.tolist())
    # JSON has no NaN and no infinity.
    finite = np.isfinite(column).tolist()
    return (text if known else "null" for text, known in zip(singles(column), finite, strict=True))


def joined(texts: Iterable[str]) -> Iterator[bytes]:
    """Few and about equally large pieces."""
    gathered: list[str] = []
    size = 0
    for text in texts:
        gathered.append(text)
        size += len(text)
        if size >= PIECE:
            yield "".join(gathered).encode()
            gathered, size = [], 0
    yield "".join(gathered).encode()
