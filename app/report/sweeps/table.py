"""The trainings of a sweep as a table, a row each: its columns, and the same as CSV and as Parquet."""

from collections.abc import Iterator
from typing import Any

from app.report.formats import plain
from app.report.parquet import table_of
from app.report.result import reached_at
from app.report.sweeps.result import ALONG
from app.report.sweeps.verdict import MARK
from app.sweeps.state import CellState, SweepState

RESULTS = ("status", "steps", "seconds", "test_accuracy", "test_loss")


def cell_columns(sweep: SweepState) -> dict[str, list[Any]]:
    """A row for each training: its phase, its place in the grid, and its result; None for what is not known.

    Those of the grid come first, in its order, then those on fresh seeds.
    """
    # All other settings are the same in every cell, except for default learning rates and fresh seeds.
    axes = [name for name in sweep.grid.axes if name != ALONG]
    if sweep.grid.compares_rates and "seed" not in axes:
        axes = ["seed", *axes]
    rows = [("grid", state) for state in sweep.cells] + [("fresh seeds", state) for state in sweep.fresh]
    hits = [reached_at(state.result.lane, MARK) for _, state in rows]
    return {
        "phase": [phase for phase, _ in rows],
        **{name: [_at(state, name) for _, state in rows] for name in axes},
        ALONG: [state.cell.config.learning_rate for _, state in rows],
        **{name: [state.result.lane[name] for _, state in rows] for name in RESULTS},  # type: ignore[literal-required]
        f"batches_to_{MARK:.0%}".removesuffix("%"): [hit and hit["step"] for hit in hits],
        f"seconds_to_{MARK:.0%}".removesuffix("%"): [hit and hit["seconds"] for hit in hits],
    }


def _at(state: CellState, name: str) -> Any:
    value = state.cell.at.get(name, state.cell.config.seed)
    return "-".join(map(str, value)) if isinstance(value, list) else value


def sweep_csv(sweep: SweepState) -> Iterator[str]:
    """The same columns, line by line; what is not known is empty."""
    columns = cell_columns(sweep)
    yield f"{','.join(columns)}\n"
    for row in zip(*columns.values(), strict=True):
        yield f"{','.join(map(_text, row))}\n"


def _text(value: Any) -> str:
    if value is None:
        return ""
    return plain(value) if isinstance(value, float) else str(value)


def sweep_parquet(sweep: SweepState) -> Iterator[bytes]:
    """The same columns as a Parquet file; what is not known is not a number."""
    return table_of(cell_columns(sweep))
