"""The numbers of a run as columns, piece by piece: what its CSV, Parquet and JSON files are made of."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.report.lane_names import names
from app.runs.description import Description, learning_rates
from app.runs.history import COLUMNS, Kind
from app.training.schedules import SCHEDULES

PLACE = ("seed", "lane", "name", "optimizer", "step", "epoch", "examples", "seconds", "learning_rate")
BATCH_COLUMNS = ("loss", "accuracy", "smoothed_loss", "smoothed_accuracy")
EVALUATION_COLUMNS = ("test_accuracy", "test_loss", "train_accuracy", "train_loss", "quick")
# What is made at once: nothing else of the process has its turn meanwhile.
ROWS = 4096

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
            yield _piece(run, lane, steps, named["seconds"], {name: named[name] for name in EVALUATION_COLUMNS})


def weight_of(smoothing: float, total_steps: int) -> float:
    """At most an average over a tenth of all batches: a longer one would lag behind."""
    return max(0.0, min(smoothing, 1 - 10 / total_steps))


class Average:
    """Debiased and exponential, as the page draws it; values that are not finite are passed over."""

    def __init__(self, weight: float) -> None:
        self._weight = weight
        self._sum = self._collected = 0.0

    def __call__(self, value: float) -> float:
        if math.isfinite(value):
            self._sum = self._weight * self._sum + (1 - self._weight) * value
            self._collected = self._weight * self._collected + (1 - self._weight)
        elif self._collected == 0:
            return value
        return self._sum / self._collected


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
        "learning_rate": _rates(run, lane, steps),
    }
    optimizer = config["lanes"][lane]["optimizer"]
    return Piece(config["seed"], lane, names(config)[lane], optimizer, {**place, **measured})


def _rates(run: Description, lane: int, steps: NDArray[np.int32]) -> NDArray[np.float32]:
    """The learning rates of steps: as chosen, at first or in flight, times the factor of the lane's schedule."""
    first, choice = learning_rates(run["config"])[lane], run["config"]["lanes"][lane]
    changes = run["lanes"][lane]["learning_rate_changes"]
    chosen = np.array([first, *(change["learning_rate"] for change in changes)])
    in_force = np.searchsorted([change["step"] for change in changes], steps, "right")
    schedule, total = SCHEDULES[choice["schedule"]], run["total_steps"]
    factors = np.fromiter((schedule(max(step, 1), total) for step in steps.tolist()), float, len(steps))
    rates: NDArray[np.float32] = (chosen[in_force] * factors).astype(np.float32)
    return rates
