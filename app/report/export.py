"""The numbers of a run as CSV, line by line: the same text as the page's export (static/js/model/export.js)."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from app.report.formats import fixed, single
from app.report.lane_view import names
from app.runs.description import Description
from app.runs.history import COLUMNS, Kind
from app.training.schedules import SCHEDULES

PLACE = ("seed", "lane", "name", "optimizer", "step", "epoch", "examples", "seconds", "learning_rate")
MEASURED = ("test_accuracy", "test_loss", "train_accuracy", "train_loss")

_COMMAS = str.maketrans({",": ";", ".": ","})

# What is made a list at once: nothing else of the process has its turn meanwhile.
ROWS = 1024

Tables = Sequence[NDArray[np.float32]]


def batches_csv(run: Description, tables: Tables, smoothing: float) -> Iterator[str]:
    """Every batch of every lane, and the running averages at this smoothing."""
    yield _line([*PLACE, "loss", "accuracy", "smoothed_loss", "smoothed_accuracy"])
    weight = weight_of(smoothing, run["total_steps"])
    for lane, table in enumerate(tables):
        place = _place_in(run, lane)
        smooth_loss, smooth_accuracy = Average(weight), Average(weight)
        for step, (loss, accuracy, seconds) in enumerate(_rows(table), start=1):
            values = (loss, accuracy, smooth_loss(loss), smooth_accuracy(accuracy))
            yield _line([*place(step, seconds), *map(single, values)])


def evaluations_csv(run: Description, tables: Tables) -> Iterator[str]:
    """Every evaluation of every lane."""
    yield _line([*PLACE, *MEASURED])
    for lane, table in enumerate(tables):
        place = _place_in(run, lane)
        for row in table.T.tolist():
            cells = dict(zip(COLUMNS[Kind.EVALUATIONS], row, strict=True))
            yield _line([*place(int(cells["step"]), cells["seconds"]), *(single(cells[name]) for name in MEASURED)])


def with_decimal_commas(lines: Iterable[str]) -> Iterator[str]:
    """The same table for a spreadsheet of a country with decimal commas: no cell has a comma, and no name a point."""
    return (line.translate(_COMMAS) for line in lines)


def weight_of(smoothing: float, total_steps: int) -> float:
    """An average over more than a tenth of all batches tells what was, not what is."""
    return max(0.0, min(smoothing, 1 - 10 / total_steps))


class Average:
    """Debiased and exponential, as the page draws it; values that are not finite are passed over."""

    def __init__(self, weight: float) -> None:
        self._weight = weight
        self._sum = self._collected = 0.0

    def __call__(self, value: float) -> float:
        if np.isfinite(value):
            self._sum = self._weight * self._sum + (1 - self._weight) * value
            self._collected = self._weight * self._collected + (1 - self._weight)
        elif self._collected == 0:
            return value
        return float(np.float32(self._sum / self._collected))


def rate_in(run: Description, lane: int) -> Callable[[int], float]:
    """The learning rate of a step: as it was chosen, at first or in flight, times the factor of the lane's schedule."""
    config, choice = run["config"], run["config"]["lanes"][lane]
    first = config["learning_rate"] if choice["learning_rate"] is None else choice["learning_rate"]
    changes = run["lanes"][lane]["learning_rate_changes"]
    schedule, total = SCHEDULES[choice["schedule"]], run["total_steps"]

    def rate(step: int) -> float:
        chosen = next((change["learning_rate"] for change in reversed(changes) if change["step"] <= step), first)
        # As a float32 it is the same number in every language, whose cosines are not.
        return float(np.float32(chosen * schedule(max(step, 1), total)))

    return rate


def _place_in(run: Description, lane: int) -> Callable[[int, float], list[str]]:
    """The cells that say where in the race a line is."""
    config = run["config"]
    who = [str(config["seed"]), str(lane), names(config)[lane], config["lanes"][lane]["optimizer"]]
    rate = rate_in(run, lane)

    def place(step: int, seconds: float) -> list[str]:
        epoch, examples = fixed(step / run["batches_per_epoch"], 5), step * config["batch_size"]
        return [*who, str(step), epoch, str(examples), single(seconds), single(rate(step))]

    return place


def _rows(table: NDArray[np.float32]) -> Iterator[list[float]]:
    for first in range(0, table.shape[1], ROWS):
        yield from table[:, first : first + ROWS].T.tolist()


def _line(cells: Sequence[str]) -> str:
    return f"{','.join(cells)}\n"
