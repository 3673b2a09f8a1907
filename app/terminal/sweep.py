"""`playground sweep`: a grid of trainings in a terminal, on all cores; its table, its verdict, and its files."""

import asyncio
import signal
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from app.engine.local import LocalEngine
from app.events import LaneStatus, RunStarted, RunStatus
from app.machine import cores
from app.report.formats import about, count, deviation, fine_seconds, fixed, plain, target
from app.report.sweeps.caption import caption
from app.report.sweeps.description import describe_sweep
from app.report.sweeps.outcome import outcome
from app.report.sweeps.picture import draw_sweep
from app.report.sweeps.plateau import Plateau, width_range
from app.report.sweeps.result import Spread, curve_key, curve_names
from app.report.sweeps.table import sweep_csv
from app.report.sweeps.verdict import MARK
from app.runs.run import Run
from app.scheduling.check_limits import batches_per_epoch
from app.scheduling.sweep_estimate import SweepEstimate
from app.scheduling.sweeps import SweepTraining, new_sweep
from app.scheduling.wait_estimate import DOUBTED_RISE, steady
from app.settings import Settings
from app.sweeps.grid import Grid
from app.sweeps.state import SweepState
from app.sweeps.sweep import Sweep
from app.terminal.files import check_writable, write_csv, write_json
from app.terminal.race import INTERRUPTED, LANE_FAILED
from app.training.dataset import open_dataset, prepare

# How often the time left is printed again.
EVERY_S = 1.0


class Files(NamedTuple):
    """Where to write the numbers and the picture of a sweep."""

    cells: Path | None = None
    summary: Path | None = None
    picture: Path | None = None
    decimal_commas: bool = False


def sweep(settings: Settings, grid: Grid, files: Files) -> int:
    """Train it, show it, write it; the exit status: 0, or 1 when a training failed, 130 when it was interrupted."""
    check_writable(files.cells, files.summary, files.picture)
    trained = asyncio.run(_train(settings, grid)).state
    _show(trained)
    write_csv(files.cells, sweep_csv(trained), files.decimal_commas)
    write_json(files.summary, describe_sweep(trained))
    if files.picture:
        files.picture.write_bytes(draw_sweep(trained))
    if trained.status is RunStatus.INTERRUPTED:
        return INTERRUPTED
    return LANE_FAILED if any(state.result.lane["status"] is LaneStatus.FAILED for state in trained.cells) else 0


async def _train(settings: Settings, grid: Grid) -> Sweep:
    prepared = prepare(settings.data_dir, settings.cache_dir)
    dataset = open_dataset(prepared)
    for cell in grid.cells:
        batches_per_epoch(cell.config, len(dataset.train_labels), settings)
    engine = LocalEngine(prepared, cores(), settings.max_lane_memory_mb)
    await engine.open()
    try:
        swept = new_sweep(grid, dataset)
        bars = _Bars(swept)
        swept.apply(RunStarted(engine.kernel))
        training = asyncio.create_task(
            SweepTraining(swept, engine, dataset, cores, bars.update, bars.update).run(), name="sweep"
        )
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, training.cancel)
        try:
            with bars:
                while not training.done():
                    bars.tell_left(loop.time())
                    await asyncio.wait([training], timeout=EVERY_S)
        finally:
            loop.remove_signal_handler(signal.SIGINT)
        if not swept.status.final:
            swept.end(interrupted=True)
        return swept
    finally:
        await engine.close()


class _Bars:
    """Progress bars: how many trainings of each curve are over, and then how many of those on fresh seeds."""

    def __init__(self, swept: Sweep) -> None:
        self._sweep = swept
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"),
        )
        self._progress = Progress(*columns, console=Console(stderr=True))
        self._bars: dict[str, TaskID] = {}
        self._estimate = SweepEstimate()
        self._left_s: float | None = None

    def __enter__(self) -> None:
        self.update()
        self._progress.start()

    def __exit__(self, *_: object) -> None:
        for bar in self._bars.values():
            self._progress.update(bar, left="")
        self._progress.stop()

    def update(self, _: Run | None = None) -> None:
        keys = [curve_key(training.cell) for training in self._sweep.cells]
        names = curve_names(keys)
        groups = [(names[key], training.over) for key, training in zip(keys, self._sweep.cells, strict=True)]
        groups += [("fresh seeds", training.over) for training in self._sweep.fresh]
        over = Counter(group for group, is_over in groups if is_over)
        for group, size in Counter(group for group, _ in groups).items():
            if group not in self._bars:
                self._bars[group] = self._progress.add_task(group, total=size, left="")
            self._progress.update(self._bars[group], completed=over[group])

    def tell_left(self, now: float) -> None:
        """Say beside the last bar how long all of it will take, as of this moment. To be called about once a second."""
        self._estimate.measure(self._sweep, now)
        self._left_s = steady(self._left_s, self._estimate.left(self._sweep), DOUBTED_RISE)
        left = "" if self._left_s is None else f"{about(self._left_s)} left"
        last = max(self._bars.values())
        for bar in self._bars.values():
            self._progress.update(bar, left=left if bar == last else "")


def _show(sweep: SweepState) -> None:
    """A row for each curve, with its results in the grid and on fresh seeds, and the sentences."""
    curves, verdicts, sentences = outcome(sweep)
    by_name = {verdict.name: verdict for verdict in verdicts}
    table = Table(caption=caption(sweep))
    mark = target(MARK)
    fallen = {curve.name: sum(point.fallen for point in curve.points) for curve in curves}
    # Each word, and each number with what belongs to it below, has room in a terminal of 80 columns.
    headings = ["best\nlr", "test\n%", "good for\ndecades", *(["fallen"] if any(fallen.values()) else [])]
    if verdicts:
        headings += ["as it\ncomes\n%", "tuned\n%", f"batches\nto {mark}", f"seconds\nto {mark}"]
    table.add_column("", no_wrap=True)
    for name in headings:
        table.add_column(name, justify="right")
    for curve in curves:
        best, plateau = curve.best, curve.plateau
        cells = [
            plain(best.rate) if best else "–",
            _share(Spread.of(best.accuracies) if best else None),
            _width(plateau, curve.seed_plateaus) if plateau else "–",
            *([str(fallen[curve.name])] if any(fallen.values()) else []),
        ]
        if verdict := by_name.get(curve.name):
            as_it_comes, tuned = verdict.as_it_comes, verdict.tuned
            cells += [_share(each.accuracy) for each in (as_it_comes, tuned)]
            cells += [count(tuned.batches.mean) if tuned.batches else "–"]
            cells += [fine_seconds(tuned.seconds.mean) if tuned.seconds else "–"]
        table.add_row(curve.name, *cells)
    console = Console()
    console.print(table)
    for sentence in sentences:
        console.print(Text(sentence))


def _share(spread: Spread | None) -> str:
    """In per cent, and below it the spread over the seeds."""
    if not spread:
        return "–"
    below = f"\n± {deviation(spread.deviation * 100, 2)}" if spread.seeds > 1 else ""
    return f"{fixed(spread.mean * 100, 2)}{below}"


def _width(plateau: Plateau, of_seeds: Sequence[Plateau]) -> str:
    """In decades, and below it with each seed alone; how wide one rate alone at an end of the grid is, is not known."""
    open_end = plateau.at_least and plateau.low == plateau.high
    width = "?" if open_end else f"{'≥ ' if plateau.at_least else ''}{fixed(plateau.decades, 1)}"
    return f"{width}\n{width_range(of_seeds)}" if of_seeds else width
