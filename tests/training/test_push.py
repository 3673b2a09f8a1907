"""Push per weight: a sample of the weights, its averages, and their quartiles."""

import numpy as np
import pytest

from app.events import LOWEST_PUSH, PUSH_BINS
from app.training.push import FEWEST, LOOK_EVERY, SAMPLE, PushMeter, quartiles


class Steps:
    """Training by hand: 200 weights, or as many as there are, and a meter that looks at every step."""

    def __init__(self, size: int = 200, *widths: int) -> None:
        self.theta, self.gradient = np.zeros((2, size), np.float32)
        self.meter = PushMeter(self.theta, self.gradient, list(widths))

    def step(self, gradient: float | np.ndarray, change: float, factor: float = 1) -> None:
        """All weights move as far."""
        self.gradient[:] = gradient * factor
        self.meter.before(factor)
        self.theta += np.float32(change)
        self.meter.after()


def median(meter: PushMeter) -> dict[int, float]:
    """Of the half decades with weights in them."""
    return {b: float(row[1]) for b, row in enumerate(meter.quartiles()) if not np.isnan(row[1])}


def test_quartiles_are_those_of_numpy_in_every_half_decade() -> None:
    rng = np.random.default_rng(0)
    gradient = (10 ** rng.uniform(-10, 2, 3000)).astype(np.float32)
    change = rng.lognormal(size=3000).astype(np.float32)
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
    gradient = np.full(count, 10 ** (LOWEST_PUSH + half_decade / 2 + 0.25), np.float32)
    found = quartiles(gradient, np.arange(count, 0, -1, dtype=np.float32))
    expected = np.full((PUSH_BINS, 3), np.nan)
    if count == FEWEST:
        expected[half_decade] = 2, 3, 4

    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("gradient", [0, 1e-10, 100, np.nan, np.inf])
def test_weights_that_never_move_or_are_out_of_the_picture_drop_out(gradient: float) -> None:
    ones = np.ones(50, np.float32)

    assert np.isnan(quartiles(gradient * ones, ones)).all()
    assert np.isnan(quartiles(0.01 * ones, np.nan * ones)).all()


def test_averages_are_over_about_100_batches_and_without_a_bias_to_zero() -> None:
    steps = Steps()
    steps.step(gradient=-0.02, change=-0.5)
    assert median(steps.meter) == {14: pytest.approx(0.5)}, "right from the first look on"
    later = 12
    for _ in range(later):
        steps.step(gradient=0.02, change=0.25)
    counts = np.exp(-np.arange(later + 1) * LOOK_EVERY / 100)

    expected = (0.25 * counts[:-1].sum() + 0.5 * counts[-1]) / counts.sum()
    assert median(steps.meter) == {14: pytest.approx(expected, rel=1e-4)}


@pytest.mark.parametrize("factor", [1e-6, 0.01, 0.1, 5])
def test_the_gradient_is_the_losss_own_whatever_the_optimizer_has_it_multiplied_by(factor: float) -> None:
    steps = Steps()
    steps.step(gradient=0.02, change=1, factor=factor)

    assert median(steps.meter) == {14: 1}


def test_a_step_whose_learning_rate_is_zero_is_left_out() -> None:
    steps = Steps()
    steps.step(gradient=0.02, change=0.5)
    steps.step(gradient=0.02, change=0, factor=0)

    assert median(steps.meter) == {14: pytest.approx(0.5)}


def test_a_meter_that_has_not_looked_has_nothing_to_show() -> None:
    assert np.isnan(Steps().meter.quartiles()).all()


@pytest.mark.parametrize("width", [128, 100, 51, 6])
def test_the_sample_meets_every_unit_of_the_first_layer(width: int) -> None:
    for unit in range(width):
        steps = Steps(785 * width + (width + 1) * 10, width, 10)
        gradient = np.zeros(len(steps.theta))
        gradient[: 784 * width].reshape(784, width)[:, unit] = 0.02
        steps.step(gradient, change=1)

        assert median(steps.meter) == {14: 1}


@pytest.mark.parametrize("size", [200, 2_000, 2_100, 101_770, 2_913_290])
def test_the_sample_is_about_2000_weights_or_all_there_are(size: int) -> None:
    assert Steps(size, 128, 10).meter.sampled == pytest.approx(min(size, SAMPLE), rel=0.1)


def test_averages_of_weights_that_get_no_gradient_any_more_become_zero_and_no_denormals() -> None:
    steps = Steps()
    steps.step(gradient=1e-8, change=1e-8)
    for number in range(3000):
        steps.step(gradient=0, change=0)
        if number % 100 == 0:
            steps.meter.quartiles()

    assert not steps.meter.sums.any()
