"""The network as mathematics: shapes, start, loss, and the gradient against finite differences."""

from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest

from app.config import Activation, Initialisation
from app.training.activations import ACTIVATIONS
from app.training.initialisations import INITIALISATIONS
from app.training.network import Network, accuracy_and_loss, answers

Digits = tuple[np.ndarray, np.ndarray]


def network(hidden: list[int], seed: int = 1, dtype: type = np.float64, **choices: str) -> Network:
    return Network(hidden, np.random.default_rng(seed), dtype, **choices)


@pytest.fixture
def batch() -> Digits:
    rng = np.random.default_rng(2)
    return rng.random((7, 784)), rng.integers(0, 10, 7).astype(np.uint8)


@pytest.mark.parametrize(
    ("hidden", "activation"),
    [([6], "relu"), ([6, 5], "relu"), ([6, 5, 4], "relu"), ([6, 5], "tanh"), ([6, 5], "sigmoid")],
    ids=str,
)
def test_the_gradient_is_the_slope_of_the_loss(hidden: list[int], activation: str, batch: Digits) -> None:
    net, step = network(hidden, activation=activation), 1e-5
    # Away from the zero biases, as in mid-training.
    net.theta += 0.01 * np.random.default_rng(3).standard_normal(net.theta.shape)
    net.loss_and_gradient(*batch)
    gradient = net.gradient.copy()

    slope = np.empty_like(gradient)
    for i, here in enumerate(net.theta.copy()):
        net.theta[i] = here + step
        above, _ = net.loss_and_gradient(*batch)
        net.theta[i] = here - step
        below, _ = net.loss_and_gradient(*batch)
        net.theta[i] = here
        slope[i] = (above - below) / (2 * step)

    assert np.count_nonzero(gradient) > 0.3 * gradient.size
    np.testing.assert_allclose(gradient, slope, rtol=1e-6, atol=1e-9)


def test_gradient_is_that_of_the_batch_alone_whatever_came_before(batch: Digits) -> None:
    x, y = batch
    net = network([6, 5])
    net.loss_and_gradient(x, y)
    first = net.gradient.copy()
    net.loss_and_gradient(x[:3], y[:3])
    net.gradient[:] = 7
    net.loss_and_gradient(x, y)

    assert np.array_equal(net.gradient, first)


@pytest.mark.parametrize(("hidden", "size"), [([128], 101_770), ([1], 805), ([64, 32], 52_650), ([8, 8, 8], 6_514)])
def test_all_parameters_are_one_vector(hidden: list[int], size: int) -> None:
    net = network(hidden)

    assert net.theta.shape == net.gradient.shape == (size,)
    assert sum(layer.W.size + layer.b.size for layer in net.layers) == size
    assert [layer.W.shape for layer in net.layers] == [*zip([784, *hidden], [*hidden, 10], strict=True)]


def test_the_layers_are_views_of_the_vector(batch: Digits) -> None:
    net = network([6, 5], dtype=np.float32)
    before = net.scores(batch[0].astype(np.float32))
    net.theta *= 2

    for layer in net.layers:
        assert np.shares_memory(layer.W, net.theta)
        assert np.shares_memory(layer.b, net.theta)
        assert layer.W.dtype == layer.b.dtype == np.float32
    # Zero biases: three layers of doubled weights.
    np.testing.assert_allclose(net.scores(batch[0].astype(np.float32)), 8 * before, rtol=1e-5)


@pytest.mark.parametrize(
    ("initialisation", "spreads"),
    [
        ("he", [np.sqrt(2 / 784), np.sqrt(2 / 1024), np.sqrt(2 / 512)]),
        ("xavier", [np.sqrt(2 / (784 + 1024)), np.sqrt(2 / (1024 + 512)), np.sqrt(2 / (512 + 10))]),
        ("small", [0.01, 0.01, 0.01]),
    ],
)
def test_weights_start_normal_and_biases_at_zero(initialisation: str, spreads: list[float]) -> None:
    net = network([1024, 512], dtype=np.float32, initialisation=initialisation)

    for std, layer in zip(spreads, net.layers, strict=True):
        tolerance = 5 / np.sqrt(layer.W.size)
        assert abs(layer.W.mean()) < tolerance * std
        assert layer.W.std() == pytest.approx(std, rel=tolerance)
        assert np.mean(np.abs(layer.W) < std) == pytest.approx(0.6827, abs=tolerance)
        assert not layer.b.any()


def test_from_zero_everything_starts_at_zero() -> None:
    assert not network([16], initialisation="zero").theta.any()


def test_however_the_weights_start_the_batches_that_are_drawn_next_are_the_same() -> None:
    def next_drawn(initialisation: str) -> float:
        rng = np.random.default_rng(1)
        Network([16], rng, initialisation=initialisation)
        return rng.random()

    assert len({next_drawn(initialisation) for initialisation in get_args(Initialisation)}) == 1


def test_the_seed_makes_the_weights() -> None:
    assert np.array_equal(network([128], seed=42).theta, network([128], seed=42).theta)
    assert not np.array_equal(network([128], seed=42).theta, network([128], seed=43).theta)


@pytest.mark.parametrize(
    ("activation", "f"),
    [
        ("relu", lambda a: np.where(a < 0, 0, a)),
        ("tanh", lambda a: (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a))),
        ("sigmoid", lambda a: 1 / (1 + np.exp(-a))),
    ],
)
def test_scores_are_matrix_products_with_the_activation_between(
    activation: str, f: Callable[[np.ndarray], np.ndarray], batch: Digits
) -> None:
    net = network([6, 5], activation=activation)
    net.theta += 0.01
    x = batch[0]
    for layer in net.layers[:-1]:
        x = f(x @ layer.W + layer.b)

    np.testing.assert_allclose(net.scores(batch[0]), x @ net.layers[-1].W + net.layers[-1].b, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_training_and_evaluating_measure_the_same(dtype: type, batch: Digits) -> None:
    x, y = batch[0].astype(dtype), batch[1]
    net = network([16], dtype=dtype)
    loss, accuracy = net.loss_and_gradient(x, y)
    measured = accuracy_and_loss(net.scores(x), y)

    assert measured == (accuracy, pytest.approx(loss, rel=10 * float(np.finfo(dtype).eps)))
    assert accuracy * 7 == pytest.approx(round(accuracy * 7))


def test_ten_equal_scores_are_a_guess() -> None:
    accuracy, loss = accuracy_and_loss(np.zeros((4, 10)), np.array([0, 1, 2, 3], np.uint8))

    assert loss == pytest.approx(np.log(10))
    assert accuracy == 0.25


def test_loss_is_that_of_softmax_and_cross_entropy() -> None:
    scores = np.random.default_rng(4).standard_normal((50, 10))
    y = np.random.default_rng(5).integers(0, 10, 50).astype(np.uint8)
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)

    accuracy, loss = accuracy_and_loss(scores, y)
    digits, confidence = answers(scores)

    assert loss == pytest.approx(-np.log(p[range(50), y]).mean(), rel=1e-12)
    assert accuracy == (p.argmax(axis=1) == y).mean()
    assert np.array_equal(digits, p.argmax(axis=1))
    np.testing.assert_allclose(confidence, p.max(axis=1), rtol=1e-6)
    assert (digits.dtype, confidence.dtype) == (np.uint8, np.float32)


def test_being_very_sure_and_wrong_is_a_large_and_finite_loss(batch: Digits) -> None:
    net = network([6], dtype=np.float32)
    net.layers[-1].b[3] = 1e6
    wrong = np.full(7, 4, np.uint8)
    loss, accuracy = net.loss_and_gradient(batch[0].astype(np.float32), wrong)

    assert loss == pytest.approx(1e6, rel=1e-3)
    assert accuracy == 0
    assert np.isfinite(net.gradient).all()
    assert accuracy_and_loss(net.scores(batch[0].astype(np.float32)), wrong) == (0, pytest.approx(loss))


def test_what_is_certain_gives_no_denormal_gradient() -> None:
    """Numbers below about 1e-38, or squares of those below 1e-19, make the processor several times slower."""
    net = network([8], dtype=np.float32)
    net.layers[1].b[:] = 0, 25, 50, 75, 0, 0, 0, 0, 0, 0
    net.loss_and_gradient(np.ones((4, 784), np.float32), np.full(4, 3, np.uint8))

    gradient = net.gradient[net.gradient != 0]
    assert gradient.size == 0 or np.abs(gradient).min() > 1e-16


def test_every_activation_and_initialisation_that_a_run_can_have_is_there() -> None:
    assert tuple(ACTIVATIONS) == get_args(Activation)
    assert tuple(INITIALISATIONS) == get_args(Initialisation)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_large_sums_overflow_no_activation_and_give_no_denormal_slope(activation: str) -> None:
    """Numbers below about 1e-38 make the processor several times slower."""
    h = np.linspace(-200, 200, 4001, dtype=np.float32)
    ACTIVATIONS[activation].apply(h)
    slope = np.asarray(ACTIVATIONS[activation].slope(h), np.float32)

    for values in (h, slope):
        assert np.isfinite(values).all()
        assert not np.any((values != 0) & (np.abs(values) < np.finfo(np.float32).tiny))
