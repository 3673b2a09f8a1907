"""The trainings of a sweep as CSV, a line each."""

from collections.abc import Iterator
from typing import Any

from app.report.formats import plain
from app.report.sweep_columns import cell_columns
from app.sweeps.state import SweepState


def sweep_csv(sweep: SweepState) -> Iterator[str]:
    """Where each training is in the grid, and what came out of it; what there is not yet is empty."""
    columns = cell_columns(sweep)
    yield f"{','.join(columns)}\n"
    for row in zip(*columns.values(), strict=True):
        yield f"{','.join(map(_text, row))}\n"


def _text(value: Any) -> str:
    if value is None:
        return ""
    return plain(value) if isinstance(value, float) else str(value)
