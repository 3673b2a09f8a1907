"""`playground sweep`: a grid of trainings in a terminal, on all cores; its table, its verdict, and its files."""

import asyncio
import json
import secrets
import signal
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from app.config import RunConfig
from app.engine.base import Engine
from app.engine.local import LocalEngine
from app.events import Detail, LaneStatus
from app.machine import cores
from app.report.caption import settings_of
from app.report.csv_export import with_decimal_commas
from app.report.formats import count, fixed, plain, target
from app.report.sweep_csv import sweep_csv
from app.report.sweep_picture import draw_sweep
from app.report.sweep_result import ALONG, AVERAGED, Spread, SweepCurve, curve_key, curve_name, curves, rate_map
from app.report.sweep_verdict import MARK, Trial, Verdict, sentences
from app.runs.description import LaneDescription
from app.runs.history import COLUMNS, Kind
from app.runs.run import Run
from app.scheduling.cell_queue import train_all
from app.scheduling.check_limits import batches_per_epoch
from app.settings import Settings
from app.sweeps.grid import Grid, usual_rate
from app.terminal_race import INTERRUPTED, LANE_FAILED, check_writable, write
from app.training.dataset import Dataset, open_dataset, prepare


class Files(NamedTuple):
    """Where the numbers and the picture of a sweep are asked for."""

    cells: Path | None = None
    summary: Path | None = None
    picture: Path | None = None
    decimal_commas: bool = False


class Trained(NamedTuple):
    """A grid, the run of each of its cells, and who wins: of learning rates, once all are trained."""

    grid: Grid
    runs: list[Run]
    verdicts: list[Verdict]

    @property
    def lanes(self) -> list[LaneDescription]:
        return [_lane(run) for run in self.runs]

    @property
    def curves(self) -> list[SweepCurve]:
        return curves(self.grid, self.lanes)


def sweep(settings: Settings, grid: Grid, files: Files) -> int:
    """Train it, show it, write it; the exit status: 0, or 1 when a training failed, 130 when it was interrupted."""
    for asked in (files.cells, files.summary, files.picture):
        check_writable(asked)
    trained = asyncio.run(_train(settings, grid))
    told = sentences(trained.verdicts)
    console = Console()
    console.print(_table(trained))
    for sentence in told:
        console.print(Text(sentence))
    lanes = trained.lanes
    if files.cells:
        write(files.cells, (with_decimal_commas if files.decimal_commas else iter)(sweep_csv(grid, lanes)))
    if files.summary:
        write(files.summary, [json.dumps(_summary(trained, told), indent=2, allow_nan=False), "\n"])
    if files.picture:
        files.picture.write_bytes(_picture(trained, told))
    ends = {lane["status"] for lane in lanes}
    if ends & {LaneStatus.INTERRUPTED, LaneStatus.WAITING}:
        return INTERRUPTED
    return LANE_FAILED if LaneStatus.FAILED in ends else 0


async def _train(settings: Settings, grid: Grid) -> Trained:
    prepared = prepare(settings.data_dir, settings.cache_dir)
    dataset = open_dataset(prepared)
    runs = [_run(cell.config, dataset, settings) for cell in grid.cells]
    engine = LocalEngine(prepared, cores(), settings.max_lane_memory_mb)
    await engine.open()
    try:
        trained = Trained(grid, runs, [])
        whole = await _train_all(engine, runs, [curve_name(curve_key(cell)) for cell in grid.cells], Detail.RESULT)
        if not whole or len(grid.axes.get(ALONG, [])) < 2:
            return trained
        trials = {
            (i, rate): [_run(config, dataset, settings) for config in _fresh(grid, curve, rate)]
            for i, curve in enumerate(trained.curves)
            if curve.best
            for rate in {curve.best.rate, usual_rate(curve.optimizer)}
        }
        again = [run for runs in trials.values() for run in runs]
        if not await _train_all(engine, again, ["fresh seeds"] * len(again), Detail.CURVES):
            return trained
        told = {key: Trial.of(key[1], [_lane(run) for run in runs]) for key, runs in trials.items()}
        verdicts = [
            Verdict(curve, told[i, usual_rate(curve.optimizer)], told[i, curve.best.rate])
            for i, curve in enumerate(trained.curves)
            if curve.best
        ]
        return trained._replace(verdicts=verdicts)
    finally:
        await engine.close()


async def _train_all(engine: Engine, runs: Sequence[Run], groups: Sequence[str], detail: Detail) -> bool:
    """Train runs, showing how many of each group are over; whether it was not interrupted."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=Console(stderr=True))
    bars = {group: progress.add_task(group, total=size) for group, size in Counter(groups).items()}
    bar_of = {run.id: bars[group] for run, group in zip(runs, groups, strict=True)}

    def over(run: Run) -> None:
        progress.advance(bar_of[run.id])

    training = asyncio.create_task(train_all(engine, runs, cores(), over, detail))
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, training.cancel)
    try:
        with progress:
            await asyncio.wait([training])
    finally:
        loop.remove_signal_handler(signal.SIGINT)
    return not training.cancelled() and training.result() is None


def _run(config: RunConfig, dataset: Dataset, settings: Settings) -> Run:
    per_epoch = batches_per_epoch(config, len(dataset.train_labels), settings)
    return Run(secrets.token_urlsafe(8), config, dataset.test_labels, per_epoch)


def _lane(run: Run) -> LaneDescription:
    """What came out of a training: the only lane of its run."""
    return run.lanes[0].describe(0, run.history.steps(0))


def _fresh(grid: Grid, curve: SweepCurve, rate: float) -> list[RunConfig]:
    """A curve's training at a rate, from as many seeds as there were, none of which the choice of the rate has seen."""
    config = next(cell.config for cell in grid.cells if curve_key(cell) == curve.key).model_dump()
    seeds = grid.axes.get(AVERAGED, [config["seed"]])
    following = range(max(seeds) + 1, max(seeds) + 1 + len(seeds))
    return [RunConfig.of({**config, "learning_rate": rate, "seed": seed}) for seed in following]


def _table(trained: Trained) -> Table:
    """A row for each curve: in the grid, and on fresh seeds."""
    verdicts = {verdict.name: verdict for verdict in trained.verdicts}
    table = Table(caption=_title(trained))
    mark = target(MARK)
    headings = ("best lr", "test %", "good for decades", "fallen", "as it comes %", "tuned %", f"batches to {mark}")
    table.add_column("", no_wrap=True)
    for name in headings if verdicts else headings[:4]:
        table.add_column(name, justify="right")
    for curve in trained.curves:
        best, plateau = curve.best, curve.plateau
        cells = [
            plain(best.rate) if best else "–",
            _spread(Spread.of(best.accuracies)) if best else "–",
            f"{'≥ ' if plateau.at_least else ''}{fixed(plateau.decades, 1)}" if plateau else "–",
            str(sum(point.fallen for point in curve.points)),
        ]
        if verdict := verdicts.get(curve.name):
            tuned = verdict.tuned
            cells += [_spread(verdict.as_it_comes.accuracy), _spread(tuned.accuracy)]
            cells += [count(round(tuned.batches.mean)) if tuned.batches else "–"]
        table.add_row(curve.name, *cells)
    return table


def _spread(spread: Spread | None) -> str:
    if spread is None:
        return "–"
    return fixed(spread.mean * 100, 2) + (f" ±{fixed(spread.deviation * 100, 2)}" if spread.seeds > 1 else "")


def _title(trained: Trained) -> str:
    seeds = len(trained.grid.axes.get(AVERAGED, [None]))
    many = f"{seeds} seeds" if seeds > 1 else "one seed"
    shared = settings_of(trained.runs[0].describe(), {ALONG, AVERAGED, *trained.grid.axes})
    return f"{len(trained.runs)} trainings, {many}; {shared}"


def _summary(trained: Trained, told: Sequence[str]) -> dict[str, Any]:
    """The axes, what came out of each cell, the verdicts, and the sentences, as JSON-ready values."""
    return {
        "axes": trained.grid.axes,
        "cells": [
            {**cell.at, "config": cell.config.model_dump(), "result": lane}
            for cell, lane in zip(trained.grid.cells, trained.lanes, strict=True)
        ],
        "verdicts": [
            {
                "name": verdict.name,
                **{name: _trial(trial) for name, trial in verdict._asdict().items() if isinstance(trial, Trial)},
                "plateau": verdict.curve.plateau and verdict.curve.plateau._asdict(),
            }
            for verdict in trained.verdicts
        ],
        "sentences": list(told),
    }


def _trial(trial: Trial) -> dict[str, Any]:
    return {name: value._asdict() if isinstance(value, Spread) else value for name, value in trial._asdict().items()}


def _picture(trained: Trained, told: Sequence[str]) -> bytes:
    names = COLUMNS[Kind.EVALUATIONS]
    tables = [dict(zip(names, run.history.tables(Kind.EVALUATIONS)[0].tolist(), strict=True)) for run in trained.runs]
    measured = [list(zip(table["step"], table["test_accuracy"], strict=True)) for table in tables]
    maps = [rate_map(trained.grid.cells, curve, measured) for curve in trained.curves]
    return draw_sweep(_title(trained), trained.curves, maps, next(iter(told), ""))
