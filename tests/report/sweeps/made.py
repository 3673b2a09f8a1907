"""Sweeps made of chosen test accuracies, and the trials of verdicts."""

import numpy as np

from app.report.sweeps.result import curves
from app.report.sweeps.verdict import Trial, Verdict
from app.runs.description import LaneDescription
from app.runs.run import Run
from app.sweeps.grid import Grid, grid
from app.sweeps.state import CellState, Result, SweepState
from app.sweeps.sweep import Sweep

RATES = [0.001, 0.01, 0.1, 1.0]


def lane(accuracy: float | None, status: str = "finished", steps_to_95: int | None = None) -> LaneDescription:
    run = Run("run", grid({"optimizer": ["sgd"]}).cells[0].config, np.empty(0, np.uint8), 937)
    reached = [{"accuracy": 0.95, "step": steps_to_95, "seconds": steps_to_95 / 1000}] if steps_to_95 else []
    return {  # type: ignore[typeddict-item]
        **run.lanes[0].describe(0, 937),
        "status": status,
        "test_accuracy": accuracy,
        "test_loss": 0.25,
        "seconds": 0.5,
        "reached": reached,
    }


def swept(table: dict[str, list[list[float | None]]]) -> tuple[Grid, list[LaneDescription]]:
    """A grid with these accuracies: for each optimizer and rate those of the seeds, None for one that diverged."""
    seeds = len(next(iter(table.values()))[0])
    found = grid({"optimizer": list(table), "learning_rate": RATES, "seed": list(range(seeds))})
    accuracies = [
        table[cell.at["optimizer"]][RATES.index(cell.at["learning_rate"])][cell.at["seed"]] for cell in found.cells
    ]
    return found, [lane(accuracy, "finished" if accuracy is not None else "diverged") for accuracy in accuracies]


def trial(*accuracies: float, steps_to_95: int | None = None) -> Trial:
    return Trial.of(0.1, [Result("run", lane(accuracy, steps_to_95=steps_to_95), []) for accuracy in accuracies])


def verdicts(**trials: tuple[Trial, Trial]) -> list[Verdict]:
    found = curves(*swept({name: [[0.5], [0.6], [0.7], [0.6]] for name in trials}))
    return [Verdict(curve, *trials[curve.optimizer]) for curve in found]


def state(found: Grid, lanes: list[LaneDescription], evaluations: list[list[list]] | None = None) -> SweepState:
    """The sweep of this grid, when its cells have these lanes and evaluations."""
    rows = evaluations or [[]] * len(lanes)
    results = [Result("run", lane, each) for lane, each in zip(lanes, rows, strict=True)]
    cells = [CellState(cell, result) for cell, result in zip(found.cells, results, strict=True)]
    return Sweep("a-sweep", found, 60_000).state._replace(cells=cells)
