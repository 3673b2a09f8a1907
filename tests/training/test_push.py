"""Push per weight: a sample of the weights, its averages, and their quartiles."""

from itertools import pairwise

import numpy as np
import pytest

from app.events import LOWEST_PUSH, PUSH_BINS
from app.training.push import FEWEST, KEPT, SAMPLE, PushMeter, quartiles


def matrices(*shapes: tuple[int, int]) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(np.zeros(shape, np.float32), np.zeros(shape, np.float32)) for shape in shapes]


def look(meter: PushMeter, weights: list[tuple[np.ndarray, np.ndarray]], gradient: float, change: float) -> None:
    """A step in which all weights have the same gradient and move as far."""
    for _, dW in weights:
        dW[...] = gradient
    meter.before(1)
    for W, _ in weights:
        W += np.float32(change)
    meter.after()


def median(meter: PushMeter) -> dict[int, float]:
    """Of the half decades with weights in them."""
    return {b: float(row[1]) for b, row in enumerate(meter.quartiles()) if not np.isnan(row[1])}


def test_quartiles_are_those_of_numpy_in_every_half_decade() -> None:
    rng = np.random.default_rng(0)
    gradient = 10 ** rng.uniform(-10, 2, 3000)
    change = rng.lognormal(size=3000)
    found = quartiles(gradient, change)

    assert found.shape == (PUSH_BINS, 3)
    assert found.dtype == np.float32
    for b, row in enumerate(found):
        low, high = 10 ** (LOWEST_PUSH + b / 2), 10 ** (LOWEST_PUSH + (b + 1) / 2)
        inside = change[(gradient >= low) & (gradient < high)]
        np.testing.assert_allclose(row, np.quantile(inside, [0.25, 0.5, 0.75]), rtol=1e-6)


@pytest.mark.parametrize("count", [1, FEWEST - 1, FEWEST])
@pytest.mark.parametrize("half_decade", [0, 7, PUSH_BINS - 1])
def test_a_half_decade_of_too_few_weights_is_no_number(count: int, half_decade: int) -> None:
    found = quartiles(np.full(count, 10 ** (LOWEST_PUSH + half_decade / 2 + 0.25)), np.arange(1.0, count + 1))
    expected = np.full((PUSH_BINS, 3), np.nan)
    if count == FEWEST:
        expected[half_decade] = 2, 3, 4

    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("gradient", [0, 1e-10, 100, np.nan, np.inf])
def test_weights_that_never_move_or_are_out_of_the_picture_drop_out(gradient: float) -> None:
    assert np.isnan(quartiles(np.full(50, gradient), np.ones(50))).all()
    assert np.isnan(quartiles(np.full(50, 0.01), np.full(50, np.nan))).all()


def test_averages_are_over_about_100_batches_and_without_a_bias_to_zero() -> None:
    weights = matrices((20, 10))
    meter = PushMeter(weights)
    look(meter, weights, gradient=-0.02, change=-0.5)
    assert median(meter) == {14: pytest.approx(0.5)}, "right from the first look on"
    for _ in range(25):
        look(meter, weights, gradient=0.02, change=0.25)

    assert pytest.approx(1 / np.e) == KEPT**25
    looks = sum(KEPT**i for i in range(26))
    assert median(meter) == {14: pytest.approx((0.25 * (looks - KEPT**25) + 0.5 * KEPT**25) / looks, rel=1e-4)}


def test_the_gradient_is_the_losss_own_whatever_the_optimizer_has_it_multiplied_by() -> None:
    weights = matrices((20, 10))
    meter = PushMeter(weights)
    weights[0][1][...] = 2e-5
    meter.before(0.001)
    weights[0][0][...] = 1
    meter.after()

    assert median(meter) == {14: 1}


def test_a_step_whose_learning_rate_is_zero_is_left_out() -> None:
    weights = matrices((20, 10))
    meter = PushMeter(weights)
    look(meter, weights, gradient=0.02, change=0.5)
    weights[0][1][...] = 0
    meter.before(0)
    meter.after()

    assert median(meter) == {14: pytest.approx(0.5)}


def test_a_meter_that_has_not_looked_has_nothing_to_show() -> None:
    assert np.isnan(PushMeter(matrices((20, 10))).quartiles()).all()


@pytest.mark.parametrize("widths", [(128,), (100, 50), (51,), (6,)], ids=str)
def test_the_sample_meets_every_unit_of_the_first_layer(widths: tuple[int, ...]) -> None:
    weights = matrices(*pairwise([784, *widths, 10]))
    for unit in range(widths[0]):
        meter = PushMeter(weights)
        weights[0][1][...] = 0
        weights[0][1][:, unit] = 0.02
        meter.before(1)
        meter.after()

        assert median(meter) == {14: 0}


@pytest.mark.parametrize("widths", [(128,), (100, 50), (1024, 1024, 1024), (1,)], ids=str)
def test_the_sample_is_about_2000_weights_or_all_there_are(widths: tuple[int, ...]) -> None:
    sampled = PushMeter(matrices(*pairwise([784, *widths, 10]))).sampled

    assert SAMPLE * 0.9 < sampled < SAMPLE * 1.1 or sampled == 784 + 10


def test_averages_of_weights_that_get_no_gradient_any_more_become_zero_and_no_denormals() -> None:
    weights = matrices((20, 10))
    meter = PushMeter(weights)
    look(meter, weights, gradient=1e-8, change=1e-8)
    for number in range(3000):
        look(meter, weights, gradient=0, change=0)
        if number % 100 == 0:
            meter.quartiles()

    assert not meter.sums.any()
