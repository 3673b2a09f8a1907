"""`playground race`: the same race as on the page, in a terminal, with its numbers in files."""

import asyncio
import signal
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from app.choices import VIEW
from app.config import RunConfig
from app.engine.local import LocalEngine
from app.events import TARGETS, LaneStatus
from app.report.csv_export import batches_csv, evaluations_csv
from app.report.formats import count, percent, plain, target
from app.report.lane_names import names
from app.report.result import ranking, reach_table
from app.report.story import story
from app.runs.description import Description
from app.runs.history import Kind
from app.runs.run import Run
from app.scheduling.manager import Manager
from app.settings import Settings
from app.terminal.files import check_writable, write_csv, write_json
from app.training.dataset import open_dataset, prepare
from app.training.evaluation import QUICK_DIGITS
from app.web.described import described

LANE_FAILED, INTERRUPTED = 1, 130


class Files(NamedTuple):
    """Where to write the numbers of the race."""

    batches: Path | None = None
    evaluations: Path | None = None
    summary: Path | None = None
    smoothing: float = VIEW["smoothing"].default
    decimal_commas: bool = False


def race(settings: Settings, config: RunConfig, files: Files) -> int:
    """Run it, show it, write it; the exit status: 0, or 1 when a lane failed, 130 when it was interrupted."""
    check_writable(files.batches, files.evaluations, files.summary)
    run = asyncio.run(_run(settings, config))
    description, evaluations = described(run), run.history.tables(Kind.EVALUATIONS)
    console = Console()
    console.print(final_table(description))
    console.print(Text(" ".join(story(description, evaluations, run.history.tables(Kind.PUSH)))))
    metrics = run.history.tables(Kind.METRICS)
    write_csv(files.batches, batches_csv(description, metrics, files.smoothing), files.decimal_commas)
    write_csv(files.evaluations, evaluations_csv(description, evaluations), files.decimal_commas)
    write_json(files.summary, description)
    statuses = {lane.status for lane in run.lanes}
    if LaneStatus.STOPPED in statuses:
        return INTERRUPTED
    return LANE_FAILED if LaneStatus.FAILED in statuses else 0


def final_table(run: Description) -> Table:
    """Each lane's result, the best first; below a percentage, the batches it took to that test accuracy."""
    table = Table(title=f"Seed {run['config']['seed']}, {run['status']}")
    table.add_column("")
    for name in ("lr", "test", "train", *(target(each) for each in TARGETS), "CPU s"):
        table.add_column(name, justify="right", no_wrap=True)
    called, reach = names(run["config"]), reach_table(run, "step")
    for i in ranking(run):
        lane = run["lanes"][i]
        ended = "" if lane["status"] == LaneStatus.FINISHED else f" ({lane['status']})"
        table.add_row(
            f"{called[i]}{ended}",
            plain(lane["learning_rate"]),
            *(
                "–" if share is None else f"{percent(share)}{' (quick)' if lane['quick'] else ''}"
                for share in (lane["test_accuracy"], lane["train_accuracy"])
            ),
            *(Text(cell.text, style="bold" if cell.best else "") for cell in reach[i]),
            f"{lane['seconds']:.2f}",
        )
    notes = [lane["reason"] for lane in run["lanes"] if lane["reason"]]
    if any(lane["quick"] for lane in run["lanes"]):
        notes.append(f"quick: measured on {count(QUICK_DIGITS)} digits instead of all")
    table.caption = Text("\n".join(notes))
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
    """Progress bars, redrawn whenever the run has changed, until it is over."""
    columns = (
        TextColumn("{task.description:<9}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[test]}"),
        TimeElapsedColumn(),
    )
    total, called = run.batches_per_epoch * run.config.epochs, names(run.describe()["config"])
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bars = [progress.add_task(name, total=total, test="") for name in called]
        while not run.status.final:
            changed = run.notifier.next
            _update(progress, bars, run)
            await changed.wait()
        _update(progress, bars, run)


def _update(progress: Progress, bars: list[TaskID], run: Run) -> None:
    for i, bar in enumerate(bars):
        evaluation = run.lanes[i].evaluation
        test = f"test {percent(evaluation.test_accuracy if evaluation else 0)}"
        if evaluation and evaluation.quick:
            test += " (quick)"
        progress.update(bar, completed=run.history.steps(i), test=test)
