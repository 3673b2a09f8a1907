"""The optimizers against the published rules, written here once more in float64, and against steps done by hand."""

from collections.abc import Callable, Iterable

import numpy as np
import pytest

from app.training.optimizers import FLUSH_EVERY, OPTIMIZERS, SGD, Adam, Momentum, Optimizer, flush_denormals

Vector = np.ndarray
SMALLEST_NORMAL = np.finfo(np.float32).tiny

ADAM = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
ODD_ADAM = {"beta1": 0.5, "beta2": 0.9, "epsilon": 0.1}


def published_sgd(theta: Vector, gradients: Iterable[Vector], lr: float) -> Vector:
    for g in gradients:
        theta = theta - lr * g
    return theta


def published_momentum(theta: Vector, gradients: Iterable[Vector], lr: float, momentum: float) -> Vector:
    """Sutskever et al. 2013 with the learning rate outside: nothing damps the gradient."""
    velocity = np.zeros_like(theta)
    for g in gradients:
        velocity = momentum * velocity + g
        theta = theta - lr * velocity
    return theta


def published_adam(
    theta: Vector, gradients: Iterable[Vector], lr: float, beta1: float, beta2: float, epsilon: float
) -> Vector:
    """Kingma & Ba 2014, algorithm 1, line by line."""
    m = np.zeros_like(theta)
    v = np.zeros_like(theta)
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        theta = theta - lr * m_hat / (np.sqrt(v_hat) + epsilon)
    return theta


def optimized(make: Callable[[Vector], Optimizer], theta: Vector, gradients: Iterable[Vector]) -> Vector:
    theta = theta.copy()
    optimizer = make(theta)
    for g in gradients:
        optimizer.update(theta, (g * optimizer.gradient_factor).astype(theta.dtype))
    return theta


@pytest.fixture
def start() -> Vector:
    return np.random.default_rng(1).standard_normal(500)


@pytest.fixture
def gradients() -> list[Vector]:
    """A hundred, over six decades of size, with a direction of their own so that averages do not vanish."""
    rng = np.random.default_rng(2)
    sizes = 10 ** rng.uniform(-6, 0, 500)
    return [sizes * (rng.standard_normal(500) + 0.5) for _ in range(100)]


RULES = [
    pytest.param("sgd", published_sgd, {}, id="sgd"),
    pytest.param("momentum", published_momentum, {"momentum": 0.9}, id="momentum"),
    pytest.param("momentum", published_momentum, {"momentum": 0.0}, id="momentum without memory"),
    pytest.param("adam", published_adam, ADAM, id="adam"),
    pytest.param("adam", published_adam, ODD_ADAM, id="adam with other choices"),
    pytest.param("adam", published_adam, {"beta1": 0.0, "beta2": 0.0, "epsilon": 1e-8}, id="adam without memory"),
]


@pytest.mark.parametrize(("name", "rule", "choices"), RULES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-13), (np.float32, 2e-6)])
def test_a_hundred_updates_follow_the_published_rule(
    name: str, rule: Callable[..., Vector], choices: dict[str, float], dtype: type, tolerance: float,
    start: Vector, gradients: list[Vector],
) -> None:  # fmt: skip
    theta = optimized(lambda theta: OPTIMIZERS[name](theta, 0.01, **choices), start.astype(dtype), gradients)

    expected = rule(start, gradients, 0.01, **choices)
    assert theta.dtype == dtype
    np.testing.assert_allclose(theta - start, expected - start, rtol=tolerance, atol=10 * tolerance)
    assert np.abs(expected - start).max() > 0.1, "they went somewhere"


@pytest.mark.parametrize(
    ("make", "first", "second"),
    [
        # 1 - 0.1 · 0.5, then + 0.1 · 0.25
        (lambda theta: SGD(theta, 0.1), 0.95, 0.975),
        # v = 0.5, then v = 0.9 · 0.5 - 0.25 = 0.2
        (lambda theta: Momentum(theta, 0.1, 0.9), 0.95, 0.93),
        # The bias-corrected first step is lr · sign(g). Then m̂ = 0.02 / 0.19 and v̂ = 0.00031225 / 0.001999.
        (lambda theta: Adam(theta, 0.1, **ADAM), 0.900000002, 0.873366298),
    ],
    ids=["sgd", "momentum", "adam"],
)
def test_the_first_two_steps_are_those_done_by_hand(
    make: Callable[[Vector], Optimizer], first: float, second: float
) -> None:
    one, gradients = np.array([1.0]), [np.array([0.5]), np.array([-0.25])]

    assert optimized(make, one, gradients[:1]) == pytest.approx([first], abs=1e-9)
    assert optimized(make, one, gradients) == pytest.approx([second], abs=1e-9)


@pytest.mark.parametrize(("name", "choices"), [("sgd", {}), ("momentum", {"momentum": 0.9}), ("adam", ADAM)])
def test_a_weight_that_gets_no_gradient_from_the_start_never_moves(name: str, choices: dict[str, float]) -> None:
    theta = np.array([0.1, 0.2], np.float32)
    moved = optimized(lambda t: OPTIMIZERS[name](t, 0.1, **choices), theta, [np.array([0.0, 1.0])] * 300)

    assert moved[0] == theta[0]
    assert moved[1] < theta[1]


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        pytest.param("momentum", {"momentum": 0.9}, id="momentum"),
        pytest.param("momentum", {"momentum": 0.99}, id="long momentum"),
        pytest.param("adam", ADAM, id="adam"),
        pytest.param("adam", {**ADAM, "beta2": 0.9}, id="adam with a short second moment"),
    ],
)
def test_moments_of_weights_without_gradient_do_not_become_denormal(name: str, choices: dict[str, float]) -> None:
    """Numbers below about 1e-38 make the processor several times slower, and 0.9^t would pass through them all."""
    theta = np.ones(64, np.float32)
    optimizer = OPTIMIZERS[name](theta, 0.01, **choices)
    optimizer.update(theta, np.logspace(-6, 1, 64, dtype=np.float32))
    moments = [vars(optimizer)[name] for name in "mv" if name in vars(optimizer)]

    for _ in range(48):
        for _ in range(FLUSH_EVERY):
            optimizer.update(theta, np.zeros(64, np.float32))
        for moment in moments:
            assert not np.any((moment != 0) & (np.abs(moment) < SMALLEST_NORMAL))


@pytest.mark.parametrize(("name", "rule", "choices"), RULES)
def test_flushing_what_has_decayed_moves_no_weight(
    name: str, rule: Callable[..., Vector], choices: dict[str, float], start: Vector, gradients: list[Vector]
) -> None:
    """The published rules never flush."""
    quiet = [*gradients[:20], *([np.zeros(500)] * 3 * FLUSH_EVERY), *gradients[20:40]]
    theta = optimized(lambda theta: OPTIMIZERS[name](theta, 0.01, **choices), start, quiet)

    np.testing.assert_allclose(theta, rule(start, quiet, 0.01, **choices), rtol=1e-12)


def test_flushing_leaves_every_other_number_as_it_is() -> None:
    moment = np.array([1e-45, -1e-39, 3e-21, 2e-20, -2e-20, 1e-8, -1.0, 1e30, 0.0], np.float32)
    expected = np.array([0, 0, 0, *moment[3:]], np.float32)

    flush_denormals(moment, tiny=1e-20)

    assert np.array_equal(moment, expected)
