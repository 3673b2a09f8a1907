"""That every choice of the page trains, and what is seen of a choice that does not."""

import numpy as np
import pytest

from app.config import LANES, RunConfig
from app.events import LaneEnded, LaneStatus
from app.training.dataset import Dataset
from app.training.kernels import Kernel
from app.training.learner import learner
from app.training.schedules import SCHEDULES
from tests.training.lane import column, evaluations, numbers, trained

LEARNING_RATES = {"sgd": 0.1, "momentum": 0.03, "nesterov": 0.03, "adagrad": 0.03, "adadelta": 1, "lion": 0.001}


def lane(optimizer: str, **choices: object) -> dict[str, object]:
    return {"lanes": [{"optimizer": optimizer, "learning_rate": LEARNING_RATES.get(optimizer, 0.003), **choices}]}


@pytest.mark.parametrize("optimizer", LANES)
def test_every_optimizer_learns(few_digits: Dataset, optimizer: str) -> None:
    events = trained(few_digits, epochs=6, **lane(optimizer))

    assert evaluations(events)[0].test_accuracy < 0.25
    assert evaluations(events)[-1].test_accuracy > 0.75
    assert events[-1] == LaneEnded(0, LaneStatus.FINISHED, 186)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_schedule_learns(few_digits: Dataset, schedule: str) -> None:
    assert evaluations(trained(few_digits, epochs=6, **lane("adam", schedule=schedule)))[-1].test_accuracy > 0.75


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("initialisation", ["he", "xavier", "small"])
def test_every_activation_learns_from_every_start_but_zero(
    few_digits: Dataset, activation: str, initialisation: str
) -> None:
    choices = {"activation": activation, "initialisation": initialisation, **lane("adam")}

    assert evaluations(trained(few_digits, epochs=6, **choices))[-1].test_accuracy > 0.75


@pytest.mark.parametrize("kernel", Kernel)
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_from_zero_all_units_of_a_layer_stay_alike(few_digits: Dataset, activation: str, kernel: Kernel) -> None:
    config = RunConfig.of({"activation": activation, "initialisation": "zero", "hidden": [12], **lane("adam")})
    made = learner(few_digits, config, 0, kernel, np.random.default_rng(1))
    for _ in range(100):
        made.step(np.arange(64))

    first, last = made.network().layers
    np.testing.assert_allclose(first.W, np.broadcast_to(first.W[:, :1], first.W.shape), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(last.W, np.broadcast_to(last.W[:1], last.W.shape), rtol=1e-3, atol=1e-5)
    assert last.b.any(), "the last biases learn how many there are of each digit"
    # With ReLU and tanh a unit's output is 0, and so is all that it could pass on.
    assert last.W.any() == first.W.any() == (activation == "sigmoid")


def test_from_zero_with_relu_the_best_is_to_guess(few_digits: Dataset) -> None:
    events = trained(few_digits, epochs=6, initialisation="zero", **lane("adam"))

    assert evaluations(events)[-1].test_accuracy < 0.25
    assert column(events, "loss")[-20:].mean() > 2.2


@pytest.mark.parametrize("optimizer", LANES)
def test_the_same_seed_gives_the_same_numbers_bit_for_bit_with_every_optimizer(
    few_digits: Dataset, optimizer: str
) -> None:
    choices = lane(optimizer, schedule="warmup_cosine", weight_decay=0.01)

    assert numbers(trained(few_digits, **choices)) == numbers(trained(few_digits, **choices))


def test_weight_decay_keeps_the_weights_small(few_digits: Dataset) -> None:
    def size(**choices: object) -> float:
        config = RunConfig.of(lane("sgd", **choices))
        made = learner(few_digits, config, 0, Kernel.WHOLE, np.random.default_rng(1))
        for _ in range(100):
            made.step(np.arange(64))
        return float(np.linalg.norm(made.network().theta))

    assert size(weight_decay=0.1) < 0.8 * size()
