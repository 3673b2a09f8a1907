"""`make claims`: trains what the article's claims are judged by, and writes docs/claims.md."""

import asyncio
import platform
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from app.claims.angles import angles
from app.claims.measured import Angles, Measured, Push, Training
from app.claims.plan import ANGLES, TUNED, Group, Plan, groups, tuned
from app.claims.table import document
from app.engine.base import Engine
from app.engine.local import LocalEngine
from app.machine import cores
from app.report.formats import counted, seconds
from app.report.sweeps.result import SweepCurve, curves
from app.runs.run import Run
from app.scheduling.cell_queue import train_all
from app.settings import Settings
from app.sweeps.grid import Grid
from app.training.dataset import Dataset, open_dataset, prepare
from app.web.experiments.routes import result_of_run

FILE = Path(__file__).parents[1] / "docs" / "claims.md"


def measure_claims() -> None:
    """Over the digits on board, whatever the operator's settings say."""
    began, plan = time.monotonic(), Plan()
    with tempfile.TemporaryDirectory() as cache:
        prepared = prepare(Settings.model_fields["data_dir"].default, Path(cache))
        dataset = open_dataset(prepared)
        measured = asyncio.run(measure(prepared, dataset, plan))
    took = seconds(time.monotonic() - began)
    made = (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} with {cores()} cores ({platform.machine()}), Python "
        f"{platform.python_version()}, NumPy {np.__version__}, in {took}."
    )
    FILE.write_text(page(measured, dataset, plan, made), encoding="utf-8")
    print(f"{FILE} is written after {took}.")


def page(measured: Measured, dataset: Dataset, plan: Plan, made: str) -> str:
    says = {group.name: group.says for group in groups(plan, len(dataset.train_labels))}
    epochs = counted(plan.epochs, "epoch")
    return document(measured, {**says, "tuned": TUNED.format(epochs=epochs), "angles": ANGLES}, plan.first_seeds, made)


async def measure(prepared: Path, dataset: Dataset, plan: Plan) -> Measured:
    """Train all of it, on all cores; progress goes to standard error."""
    first = groups(plan, len(dataset.train_labels))
    # All examples in one batch need several times what a race on the page may take.
    engine = LocalEngine(prepared, cores(), 2048)
    await engine.open()
    try:
        runs = {group.name: await _train(engine, dataset, group) for group in first}
        rates = next(group.grid for group in first if group.name == "rates")
        again = tuned(plan, rates, [run.lanes[0].describe(0, run.history.steps(0)) for run in runs["rates"]])
        best = {group.grid.cells[0].optimizer: await _train(engine, dataset, group) for group in again}
    finally:
        await engine.close()
    found = {name: [_training(run) for run in each] for name, each in runs.items()}
    return Measured(
        race=_by_optimizer(found["race"]),
        curves=[_curves(rates, runs["rates"], seed) for seed in plan.first_seeds],
        tuned={name: [_training(run) for run in each] for name, each in best.items()},
        whole=found["whole"],
        small=found["small"],
        longer=found["longer"],
        angles=_angles(dataset, plan.first_seeds),
    )


async def _train(engine: Engine, dataset: Dataset, group: Group) -> list[Run]:
    runs = [
        Run(
            secrets.token_urlsafe(8),
            cell.config,
            dataset.test_labels,
            len(dataset.train_labels) // cell.config.batch_size,
        )
        for cell in group.grid.cells
    ]
    began, done = time.monotonic(), 0

    def over(_: Run) -> None:
        nonlocal done
        done += 1
        if done == len(runs) or done % max(1, len(runs) // 5) == 0:
            _say(f"{group.name}: {done} of {len(runs)} trainings, {seconds(time.monotonic() - began)}")

    await train_all(engine, runs, cores(), over, group.detail)
    return runs


def _training(run: Run) -> Training:
    result = result_of_run(run)
    newest = result.push(0)
    push = Push(*(newest[name] for name in Push._fields)) if newest else Push()
    return Training(run.config, result.lanes[0], push)


def _by_optimizer(trainings: Sequence[Training]) -> dict[str, list[Training]]:
    found = dict[str, list[Training]]()
    for training in trainings:
        found.setdefault(training.lane["optimizer"], []).append(training)
    return found


def _curves(rates: Grid, runs: Sequence[Run], seed: int) -> dict[str, SweepCurve]:
    """Those of one seed alone."""
    mine = [(cell, run) for cell, run in zip(rates.cells, runs, strict=True) if cell.at["seed"] == seed]
    lanes = [run.lanes[0].describe(0, run.history.steps(0)) for _, run in mine]
    return {curve.optimizer: curve for curve in curves(rates._replace(cells=[cell for cell, _ in mine]), lanes)}


def _angles(dataset: Dataset, seeds: Sequence[int]) -> list[Angles]:
    found = []
    for seed in seeds:
        found.append(angles(dataset, seed))
        _say(f"angles: {len(found)} of {len(seeds)} seeds")
    return found


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
