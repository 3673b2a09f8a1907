"""One lane's training as an iterator of events. It knows nothing of processes, pipes or the other lanes."""

import copy
import itertools
import math
import time
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from app.config import RunConfig
from app.events import Frame, LaneEnded, LaneEvent, LaneStatus
from app.training.dataset import Dataset, batches
from app.training.evaluation import Evaluator, evaluation_steps, near_target
from app.training.forms import Form
from app.training.learner import Learner, learner
from app.training.sample import Stopped

FRAME_S = 0.05


def train(
    dataset: Dataset,
    config: RunConfig,
    lane: int,
    stopped: Callable[[], bool] = lambda: False,
    form: Form = Form.WHOLE,
    evaluator: Evaluator | None = None,
) -> Iterator[LaneEvent]:
    """Train lane number `lane` of `config` and tell what happens, ending with a LaneEnded.

    First comes the first step, then the evaluation of the untrained network (step 0). `stopped` is asked before every
    step, and often while evaluating. Frames come about every FRAME_S seconds with
    every batch in them. The numbers, though not how they are cut into frames, depend on `dataset`, `config`, `lane` and
    `form` alone. `evaluator` is one of this dataset, if there is one already.
    """
    evaluator = evaluator or Evaluator(dataset)
    rng = np.random.default_rng(config.seed)
    network = learner(dataset, config, lane, form, rng)
    epochs = (batches(dataset.train_labels, config.batch_size, rng) for _ in range(config.epochs))
    course = _Course(network, lane, itertools.chain.from_iterable(epochs), stopped)
    per_epoch = len(dataset.train_labels) // config.batch_size
    total = per_epoch * config.epochs
    scheduled = evaluation_steps(per_epoch, config.epochs)
    untrained = copy.deepcopy(network.network())
    due = min(scheduled)

    try:
        # A point at once: to judge a network takes a hundred times as long as a step.
        yield from course.run(until=1)
        yield evaluator.evaluate(untrained, form, lane, 0, 0.0, False, stopped)
        while True:
            yield from course.run(until=due)
            last = due == total
            evaluation = evaluator.evaluate(network.network(), form, lane, due, course.seconds, last, stopped)
            yield evaluation
            if not math.isfinite(evaluation.test_loss):
                raise _Diverged(f"test loss after batch {due:,}", evaluation.test_loss, due)
            if last:
                break
            closer_look = due + max(1, due // 16) if near_target(evaluation.test_accuracy) else total
            due = min(closer_look, *(step for step in scheduled if step > due))
    except Stopped:
        yield LaneEnded(lane, LaneStatus.STOPPED, course.step)
    except _Diverged as end:
        yield LaneEnded(lane, LaneStatus.DIVERGED, end.step, end.reason)
    else:
        yield LaneEnded(lane, LaneStatus.FINISHED, total)


class _Diverged(Exception):
    """A loss is not finite any more."""

    def __init__(self, what: str, loss: float, step: int) -> None:
        super().__init__(what)
        self.step = step
        self.reason = f"The {what} is {loss}: the steps became too large. Try a smaller learning rate."


class _Course:
    """The steps of one lane, cut into frames."""

    def __init__(
        self, network: Learner, lane: int, rows: Iterator[NDArray[np.int64]], stopped: Callable[[], bool]
    ) -> None:
        self.step = 0
        self.seconds = 0.0
        self._network, self._lane, self._rows, self._stopped = network, lane, rows, stopped

    def run(self, until: int) -> Iterator[Frame]:
        """All steps up to and including `until`. Raises Stopped, or _Diverged behind the last good step."""
        stop = False
        while self.step < until and not stop:
            first = self.step + 1
            seconds, stop = self._steps(until)
            loss, accuracy = self._network.metrics()
            finite = np.isfinite(loss)
            good = len(loss) if finite.all() else int(finite.argmin())
            if good:
                columns = (np.asarray(c[:good], np.float32) for c in (loss, accuracy, seconds))
                yield Frame(self._lane, first, *columns)
            if good < len(loss):
                raise _Diverged(f"loss of batch {first + good:,}", float(loss[good]), first + good)
        if stop:
            raise Stopped

    def _steps(self, until: int) -> tuple[list[float], bool]:
        """Steps for FRAME_S seconds or up to `until`: the lane's CPU seconds after each, and whether it is to stop."""
        seconds: list[float] = []
        ends = time.monotonic() + FRAME_S
        before = self.seconds - time.thread_time()
        # Whether a loss is still a number is looked at when the metrics are.
        with np.errstate(over="ignore", invalid="ignore"):
            while not (stop := self._stopped()):
                self._network.step(next(self._rows))
                self.step += 1
                self.seconds = before + time.thread_time()
                seconds.append(self.seconds)
                if self.step == until or time.monotonic() >= ends:
                    break
        return seconds, stop
