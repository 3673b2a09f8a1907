"""`playground race`: the same race as on the page, in a terminal, with its numbers in files."""

import asyncio
import csv
import json
import signal
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from app.config import RunConfig
from app.engine.local import LocalEngine
from app.errors import PlaygroundError
from app.events import TARGETS, LaneStatus
from app.runs.history import Kind
from app.runs.manager import Manager
from app.runs.run import Run
from app.settings import Settings
from app.training.dataset import open_dataset, prepare

LANE_FAILED, INTERRUPTED = 1, 130
HEADER = ("lane", "optimizer", "step", "epoch", "examples", "seconds", "loss", "accuracy")


class CannotWrite(PlaygroundError):
    """A file that was asked for can't be written."""


def race(settings: Settings, config: RunConfig, csv_file: Path | None, json_file: Path | None) -> int:
    """Run it, show it, write it; the exit status: 0, or 1 when a lane failed, 130 when it was interrupted."""
    for asked in (csv_file, json_file):
        _check_writable(asked)
    run = asyncio.run(_run(settings, config))
    Console().print(final_table(run))
    if csv_file:
        with csv_file.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(batch_rows(run))
    if json_file:
        json_file.write_text(json.dumps(run.describe(), indent=2, allow_nan=False) + "\n")
    statuses = {lane.status for lane in run.lanes}
    if LaneStatus.STOPPED in statuses:
        return INTERRUPTED
    return LANE_FAILED if LaneStatus.FAILED in statuses else 0


def batch_rows(run: Run) -> Iterator[tuple[object, ...]]:
    """Every batch of every lane, in the order of HEADER; numbers as float32 prints them, so nothing is lost."""
    cursor, end = run.history.start(), run.history.end()
    while cursor != end:
        blocks, cursor = run.history.read(cursor, end)
        for block in blocks:
            if block.kind is Kind.METRICS:
                optimizer = run.config.lanes[block.lane].optimizer
                for row, (loss, accuracy, seconds) in enumerate(block.columns.T, start=block.first + 1):
                    epoch, examples = row / run.batches_per_epoch, row * run.config.batch_size
                    yield (block.lane, optimizer, row, f"{epoch:.5f}", examples, seconds, loss, accuracy)


def final_table(run: Run) -> Table:
    """Each lane's result, the best first; below a percentage, the batches it took to that test accuracy."""
    table = Table(title=f"Seed {run.config.seed}, {run.status}")
    table.add_column("")
    for name in ("lr", "test", "train", *(f"{target:.0%}" for target in TARGETS), "CPU s"):
        table.add_column(name, justify="right", no_wrap=True)
    order = sorted(range(len(run.lanes)), key=lambda i: -_test_accuracy(run, i))
    for i in order:
        lane, evaluation = run.lanes[i], run.lanes[i].evaluation
        reached = [f"{lane.reached[t].step:,}" if t in lane.reached else "–" for t in TARGETS]
        table.add_row(
            f"{run.config.lanes[i].label}{'' if lane.status is LaneStatus.FINISHED else f' ({lane.status})'}",
            f"{run.config.learning_rate_of(i):g}",
            f"{evaluation.test_accuracy:.2%}" if evaluation else "–",
            f"{evaluation.train_accuracy:.2%}" if evaluation else "–",
            *reached,
            f"{lane.seconds:.2f}",
        )
    reasons = [lane.reason for lane in run.lanes if lane.reason]
    table.caption = Text("\n".join(reasons))
    return table


async def _run(settings: Settings, config: RunConfig) -> Run:
    prepared = prepare(settings.data_dir, settings.cache_dir)
    engine = LocalEngine(prepared, len(config.lanes), settings.max_lane_memory_mb)
    manager = Manager(settings, engine, open_dataset(prepared))
    await manager.open()
    try:
        run = manager.start(config)
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, manager.stop, run.id)
        await _show(run)
        return run
    finally:
        await manager.close()


async def _show(run: Run) -> None:
    """Progress bars, redrawn with every pulse of the run, until it is over."""
    columns = (
        TextColumn("{task.description:<9}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[test]}"),
        TimeElapsedColumn(),
    )
    total = run.batches_per_epoch * run.config.epochs
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bars = [progress.add_task(choice.label, total=total, test="") for choice in run.config.lanes]
        while not run.status.final:
            news = run.pulse.next
            _update(progress, bars, run)
            await news.wait()
        _update(progress, bars, run)


def _update(progress: Progress, bars: list[TaskID], run: Run) -> None:
    for i, bar in enumerate(bars):
        test = f"test {_test_accuracy(run, i):.2%}"
        progress.update(bar, completed=run.history.steps(i), test=test)


def _test_accuracy(run: Run, lane: int) -> float:
    evaluation = run.lanes[lane].evaluation
    return evaluation.test_accuracy if evaluation else 0.0


def _check_writable(file: Path | None) -> None:
    """Before the race, not after it: nobody wants to race again for a mistyped folder."""
    if file is not None:
        try:
            file.open("a").close()
        except OSError as error:
            raise CannotWrite(f"{file} cannot be written: {error.strerror}.") from error
