"""What is new of a run or a sweep since it was last saved: the store treats both alike."""

from typing import Any, TypeVar

from app.runs.run import Run
from app.storage.records import Checkpoint, Records, changes_since, checkpoint_of, has_changes
from app.storage.sweep_records import SweepCheckpoint, SweepRecords, sweep_changes_since, sweep_checkpoint
from app.sweeps.sweep import Sweep

Kept = Run | Sweep
AKept = TypeVar("AKept", Run, Sweep)
Mark = Checkpoint | SweepCheckpoint
Changes = Records | SweepRecords


def changes_of(kept: Kept, mark: Any) -> tuple[Changes, Mark]:
    """What came after a mark of its own kind, None being the start, and the mark after it."""
    return changes_since(kept, mark) if isinstance(kept, Run) else sweep_changes_since(kept, mark)


def checkpoint(kept: Kept) -> Mark:
    """The mark after all there is."""
    return checkpoint_of(kept) if isinstance(kept, Run) else sweep_checkpoint(kept)


def any_changes(changes: Changes) -> bool:
    return changes.any if isinstance(changes, SweepRecords) else has_changes(changes)


def is_behind(kept: Kept, mark: Mark) -> bool:
    """Whether there is more to save at once: of a run each part has its length."""
    return isinstance(kept, Run) and isinstance(mark, Checkpoint) and mark.cursor != kept.history.end()
