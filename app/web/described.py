"""A run as viewers are sent it: its description, the version by which an older one is known, and what is said of it."""

from typing import NamedTuple

from app.report.lane_view import lane_views
from app.report.story import emphasised_story
from app.report.story_memorizing import turned
from app.runs.description import RunDescription, Turn
from app.runs.history import Kind
from app.runs.run import Run
from app.web.run_cache import RunCache


class _Said(NamedTuple):
    story: list[str]
    turns: list[Turn]


# However many ask and watch, what is said of a moment is made once.
_said: RunCache[_Said] = RunCache(1)


def described(run: Run) -> RunDescription:
    """JSON-ready values; docs/protocol.md names every field."""
    description = run.describe()
    # Steps alone are no new version, and a story may name them.
    end = run.history.end()
    key = run.version, end.steps, end.pushes
    said = _said.get(run, key)
    if said is None:
        tables = [run.history.tables(kind) for kind in (Kind.EVALUATIONS, Kind.PUSH)]
        turns: list[Turn] = [
            {"lane": lane.number, "step": lowest.step, "test_loss": lowest.test_loss}
            for lane in lane_views(description, *tables)
            if (lowest := turned(lane))
        ]
        said = _said.keep(run, key, _Said(emphasised_story(description, *tables), turns))
    return {**description, "version": run.version, "story": said.story, "turns": said.turns}
