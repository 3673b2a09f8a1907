"""The description of a sweep: in the API and its OpenAPI document, on its stream, and in files.

Plain dictionaries of JSON-ready values. The annotations are what the OpenAPI document says of each field.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, cast

from pydantic import GetPydanticSchema
from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12

from app.events import TARGETS, LaneStatus, RunStatus
from app.report.sweeps.outcome import outcome
from app.report.sweeps.plateau import in_short
from app.report.sweeps.result import Point, Spread, SweepCurve, curve_key, rate_map
from app.report.sweeps.verdict import MARK, Trial, Verdict
from app.runs.description import ConfigDescription, said, utc_text
from app.sweeps.state import CellState, Phase, Result, Stopper, SweepState

At = Annotated[dict[str, Any], said("Where it is on each axis.")]


class ReachedAt(TypedDict):
    step: int
    seconds: float


class CellDescription(TypedDict):
    at: At
    config: Annotated[ConfigDescription, said("The race of one lane that it is.")]
    learning_rate: float
    curve: Annotated[int, said("The number of its curve.")]
    run: Annotated[str | None, said("The id of its run, once it has begun; null where the run is not on this server.")]
    status: LaneStatus
    reason: Annotated[str | None, said("A sentence when it diverged or failed.")]
    steps: Annotated[int, said("Batches trained, at its newest evaluation.")]
    seconds: Annotated[float, said("CPU time of these batches.")]
    test_accuracy: Annotated[float | None, said("At its newest evaluation; null before.")]
    test_loss: float | None
    reached: Annotated[
        dict[str, ReachedAt], said("By target, the first evaluation at or above it, quick ones included.")
    ]
    evaluations: Annotated[
        list[list[float | None]], said("Each: step, epochs, seconds, test accuracy, test loss (null if not finite).")
    ]


class SpreadDescription(TypedDict):
    mean: float
    deviation: Annotated[float, said("The standard deviation over the seeds; 0 for one alone.")]
    seeds: int


class RangeDescription(SpreadDescription):
    lowest: Annotated[float, said("Of the seeds.")]
    highest: float


class PointDescription(TypedDict):
    learning_rate: float
    seeds: Annotated[int, said("Trainings that are over: those that finished, and those that did not.")]
    fallen: Annotated[int, said("Trainings that diverged or failed.")]
    accuracy: Annotated[RangeDescription | None, said("Test accuracy at the end, of those that finished.")]
    loss: Annotated[RangeDescription | None, said("Test loss at the end; null if one of them is not finite.")]
    batches: Annotated[RangeDescription | None, said("To the target; null if one of them did not get there.")]


class PlateauDescription(TypedDict):
    low: float
    high: float
    decades: float
    at_least: Annotated[bool, said("It goes on to an end of the grid, and so perhaps beyond.")]
    width: Annotated[
        SpreadDescription | None,
        said("Its decades with each seed alone; null with one seed, or while that of one seed is unknown."),
    ]
    text: Annotated[str, said("In short, as the page shows it.")]


class RateMapDescription(TypedDict):
    steps: list[int]
    accuracy: Annotated[
        list[list[float | None]],
        said("For each of the steps the mean test accuracy at each of the points; null where there is none."),
    ]


class CurveDescription(TypedDict):
    name: str
    optimizer: str
    best: Annotated[float | None, said("The learning rate with the highest mean test accuracy.")]
    plateau: Annotated[PlateauDescription | None, said("Learning rates within one point of the best, without a gap.")]
    points: list[PointDescription]
    map: Annotated[RateMapDescription | None, said("The accuracy while training; null unless rates are compared.")]


class TrialDescription(TypedDict):
    learning_rate: float
    accuracy: SpreadDescription | None
    batches: Annotated[SpreadDescription | None, said("To the target; null if one of them did not get there.")]
    seconds: SpreadDescription | None


class VerdictDescription(TypedDict):
    name: str
    curve: int
    as_it_comes: Annotated[TrialDescription, said("At the learning rate the optimizer has when none is chosen.")]
    tuned: Annotated[TrialDescription, said("At the best learning rate of the grid.")]
    plateau: PlateauDescription | None


class SweepSummary(TypedDict):
    id: str
    status: Annotated[RunStatus, said("queued, running, stopping, finished, stopped, interrupted or failed.")]
    created_at: Annotated[str, GetPydanticSchema(lambda _, handler: handler(datetime))]
    position: Annotated[int | None, said("Place in the queue; 1 is next.")]
    wait_s: Annotated[float | None, said("About how long it will wait in the queue; null if unknown.")]
    stopped_by: Stopper | None
    axes: Annotated[dict[str, list[Any]], said("The values that are combined.")]
    config: Annotated[dict[str, Any], said("The settings that all cells share.")]
    compares_rates: Annotated[bool, said("It has an axis of learning rates: then the best ones are trained again.")]
    target: Annotated[float, said("The test accuracy that batches and seconds are counted to.")]
    phase: Phase
    total: Annotated[int, said("Trainings of this phase.")]
    done: Annotated[int, said("Those of them that finished, diverged or failed.")]
    remaining_s: Annotated[float | None, said("About how long until it is over, of all phases; null if unknown.")]
    saved: bool | None
    curves: list[CurveDescription]
    verdicts: list[VerdictDescription]
    sentences: Annotated[list[str], said("Its result so far, in sentences.")]


class SweepDescription(SweepSummary):
    cells: Annotated[list[CellDescription], said("Of the grid, in the order of its axes.")]
    fresh: Annotated[list[CellDescription], said("Trainings on fresh seeds; none before the grid is done.")]


def describe_sweep(sweep: SweepState) -> SweepDescription:
    """All of it as JSON-ready values; docs/protocol.md names every field."""
    summary, of = describe_summary(sweep)
    cells, fresh = ([describe_cell(each, of) for each in some] for some in (sweep.cells, sweep.fresh))
    return cast(SweepDescription, {**summary, "cells": cells, "fresh": fresh})


def describe_summary(sweep: SweepState) -> tuple[SweepSummary, Mapping[Any, int]]:
    """All but its cells, and the number of each curve by its key."""
    curves, verdicts, sentences = outcome(sweep)
    numbers = {curve.key: number for number, curve in enumerate(curves)}
    summary: SweepSummary = {
        "id": sweep.id,
        "status": sweep.status,
        "created_at": utc_text(sweep.created_at),
        "position": sweep.place.position,
        "wait_s": sweep.place.wait_s,
        "stopped_by": sweep.stopped_by,
        "axes": sweep.grid.axes,
        "config": sweep.grid.base,
        "compares_rates": sweep.grid.compares_rates,
        "target": MARK,
        "phase": sweep.phase,
        "total": len(sweep.current),
        "done": sum(state.trained for state in sweep.current),
        "remaining_s": sweep.left_s,
        "saved": sweep.saved,
        "curves": [_curve(curve, sweep.cells) for curve in curves],
        "verdicts": [_verdict(verdict, numbers[verdict.curve.key]) for verdict in verdicts],
        "sentences": sentences,
    }
    return summary, numbers


def describe_cell(state: CellState, curve_numbers: Mapping[Any, int]) -> CellDescription:
    cell, (run, lane, evaluations) = state
    return {
        "at": cell.at,
        "config": cast(ConfigDescription, cell.config.model_dump()),
        "learning_rate": cell.config.learning_rate,
        "curve": curve_numbers[curve_key(cell)],
        "run": run,
        "status": lane["status"],
        "reason": lane["reason"],
        "steps": lane["steps"],
        "seconds": lane["seconds"],
        "test_accuracy": lane["test_accuracy"],
        "test_loss": lane["test_loss"],
        "reached": {
            str(target): {"step": int(step), "seconds": seconds}
            for target in TARGETS
            for step, seconds in [_first_at(state.result, target)]
            if step is not None and seconds is not None
        },
        "evaluations": evaluations,
    }


def _first_at(result: Result, target: float) -> tuple[float | None, float | None]:
    """Step and seconds of the first evaluation with this test accuracy."""
    rows = ((row[0], row[2]) for row in result.evaluations if (row[3] or 0) >= target)
    return next(rows, (None, None))


def _curve(curve: SweepCurve, cells: Iterable[CellState]) -> CurveDescription:
    own = [state for state in cells if curve_key(state.cell) == curve.key]
    return {
        "name": curve.name,
        "optimizer": curve.optimizer,
        "best": curve.best and curve.best.rate,
        "plateau": _plateau(curve),
        "points": [
            _point(point, [each.result for each in own if each.cell.config.learning_rate == point.rate])
            for point in curve.points
        ],
        "map": _map(curve, own) if len(curve.points) > 1 else None,
    }


def _map(curve: SweepCurve, own: Sequence[CellState]) -> RateMapDescription:
    found = rate_map(curve, own)
    rows = found.accuracy.tolist()
    return {
        "steps": found.steps,
        "accuracy": [[None if math.isnan(value) else round(value, 5) for value in row] for row in rows],
    }


def _point(point: Point, results: Iterable[Result]) -> PointDescription:
    through = [result for result in results if result.lane["status"] == LaneStatus.FINISHED]
    return {
        "learning_rate": point.rate,
        "seeds": len(point.by_seed),
        "fallen": point.fallen,
        "accuracy": _range(point.accuracies),
        "loss": _range([result.lane["test_loss"] for result in through]),
        "batches": _range([_first_at(result, MARK)[0] for result in through]),
    }


def _range(values: list[Any]) -> RangeDescription | None:
    """None also if one of the values is none."""
    if None in values or not values:
        return None
    return {**_spread(Spread.of(values)), "lowest": min(values), "highest": max(values)}


def _spread(spread: Spread) -> SpreadDescription:
    return {"mean": spread.mean, "deviation": spread.deviation, "seeds": spread.seeds}


def _described(spread: Spread | None) -> SpreadDescription | None:
    return _spread(spread) if spread else None


def _plateau(curve: SweepCurve) -> PlateauDescription | None:
    plateau, of_seeds = curve.plateau, curve.seed_plateaus
    if plateau is None:
        return None
    width = _spread(Spread.of([each.decades for each in of_seeds])) if of_seeds else None
    described = {**plateau._asdict(), "decades": plateau.decades, "width": width}
    return cast(PlateauDescription, {**described, "text": in_short(plateau, of_seeds)})


def _verdict(verdict: Verdict, number: int) -> VerdictDescription:
    as_it_comes, tuned = _trial(verdict.as_it_comes), _trial(verdict.tuned)
    plateau = _plateau(verdict.curve)
    return {"name": verdict.name, "curve": number, "as_it_comes": as_it_comes, "tuned": tuned, "plateau": plateau}


def _trial(trial: Trial) -> TrialDescription:
    rate, *spreads = trial
    accuracy, batches, seconds = map(_described, spreads)
    return {"learning_rate": rate, "accuracy": accuracy, "batches": batches, "seconds": seconds}
