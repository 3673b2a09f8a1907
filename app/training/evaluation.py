"""How good a network is: when a lane looks, and what it looks at."""

from collections.abc import Callable, Iterable

import numpy as np

from app.events import Evaluation
from app.training.dataset import Dataset
from app.training.kernels import Kernel
from app.training.network import Network, accuracy_and_loss, as_pixels
from app.training.sample import Judgement, Sample, Stopped

EARLY_EVALUATIONS = 10
NEAR = 0.1
TRAIN_SAMPLE = 10_000
CHUNK = 500


class Evaluator:
    """Judges networks by all test digits and by the first TRAIN_SAMPLE training digits. Made once for many lanes."""

    def __init__(self, dataset: Dataset) -> None:
        self._test = Sample(dataset.test_images, dataset.test_labels)
        self._train = Sample(dataset.train_images[:TRAIN_SAMPLE], dataset.train_labels[:TRAIN_SAMPLE])
        self._rest = dataset.train_images[TRAIN_SAMPLE:], dataset.train_labels[TRAIN_SAMPLE:]

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

        Raises Stopped when `stopped`, which is asked often.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            test = self._test.judge(network, kernel is Kernel.SPLIT, stopped)
            train = self._train.judge(network, kernel is Kernel.SPLIT, stopped)
            accuracy, loss = train.accuracy, train.loss
            if last(test.accuracy):
                accuracy, loss = self._widened(train, network, stopped)
        return Evaluation(lane, step, seconds, test.accuracy, test.loss, accuracy, loss, test.answers, test.confidence)

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


def evaluation_steps(per_epoch: int, epochs: int) -> set[int]:
    """The steps after which to evaluate: log-spaced in the first quarter epoch, then four an epoch, and the last.

    The early race is the story: Adam passes 90 % within a tenth of an epoch.
    """
    quarter = per_epoch / 4
    early = np.geomspace(quarter / 15, quarter, EARLY_EVALUATIONS)
    later = quarter * np.arange(1, 4 * epochs + 1)
    return {max(1, int(step)) for step in (*early, *later)}


def near_target(test_accuracy: float, targets: Iterable[float]) -> bool:
    """Whether one of the targets is missed by less than a tenth of its errors: then a lane looks again 1/16 later."""
    return any(target - NEAR * (1 - target) <= test_accuracy < target for target in targets)
