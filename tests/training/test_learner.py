"""A network and its optimizer together: the learning rate in force, weight decay everywhere, the halves of a step."""

import itertools
from typing import Any

import numpy as np
import pytest

from app.config import RunConfig
from app.training.dataset import Dataset, batches
from app.training.kernels import Kernel
from app.training.learner import Learner, learner
from app.training.network import Floats, Network, as_pixels
from app.training.optimizers import OPTIMIZERS
from app.training.optimizers.momentum import SGD
from app.training.schedules import SCHEDULES

Rows = np.ndarray
TOTAL = 12


def start(dataset: Dataset, kernel: Kernel = Kernel.WHOLE, **choices: Any) -> tuple[Learner, list[Rows]]:
    """A learner in float64 and all the batches of its three epochs."""
    config = RunConfig.of({"batch_size": 500, "epochs": 3, "hidden": [8], **choices})
    rng = np.random.default_rng(config.seed)
    made = learner(dataset, config, 0, kernel, rng, np.float64)
    epochs = (batches(dataset.train_labels, config.batch_size, rng) for _ in range(config.epochs))
    rows = list(itertools.chain.from_iterable(epochs))
    assert len(rows) == TOTAL
    return made, rows


def sgd(**choices: Any) -> dict[str, Any]:
    return {"lanes": [{"optimizer": "sgd", **choices}]}


def descended(dataset: Dataset, rows: list[Rows], rates: list[float], decay: float = 0.0) -> Network:
    """The same network, by the rule of SGD."""
    network = Network([8], np.random.default_rng(42), np.float64)
    for batch, rate in zip(rows, rates, strict=True):
        network.loss_and_gradient(as_pixels(dataset.train_images[batch], np.float64), dataset.train_labels[batch])
        network.theta -= rate * (network.gradient + decay * network.theta)
    return network


@pytest.mark.parametrize("kernel", Kernel)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_each_step_takes_the_learning_rate_of_its_schedule(few_digits: Dataset, schedule: str, kernel: Kernel) -> None:
    made, batches = start(few_digits, kernel, **sgd(learning_rate=0.2, schedule=schedule))
    for rows in batches:
        made.step(rows)

    expected = descended(few_digits, batches, [0.2 * SCHEDULES[schedule](t, TOTAL) for t in range(1, TOTAL + 1)])
    np.testing.assert_allclose(made.network().theta, expected.theta, rtol=0, atol=1e-12)
    assert made.learning_rate == 0.2


@pytest.mark.parametrize("kernel", Kernel)
@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_a_learning_rate_set_between_steps_holds_from_the_next_one_and_goes_on_with_the_schedule(
    few_digits: Dataset, schedule: str, kernel: Kernel
) -> None:
    made, batches = start(few_digits, kernel, **sgd(schedule=schedule), learning_rate=0.2)
    for step, rows in enumerate(batches, start=1):
        if step == 6:
            made.learning_rate = 0.05
        made.step(rows)

    bases = [0.2] * 5 + [0.05] * 7
    rates = [base * SCHEDULES[schedule](t, TOTAL) for t, base in enumerate(bases, start=1)]
    expected = descended(few_digits, batches, rates)
    np.testing.assert_allclose(made.network().theta, expected.theta, rtol=0, atol=1e-12)
    assert made.learning_rate == 0.05


@pytest.mark.parametrize("kernel", Kernel)
def test_all_weights_decay_those_of_pixels_without_ink_as_well(few_digits: Dataset, kernel: Kernel) -> None:
    made, batches = start(few_digits, kernel, **sgd(learning_rate=0.2, weight_decay=0.1))
    for rows in batches:
        made.step(rows)

    network = made.network()
    expected = descended(few_digits, batches, [0.2] * TOTAL, decay=0.1)
    np.testing.assert_allclose(network.theta, expected.theta, rtol=0, atol=1e-12)
    dead = np.setdiff1d(np.arange(784), few_digits.live_pixels)
    first = Network([8], np.random.default_rng(42), np.float64).layers[0].W[dead]
    np.testing.assert_allclose(network.layers[0].W[dead], first * (1 - 0.2 * 0.1) ** TOTAL, rtol=1e-12)


class Averaged(SGD):
    """SGD that is evaluated by the average of all weights that it has had."""

    def move(self, theta: Floats, g: Floats) -> None:
        super().move(theta, g)
        self.sum = theta + (self.sum if self.t > 1 else 0)

    def evaluated(self, theta: Floats) -> Floats:
        return self.sum / self.t


@pytest.mark.parametrize("kernel", Kernel)
def test_a_network_is_evaluated_where_its_optimizer_says_and_trained_where_it_was(
    few_digits: Dataset, kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    choices = sgd(learning_rate=0.2, weight_decay=0.1)
    alone, batches = start(few_digits, kernel, **choices)
    with monkeypatch.context() as patch:
        patch.setitem(OPTIMIZERS, "sgd", Averaged)
        made, _ = start(few_digits, kernel, **choices)
    for step, rows in enumerate(batches, start=1):
        alone.step(rows)
        made.step(rows)
        evaluated = made.network().theta
        assert np.array_equal(made.theta, alone.theta), "evaluating has changed nothing"
        through = [descended(few_digits, batches[:n], [0.2] * n, decay=0.1).theta for n in range(1, step + 1)]
        np.testing.assert_allclose(evaluated, np.mean(through, axis=0), rtol=0, atol=1e-12)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_all_kernels_come_to_the_same_network_to_evaluate(few_digits: Dataset, optimizer: str) -> None:
    lane = {"optimizer": optimizer, "learning_rate": 0.003, "weight_decay": 0.1}
    evaluated = []
    for kernel in Kernel:
        made, batches = start(few_digits, kernel, lanes=[lane])
        for rows in batches:
            made.step(rows)
        evaluated.append(made.network().theta)

    for theta in evaluated[1:]:
        np.testing.assert_allclose(theta, evaluated[0], rtol=0, atol=1e-6)


@pytest.mark.parametrize("kernel", Kernel)
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_between_the_halves_of_a_step_the_losss_own_gradient_can_be_looked_at(
    few_digits: Dataset, optimizer: str, kernel: Kernel
) -> None:
    made, (rows, *_) = start(few_digits, kernel, lanes=[{"optimizer": optimizer, "weight_decay": 0.5}])
    plain = Network([8], np.random.default_rng(42), np.float64)
    plain.loss_and_gradient(as_pixels(few_digits.train_images[rows], np.float64), few_digits.train_labels[rows])
    whole, _ = start(few_digits, kernel, lanes=[{"optimizer": optimizer, "weight_decay": 0.5}])
    whole.step(rows)

    made.differentiate(rows)
    before, gradient = made.theta.copy(), made.gradient / made.gradient_factor
    made.update()

    assert np.linalg.norm(gradient) == pytest.approx(np.linalg.norm(plain.gradient))
    assert before.shape == gradient.shape
    assert np.array_equal(made.theta, whole.theta)
    assert not np.array_equal(made.theta, before)
