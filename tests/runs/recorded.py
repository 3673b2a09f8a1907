"""The recorded runs in tests/fixtures/runs, which the tests of both languages read: a run's description, the rows that
belong to it, and the expected sentences and tables. `tests/record.py` made them.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.runs.history import COLUMNS, Kind

# The pushes of a lane that has sent none.
NO_PUSH = np.empty((len(COLUMNS[Kind.PUSH]), 0), np.float32)
FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "runs"


class Recorded(NamedTuple):
    name: str
    run: dict[str, Any]
    evaluations: list[NDArray[np.float32]]
    pushes: list[NDArray[np.float32]]
    batches: list[NDArray[np.float32]]
    smoothing: float
    expected: dict[str, Any]


def load(file: Path) -> Recorded:
    told = json.loads(file.read_text(encoding="utf-8"))
    return Recorded(
        file.stem,
        told["run"],
        [_table(Kind.EVALUATIONS, columns) for columns in told["evaluations"]],
        [_table(Kind.PUSH, columns) for columns in told["pushes"]],
        [_table(Kind.METRICS, columns) for columns in told["batches"]],
        told["smoothing"],
        told["expected"],
    )


def _table(kind: Kind, columns: dict[str, list[float | None]]) -> NDArray[np.float32]:
    # null is what JSON has for a number that is none; NumPy reads None as NaN. The walls are left out, and of
    # pushes all but the medians and the trend.
    rows = len(next(iter(columns.values())))
    return np.array([columns.get(name, [None] * rows) for name in COLUMNS[kind]], np.float32)


RECORDED = [load(file) for file in sorted(FOLDER.glob("*.json"))]
