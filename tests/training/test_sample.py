"""Judging by a sample gives what the network alone would say of the same digits."""

import numpy as np
import pytest

from app.training.dataset import Dataset
from app.training.network import Network, accuracy_and_loss, answers, as_pixels
from app.training.sample import GROUP, Sample, Stopped


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("hidden", [[128], [64, 32], [5, 7, 6]], ids=str)
@pytest.mark.parametrize(("count", "activation"), [(1, "relu"), (GROUP, "relu"), (500, "relu"), (500, "sigmoid")])
def test_the_judgement_is_that_of_the_plain_network(
    few_digits: Dataset, hidden: list[int], count: int, activation: str, split: bool
) -> None:
    images, labels = few_digits.test_images[:count], few_digits.test_labels[:count]
    network = Network(hidden, np.random.default_rng(1), activation=activation)
    network.theta += 0.05 * np.random.default_rng(2).standard_normal(network.theta.shape).astype(np.float32)
    scores = network.scores(as_pixels(images))
    accuracy, loss = accuracy_and_loss(scores, labels)
    digits, confidence = answers(scores)

    judged = Sample(images, labels).judge(network, split)

    assert judged.accuracy == accuracy
    assert judged.loss == pytest.approx(loss, rel=1e-5)
    assert np.array_equal(judged.answers, digits)
    np.testing.assert_allclose(judged.confidence, confidence, rtol=1e-4)
    assert (judged.answers.dtype, judged.confidence.dtype) == (np.uint8, np.float32)


def test_pixels_without_ink_in_training_count_when_a_test_digit_has_ink_there() -> None:
    image = np.zeros((1, 784), np.uint8)
    image[0, 0] = 255
    network = Network([4], np.random.default_rng(1))
    network.layers[0].W[0] = 1

    judged = Sample(image, np.array([3], np.uint8)).judge(network, split=False)

    assert judged.loss == pytest.approx(accuracy_and_loss(network.scores(as_pixels(image)), np.array([3]))[1])


def test_judging_stops_in_between(digits: Dataset) -> None:
    sample = Sample(digits.test_images[: 3 * GROUP], digits.test_labels[: 3 * GROUP])
    replies = iter([False, True])

    with pytest.raises(Stopped):
        sample.judge(Network([8], np.random.default_rng(1)), False, lambda: next(replies))
