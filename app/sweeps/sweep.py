"""A sweep from its start on: the result of each of its trainings, and how far it is.

Its trainings are runs of one lane, and the sweep is the fold of their events. It keeps the result of each; the run
itself is kept with all other runs. `version` grows with each change, and each training has the version at which it last
changed: a viewer who has seen everything up to one version needs only what changed after it.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from app.errors import IllegalMove
from app.events import (
    Detail,
    Evaluation,
    LaneStatus,
    Moved,
    PlaceChanged,
    RunStarted,
    RunStatus,
    SavedChanged,
    StopRequested,
    TimeLeftChanged,
    ViewersChanged,
    WatchedElsewhere,
)
from app.runs.description import LaneDescription
from app.runs.lane import Lane, finite
from app.runs.notifier import Notifier
from app.runs.run import Run
from app.sweeps.grid import Cell, Grid
from app.sweeps.state import CellState, Result, Stopper, SweepState

SweepEvent = (
    RunStarted
    | StopRequested
    | PlaceChanged
    | TimeLeftChanged
    | ViewersChanged
    | WatchedElsewhere
    | SavedChanged
    | Moved
)
# A sweep that is restored after its server was killed continues at a multiple of this: beyond every version that was
# sent to viewers and not stored.
VERSIONS_PER_SERVER = 10_000_000


class Training:
    """One cell and its result so far. Only its sweep changes it; it has a `run` while it trains."""

    def __init__(self, cell: Cell, detail: Detail, per_epoch: int) -> None:
        self.cell, self.detail, self.per_epoch = cell, detail, per_epoch
        self.run: Run | None = None
        self.result = self.untrained
        self.changed = 0

    @property
    def untrained(self) -> Result:
        """That of one which has not begun."""
        return Result(None, Lane(self.cell.optimizer, self.cell.config.learning_rate).describe(0, 0), [])

    @property
    def state(self) -> CellState:
        return CellState(self.cell, self.result)

    @property
    def over(self) -> bool:
        return self.state.over

    @property
    def planned_steps(self) -> int:
        return self.per_epoch * self.cell.config.epochs

    @property
    def steps(self) -> int:
        """Batches so far."""
        return self.run.history.steps(0) if self.run else self.result.lane["steps"]

    @property
    def spent_s(self) -> float:
        """Seconds of the processor for them."""
        return self.run.lanes[0].seconds if self.run else self.result.lane["seconds"]


class Sweep:
    """One sweep over `digits` training digits. `owner` and `saved` mean the same as in a run."""

    # A sweep can be neither paced nor paused.
    pace = paused_by = None

    def __init__(
        self, sweep_id: str, grid: Grid, digits: int, *, owner: str = "", created_at: datetime | None = None
    ) -> None:
        self.id = sweep_id
        self.grid = grid
        self.digits = digits
        self.owner = owner
        self.created_at = created_at or datetime.now(UTC)
        self.saved: bool | None = None
        self.status = RunStatus.QUEUED
        self.stopped_by: Stopper | None = None
        self.place = PlaceChanged()
        self.left_s: float | None = None
        # Through this server, and through others.
        self.own_viewers = self.viewers_elsewhere = 0
        self.moved = False
        self.version = 0
        self.notifier = Notifier()
        self.cells = [self._training(cell, grid.detail) for cell in grid.cells]
        self.fresh: list[Training] = []

    @property
    def state(self) -> SweepState:
        """All that is known of it now."""
        cells, fresh = ([training.state for training in some] for some in (self.cells, self.fresh))
        around = self.status, self.stopped_by, self.place, self.left_s, self.saved
        return SweepState(self.id, self.created_at, *around, self.grid, cells, fresh)

    @property
    def trainings(self) -> Iterator[Training]:
        """Those of the grid, then those on fresh seeds, once these are known."""
        yield from self.cells
        yield from self.fresh

    @property
    def lanes(self) -> list[LaneDescription]:
        """The lane of each cell of the grid, in the order of the grid."""
        return [training.result.lane for training in self.cells]

    @property
    def viewers(self) -> int:
        """Of the sweep, and of the trainings under way."""
        own = self.own_viewers + self.viewers_elsewhere
        return own + sum(training.run.viewers for training in self.trainings if training.run)

    def begin(self, training: Training, run: Run) -> None:
        """`run` trains it from now on."""
        training.run = run
        self.update(training)

    def update(self, training: Training) -> None:
        """Copy the result of its run so far; the run is released once it is over."""
        run = training.run
        assert run is not None
        evaluations = [_row(event, training.per_epoch) for event in run.log if isinstance(event, Evaluation)]
        training.result = Result(run.id, run.lanes[0].describe(0, run.history.steps(0)), evaluations)
        if training.over:
            training.run = None
        self._change(training)

    def lose(self, training: Training) -> None:
        """What trained it is gone, and it waits as if it had not begun."""
        training.run, training.result = None, training.untrained
        self._change(training)

    def give_up(self, training: Training, reason: str) -> None:
        """It could not be trained."""
        self.update(training)
        lane: LaneDescription = {**training.result.lane, "status": LaneStatus.FAILED, "reason": reason}
        training.result = training.result._replace(lane=lane)

    def train_again(self, cells: Iterable[Cell]) -> None:
        """The grid is done; these cells are trained on fresh seeds next."""
        self.fresh = [self._training(cell, Detail.CURVES) for cell in cells]
        self._change(*self.fresh)

    def end(self, interrupted: bool = False) -> None:
        """All training has ended; `interrupted` if it ended early without having been stopped."""
        if interrupted:
            self.status = RunStatus.INTERRUPTED
        elif self.status is RunStatus.STOPPING:
            self.status = RunStatus.STOPPED
        else:
            failed = all(training.result.lane["status"] is LaneStatus.FAILED for training in self.cells)
            self.status = RunStatus.FAILED if failed else RunStatus.FINISHED
        self.place, self.left_s = PlaceChanged(), None
        self._change()

    def let_go(self) -> None:
        """The server that has it ends, or has ended: wait for the next one, which repeats unfinished trainings.

        A sweep that is stopping is interrupted.
        """
        if self.status is RunStatus.STOPPING:
            self.end(interrupted=True)
        if self.status.final:
            return
        self.status, self.place, self.left_s = RunStatus.QUEUED, PlaceChanged(), None
        anew = [training for training in self.trainings if not training.state.trained]
        for training in anew:
            training.run, training.result = None, training.untrained
        self._change(*anew)

    def apply(self, event: SweepEvent) -> None:
        """Update from an event other than those of its trainings. Raises IllegalMove for one that can't happen now."""
        if isinstance(event, ViewersChanged):
            # Not sent to viewers, and so no new version.
            self.own_viewers = event.viewers
            return
        if isinstance(event, WatchedElsewhere):
            self.viewers_elsewhere = event.viewers
            return
        if isinstance(event, Moved):
            self.moved = True
            self.notifier.notify()
            return
        before = self.status, self.place, self.left_s, self.saved
        match event:
            case RunStarted():
                self._expect(event, RunStatus.QUEUED)
                self.status, self.place = RunStatus.RUNNING, PlaceChanged()
            case StopRequested():
                self._expect(event, RunStatus.QUEUED, RunStatus.RUNNING)
                self.status, self.place, self.stopped_by = RunStatus.STOPPING, PlaceChanged(), event.by
            case PlaceChanged():
                self._expect(event, RunStatus.QUEUED)
                self.place = event
            case TimeLeftChanged():
                self.left_s = event.seconds
            case SavedChanged():
                self.saved = event.saved
        if (self.status, self.place, self.left_s, self.saved) != before:
            self._change()

    def restore(self, status: RunStatus, version: int, results: dict[int, tuple[int, Result]]) -> None:
        """Restore a sweep: `results` has the version and the result of trainings, by their numbers."""
        self.status, self.version = status, version
        for number, training in enumerate(self.trainings):
            if number in results:
                training.changed, training.result = results[number]

    def mirror(
        self,
        status: RunStatus,
        stopped_by: Stopper | None,
        place: PlaceChanged,
        left_s: float | None,
        saved: bool | None,
        version: int,
        results: dict[int, tuple[int, Result]],
    ) -> None:
        """Be as it is at the server that trains it."""
        self.stopped_by, self.place, self.left_s, self.saved = stopped_by, place, left_s, saved
        self.restore(status, version, results)
        self.notifier.notify()

    def interrupt(self) -> None:
        """The server that trained it has ended: what was not over is interrupted."""
        for training in self.trainings:
            if training.result.lane["status"] is LaneStatus.RUNNING:
                lane: LaneDescription = {**training.result.lane, "status": LaneStatus.INTERRUPTED}
                training.changed, training.result = self.version, training.result._replace(lane=lane)
        if not self.status.final:
            self.end(interrupted=True)

    def _training(self, cell: Cell, detail: Detail) -> Training:
        return Training(cell, detail, self.digits // cell.config.batch_size)

    def _change(self, *trainings: Training) -> None:
        self.notifier.notify()
        self.version += 1
        for training in trainings:
            training.changed = self.version

    def _expect(self, event: Any, *allowed: RunStatus) -> None:
        if self.status not in allowed:
            expected = " or ".join(allowed)
            raise IllegalMove(f"{type(event).__name__} needs a sweep that is {expected}; this one is {self.status}.")


def _row(event: Evaluation, per_epoch: int) -> list[float | None]:
    measured = event.test_accuracy, finite(event.test_loss)
    return [event.step, round(event.step / per_epoch, 4), round(event.seconds, 4), *measured]
