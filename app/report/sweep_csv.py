"""The trainings of a sweep as CSV, a line each."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from app.report.formats import plain
from app.runs.description import LaneDescription
from app.sweeps.grid import Grid

RESULT_COLUMNS = ("status", "steps", "seconds", "test_accuracy", "test_loss")


def sweep_csv(grid: Grid, lanes: Iterable[LaneDescription]) -> Iterator[str]:
    """Where each training is in the grid, and what came out of it; what there is not yet is empty."""
    # What is not an axis is as in every cell, but for the learning rate an optimizer comes with.
    axes = [name for name in grid.axes if name != "learning_rate"]
    yield f"{','.join([*axes, 'learning_rate', *RESULT_COLUMNS])}\n"
    for cell, lane in zip(grid.cells, lanes, strict=True):
        cells = [_text(cell.at[name]) for name in axes] + [plain(cell.config.learning_rate)]
        yield f"{','.join([*cells, *_result(lane)])}\n"


def _result(lane: LaneDescription) -> Sequence[str]:
    measured = lane["seconds"], lane["test_accuracy"], lane["test_loss"]
    return [lane["status"], str(lane["steps"]), *("" if value is None else plain(value) for value in measured)]


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "-".join(map(str, value))
    return plain(value) if isinstance(value, float) else str(value)
