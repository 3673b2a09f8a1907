"""One lane's training as an iterator of events. It knows nothing of processes, pipes or the other lanes."""

import copy
import itertools
import math
import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.config import RunConfig
from app.events import TARGETS, Detail, Evaluation, Frame, LaneEnded, LaneEvent, LaneStatus, LearningRateChanged
from app.training.control import Control, Uncontrolled, Waiting
from app.training.dataset import Dataset, batches
from app.training.evaluation import (
    QUICK_ERROR,
    Evaluator,
    evaluation_steps,
    near_target,
    quick_evaluation_steps,
    result_evaluation_steps,
)
from app.training.example_weights import example_pixels
from app.training.insights import Insights, NoInsights
from app.training.kernels import Kernel
from app.training.learner import Learner, learner
from app.training.network import Network
from app.training.push import LOOK_EVERY
from app.training.sample import Stopped

FRAME_S = 0.05
# Of a lane whose result is all that is wanted: each frame costs the server, too.
RESULT_FRAME_S = 0.25
# After a lane has waited, so that a viewer sees at once that it goes on.
FIRST_FRAME_S = 0.005


def train(
    dataset: Dataset,
    config: RunConfig,
    lane: int,
    control: Control | None = None,
    kernel: Kernel = Kernel.WHOLE,
    evaluator: Evaluator | None = None,
    detail: Detail = Detail.EVERYTHING,
) -> Iterator[LaneEvent | Waiting]:
    """Train lane number `lane` of `config` and yield its events, ending with a LaneEnded.

    First comes the first step, then the evaluation of the untrained network (step 0); the other way round if the lane
    has to wait. `control` is polled before every step, and checked often for a stop during evaluations. Frames come
    about every FRAME_S seconds, and before a lane waits, with every batch in them. The numbers, though not how they
    are cut into frames, depend on `dataset`, `config`, `lane`, `kernel` and changes of the learning rate alone.
    `evaluator` is one of this dataset, if there is one already. With `Detail.RESULT` the untrained network is not
    evaluated, frames are fewer, and the lane trains on where it reaches its target accuracy.
    """
    control = control or Uncontrolled()
    rng = np.random.default_rng(config.seed)
    network = learner(dataset, config, lane, kernel, rng)
    epochs = (batches(dataset.train_labels, config.batch_size, rng) for _ in range(config.epochs))
    everything = detail is Detail.EVERYTHING
    insights = Insights(lane, network, example_pixels(dataset)) if everything else NoInsights(network)
    frame_s = RESULT_FRAME_S if detail is Detail.RESULT else FRAME_S
    steps = _Steps(network, insights, lane, itertools.chain.from_iterable(epochs), control, frame_s)
    per_epoch = len(dataset.train_labels) // config.batch_size
    training = _Training(network, steps, insights, evaluator or Evaluator(dataset), kernel, lane, control)
    try:
        if detail is Detail.RESULT:
            yield from _to_its_result(training, per_epoch * config.epochs)
        else:
            yield from _as_shown(training, per_epoch, config)
    except Stopped:
        yield from insights.at_rest(steps.step)
        yield LaneEnded(lane, LaneStatus.STOPPED, steps.step)
    except _Diverged as end:
        yield LaneEnded(lane, LaneStatus.DIVERGED, end.step, end.reason)
    else:
        yield LaneEnded(lane, LaneStatus.FINISHED, steps.step)


class _Training(NamedTuple):
    """A lane, and what it is trained and judged with."""

    network: Learner
    steps: "_Steps"
    insights: Insights | NoInsights
    evaluator: Evaluator
    kernel: Kernel
    lane: int
    control: Control

    def judged(self, step: int) -> tuple[Network, Kernel, int, int, float]:
        """What an evaluation after this step begins with."""
        return self.network.network(), self.kernel, self.lane, step, self.steps.seconds


def _to_its_result(training: _Training, total: int) -> Iterator[LaneEvent | Waiting]:
    for due in result_evaluation_steps(total):
        yield from training.steps.run(until=due)
        evaluation = training.evaluator.evaluate_test(*training.judged(due), due < total, training.control.stopped)
        yield evaluation
        _check_finite(evaluation)


def _as_shown(training: _Training, per_epoch: int, config: RunConfig) -> Iterator[LaneEvent | Waiting]:
    network, steps, insights, evaluator, kernel, lane, control = training
    total = per_epoch * config.epochs
    scheduled, quick = evaluation_steps(per_epoch, config.epochs), quick_evaluation_steps(per_epoch)
    targets = TARGETS if config.target_accuracy is None else (*TARGETS, config.target_accuracy)
    untrained = copy.deepcopy(network.network())
    due, passed = min(scheduled | quick), 0.0

    def evaluate() -> Evaluation:
        """Over everything if it is due, or if a target may just have been passed."""
        if due in quick - scheduled:
            found = evaluator.evaluate_quickly(*training.judged(due), control.stopped)
            if not any(passed < target <= found.test_accuracy + QUICK_ERROR for target in targets):
                return found
        return evaluator.evaluate(*training.judged(due), last, control.stopped)

    def last(test_accuracy: float) -> bool:
        return due == total or (config.target_accuracy is not None and test_accuracy >= config.target_accuracy)

    # A point at once: to judge a network takes a hundred times as long as a step.
    if steps.may_step():
        yield from steps.run(until=1)
    yield from insights.first(untrained)
    yield evaluator.evaluate(untrained, kernel, lane, 0, 0.0, lambda _: False, control.stopped)
    while True:
        yield from steps.run(until=due)
        evaluation = evaluate()
        over = not evaluation.quick and last(evaluation.test_accuracy)
        if over:
            yield from insights.at_rest(due)
        elif not evaluation.quick:
            yield from insights.evaluated(due)
        yield evaluation
        if not evaluation.quick:
            _check_finite(evaluation)
            passed = max(passed, evaluation.test_accuracy)
        if over:
            return
        closer_look = due + max(1, due // 16) if near_target(evaluation.test_accuracy, targets) else total
        due = min(closer_look, *(step for step in scheduled | quick if step > due))


def _check_finite(evaluation: Evaluation) -> None:
    if not math.isfinite(evaluation.test_loss):
        raise _Diverged(f"test loss after batch {evaluation.step:,}", evaluation.test_loss, evaluation.step)


class _Diverged(Exception):
    """A loss is not finite any more."""

    def __init__(self, what: str, loss: float, step: int) -> None:
        super().__init__(what)
        self.step = step
        self.reason = f"The {what} is {loss}: the steps became too large. Try a smaller learning rate."


class _Steps:
    """The steps of one lane, cut into frames."""

    def __init__(
        self,
        network: Learner,
        insights: Insights | NoInsights,
        lane: int,
        rows: Iterator[NDArray[np.int64]],
        control: Control,
        frame_s: float,
    ) -> None:
        self.step = 0
        self.seconds = 0.0
        self._network, self._lane, self._rows, self._control = network, lane, rows, control
        self._insights = insights
        self._allowance = control.poll(0)
        self._usual_frame_s = self._frame_s = frame_s

    def may_step(self) -> bool:
        return self.step < self._allowance.last_step

    def run(self, until: int) -> Iterator[LaneEvent | Waiting]:
        """All steps up to and including `until`. Raises Stopped, or _Diverged behind the last good step."""
        while self.step < until:
            if self._control.stopped():
                raise Stopped
            if self._allowance.learning_rate is not None:
                self._network.learning_rate = self._allowance.learning_rate
                yield LearningRateChanged(self._lane, self.step + 1, self._allowance.learning_rate)
            if self.may_step():
                yield from self._frame(min(until, self._allowance.last_step))
                yield from self._insights.due(self.step)
            else:
                if self._allowance.until is None:
                    yield from self._insights.at_rest(self.step)
                yield Waiting(self._allowance.until)
                self._frame_s = FIRST_FRAME_S
            self._allowance = self._control.poll(self.step)

    def _frame(self, until: int) -> Iterator[Frame]:
        first = self.step + 1
        seconds = self._steps(until)
        loss, accuracy = self._network.metrics()
        finite = np.isfinite(loss)
        good = len(loss) if finite.all() else int(finite.argmin())
        if good:
            columns = (np.asarray(c[:good], np.float32) for c in (loss, accuracy, seconds))
            yield Frame(self._lane, first, *columns)
        if good < len(loss):
            raise _Diverged(f"loss of batch {first + good:,}", float(loss[good]), first + good)

    def _steps(self, until: int) -> list[float]:
        """Steps for as long as a frame is, up to `until` or to the next command: the lane's CPU seconds after each."""
        seconds: list[float] = []
        control = self._control
        ends = time.monotonic() + self._frame_s
        self._frame_s = self._usual_frame_s
        before = self.seconds - time.thread_time()
        # Whether a loss is still a number is looked at when the metrics are.
        with np.errstate(over="ignore", invalid="ignore"):
            while not control.pending:
                if self.step % LOOK_EVERY:
                    self._network.step(next(self._rows))
                else:
                    self._insights.step(next(self._rows))
                self.step += 1
                self.seconds = before + time.thread_time()
                seconds.append(self.seconds)
                if self.step == until or time.monotonic() >= ends:
                    break
        return seconds
