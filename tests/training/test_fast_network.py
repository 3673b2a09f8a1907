"""The fast forms of the arithmetic against the plain one: gradients, and the losses of whole stretches of training.

In float64, so that what differs is the arithmetic and not the rounding: where training is unstable, it makes a thousand
times more of every rounding within a few steps, and a unit that a rounding switches off is a visible difference.
"""

import itertools
from typing import Any

import numpy as np
import pytest

from app.config import LANES, RunConfig
from app.training.dataset import Dataset, batches
from app.training.fast_layers import in_pieces, zeros
from app.training.fast_network import FastNetwork
from app.training.kernels import Kernel
from app.training.learner import learner
from app.training.network import Network, as_pixels

pytestmark = pytest.mark.slow

STEPS = 300


def metrics(
    dataset: Dataset, kernel: Kernel, dtype: type = np.float64, lane: int = 0, steps: int = STEPS, **choices: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Loss and accuracy of the first steps."""
    config = RunConfig.of(choices)
    rng = np.random.default_rng(config.seed)
    network = learner(dataset, config, lane, kernel, rng, dtype)
    epochs = itertools.chain.from_iterable(
        batches(dataset.train_labels, config.batch_size, rng) for _ in itertools.count()
    )
    with np.errstate(over="ignore", invalid="ignore"):
        for rows in itertools.islice(epochs, steps):
            network.step(rows)
    return network.metrics()


def assert_agree(dataset: Dataset, **choices: Any) -> None:
    plain_loss, plain_accuracy = metrics(dataset, Kernel.PLAIN, **choices)
    assert len(plain_loss) == choices.get("steps", STEPS)
    assert plain_loss[-1] != plain_loss[0]
    for kernel in (Kernel.WHOLE, Kernel.SPLIT):
        loss, accuracy = metrics(dataset, kernel, **choices)
        np.testing.assert_allclose(loss, plain_loss, rtol=0, atol=1e-6)
        np.testing.assert_array_equal(accuracy, plain_accuracy)


@pytest.mark.parametrize("lane", range(3))
def test_the_default_race_agrees_with_the_plain_form_as_it_is_run(digits: Dataset, lane: int) -> None:
    assert_agree(digits, lane=lane, dtype=np.float32)


@pytest.mark.parametrize("lane", range(3))
@pytest.mark.parametrize("learning_rate", [1e-6, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2])
def test_every_learning_rate_agrees(digits: Dataset, lane: int, learning_rate: float) -> None:
    assert_agree(digits, lane=lane, learning_rate=learning_rate)


@pytest.mark.parametrize("lane", range(3))
@pytest.mark.parametrize("learning_rate", [0.1, 0.3, 1, 3, 10])
def test_learning_rates_too_large_to_learn_with_agree_for_a_while(
    digits: Dataset, lane: int, learning_rate: float
) -> None:
    assert_agree(digits, lane=lane, learning_rate=learning_rate, steps=5)


@pytest.mark.parametrize("lane", range(3))
@pytest.mark.parametrize(
    ("batch_size", "hidden"),
    [
        (1, [128]),
        (2, [64]),
        (16, [32]),
        (61, [33]),
        (64, [1]),
        (64, [64, 32]),
        (64, [256, 128, 64]),
        (100, [100]),
        (128, [32, 32, 32]),
        (256, [128]),
    ],
    ids=str,
)
def test_every_shape_agrees(digits: Dataset, lane: int, batch_size: int, hidden: list[int]) -> None:
    learning_rate = 1e-4 if batch_size < 16 else 3e-3
    assert_agree(digits, lane=lane, batch_size=batch_size, hidden=hidden, learning_rate=learning_rate)


@pytest.mark.parametrize(("batch_size", "hidden"), [(1024, [128]), (64, [1024]), (60_000, [32])], ids=str)
def test_large_shapes_agree(digits: Dataset, batch_size: int, hidden: list[int]) -> None:
    assert_agree(digits, lane=2, batch_size=batch_size, hidden=hidden, steps=4)


OTHERS = [
    *({"optimizer": name, "learning_rate": 1e-3} for name in LANES if name not in ("sgd", "momentum", "adam")),
    {"optimizer": "nesterov", "learning_rate": 1e-3, "momentum": 0.5, "schedule": "step", "weight_decay": 0.01},
    {"optimizer": "adagrad", "learning_rate": 1e-3, "schedule": "cosine", "weight_decay": 1e-4},
    {"optimizer": "rmsprop", "learning_rate": 1e-4, "rho": 0.99, "schedule": "warmup_cosine", "weight_decay": 1e-4},
    {"optimizer": "adadelta", "learning_rate": 1, "weight_decay": 1e-4},
    {"optimizer": "lion", "learning_rate": 1e-4, "schedule": "cosine", "weight_decay": 1},
]


@pytest.mark.parametrize("lane", OTHERS, ids=str)
def test_every_other_optimizer_agrees(digits: Dataset, lane: dict[str, Any]) -> None:
    assert_agree(digits, lanes=[lane], hidden=[64])


@pytest.mark.parametrize("optimizer", LANES)
@pytest.mark.parametrize("learning_rate", [0.1, 10])
def test_every_optimizer_agrees_for_a_while_where_it_cannot_learn(
    digits: Dataset, optimizer: str, learning_rate: float
) -> None:
    lane = {"optimizer": optimizer, "learning_rate": learning_rate, "weight_decay": 0.01}
    assert_agree(digits, lanes=[lane], steps=5)


@pytest.mark.parametrize("lane", range(3))
@pytest.mark.parametrize("schedule", ["step", "cosine", "warmup_cosine"])
def test_every_schedule_agrees(digits: Dataset, lane: int, schedule: str) -> None:
    lanes = [{"optimizer": name, "schedule": schedule} for name in ("sgd", "momentum", "adam")]
    assert_agree(digits, lane=lane, lanes=lanes, learning_rate=3e-3, hidden=[32])


@pytest.mark.parametrize("lane", range(3))
@pytest.mark.parametrize("weight_decay", [1e-4, 0.1, 1])
def test_every_weight_decay_agrees(digits: Dataset, lane: int, weight_decay: float) -> None:
    lanes = [{"optimizer": name, "weight_decay": weight_decay} for name in ("sgd", "momentum", "adam")]
    assert_agree(digits, lane=lane, lanes=lanes, learning_rate=3e-3, hidden=[32])


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("initialisation", ["he", "xavier", "small", "zero"])
def test_every_activation_from_every_start_agrees(digits: Dataset, activation: str, initialisation: str) -> None:
    for lane in (0, 2):
        assert_agree(
            digits,
            lane=lane,
            activation=activation,
            initialisation=initialisation,
            hidden=[32, 16],
            learning_rate=3e-3,
            steps=100,
        )


@pytest.mark.parametrize("choices", [{"momentum": 0}, {"momentum": 0.99}], ids=str)
def test_every_momentum_agrees(digits: Dataset, choices: dict[str, float]) -> None:
    assert_agree(digits, lanes=[{"optimizer": "momentum", **choices}], learning_rate=1e-3)


@pytest.mark.parametrize(
    "choices",
    [{"beta1": 0, "beta2": 0.9}, {"beta1": 0.99, "beta2": 0.9999}, {"epsilon": 1}, {"epsilon": 1e-12}],
    ids=str,
)
def test_every_adam_agrees(digits: Dataset, choices: dict[str, float]) -> None:
    assert_agree(digits, lanes=[{"optimizer": "adam", **choices}], learning_rate=1e-3)


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("hidden", [[64], [32, 64], [16, 32, 8]], ids=str)
def test_the_gradient_is_the_plain_one_times_the_factor(few_digits: Dataset, hidden: list[int], split: bool) -> None:
    fast = FastNetwork(Network(hidden, np.random.default_rng(1), np.float64), few_digits, 64, split)
    plain = Network(hidden, np.random.default_rng(1), np.float64)
    rows = np.random.default_rng(2).permutation(2000)[:64]
    fast.loss_and_gradient(rows, 1.0)
    loss, accuracy = plain.loss_and_gradient(as_pixels(few_digits.train_images[rows], np.float64),
                                             few_digits.train_labels[rows])  # fmt: skip
    fast.theta -= fast.gradient
    plain.theta -= plain.gradient

    np.testing.assert_allclose(fast.plain().theta, plain.theta, rtol=0, atol=1e-14)
    assert np.abs(plain.gradient).max() > 0.01
    assert fast.metrics() == (pytest.approx([loss]), [accuracy])
    before = fast.gradient.copy()
    fast.theta += before
    fast.loss_and_gradient(rows, 0.25)
    np.testing.assert_allclose(fast.gradient, before / 4, rtol=1e-9, atol=1e-15)


def test_pixels_that_are_left_out_keep_their_weights(few_digits: Dataset) -> None:
    fast = FastNetwork(Network([8], np.random.default_rng(1)), few_digits, 64, split=False)
    first = Network([8], np.random.default_rng(1)).layers[0].W
    dead = np.setdiff1d(np.arange(784), few_digits.live_pixels)
    fast.theta += 1

    assert len(dead) > 50
    assert np.array_equal(fast.plain().layers[0].W[dead], first[dead])
    assert (fast.plain().layers[0].W[few_digits.live_pixels] > first[few_digits.live_pixels]).all()


def test_metrics_are_those_since_the_last_time(few_digits: Dataset) -> None:
    fast = FastNetwork(Network([8], np.random.default_rng(1)), few_digits, 500, split=False)
    counts = []
    for steps in (0, 1, 100, 3):
        for _ in range(steps):
            fast.loss_and_gradient(np.arange(500))
        loss, accuracy = fast.metrics()
        counts.append((len(loss), len(accuracy)))
        assert len(set(loss.tolist())) <= 1, "nothing was updated"

    assert counts == [(0, 0), (1, 1), (100, 100), (3, 3)]


@pytest.mark.parametrize(
    ("rows", "inner", "columns"), [(64, 720, 128), (720, 64, 128), (96, 50, 32), (61, 300, 64), (64, 720, 100)]
)
def test_pieces_are_the_same_product(rows: int, inner: int, columns: int) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal((rows, inner)), rng.standard_normal((inner, columns))
    out = np.zeros((rows, columns))
    pieces = in_pieces(a, b, out)
    np.matmul(*pieces)

    np.testing.assert_allclose(out, a @ b, rtol=1e-12, atol=1e-12)
    assert all(np.shares_memory(piece, whole) for piece, whole in zip(pieces, (a, b, out), strict=True))


@pytest.mark.parametrize("transposed", [False, True])
def test_large_products_are_cut_without_copying(transposed: bool) -> None:
    a = np.zeros((720, 64)).T if transposed else np.zeros((64, 720))
    pieces, _, out = in_pieces(a, np.zeros((720, 128)), np.zeros((64, 128)))

    assert pieces.shape == (8, 8, 720)
    assert out.shape == (8, 8, 128)
    assert np.shares_memory(pieces, a)


@pytest.mark.parametrize("shape", [(1,), (7, 3), (64, 720)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_memory_begins_on_a_cache_line(shape: tuple[int, ...], dtype: type) -> None:
    array = zeros(shape, dtype)

    assert array.ctypes.data % 64 == 0
    assert (array.shape, array.dtype, array.any()) == (shape, np.dtype(dtype), False)


def test_a_network_of_many_blocks_agrees(digits: Dataset) -> None:
    """Its parameters are dealt out to several optimizers."""
    for lane in range(3):
        assert_agree(digits, lane=lane, hidden=[256], batch_size=16, learning_rate=1e-3, steps=100)
