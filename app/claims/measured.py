"""The measurements by which claims are judged: the trainings of each seed, in the order of the seeds."""

import math
from typing import NamedTuple

from app.config import RunConfig
from app.report.lane_view import Evaluated, LaneView
from app.report.result import reached_at
from app.report.sweeps.result import SweepCurve
from app.report.sweeps.verdict import Hit
from app.runs.description import LaneDescription


class Push(NamedTuple):
    """How the steps of a lane's weights follow their gradients, when it ended; see `events.Push`."""

    slope: float = math.nan
    decades: float = 0.0


class Training(NamedTuple):
    """One lane that has trained to its end."""

    config: RunConfig
    view: LaneView
    push: Push = Push()

    @property
    def lane(self) -> LaneDescription:
        return self.view.lane

    @property
    def evaluations(self) -> list[Evaluated]:
        """Those over all test digits, from the first batch on."""
        return [each for each in self.view.evaluations if each.step and not each.quick]

    @property
    def per_epoch(self) -> int:
        return self.lane["steps"] // self.config.epochs

    @property
    def accuracy(self) -> float:
        return self.lane["test_accuracy"] or 0.0

    def at_epoch(self, epoch: int) -> Evaluated:
        """The last evaluation in that epoch."""
        return self.at(epoch * self.per_epoch)

    def at(self, step: int) -> Evaluated:
        """The last evaluation up to this step, quick ones included: there is one before the first batch."""
        found = self.view.newest(step)
        assert found
        return found

    def steps_to(self, target: float) -> int | None:
        """The batches that it needed to one of `events.TARGETS`."""
        hit = reached_at(self.lane, target)
        return hit and hit["step"]

    @property
    def hit(self) -> Hit | None:
        """When it was at the mark of a sweep's verdict."""
        return Hit.of(self.lane, [(each.step, each.seconds) for each in self.view.evaluations if not each.quick])

    def seconds_to(self, accuracy: float) -> float | None:
        """CPU seconds of training until this accuracy on all test digits; None if it was never reached."""
        return next((each.seconds for each in self.evaluations if each.test_accuracy >= accuracy), None)


class Angles(NamedTuple):
    """Cosines between directions in the space of all weights: 1 is the same direction, 0 a right angle."""

    first: float
    """Between a mini-batch's gradient and that of all examples, in SGD's first batches."""
    later: float
    """The same at the end of its epoch."""
    gradients: float
    """The same in Momentum's lane, in the later half of the epoch (of the logarithm of its batches)."""
    updates: float
    """Between Momentum's update, turned round, and the gradient of all examples, there."""


class Measured(NamedTuple):
    """All of it; each list has an element for each seed."""

    race: dict[str, list[Training]]
    """By optimizer, at the learning rate all share."""
    curves: list[dict[str, SweepCurve]]
    """By optimizer: one epoch at each of many learning rates."""
    tuned: dict[str, list[Training]]
    """By optimizer, at its best learning rate, with seeds that the choice of the rate has not seen."""
    whole: list[Training]
    """SGD with all examples in one batch."""
    small: list[Training]
    """The same with mini-batches of the usual size."""
    longer: list[Training]
    """Adam, for many epochs."""
    angles: list[Angles]
