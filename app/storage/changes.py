"""What has changed in a run or a sweep since it was last saved, for a store that treats both alike."""

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
    """The changes after a checkpoint of its own kind (None: all), and the checkpoint after them."""
    return changes_since(kept, mark) if isinstance(kept, Run) else sweep_changes_since(kept, mark)


def checkpoint(kept: Kept) -> Mark:
    """The checkpoint at which everything has been saved."""
    return checkpoint_of(kept) if isinstance(kept, Run) else sweep_checkpoint(kept)


def any_changes(changes: Changes) -> bool:
    return changes.any if isinstance(changes, SweepRecords) else has_changes(changes)


def is_behind(kept: Kept, mark: Mark) -> bool:
    """Whether there is more to save right away: one batch of changes of a run is limited in length."""
    return isinstance(kept, Run) and isinstance(mark, Checkpoint) and mark.cursor != kept.history.end()
