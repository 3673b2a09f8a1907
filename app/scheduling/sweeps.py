"""Makes sweeps and trains them: the cells of the grid, and then the deciding ones again on fresh seeds.

When a sweep gets its place is decided by the queue.
"""

import logging
import secrets
from collections.abc import Callable, Iterator

from app.engine.base import Engine
from app.engine.commands import CommandQueue, Stop
from app.events import Evaluation, LaneEnded, LaneEvent, LaneStatus, PartOfSweep, RunStatus
from app.logs import about
from app.report.sweeps.result import curves
from app.report.sweeps.verdict import fresh_cells
from app.runs.run import Run
from app.scheduling.cell_queue import train_all
from app.scheduling.racing import Observe, unobserved
from app.sweeps.grid import Grid
from app.sweeps.sweep import Sweep, Training
from app.training.dataset import Dataset

# After losing so many machines, a training is given up.
ATTEMPTS = 3

_log = logging.getLogger(__name__)


def new_sweep(grid: Grid, dataset: Dataset, owner: str = "", sweep_id: str | None = None) -> Sweep:
    """A sweep that has not begun."""
    return Sweep(sweep_id or secrets.token_urlsafe(8), grid, len(dataset.train_labels), owner=owner)


class SweepTraining:
    """One sweep on an engine. `begun` and `over` get each of its runs, `observe` each of their events."""

    def __init__(
        self,
        sweep: Sweep,
        engine: Engine,
        dataset: Dataset,
        places: Callable[[], int],
        begun: Callable[[Run], None] = lambda _: None,
        over: Callable[[Run], None] = lambda _: None,
        observe: Observe = unobserved,
    ) -> None:
        self._sweep = sweep
        self._engine = engine
        self._dataset = dataset
        self._places = places
        self._begun, self._over, self._observe = begun, over, observe
        # Of the trainings under way.
        self._commands: dict[Run, CommandQueue] = {}
        self._trainings: dict[Run, Training] = {}
        # How often each has lost its machine.
        self._lost: dict[Training, int] = {}

    async def run(self) -> None:
        """Train what is not over of a sweep that has started, until all of it is or it is to stop.

        Cancelled, the sweep has not ended.
        """
        sweep, interrupted = self._sweep, False
        try:
            await self._train([sweep.cells[number] for number in sweep.grid.training_order])
            if sweep.status is RunStatus.RUNNING and sweep.grid.compares_rates:
                if not sweep.fresh:
                    sweep.train_again(fresh_cells(sweep.grid, curves(sweep.grid, sweep.lanes)))
                await self._train(sweep.fresh)
        except Exception:
            # A fault of ours; what has come out so far stays.
            _log.exception("sweep failed", extra=about(sweep=sweep.id))
            interrupted = True
        finally:
            for training in self._trainings.values():
                sweep.update(training)
        sweep.end(interrupted)

    def stop(self) -> None:
        """Begin no more trainings, and stop those under way."""
        for commands in self._commands.values():
            commands.put(Stop())

    async def _train(self, planned: list[Training]) -> None:
        if trainings := [training for training in planned if not training.over]:
            await train_all(
                self._engine,
                self._runs(trainings),
                self._places,
                self._over,
                trainings[0].detail,
                self._observed,
                self._started,
                self._again,
            )

    def _runs(self, trainings: list[Training]) -> Iterator[Run]:
        """Each is made when there is a place for it, as long as the sweep goes on."""
        for training in trainings:
            if self._sweep.status is not RunStatus.RUNNING:
                return
            yield self._run_of(training)

    def _run_of(self, training: Training) -> Run:
        config, labels = training.cell.config, self._dataset.test_labels
        run = Run(secrets.token_urlsafe(8), config, labels, training.per_epoch)
        run.apply(PartOfSweep(self._sweep.id))
        self._trainings[run] = training
        return run

    def _again(self, run: Run) -> Run | None:
        """A training whose machine was lost is repeated on another, with the same numbers."""
        if not (training := self._trainings.pop(run, None)):
            return None
        lost = self._lost[training] = self._lost.get(training, 0) + 1
        if self._sweep.status is not RunStatus.RUNNING:
            self._sweep.update(training)
        elif lost == ATTEMPTS:
            self._sweep.give_up(training, f"It was given up after {lost} machines that trained it were lost.")
        else:
            self._sweep.lose(training)
            return self._run_of(training)
        return None

    def _started(self, run: Run) -> CommandQueue:
        self._sweep.begin(self._trainings[run], run)
        self._begun(run)
        return self._commands.setdefault(run, CommandQueue())

    def _observed(self, run: Run, event: LaneEvent) -> None:
        lost = isinstance(event, LaneEnded) and event.status is LaneStatus.INTERRUPTED
        if isinstance(event, Evaluation | LaneEnded) and not lost:
            self._sweep.update(self._trainings[run])
        if isinstance(event, LaneEnded):
            del self._commands[run]
            if not lost:
                del self._trainings[run]
        self._observe(run, event)
