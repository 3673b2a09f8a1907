"""The optimizers against the published rules in float64, and against steps done by hand."""

import re
from collections.abc import Sequence

import numpy as np
import pytest

from app.config import LANES
from app.training.optimizers import OPTIMIZERS
from app.training.optimizers.base import FLUSH_EVERY, flush_denormals
from app.training.schedules import SCHEDULES
from tests.training.optimizers.published import RULES, nesterov_behind, schedule_free_descent

Vector = np.ndarray
Choices = dict[str, float]
SMALLEST_NORMAL = np.finfo(np.float32).tiny
STEPS = 100

USUAL = {name: lane().hyperparameters() for name, lane in LANES.items()}
OTHERS: list[tuple[str, Choices]] = [
    ("momentum", {"momentum": 0.0}),
    ("nesterov", {"momentum": 0.5}),
    ("adagrad", {"epsilon": 0.1}),
    ("rmsprop", {"rho": 0.0, "epsilon": 0.1}),
    ("rmsprop", {"rho": 0.999, "epsilon": 1e-12}),
    ("adadelta", {"rho": 0.5, "epsilon": 0.01}),
    ("adam", {"beta1": 0.5, "beta2": 0.9, "epsilon": 0.1}),
    ("adam", {"beta1": 0.0, "beta2": 0.0, "epsilon": 1e-8}),
    ("nadam", {"beta1": 0.5, "beta2": 0.9, "epsilon": 0.1}),
    ("nadam", {"beta1": 0.0, "beta2": 0.0, "epsilon": 1e-8}),
    ("adamw", {"beta1": 0.0, "beta2": 0.9, "epsilon": 1e-3}),
    ("schedulefree", {"beta1": 0.5, "beta2": 0.9, "epsilon": 0.1}),
    ("schedulefree", {"beta1": 0.1, "beta2": 0.0, "epsilon": 1e-8}),
    ("lion", {"beta1": 0.0, "beta2": 0.5}),
    ("lion", {"beta1": 0.99, "beta2": 0.9}),
]
CHOICES = [*USUAL.items(), *OTHERS]
# Adadelta finds its own step length; η only scales it.
RATE = {name: 1.0 if name == "adadelta" else 0.01 for name in OPTIMIZERS}
UNIFORM = [0.01] * STEPS


def optimized(
    name: str, choices: Choices, theta: Vector, gradients: Sequence[Vector], rates: Sequence[float], decay: float = 0.0
) -> Vector:
    theta = theta.copy()
    optimizer = OPTIMIZERS[name](theta, rates[0], weight_decay=decay, **choices)
    for g, rate in zip(gradients, rates, strict=True):
        optimizer.learning_rate = rate
        optimizer.update(theta, (g * optimizer.gradient_factor).astype(theta.dtype))
    return optimizer.evaluated(theta)


@pytest.fixture
def start() -> Vector:
    return np.random.default_rng(1).standard_normal(500)


@pytest.fixture
def gradients() -> list[Vector]:
    """A hundred, over six decades of size, with a direction of their own so that averages do not vanish."""
    rng = np.random.default_rng(2)
    sizes = 10 ** rng.uniform(-6, 0, 500)
    return [sizes * (rng.standard_normal(500) + 0.5) for _ in range(STEPS)]


def test_every_optimizer_that_a_lane_can_have_is_there() -> None:
    assert list(OPTIMIZERS) == list(LANES) == list(RULES)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_says_what_it_is(name: str) -> None:
    """The page, the terminal and the description of the API all show this text."""
    rule = OPTIMIZERS[name]

    assert name.isascii() and name.isalpha() and name.islower(), "a number after it counts lanes"
    assert rule.label and rule.sentence[0].isupper() and rule.sentence.endswith(".")
    assert re.search(r", \d{4}$", rule.source)
    assert rule.formula.splitlines()[-1].rpartition(",  ")[2].startswith("w ← w −"), "the step itself comes last"
    for each in rule.hyperparameters.values():
        assert each.symbol in rule.formula
        assert each.label.endswith(each.symbol)
        assert all(each.low <= value <= each.high for value in (each.default, *each.presets))


@pytest.mark.parametrize(("name", "choices"), CHOICES, ids=str)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-13), (np.float32, 2e-6)])
def test_a_hundred_updates_follow_the_published_rule(
    name: str, choices: Choices, dtype: type, tolerance: float, start: Vector, gradients: list[Vector]
) -> None:
    rates = [RATE[name]] * STEPS
    theta = optimized(name, choices, start.astype(dtype), gradients, rates)

    expected = RULES[name](start, gradients, rates, 0.0, **choices)
    assert theta.dtype == dtype
    np.testing.assert_allclose(theta - start, expected - start, rtol=tolerance, atol=10 * tolerance)
    assert np.abs(expected - start).max() > 0.1, "they went somewhere"


@pytest.mark.parametrize(("name", "choices"), CHOICES, ids=str)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_they_do_with_weight_decay_and_every_schedule(
    name: str, choices: Choices, schedule: str, start: Vector, gradients: list[Vector]
) -> None:
    rates = [RATE[name] * SCHEDULES[schedule](t, STEPS) for t in range(1, STEPS + 1)]
    theta = optimized(name, choices, start, gradients, rates, decay=0.1)

    expected = RULES[name](start, gradients, rates, 0.1, **choices)
    np.testing.assert_allclose(theta - start, expected - start, rtol=1e-12, atol=1e-12)
    without = RULES[name](start, gradients, rates, 0.0, **choices)
    assert np.abs(expected - without).max() > 1e-3, "the decay was felt"


@pytest.mark.parametrize(("name", "choices"), CHOICES, ids=str)
def test_a_learning_rate_changed_midway_holds_from_the_next_update(
    name: str, choices: Choices, start: Vector, gradients: list[Vector]
) -> None:
    """What is remembered of the gradients stays: a velocity does not keep the old learning rate."""
    rates = [RATE[name]] * 50 + [RATE[name] / 20] * 25 + [RATE[name] * 2] * 25
    theta = optimized(name, choices, start, gradients, rates)

    np.testing.assert_allclose(theta, RULES[name](start, gradients, rates, 0.0, **choices), rtol=1e-12, atol=1e-12)


# From θ = 1 with η = 0.1 and the usual choices, for gradients 0.5 and then -0.25: θ after each.
BY_HAND = {
    # 1 - 0.1 · 0.5, then + 0.1 · 0.25
    "sgd": (0.95, 0.975),
    # v = 0.5, then v = 0.9 · 0.5 - 0.25 = 0.2
    "momentum": (0.95, 0.93),
    # g + 0.9 v is 0.95, then -0.25 + 0.9 · 0.2 = -0.07
    "nesterov": (0.905, 0.912),
    # 0.5 / √0.25, then -0.25 / √0.3125
    "adagrad": (0.9, 0.944721360),
    # 0.5 / √0.025, then -0.25 / √(0.9 · 0.025 + 0.00625)
    "rmsprop": (0.683772254, 0.831214201),
    # v = 0.0125, Δ = √(1e-6 / 0.012501) · 0.5; then u = 1e-6, v = 0.015, and Δ = -√(2e-6 / 0.015001) · 0.25
    "adadelta": (0.999552804, 0.999841464),
    # The bias-corrected first step is η · sign(g). Then m̂ = 0.02 / 0.19 and v̂ = 0.00031225 / 0.001999.
    "adam": (0.900000002, 0.873366298),
    # m̂ = 0.9 · 0.05 / 0.19 + 0.5; then 0.9 · 0.02 / 0.271 - 0.025 / 0.19, with v̂ as Adam's
    "nadam": (0.852631582, 0.869117943),
    # 1 · (1 - 0.1 · 0.01) - 0.1, then as much less again, and Adam's step
    "adamw": (0.899000002, 0.871467298),
    # sign(0.1 · 0.5); m = 0.005, and sign(0.9 · 0.005 - 0.1 · 0.25) is negative
    "lion": (0.9, 1.0),
    # 0.1 √0.001 · 0.5 / √0.00025, all of it. Then z = 0.9 + 0.1 √0.001999 · 0.25 / √0.00031225, and of that step
    # 0.001999 / (0.001 + 0.001999)
    "schedulefree": (0.900000063, 0.942163040),
}


@pytest.mark.parametrize(("name", "by_hand"), BY_HAND.items(), ids=str)
def test_the_first_two_steps_are_those_done_by_hand(name: str, by_hand: tuple[float, float]) -> None:
    one, gradients = np.array([1.0]), [np.array([0.5]), np.array([-0.25])]
    decay = LANES[name]().weight_decay

    for steps in (1, 2):
        theta = optimized(name, USUAL[name], one, gradients[:steps], [0.1] * steps, decay)
        assert theta == pytest.approx([by_hand[steps - 1]], abs=1e-9)


def test_schedule_free_is_evaluated_at_x_and_takes_its_gradients_at_y(start: Vector) -> None:
    """On a bowl, whose gradient is another one at every place."""
    slopes = np.logspace(-3, 1, 500)
    optimizer = OPTIMIZERS["schedulefree"](start, 0.05, weight_decay=0.1, **USUAL["schedulefree"])
    y = start.copy()
    for _ in range(STEPS):
        optimizer.update(y, slopes * y * optimizer.gradient_factor)
    evaluated = optimizer.evaluated(y).copy()

    def gradient_at(t: int, place: Vector) -> Vector:
        return slopes * place

    x, next_y = schedule_free_descent(start, gradient_at, [0.05] * STEPS, 0.1, **USUAL["schedulefree"])
    np.testing.assert_allclose(evaluated, x, rtol=1e-10)
    np.testing.assert_allclose(y, next_y, rtol=1e-10)
    assert np.abs(x - next_y).max() > 0.01, "they are different places"


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name != "schedulefree"])
def test_all_others_are_evaluated_where_they_train(name: str) -> None:
    theta = np.ones(3, np.float32)

    assert OPTIMIZERS[name](theta, 0.1, **USUAL[name]).evaluated(theta) is theta


def test_nesterov_is_where_the_velocity_of_sutskever_leads(start: Vector, gradients: list[Vector]) -> None:
    theta = optimized("nesterov", {"momentum": 0.9}, start, gradients, UNIFORM)

    np.testing.assert_allclose(theta, nesterov_behind(start, gradients, 0.01, 0.9), rtol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_weight_that_gets_no_gradient_from_the_start_never_moves(name: str) -> None:
    theta = np.array([0.1, 0.2], np.float32)
    moved = optimized(name, USUAL[name], theta, [np.array([0.0, 1.0])] * 300, [0.1] * 300)

    assert moved[0] == theta[0]
    assert moved[1] < theta[1]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_weight_that_gets_no_gradient_decays(name: str) -> None:
    theta = np.array([0.1, -0.2], np.float32)
    moved = optimized(name, USUAL[name], theta, [np.zeros(2)] * 300, [RATE[name]] * 300, decay=0.1)

    assert (np.abs(moved) < np.abs(theta)).all()


QUIET = [*((name, choices) for name, choices in USUAL.items() if name not in ("sgd", "adagrad")),
         ("momentum", {"momentum": 0.99}), ("adam", {**USUAL["adam"], "beta2": 0.9})]  # fmt: skip


@pytest.mark.parametrize(("name", "choices"), QUIET, ids=str)
def test_moments_of_weights_without_gradient_do_not_become_denormal(name: str, choices: Choices) -> None:
    """Numbers below about 1e-38 make the processor several times slower, and 0.9^t would pass through them all."""
    theta = np.ones(64, np.float32)
    optimizer = OPTIMIZERS[name](theta, 0.01, **choices)
    optimizer.update(theta, np.logspace(-6, 1, 64, dtype=np.float32))
    moments = [vars(optimizer)[name] for name in "muv" if name in vars(optimizer)]

    for _ in range(48):
        for _ in range(FLUSH_EVERY):
            optimizer.update(theta, np.zeros(64, np.float32))
        for moment in moments:
            assert not np.any((moment != 0) & (np.abs(moment) < SMALLEST_NORMAL))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_weights_that_decay_to_nothing_do_not_become_denormal(name: str) -> None:
    theta = np.logspace(-6, 0, 64, dtype=np.float32)
    optimizer = OPTIMIZERS[name](theta, RATE[name], weight_decay=0.9, **USUAL[name])

    for _ in range(48):
        for _ in range(FLUSH_EVERY):
            optimizer.update(theta, np.zeros(64, np.float32))
        assert not np.any((theta != 0) & (np.abs(theta) < SMALLEST_NORMAL))


# A Lion with a short memory is left out: by the rule it goes on by the sign of a moment, however small.
@pytest.mark.parametrize(("name", "choices"), [c for c in CHOICES if c not in OTHERS[-2:]], ids=str)
def test_flushing_what_has_decayed_moves_no_weight(
    name: str, choices: Choices, start: Vector, gradients: list[Vector]
) -> None:
    """The published rules never flush."""
    quiet = [*gradients[:20], *([np.zeros(500)] * 3 * FLUSH_EVERY), *gradients[20:40]]
    rates = [0.01] * len(quiet)
    theta = optimized(name, choices, start, quiet, rates)

    np.testing.assert_allclose(theta, RULES[name](start, quiet, rates, 0.0, **choices), rtol=1e-12)


def test_flushing_leaves_every_other_number_as_it_is() -> None:
    moment = np.array([1e-45, -1e-39, 3e-21, 2e-20, -2e-20, 1e-8, -1.0, 1e30, 0.0], np.float32)
    expected = np.array([0, 0, 0, *moment[3:]], np.float32)

    flush_denormals(moment, tiny=1e-20)

    assert np.array_equal(moment, expected)
