"""Races one run on an engine, from its start to the end of its last lane, and ends it if the engine fails."""

import logging
from collections.abc import Callable

from app.engine.base import Engine
from app.engine.commands import CommandQueue
from app.engine.lane_progress import LaneProgress
from app.errors import IllegalMove, NodeLost, PlaygroundError
from app.events import Detail, Evaluation, LaneEnded, LaneEvent, LaneStatus, LearningRateChanged
from app.logs import about
from app.runs.run import Run

Observe = Callable[[Run, LaneEvent], None]

_log = logging.getLogger(__name__)


def unobserved(_: Run, __: LaneEvent) -> None:
    """The default: events are not observed."""


async def race(
    engine: Engine,
    run: Run,
    commands: CommandQueue,
    observe: Observe = unobserved,
    detail: Detail = Detail.EVERYTHING,
    begun_elsewhere: bool = False,
) -> None:
    """Race all lanes of a run that has started; all have ended when this returns or is cancelled.

    `observe` gets each event of a lane after the run has applied it. A run that has `begun_elsewhere` goes on, begins
    anew if no event of it was received, or is interrupted if what trained it is gone.
    """

    def emit(event: LaneEvent) -> None:
        run.apply(event)
        observe(run, event)

    before = run.lane_events
    saved = None if run.saved is None else lambda: max(0, run.saved_events - before)
    end, reason = LaneStatus.INTERRUPTED, None
    try:
        if begun_elsewhere and await engine.attach(run.id, progress_of(run), emit, commands, saved=saved):
            return
        if not begun_elsewhere or (run.history.end() == run.history.start() and run.form == engine.kernel):
            await engine.run(run.config, emit, commands, detail, run_id=run.id, saved=saved)
    except NodeLost as problem:
        reason = str(problem)
    except Exception as error:
        # It is shown on the lanes, where visitors look; the server goes on.
        known = isinstance(error, PlaygroundError) and not isinstance(error, IllegalMove)
        why = error if known else "something went wrong on the server."
        end, reason = LaneStatus.FAILED, f"The race could not continue: {why}"
        _log.error("race failed", exc_info=None if known else error, extra=about(run=run.id, reason=reason))
    finally:
        end_rest(run, end, reason, observe)


def progress_of(run: Run) -> list[LaneProgress]:
    """How much of each lane a run has received, so that the rest can follow."""
    progress = [
        LaneProgress(steps, pushes)
        for steps, pushes in zip(run.history.end().steps, run.history.end().pushes, strict=True)
    ]
    for event in run.log:
        if isinstance(event, Evaluation | LearningRateChanged | LaneEnded):
            progress[event.lane] = progress[event.lane].after(event)
    return progress


def end_rest(run: Run, status: LaneStatus, reason: str | None = None, observe: Observe = unobserved) -> None:
    """End the lanes that have not ended by themselves."""
    for number, lane in enumerate(run.lanes):
        if not lane.status.final:
            event = LaneEnded(number, status, run.history.steps(number), reason)
            try:
                run.apply(event)
                observe(run, event)
            except Exception:
                # The others end all the same.
                _log.exception("lane cannot be ended", extra=about(run=run.id, lane=number))
