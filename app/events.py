"""What happens to a run, as plain values: the only thing that flows up from a lane to a viewer.

A run is the fold of these events (see `runs.run`). They hold no behaviour and know nothing of how they travel.
Times named `seconds` are a lane's own CPU time for training: it stands still during evaluations and is not bent by a
busy machine.
"""

import math
from enum import StrEnum
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float32]

# Of a picture of push: half decades of typical gradients, the first from 10^LOWEST_PUSH on.
PUSH_BINS, LOWEST_PUSH = 20, -9

# Weights are compared with others whose gradient is at most so many decades smaller.
PUSH_DECADES = 3

# At most so many weights are followed by name.
EXAMPLES = 4
NO_EXAMPLES = np.empty((0, 3), np.float32)

# How many test digits each evaluation answers one by one.
WALL = 100

# The test accuracies whose passing is recorded: the marks of the race.
TARGETS = (0.90, 0.95, 0.97, 0.98)


class Detail(StrEnum):
    """How much a lane reports of its training, which costs time beside the training itself."""

    EVERYTHING = "everything"
    """As a page shows it."""
    CURVES = "curves"
    """No push, and no parameters."""
    RESULT = "result"
    """Besides, evaluations are few, and by test digits alone: for trainings whose results are all that is wanted."""


class LaneStatus(StrEnum):
    """Where a lane is; the last five are final."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    DIVERGED = "diverged"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def final(self) -> bool:
        return self not in (LaneStatus.WAITING, LaneStatus.RUNNING)


class RunStatus(StrEnum):
    """Where a run is; the last four are final."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def racing(self) -> bool:
        """Lanes are training or paused, and the run is not stopping."""
        return self in (RunStatus.RUNNING, RunStatus.PAUSED)

    @property
    def final(self) -> bool:
        return self in (RunStatus.FINISHED, RunStatus.STOPPED, RunStatus.FAILED, RunStatus.INTERRUPTED)


class Frame(NamedTuple):
    """Metrics of consecutive steps, each measured before its update. All columns have shape (n,).

    `first_step` counts from 1. `loss` is cross-entropy in nats, `accuracy` from 0 to 1, `seconds` cumulative.
    """

    lane: int
    first_step: int
    loss: Column
    accuracy: Column
    seconds: Column


class Evaluation(NamedTuple):
    """How good a lane's network is after `step` updates.

    The test values are over all test digits. The training values are over a fixed part of the training digits, or,
    in the last evaluation of a finished lane, over all of them. `answers` (uint8) and `confidence` (float32, the
    probability of that answer) have shape (test digits,). In a `quick` evaluation both are over a fixed part, and
    there are no answers. With `Detail.RESULT` there are none either, and the training values are NaN. `wall` is the
    answer to each digit of the wall (see `training.wall`), one character each; empty in a run of an older version.
    """

    lane: int
    step: int
    seconds: float
    test_accuracy: float
    test_loss: float
    train_accuracy: float
    train_loss: float
    answers: NDArray[np.uint8]
    confidence: Column
    quick: bool = False
    wall: str = ""


class Push(NamedTuple):
    """How far weights move by what their gradients are, both averaged over about the last 100 batches before `step`.

    `quartiles` has shape (PUSH_BINS, 3): of the weights whose typical |gradient| is from 10^(-9 + b/2) to
    10^(-9 + (b + 1)/2), the lower quartile, median and upper quartile of the typical |Δw|; NaN for fewer than five. The
    gradient is that of the loss alone. `slope` is by how many decades |Δw| grows with each decade of |gradient|, and
    `decades` over how many of them (at most PUSH_DECADES); NaN and 0 where too few weights move. `examples` has shape
    (at most EXAMPLES, 3): of weights that are the same in every lane, the number in `training.network.Network`, the
    typical |gradient| and the typical |Δw|.
    """

    lane: int
    step: int
    quartiles: NDArray[np.float32]
    slope: float = math.nan
    decades: float = 0.0
    examples: NDArray[np.float32] = NO_EXAMPLES


class Parameters(NamedTuple):
    """A lane's network after `step` updates: float32, flat, as `training.network.Network` has them."""

    lane: int
    step: int
    theta: NDArray[np.float32]


class LaneEnded(NamedTuple):
    """The last event of a lane. `status` is final; `reason` says why it diverged, failed or lost its machine."""

    lane: int
    status: LaneStatus
    step: int
    reason: str | None = None


class LaneSilent(NamedTuple):
    """The process that trains the lane has not answered for so many seconds; 0: it answers again."""

    lane: int
    seconds: int


class LearningRateChanged(NamedTuple):
    """From `step` on the lane trains with this learning rate, before its schedule."""

    lane: int
    step: int
    learning_rate: float


class PartOfSweep(NamedTuple):
    """The run is a training of the sweep of this id."""

    sweep: str


class RunStarted(NamedTuple):
    """All lanes start together, with this kernel (see `training.kernels`); if `paused`, before their first step."""

    form: str
    paused: bool = False


class RunPaused(NamedTuple):
    """The lanes wait, at once or after one more step each: by the owner's command, or because no one watches."""

    unwatched: bool = False


class RunResumed(NamedTuple):
    """The lanes go on."""


class PaceChanged(NamedTuple):
    """From now on each lane makes so many steps a second; None is full speed."""

    batches_per_s: float | None


class StopRequested(NamedTuple):
    """The lanes are ending: by the owner's command, because no one watches, or because others wait for the slot."""

    by: Literal["owner", "unwatched", "others"] | None = None


class PlaceChanged(NamedTuple):
    """Where a run stands in the queue, 1 being next, and about how long it will wait, None if that is unknown.

    `behind_paused` is why it is unknown: a run before it is paused. `meanwhile` is the id of a race to watch.
    """

    position: int | None = None
    wait_s: float | None = None
    behind_paused: bool = False
    meanwhile: str | None = None


class ViewersChanged(NamedTuple):
    """So many watch here. They come and go all the time, so the number is sent to them only when it is `announced`."""

    viewers: int
    announced: bool = False


class WatchedElsewhere(NamedTuple):
    """So many watch through other servers."""

    viewers: int


class Mirrored(NamedTuple):
    """It goes on at another server, and is here as it is there at this version."""

    version: int


class Moved(NamedTuple):
    """It goes on at another server, and no more is heard of it here."""


class TimeLeftChanged(NamedTuple):
    """A sweep that is being trained will take about so many seconds more; None if that is unknown."""

    seconds: float | None


class SavedChanged(NamedTuple):
    """Whether the server keeps all there is of the run so far, or cannot; how many events of lanes it has saved."""

    saved: bool
    events: int = 0


# What happens around a race and is no part of it: not logged, and not stored.
Circumstance = PlaceChanged | ViewersChanged | WatchedElsewhere | SavedChanged | Mirrored | Moved

LaneEvent = Frame | Evaluation | Push | Parameters | LearningRateChanged | LaneSilent | LaneEnded
Event = LaneEvent | PartOfSweep | RunStarted | RunPaused | RunResumed | PaceChanged | StopRequested
