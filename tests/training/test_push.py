"""Push per weight: a sample of the weights, its averages, and their quartiles."""

import numpy as np
import pytest

from app.events import LOWEST_PUSH, PUSH_BINS, PUSH_DECADES
from app.training.push import FEWEST, FEWEST_FITTED, LOOK_EVERY, SAMPLE, PushMeter, quartiles, trend
from app.training.push_averages import SILENT_LOOKS


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
    return {b: float(row[1]) for b, row in enumerate(meter.look()[0]) if not np.isnan(row[1])}


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
    found, slope, decades, examples = Steps().meter.look()

    assert np.isnan(found).all()
    assert np.isnan(slope)
    assert decades == 0
    assert not len(examples)


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
            steps.meter.look()

    assert not steps.meter.averages.sums.any()


def test_a_weight_that_gets_no_gradient_any_more_drops_out_instead_of_fading_away() -> None:
    steps = Steps()
    steps.step(gradient=0.02, change=0.5)
    for _ in range(SILENT_LOOKS - 1):
        steps.step(gradient=0, change=0)
        assert median(steps.meter), "it may only be one that seldom gets any"
    for _ in range(SILENT_LOOKS):
        steps.step(gradient=0, change=0)
    assert not median(steps.meter)
    steps.step(gradient=0.02, change=0.5)
    assert median(steps.meter)


@pytest.mark.parametrize("slope", [1.0, 0.5, 0.0, -0.25])
def test_the_trend_is_the_slope_of_the_logarithms(slope: float) -> None:
    gradient = 10 ** np.linspace(-6, -2, 2000, dtype=np.float32)
    found, decades = trend(gradient, 0.01 * gradient**slope)

    assert found == pytest.approx(slope, abs=1e-3)
    assert decades == PUSH_DECADES


def test_a_few_odd_weights_turn_no_trend_round() -> None:
    """The nearly empty half decades of the quietest weights are where the largest differences are."""
    gradient = 10 ** np.linspace(-6, -2, 2000, dtype=np.float32)
    change = np.full(2000, 1e-3, np.float32)
    gradient[:FEWEST], change[:FEWEST] = 1e-9, 1e-9

    assert trend(gradient, change)[0] == pytest.approx(0, abs=0.01)


def test_quiet_weights_are_compared_as_far_as_there_are_enough_of_them() -> None:
    gradient = np.full(2000, 1e-2, np.float32)
    gradient[:40] = 1e-9
    assert trend(gradient, gradient)[1] == 0, "one in fifty is quieter"
    gradient[:400] = 1e-4
    assert trend(gradient, gradient) == pytest.approx((1, 2), rel=1e-3)


@pytest.mark.parametrize(
    ("gradient", "change"), [(0, 1), (1, 0), (np.nan, np.nan), (np.inf, np.inf), (1, 1)], ids=lambda n: str(n)
)
def test_where_no_weight_moves_or_all_are_alike_there_is_no_trend(gradient: float, change: float) -> None:
    ones = np.ones(2000, np.float32)
    slope, decades = trend(gradient * ones, change * ones)

    assert np.isnan(slope)
    assert decades == 0


def test_too_few_weights_have_no_trend() -> None:
    gradient = 10 ** np.linspace(-6, -2, FEWEST_FITTED, dtype=np.float32)

    assert trend(gradient, gradient)[0] == pytest.approx(1)
    assert np.isnan(trend(gradient[1:], gradient[1:])[0])
