"""One run on an engine, from its start to the end of its last lane, whatever happens to either."""

import logging
from collections.abc import Callable

from app.engine.base import Engine
from app.engine.commands import CommandQueue
from app.errors import IllegalMove, PlaygroundError
from app.events import Detail, LaneEnded, LaneEvent, LaneStatus
from app.logs import about
from app.runs.run import Run

Observe = Callable[[Run, LaneEvent], None]

_log = logging.getLogger(__name__)


def unobserved(_: Run, __: LaneEvent) -> None:
    """Nobody looks."""


async def race(
    engine: Engine,
    run: Run,
    commands: CommandQueue,
    observe: Observe = unobserved,
    detail: Detail = Detail.EVERYTHING,
) -> None:
    """Run all lanes of a run that has started; all have ended when this returns, or is cancelled.

    `observe` gets each event of a lane once the run has it.
    """

    def emit(event: LaneEvent) -> None:
        run.apply(event)
        observe(run, event)

    end, reason = LaneStatus.INTERRUPTED, None
    try:
        await engine.run(run.config, emit, commands, detail)
    except Exception as error:
        # It is shown on the lanes, where visitors look; the server goes on.
        known = isinstance(error, PlaygroundError) and not isinstance(error, IllegalMove)
        why = error if known else "something went wrong on the server."
        end, reason = LaneStatus.FAILED, f"The race could not go on: {why}"
        _log.error("race failed", exc_info=None if known else error, extra=about(run=run.id, reason=reason))
    finally:
        end_rest(run, end, reason, observe)


def end_rest(run: Run, status: LaneStatus, reason: str | None = None, observe: Observe = unobserved) -> None:
    """End the lanes that have not ended by themselves."""
    for number, lane in enumerate(run.lanes):
        if not lane.status.final:
            event = LaneEnded(number, status, run.history.steps(number), reason)
            try:
                run.apply(event)
                observe(run, event)
            except Exception:
                # The others are to end all the same.
                _log.exception("lane cannot be ended", extra=about(run=run.id, lane=number))
