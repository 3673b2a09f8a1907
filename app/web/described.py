"""A run as viewers are sent it: its description, the version by which an older one is known, and its story."""

from typing import Any

from app.report.story import emphasised_story
from app.runs.history import Kind
from app.runs.run import Run


def described(run: Run) -> dict[str, Any]:
    """JSON-ready values; docs/protocol.md names every field."""
    told = run.versioned()
    return {**told, "story": emphasised_story(told, run.history.tables(Kind.EVALUATIONS))}
