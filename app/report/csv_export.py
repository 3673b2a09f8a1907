"""The numbers of a run as CSV, line by line."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.report.columns import (
    BATCH_COLUMNS,
    EVALUATION_COLUMNS,
    PLACE,
    Piece,
    Tables,
    batch_columns,
    evaluation_columns,
)
from app.report.formats import fixed, singles
from app.runs.description import Description

_COMMAS = str.maketrans({",": ";", ".": ","})


def batches_csv(run: Description, tables: Tables, smoothing: float) -> Iterator[str]:
    """Every batch of every lane, and the running averages at this smoothing."""
    return csv_lines(batch_columns(run, tables, smoothing), "batches")


def evaluations_csv(run: Description, tables: Tables) -> Iterator[str]:
    """Every evaluation of every lane."""
    return csv_lines(evaluation_columns(run, tables), "evaluations")


def csv_lines(pieces: Iterable[Piece], table: str, heading: bool = True) -> Iterator[str]:
    """The lines of one table, below the names of its columns; without a `heading` they go on a file of other runs."""
    if heading:
        yield f"{','.join([*PLACE, *(BATCH_COLUMNS if table == 'batches' else EVALUATION_COLUMNS)])}\n"
    for piece in pieces:
        who = f"{piece.seed},{piece.lane},{piece.name},{piece.optimizer}"
        for cells in zip(*map(_texts, piece.columns.values()), strict=True):
            yield f"{who},{','.join(cells)}\n"


def with_decimal_commas(lines: Iterable[str]) -> Iterator[str]:
    """The same table for a spreadsheet of a country with decimal commas: no cell has a comma, and no name a point."""
    return (line.translate(_COMMAS) for line in lines)


def _texts(column: NDArray[Any]) -> Iterator[str]:
    """The cells of a column: whole numbers, epochs in double precision, or measured values in single precision."""
    if column.dtype == np.float32:
        return singles(column)
    if column.dtype == np.float64:
        return (fixed(epoch, 5) for epoch in column.tolist())
    return map(str, column.tolist())
