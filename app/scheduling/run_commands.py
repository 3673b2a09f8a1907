"""Commands to a run that goes on, except stopping it."""

from collections.abc import Collection

from app.engine.commands import Command, CommandQueue, Pause, Resume, SetLearningRate, SetPace, Step, Stop
from app.errors import NotRunning, RunNotFound, TooManyChanges
from app.events import PaceChanged, RunPaused, RunResumed, RunStatus
from app.runs.run import Run
from app.scheduling.run_registry import RunRegistry

MOST_CHANGES = 100


def commands_at_start(run: Run, paused: bool) -> CommandQueue:
    """What lanes have to hear before their first step."""
    commands = CommandQueue()
    if run.pace is not None:
        commands.put(SetPace(run.pace))
    if paused:
        commands.put(Pause())
    return commands


def commands_so_far(run: Run) -> CommandQueue:
    """The commands that bring lanes to the run's pace, pause and rates, whether or not they got the last ones."""
    holds: dict[RunStatus, Command] = {RunStatus.PAUSED: Pause(), RunStatus.STOPPING: Stop()}
    return CommandQueue(SetPace(run.pace), holds.get(run.status, Resume()))


class RunCommands:
    """Commands the runs of a registry; each that races has a queue of commands here."""

    def __init__(self, registry: RunRegistry) -> None:
        self.registry = registry
        self._commands: dict[str, CommandQueue] = {}

    @property
    def runs(self) -> Collection[Run]:
        """Those in memory that raced here."""
        return self.registry.runs

    async def find(self, run_id: str) -> Run:
        """The run, from memory or the store. Raises RunNotFound, StoreUnavailable or Overloaded."""
        return await self.registry.find(run_id)

    def get(self, run_id: str) -> Run:
        """A run in memory, after `find` has brought it there. Raises RunNotFound."""
        return self.registry.get(run_id)

    def pause(self, run_id: str, unwatched: bool = False) -> Run:
        """Pause all lanes; no effect on a paused run. Raises RunNotFound or NotRunning."""
        run = self._get_racing(run_id, "paused")
        if run.status is RunStatus.RUNNING:
            self._commands[run_id].put(Pause())
            run.apply(RunPaused(unwatched))
        return run

    def resume(self, run_id: str) -> Run:
        """Resume all lanes; no effect on a run that is not paused. Raises RunNotFound or NotRunning."""
        run = self._get_racing(run_id, "resumed")
        if run.status is RunStatus.PAUSED:
            self._commands[run_id].put(Resume())
            run.apply(RunResumed())
        return run

    def step(self, run_id: str) -> Run:
        """Let every lane that still trains make one step, then pause. Raises RunNotFound or NotRunning."""
        run = self._get_racing(run_id, "stepped")
        self._commands[run_id].put(Step())
        if run.status is RunStatus.RUNNING:
            run.apply(RunPaused())
        return run

    def set_pace(self, run_id: str, batches_per_s: float | None) -> Run:
        """Hold every lane to a pace, or to none; a queued run starts with it. Raises RunNotFound or NotRunning."""
        run = self.get(run_id)
        if run.status is not RunStatus.QUEUED:
            self._get_racing(run_id, "paced")
            self._commands[run_id].put(SetPace(batches_per_s))
        run.apply(PaceChanged(batches_per_s))
        return run

    def set_learning_rate(self, run_id: str, lane: int, learning_rate: float) -> Run:
        """Change what a lane trains with. Raises RunNotFound, NotRunning or TooManyChanges."""
        run = self.get(run_id)
        if not 0 <= lane < len(run.lanes):
            raise RunNotFound(f"Run {run_id} has no lane {lane}; its lanes go from 0 to {len(run.lanes) - 1}.")
        self._get_racing(run_id, "given another learning rate")
        if (status := run.lanes[lane].status).final:
            raise NotRunning(f"Lane {lane} is {status}, so its learning rate can no longer be changed.")
        if len(run.lanes[lane].learning_rate_changes) >= MOST_CHANGES:
            raise TooManyChanges(
                f"The learning rate of lane {lane} has been changed {MOST_CHANGES} times, the most allowed; it keeps "
                "the last one."
            )
        self._commands[run_id].put(SetLearningRate(lane, learning_rate))
        return run

    def _get_racing(self, run_id: str, done: str) -> Run:
        run = self.get(run_id)
        if not run.status.racing:
            raise NotRunning(f"A run can be {done} only while it races; this one is {run.status}.")
        return run
