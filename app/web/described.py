"""A run as viewers are sent it: its description, the version by which an older one is known, and its story."""

from app.report.story import emphasised_story
from app.runs.description import RunDescription
from app.runs.history import Kind
from app.runs.run import Run


def described(run: Run) -> RunDescription:
    """JSON-ready values; docs/protocol.md names every field."""
    told = run.describe()
    story = emphasised_story(told, run.history.tables(Kind.EVALUATIONS))
    return {**told, "version": run.version, "story": story}
