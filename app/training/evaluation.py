"""How good a network is: when a lane looks, and what it looks at."""

import math
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from app.events import WALL, Evaluation
from app.training.dataset import Dataset
from app.training.kernels import Kernel
from app.training.network import Network, accuracy_and_loss, as_pixels
from app.training.sample import Judgement, Sample, Stopped
from app.training.wall import wall_digits

# A quick evaluation costs as much as ten batches, one over everything as much as two hundred.
QUICK_EVALUATIONS, QUICK_STEPS, QUICK_DIGITS = 24, 100, 1_000
EARLY_EVALUATIONS = 4
NEAR = 0.1
# A lane that is within this of a target in a quick evaluation is measured on all digits.
QUICK_ERROR = 0.02
TRAIN_SAMPLE = 10_000
CHUNK = 500
NO_ANSWERS = np.empty(0, np.uint8), np.empty(0, np.float32)


class Evaluator:
    """Judges networks by all test digits and by the first TRAIN_SAMPLE training digits, or quickly by a part of them.

    Made once for many lanes.
    """

    def __init__(self, dataset: Dataset) -> None:
        images, labels = dataset.test_images, dataset.test_labels
        self._wall = wall_digits(labels)
        part = np.concatenate([self._wall, _spread(np.setdiff1d(np.arange(len(labels)), self._wall))])
        self._test = Sample(images, labels)
        self._quick_test = Sample(images[part], labels[part])
        images, labels = dataset.train_images, dataset.train_labels
        self._train = Sample(images[:TRAIN_SAMPLE], labels[:TRAIN_SAMPLE])
        self._quick_train = Sample(images[:QUICK_DIGITS], labels[:QUICK_DIGITS])
        self._rest = images[TRAIN_SAMPLE:], labels[TRAIN_SAMPLE:]

    def evaluate_quickly(
        self, network: Network, kernel: Kernel, lane: int, step: int, seconds: float, stopped: Callable[[], bool]
    ) -> Evaluation:
        """By QUICK_DIGITS test digits and as many training digits. Raises Stopped when `stopped`."""
        with np.errstate(over="ignore", invalid="ignore"):
            test = self._quick_test.judge(network, kernel is Kernel.SPLIT, stopped)
            train = self._quick_train.judge(network, kernel is Kernel.SPLIT, stopped)
        wall = as_digits(test.answers[: len(self._wall)])
        measured = test.accuracy, test.loss, train.accuracy, train.loss
        return Evaluation(lane, step, seconds, *measured, *NO_ANSWERS, quick=True, wall=wall)

    def evaluate(
        self,
        network: Network,
        kernel: Kernel,
        lane: int,
        step: int,
        seconds: float,
        last: Callable[[float], bool],
        stopped: Callable[[], bool],
    ) -> Evaluation:
        """By all training digits if the test accuracy makes it the `last` one.

        Raises Stopped when `stopped`, which is checked often.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            test = self._test.judge(network, kernel is Kernel.SPLIT, stopped)
            train = self._train.judge(network, kernel is Kernel.SPLIT, stopped)
            accuracy, loss = train.accuracy, train.loss
            if last(test.accuracy):
                accuracy, loss = self._widened(train, network, stopped)
        measured = test.accuracy, test.loss, accuracy, loss
        wall = as_digits(test.answers[self._wall])
        return Evaluation(lane, step, seconds, *measured, test.answers, test.confidence, wall=wall)

    def evaluate_test(
        self,
        network: Network,
        kernel: Kernel,
        lane: int,
        step: int,
        seconds: float,
        quick: bool,
        stopped: Callable[[], bool],
    ) -> Evaluation:
        """By test digits alone, all or, if it is to be `quick`, a part; without the answers to each.

        Raises Stopped when `stopped`.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            test = (self._quick_test if quick else self._test).judge(network, kernel is Kernel.SPLIT, stopped)
        wall = as_digits(test.answers[: len(self._wall)] if quick else test.answers[self._wall])
        measured = test.accuracy, test.loss, math.nan, math.nan
        return Evaluation(lane, step, seconds, *measured, *NO_ANSWERS, quick, wall)

    def _widened(self, sample: Judgement, network: Network, stopped: Callable[[], bool]) -> tuple[float, float]:
        """Accuracy and loss over all training digits, given those over the sample."""
        images, labels = self._rest
        parts = [(TRAIN_SAMPLE, sample.accuracy, sample.loss)]
        for i in range(0, len(labels), CHUNK):
            if stopped():
                raise Stopped
            y = labels[i : i + CHUNK]
            parts.append((len(y), *accuracy_and_loss(network.scores(as_pixels(images[i : i + CHUNK])), y)))
        digits, accuracies, losses = zip(*parts, strict=True)
        return float(np.average(accuracies, weights=digits)), float(np.average(losses, weights=digits))


def as_digits(answers: NDArray[np.uint8]) -> str:
    """One character for each answer, which is a digit."""
    return (answers + ord("0")).tobytes().decode()


def quick_evaluation_steps(per_epoch: int) -> set[int]:
    """The steps after which to evaluate quickly: about twenty, log-spaced, in the first batches.

    The early race is the story: Adam passes 90 % within a tenth of an epoch.
    """
    return _log_spaced(1, min(QUICK_STEPS, per_epoch / 4), QUICK_EVALUATIONS)


def evaluation_steps(per_epoch: int, epochs: int) -> set[int]:
    """The steps after which to evaluate: a few in the first quarter epoch, then four an epoch, and the last."""
    quarter = per_epoch / 4
    later = {max(1, int(step)) for step in quarter * np.arange(1, 4 * epochs + 1)}
    first = min(QUICK_STEPS, quarter)
    return later | _log_spaced(first, quarter, EARLY_EVALUATIONS) | {max(1, round(first / 10))}


def result_evaluation_steps(total: int) -> list[int]:
    """The steps after which a lane with `Detail.RESULT` evaluates: two a decade, and the last."""
    decades = math.log10(max(1, total / 10))
    return sorted({max(1, round(step)) for step in total / 10 ** np.arange(0, decades + 1e-9, 0.5)})


def _log_spaced(first: float, last: float, count: int) -> set[int]:
    return {max(1, round(step)) for step in np.geomspace(max(1, first), max(1, last), count).tolist()}


def _spread(digits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Evenly over all of them: the first half of MNIST's test digits is easier than the second."""
    return digits[np.linspace(0, len(digits) - 1, min(QUICK_DIGITS - WALL, len(digits)), dtype=int)]


def near_target(test_accuracy: float, targets: Iterable[float]) -> bool:
    """Whether one of the targets is missed by less than a tenth of its errors: then a lane looks again 1/16 later."""
    return any(target - NEAR * (1 - target) <= test_accuracy < target for target in targets)
