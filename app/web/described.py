"""A run as viewers are sent it: its description, the version by which an older one is known, and its story."""

from app.report.story import emphasised_story
from app.runs.description import RunDescription
from app.runs.history import Kind
from app.runs.run import Run
from app.web.run_cache import RunCache

# However many ask and watch, the sentences of a moment are made once.
_stories: RunCache[list[str]] = RunCache(1)


def described(run: Run) -> RunDescription:
    """JSON-ready values; docs/protocol.md names every field."""
    description = run.describe()
    # Steps alone are no new version, and a story may name them.
    key = run.version, run.history.end().steps
    story = _stories.get(run, key)
    if story is None:
        story = _stories.keep(run, key, emphasised_story(description, run.history.tables(Kind.EVALUATIONS)))
    return {**description, "version": run.version, "story": story}
