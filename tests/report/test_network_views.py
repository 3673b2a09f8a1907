"""Views of a network: answers, most active units, confusions, from what a lane has sent."""

import numpy as np
import pytest

from app.config import RunConfig
from app.events import Evaluation, Parameters
from app.report import network_views as views
from app.training.dataset import Dataset
from app.training.network import Network, answers, as_pixels
from tests.training.lane import evaluations, trained

LABELS = np.array([0, 0, 1, 1, 1, 9], np.uint8)


def network(hidden: list[int], activation: str = "relu", seed: int = 3) -> Network:
    return Network(hidden, np.random.default_rng(seed), activation=activation)


def evaluation(answers: list[int], confidence: list[float]) -> Evaluation:
    told = np.array(answers, np.uint8), np.array(confidence, np.float32)
    return Evaluation(0, 1, 0.0, 0.5, 1.0, 0.5, 1.0, *told)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("hidden", [[16], [32, 8]])
def test_a_network_rebuilt_from_its_parameters_gives_the_same_answers(
    few_digits: Dataset, hidden: list[int], activation: str
) -> None:
    original = network(hidden, activation)
    config = RunConfig.of({"hidden": hidden, "activation": activation})
    rebuilt = views.network(config, Parameters(0, 1, original.theta.copy()))
    digits, confidence = answers(original.scores(as_pixels(few_digits.test_images[:20])))

    for ink, digit, sure in zip(few_digits.test_images, digits, confidence, strict=False):
        told = views.probabilities(rebuilt, ink)
        assert sum(told) == pytest.approx(1)
        assert np.argmax(told) == digit
        assert max(told) == pytest.approx(sure, rel=1e-5)


@pytest.mark.parametrize("broken", [np.nan, np.inf, 3e38])
def test_a_network_that_has_overflowed_has_no_opinion(few_digits: Dataset, broken: float) -> None:
    overflowed = network([16])
    overflowed.theta[:] = broken

    assert views.probabilities(overflowed, few_digits.test_images[0]) is None
    assert len(views.busiest_units(overflowed, few_digits.test_images)) == 6
    assert views.unit_images(overflowed, [0, 1]).shape == (2, 784)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_the_busiest_units_have_the_largest_mean_output(few_digits: Dataset, activation: str) -> None:
    here = network([40], activation)
    h = as_pixels(few_digits.test_images) @ here.layers[0].W + here.layers[0].b
    outputs = (np.maximum(h, 0) if activation == "relu" else np.tanh(h)).mean(axis=0)
    units = views.busiest_units(here, few_digits.test_images)

    assert units == sorted(set(units))
    assert len(units) == 6
    assert min(outputs[units]) >= max(np.delete(outputs, units))


def test_a_layer_of_few_units_shows_them_all(few_digits: Dataset) -> None:
    assert views.busiest_units(network([4]), few_digits.test_images) == [0, 1, 2, 3]


def test_each_unit_is_scaled_to_its_own_largest_weight() -> None:
    here = network([8])
    W = here.layers[0].W
    W[:, 2] *= 1000
    W[:, 3] = 0
    W[5, 0] = -9
    images = views.unit_images(here, [0, 2, 3])

    assert (images.shape, images.dtype) == ((3, 784), np.dtype(np.int8))
    assert images[0, 5] == -127
    assert np.abs(images[1].astype(int)).max() == 127
    assert not images[2].any()
    np.testing.assert_allclose(images[1] / 127 * np.abs(W[:, 2]).max(), W[:, 2], atol=np.abs(W[:, 2]).max() / 250)


def test_a_confusion_counts_labels_by_answers() -> None:
    matrix = np.array(views.confusion(LABELS, np.array([0, 8, 1, 1, 7, 9], np.uint8)))
    expected = np.zeros((10, 10), int)
    expected[0, 0] = expected[0, 8] = expected[1, 7] = expected[9, 9] = 1
    expected[1, 1] = 2

    np.testing.assert_array_equal(matrix, expected)


def test_a_confusion_of_a_real_lane_sums_to_the_digits_and_its_diagonal_to_the_accuracy(few_digits: Dataset) -> None:
    for e in (e for e in evaluations(trained(few_digits)) if not e.quick):
        matrix = np.array(views.confusion(few_digits.test_labels, e.answers))

        assert matrix.sum() == 500
        assert matrix.trace() / 500 == e.test_accuracy
        np.testing.assert_array_equal(matrix.sum(axis=1), np.bincount(few_digits.test_labels, minlength=10))


def test_the_digits_of_a_cell_come_surest_first() -> None:
    told = evaluation([1, 1, 1, 1, 0, 1], [0.9, 0.5, 0.6, 0.7, 0.8, np.nan])

    assert views.confused(LABELS, told, 1, 1) == [3, 2]
    assert views.confused(LABELS, told, 0, 1) == [0, 1]
    assert views.confused(LABELS, told, 9, 1) == [5]
    assert views.confused(LABELS, told, 4, 4) == []


def test_of_a_crowded_cell_the_60_surest_are_shown() -> None:
    told = evaluation([0] * 200, [i / 200 for i in range(200)])

    assert views.confused(np.zeros(200, np.uint8), told, 0, 0) == list(range(199, 139, -1))
