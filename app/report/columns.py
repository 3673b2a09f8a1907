"""The numbers of a run as columns, piece by piece, under the names that its CSV has (`runs.export`)."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.report.export import MEASURED, Average, rate_in, weight_of
from app.report.lane_view import names
from app.runs.description import Description
from app.runs.history import COLUMNS, Kind

ROWS = 4096
BATCH_COLUMNS = ("loss", "accuracy", "smoothed_loss", "smoothed_accuracy")

Tables = Sequence[NDArray[np.float32]]


class Piece(NamedTuple):
    """Consecutive rows of one lane. Each column has shape (rows,)."""

    seed: int
    lane: int
    name: str
    optimizer: str
    columns: dict[str, NDArray[Any]]


def batch_columns(run: Description, tables: Tables, smoothing: float) -> Iterator[Piece]:
    """Every batch of every lane, and the running averages at this smoothing; a lane without any gives no piece."""
    weight = weight_of(smoothing, run["total_steps"])
    for lane, table in enumerate(tables):
        averages = {name: Average(weight) for name in ("loss", "accuracy")}
        for first in range(0, table.shape[1], ROWS):
            loss, accuracy, seconds = table[:, first : first + ROWS]
            steps = np.arange(first + 1, first + 1 + len(loss), dtype=np.int32)
            measured = {"loss": loss, "accuracy": accuracy}
            smoothed = {
                f"smoothed_{name}": np.fromiter(map(averages[name], column.tolist()), np.float32, len(column))
                for name, column in measured.items()
            }
            yield _piece(run, lane, steps, seconds, {**measured, **smoothed})


def evaluation_columns(run: Description, tables: Tables) -> Iterator[Piece]:
    """Every evaluation of every lane."""
    for lane, table in enumerate(tables):
        named = dict(zip(COLUMNS[Kind.EVALUATIONS], table, strict=True))
        steps = named["step"].astype(np.int32)
        if len(steps):
            yield _piece(run, lane, steps, named["seconds"], {name: named[name] for name in MEASURED})


def _piece(
    run: Description,
    lane: int,
    steps: NDArray[np.int32],
    seconds: NDArray[np.float32],
    measured: dict[str, NDArray[np.float32]],
) -> Piece:
    config = run["config"]
    place: dict[str, NDArray[Any]] = {
        "step": steps,
        "epoch": steps / run["batches_per_epoch"],
        "examples": steps.astype(np.int64) * config["batch_size"],
        "seconds": seconds,
        "learning_rate": np.fromiter(map(rate_in(run, lane), steps.tolist()), np.float32, len(steps)),
    }
    optimizer = config["lanes"][lane]["optimizer"]
    return Piece(config["seed"], lane, names(config)[lane], optimizer, {**place, **measured})
