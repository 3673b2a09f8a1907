"""Whatever digits a folder holds, every optimizer trains on them, in every shape and form."""

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.config import LANES, Activation, Initialisation, Schedule
from app.events import LaneEnded, LaneStatus, Parameters, Push
from app.training.dataset import Dataset, open_dataset, prepare
from app.training.fast_network import FastNetwork
from app.training.kernels import Kernel
from app.training.network import Network, accuracy_and_loss, as_pixels
from tests.training.generated import batch_sizes, dataset_of, datasets, hidden
from tests.training.lane import column, evaluations, frames, trained

OPTDIGITS = Path(__file__).parents[1] / "fixtures" / "optdigits"
# The same every time, and quick: each is a whole training.
always = settings(derandomize=True, deadline=None, max_examples=60)
kinds = [st.sampled_from(get_args(kind)) for kind in (Activation, Initialisation, Schedule)]


@always
@given(st.data(), datasets, hidden, st.sampled_from(Kernel), st.sampled_from(list(LANES)), *kinds, st.booleans())
def test_every_lane_trains_to_its_end_on_any_digits(
    data, dataset, hidden, kernel, optimizer, activation, initialisation, schedule, decays
):
    batch_size = data.draw(batch_sizes(dataset))
    lane = {"optimizer": optimizer, "schedule": schedule, "weight_decay": 0.01 * decays}
    events = trained(
        dataset,
        kernel=kernel,
        lanes=[lane],
        hidden=hidden,
        batch_size=batch_size,
        activation=activation,
        initialisation=initialisation,
    )

    steps = 2 * (len(dataset.train_labels) // batch_size)
    assert events[-1] == LaneEnded(0, LaneStatus.FINISHED, steps)
    assert frames(events)[0].first_step == 1
    assert len(column(events, "loss")) == steps
    *_, (network, parameters) = (
        (Network.of(e.theta, hidden, activation), e) for e in events if isinstance(e, Parameters)
    )
    last = evaluations(events)[-1]
    assert last.step == parameters.step == steps
    of_test = accuracy_and_loss(network.scores(as_pixels(dataset.test_images)), dataset.test_labels)
    of_train = accuracy_and_loss(network.scores(as_pixels(dataset.train_images)), dataset.train_labels)
    assert (last.test_accuracy, last.train_accuracy) == pytest.approx((of_test[0], of_train[0]), abs=0.05)
    assert (last.test_loss, last.train_loss) == pytest.approx((of_test[1], of_train[1]), rel=1e-3, abs=1e-3)
    assert last.test_accuracy == np.mean(last.answers == dataset.test_labels)
    assert [e.step for e in events if isinstance(e, Push)][-1] == steps


@always
@given(st.data(), datasets, hidden, st.booleans(), st.sampled_from(get_args(Activation)), st.integers(0, 9))
def test_the_gradient_is_the_plain_one_on_any_digits(data, dataset, hidden, split, activation, seed):
    batch_size = data.draw(batch_sizes(dataset))
    rows = np.random.default_rng(seed).permutation(len(dataset.train_labels))[:batch_size]
    plain, taken_over = (
        Network(hidden, np.random.default_rng(seed), np.float64, activation=activation) for _ in range(2)
    )
    fast = FastNetwork(taken_over, dataset, batch_size, split)
    before = plain.theta.copy()
    pixels = as_pixels(dataset.train_images[rows], np.float64)
    for _ in range(2):
        loss, accuracy = plain.loss_and_gradient(pixels, dataset.train_labels[rows])
        plain.theta -= plain.gradient
        fast.loss_and_gradient(rows)
        fast.theta -= fast.gradient

    np.testing.assert_allclose(fast.plain().theta, plain.theta, rtol=0, atol=1e-9)
    assert not np.array_equal(plain.theta, before)
    losses, accuracies = fast.metrics()
    assert (losses[-1], accuracies[-1]) == pytest.approx((loss, accuracy), abs=1e-9)


@pytest.mark.parametrize("kernel", [Kernel.WHOLE, Kernel.SPLIT])
@pytest.mark.parametrize("lane", range(3))
def test_the_default_race_runs_on_digits_whose_pixels_all_have_ink(digits: Dataset, lane: int, kernel: Kernel) -> None:
    """MNIST with paper and ink exchanged: its borders are full of ink."""
    inverted = Dataset.of(
        255 - digits.train_images[:2000],
        digits.train_labels[:2000],
        255 - digits.test_images[:500],
        digits.test_labels[:500],
    )
    events = trained(inverted, lane, kernel, hidden=[128], epochs=5)

    assert len(inverted.live_pixels) == 784
    assert events[-1] == LaneEnded(lane, LaneStatus.FINISHED, 5 * 31)
    assert evaluations(events)[-1].test_accuracy > 0.5


def test_blank_images_teach_the_biases_alone() -> None:
    events = trained(dataset_of(live=0, classes=2), lane=2, batch_size=10, epochs=20, activation="tanh")
    first, *_, last = (e for e in events if isinstance(e, Parameters))
    (before, after) = (Network.of(e.theta, [16], "tanh").layers[0] for e in (first, last))

    assert np.array_equal(before.W, after.W)
    assert not np.array_equal(before.b, after.b)
    assert evaluations(events)[-1].train_accuracy >= 0.5


@pytest.mark.parametrize("lane", [{"optimizer": "momentum"}, {"optimizer": "adam", "learning_rate": 0.001}], ids=str)
def test_a_second_data_set_is_learned(tmp_path: Path, lane: dict) -> None:
    """The optdigits among the fixtures, in 28×28."""
    dataset = open_dataset(prepare(OPTDIGITS, tmp_path))
    events = trained(dataset, lanes=[lane], hidden=[64], batch_size=20, epochs=10)

    assert [len(labels) for labels in (dataset.train_labels, dataset.test_labels)] == [400, 200]
    assert evaluations(events)[-1].test_accuracy > 0.8
