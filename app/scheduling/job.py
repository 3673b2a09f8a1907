"""What the queue knows of a run or a sweep, which waits for a place, has one, and gives it back."""

from typing import Any, Literal, Protocol

from app.events import PlaceChanged, RunStatus


class Job(Protocol):
    id: str
    status: RunStatus
    place: PlaceChanged

    @property
    def viewers(self) -> int:
        """How many watch it now."""

    @property
    def pace(self) -> float | None:
        """Batches a second of each lane; None is full speed."""

    @property
    def paused_by(self) -> Literal["owner", "unwatched"] | None: ...

    def apply(self, event: Any) -> None:
        """Apply a change of its place, or a request to stop."""
