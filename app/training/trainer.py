"""One lane's training as an iterator of events. It knows nothing of processes, pipes or the other lanes."""

import math
import time
from collections.abc import Callable, Iterator

import numpy as np

from app.config import RunConfig
from app.events import TARGETS, Evaluation, Frame, LaneEnded, LaneEvent, LaneStatus
from app.training.dataset import Bytes, Dataset, batches
from app.training.network import Floats, Network, accuracy_and_loss, answers
from app.training.optimizers import OPTIMIZERS

FRAME_S = 0.05
EARLY_EVALUATIONS = 10
NEAR = 0.01
TRAIN_SAMPLE = 10_000
CHUNK = 500


def train(
    dataset: Dataset, config: RunConfig, lane: int, stopped: Callable[[], bool] = lambda: False
) -> Iterator[LaneEvent]:
    """Train lane number `lane` of `config` and tell what happens, ending with a LaneEnded.

    `stopped` is asked before every step, and often while evaluating. Frames come about every FRAME_S seconds with
    every batch in them. The numbers, though not how they are cut into frames, depend on `dataset`, `config` and `lane`
    alone.
    """
    rng = np.random.default_rng(config.seed)
    network = Network(config.hidden, rng)
    choice = config.lanes[lane]
    optimizer = OPTIMIZERS[choice.optimizer](network.theta, config.learning_rate_of(lane), **choice.hyperparameters())
    images, labels = dataset.train_images, dataset.train_labels
    per_epoch = len(labels) // config.batch_size
    total = per_epoch * config.epochs
    scheduled = evaluation_steps(per_epoch, config.epochs)
    frame = _FrameBuilder(lane)
    step = closer_look = 0

    try:
        yield _evaluate(network, dataset, lane, step, 0.0, stopped)
        for _ in range(config.epochs):
            for rows in batches(labels, config.batch_size, rng):
                if stopped():
                    raise _Stopped
                started = time.thread_time()
                with np.errstate(over="ignore", invalid="ignore"):
                    loss, accuracy = network.loss_and_gradient(as_pixels(images[rows]), labels[rows])
                    optimizer.update(network.theta, network.gradient)
                step += 1
                if not math.isfinite(loss):
                    raise _Diverged(f"loss of batch {step:,}", loss)
                frame.add(loss, accuracy, time.thread_time() - started)
                if step in scheduled or step == closer_look:
                    yield from frame.take()
                    evaluation = _evaluate(network, dataset, lane, step, frame.seconds, stopped, step == total)
                    closer_look = step + max(1, step // 16) if near_target(evaluation.test_accuracy) else 0
                    yield evaluation
                    if not math.isfinite(evaluation.test_loss):
                        raise _Diverged(f"test loss after batch {step:,}", evaluation.test_loss)
                elif frame.age_s() >= FRAME_S:
                    yield from frame.take()
    except (_Stopped, _Diverged) as end:
        yield from frame.take()
        yield LaneEnded(lane, end.status, step, end.reason)
    else:
        yield LaneEnded(lane, LaneStatus.FINISHED, step)


class _Stopped(Exception):
    """The lane was asked to stop; an evaluation that was under way is worth nothing."""

    status, reason = LaneStatus.STOPPED, None


class _Diverged(Exception):
    """A loss is not finite any more."""

    status = LaneStatus.DIVERGED

    def __init__(self, what: str, loss: float) -> None:
        super().__init__(what)
        self.reason = f"The {what} is {loss}: the steps became too large. Try a smaller learning rate."


def evaluation_steps(per_epoch: int, epochs: int) -> set[int]:
    """The steps after which to evaluate: log-spaced in the first quarter epoch, then four an epoch, and the last.

    The early race is the story: Adam passes 90 % within a tenth of an epoch.
    """
    quarter = per_epoch / 4
    early = np.geomspace(quarter / 15, quarter, EARLY_EVALUATIONS)
    later = quarter * np.arange(1, 4 * epochs + 1)
    return {max(1, int(step)) for step in (*early, *later)}


def near_target(test_accuracy: float) -> bool:
    """Whether the next target is within a point: then a lane looks again after 1/16 more steps."""
    return any(target - NEAR <= test_accuracy < target for target in TARGETS)


def as_pixels(images: Bytes) -> Floats:
    """Stored bytes (n, 784) as float32 from 0 to 1."""
    return np.multiply(images, np.float32(1 / 255), dtype=np.float32)


def _evaluate(
    network: Network,
    dataset: Dataset,
    lane: int,
    step: int,
    seconds: float,
    stopped: Callable[[], bool],
    everything: bool = False,
) -> Evaluation:
    with np.errstate(over="ignore", invalid="ignore"):
        scores = _scores(network, dataset.test_images, stopped)
        test_accuracy, test_loss = accuracy_and_loss(scores, dataset.test_labels)
        count = len(dataset.train_labels) if everything else TRAIN_SAMPLE
        train_accuracy, train_loss = accuracy_and_loss(
            _scores(network, dataset.train_images[:count], stopped), dataset.train_labels[:count]
        )
        digits, confidence = answers(scores)
    return Evaluation(lane, step, seconds, test_accuracy, test_loss, train_accuracy, train_loss, digits, confidence)


def _scores(network: Network, images: Bytes, stopped: Callable[[], bool]) -> Floats:
    """Scores of many images, a chunk at a time that stays in the processor's cache."""
    scores = []
    for i in range(0, len(images), CHUNK):
        if stopped():
            raise _Stopped
        scores.append(network.scores(as_pixels(images[i : i + CHUNK])))
    return np.concatenate(scores)


class _FrameBuilder:
    """Collects metrics of steps until they are taken as a Frame."""

    def __init__(self, lane: int) -> None:
        self.lane = lane
        self.seconds = 0.0
        self._step = 0
        self._clear()

    def _clear(self) -> None:
        self._since = time.monotonic()
        self._loss: list[float] = []
        self._accuracy: list[float] = []
        self._seconds: list[float] = []

    def add(self, loss: float, accuracy: float, seconds: float) -> None:
        self._step += 1
        self.seconds += seconds
        self._loss.append(loss)
        self._accuracy.append(accuracy)
        self._seconds.append(self.seconds)

    def age_s(self) -> float:
        return time.monotonic() - self._since

    def take(self) -> Iterator[Frame]:
        """The frame so far, if there is anything in it."""
        if self._loss:
            columns = (np.array(c, np.float32) for c in (self._loss, self._accuracy, self._seconds))
            yield Frame(self.lane, self._step - len(self._loss) + 1, *columns)
        self._clear()
