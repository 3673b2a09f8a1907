"""Which runs and sweeps race, which wait for a place, and how long that will take."""

import asyncio
from collections.abc import Callable, Collection, Iterable

from app.config import RunConfig
from app.events import PlaceChanged, RunStatus, TimeLeftChanged
from app.runs.run import Run
from app.scheduling.fair_queue import Entry, FairQueue
from app.scheduling.job import Job
from app.scheduling.time_slices import TimeSlices
from app.scheduling.unwatched import Unwatched
from app.scheduling.wait_estimate import DOUBTED_RISE, WaitEstimate, steady
from app.settings import Settings
from app.sweeps.sweep import Sweep

# How long it may take from starting a run, or reloading its page, until its stream is open.
GRACE_S = 5.0


class RunQueue:
    """The runs and sweeps that have a place, and the queue of those that wait. Call it in a running event loop."""

    def __init__(self, settings: Settings, evaluated: int) -> None:
        """`evaluated` digits are measured at each evaluation of a lane."""
        self._max_running, self._max_queued = settings.max_running, settings.max_queued
        # Those that have a place: racing, paused, or about to end.
        self.racing: list[Job] = []
        self.unwatched = Unwatched()
        self._classroom = settings.classroom > 0
        self._shown: Run | None = None
        self._queue = FairQueue(self._is_passed_over)
        self._time_slices = TimeSlices(settings.max_turn_s)
        self._wait_estimate = WaitEstimate(settings.max_running, evaluated, self._time_slices)

    @property
    def speed(self) -> float | None:
        """Multiply-adds a second of what trains at full speed; None before it was measured."""
        return self._wait_estimate.speed

    @property
    def queued(self) -> Collection[Job]:
        """Those that wait, in order of arrival."""
        return self._queue.waiting

    @property
    def full(self) -> bool:
        """Whether the queue has no room for another."""
        return self._all_taken() and len(self._queue) - len(self.passed_over) >= self._max_queued

    @property
    def passed_over(self) -> list[Job]:
        """Queued runs that no one watches, the longest unwatched first: the last to start, the first to be dropped."""
        now = _now()
        over = [run for run in self.queued if self._is_passed_over(run)]
        return sorted(over, key=lambda run: -self.unwatched.seconds(run, now))

    @property
    def overfull(self) -> bool:
        """Whether the queue is too long, so that unwatched runs have to leave it."""
        return len(self._queue) > self._max_queued

    def seen(self, run: Job) -> None:
        """Its owner has requested it: while it waits, and for a sweep also later, that counts as watching it."""
        if run in self._queue or isinstance(run, Sweep):
            self.unwatched.seen(run, _now())

    def runs_of(self, owns: Callable[[str], bool]) -> list[Job]:
        """Those that race or wait and belong to a visitor for whom `owns` holds."""
        return self._queue.runs_of(owns)

    def enqueue(self, run: Job, paused: bool = False, visitor: str = "", priority: bool = False) -> None:
        """Add a run of this visitor to the queue; `paused`: it starts paused."""
        self._queue.add(run, visitor, paused, priority)
        self.measure()

    def dequeue(self, run: Job) -> None:
        self._queue.remove(run)

    def start_next(self) -> tuple[Job, bool] | None:
        """Give the next run a free place; returns it and whether it starts paused, or None without run or place."""
        if not self._queue or self._all_taken():
            return None
        entry = self._queue.start()
        self.racing.append(entry.run)
        return entry.run, entry.paused

    def take_over(self, run: Job, visitor: str) -> None:
        """Record a place that another server gave it."""
        self._queue.take_over(run, visitor)
        self.racing.append(run)

    def begin(self, run: Job) -> None:
        """Begin its time slice."""
        self._time_slices.begin(run, now := _now(), endless=self._queue.priority_of(run))
        # Whether anyone watched while it waited does not count for the race.
        self.unwatched.seen(run, now)
        self._wait_estimate.measure([run], now)

    def end(self, run: Job) -> None:
        """Free its place."""
        self.racing.remove(run)
        self._queue.end(run)
        self._time_slices.end(run)
        self._wait_estimate.measure([run], _now())

    @property
    def wanted_places(self) -> int:
        """How many places watched runs in the queue need, beyond those that are about to become free."""
        waiting = len(self._queue) - len(self.passed_over)
        return max(0, waiting - sum(not run.status.racing for run in self.racing))

    def overdue(self) -> list[Job]:
        """Races whose time slice is over, the longest over first, at most as many as `wanted_places`."""
        now = _now()
        over = [run for run in self.racing if run.status.racing and not self._time_slices.left(run, now)]
        return over[: self.wanted_places]

    def wait_s(self, visitor: str = "", priority: bool = False) -> float | None:
        """About how many seconds a run that this visitor started now would wait; None if unknown."""
        return self._waits(self._queue.before(visitor, priority))[-1]

    def first_left_s(self, runs: Iterable[Job]) -> float | None:
        """About how many seconds until the first of these races is over; None if unknown."""
        lefts = [self._wait_estimate.left(run, bool(self._queue)) for run in runs if run in self.racing]
        return min((left for left in lefts if left is not None), default=None)

    def measure(self) -> None:
        """Note which runs are watched and how far races are. Call it about once a second."""
        now = _now()
        self.unwatched.update([*self.racing, *self.queued], now)
        self._wait_estimate.measure(self.racing, now)

    def joinable(self, config: RunConfig) -> Run | None:
        """A run with this config that has not been paused, paced or changed; a run with priority first."""
        same = (run for run in self._unchanged() if run.config == config)
        return max(same, key=self._queue.priority_of, default=None)

    @property
    def most_watched(self) -> Run | None:
        """Of those that can be joined."""
        return max(self._unchanged(), key=lambda run: run.viewers, default=None)

    def publish_order(self) -> None:
        """Send each queued run its position, about how long it will wait and what to watch meanwhile.

        Sweeps that are trained get how long they will still take.
        """
        ordered = list(self._queue.ordered())
        meanwhile = self._meanwhile() if self._classroom else None
        held_up = any(run.status is RunStatus.PAUSED for run in self.racing)
        for position, (entry, wait_s) in enumerate(zip(ordered, self._waits(ordered), strict=False), start=1):
            shown_s = steady(entry.run.place.wait_s, wait_s)
            entry.run.apply(PlaceChanged(position, shown_s, held_up and wait_s is None, meanwhile))
            held_up = held_up or entry.paused
        for sweep in self.racing:
            if isinstance(sweep, Sweep) and not sweep.status.final:
                left_s = self._wait_estimate.left_of_sweep(sweep)
                sweep.apply(TimeLeftChanged(steady(sweep.left_s, left_s, DOUBTED_RISE)))

    def _waits(self, ordered: list[Entry]) -> list[float | None]:
        return self._wait_estimate.waits(self.racing, [(entry.run, entry.paused) for entry in ordered])

    def _unchanged(self) -> list[Run]:
        """Runs that are unchanged since their start and not stopping."""
        ordered = [entry.run for entry in self._queue.ordered() if not entry.paused]
        waiting = [run for run in ordered if not self._is_passed_over(run)]
        running = [run for run in self.racing if run.status is RunStatus.RUNNING]
        return [
            run
            for run in [*running, *waiting]
            if isinstance(run, Run) and run.pace is None and not any(lane.learning_rate_changes for lane in run.lanes)
        ]

    def _meanwhile(self) -> str | None:
        """The race that those in the queue are shown: the one most are watching, until it is over."""
        racing = [run for run in self.racing if run.status.racing and isinstance(run, Run)]
        if self._shown not in racing:
            self._shown = max(racing, key=lambda run: (run.status is RunStatus.RUNNING, run.viewers), default=None)
        return self._shown.id if self._shown else None

    def _is_passed_over(self, run: Job) -> bool:
        return self.unwatched.seconds(run, _now()) >= GRACE_S

    def _all_taken(self) -> bool:
        return len(self.racing) >= self._max_running


def _now() -> float:
    return asyncio.get_running_loop().time()
