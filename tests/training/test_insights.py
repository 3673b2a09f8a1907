"""What a lane sends beside its metrics: push and parameters, at the right steps, and without changing anything."""

from itertools import pairwise

import numpy as np
import pytest

from app.config import RunConfig
from app.events import EXAMPLES, Detail, Evaluation, Frame, LaneEnded, LaneEvent, Parameters, Push
from app.training.dataset import Dataset
from app.training.evaluation import Evaluator
from app.training.insights import MOST_BYTES_PER_S, PARAMETERS_S, PUSH_S
from app.training.kernels import Kernel
from app.training.network import Network
from app.training.optimizers import OPTIMIZERS
from app.training.trainer import train
from tests.training.lane import SMALL, Stops, evaluations, numbers, trained

SGD, MOMENTUM, ADAM = range(3)
# Half decades with many weights of the default race at step 600: |gradient| from 10⁻⁵·⁵ to 10⁻²·⁵.
USUAL = slice(7, 13)


def pushes(events: list[LaneEvent]) -> list[Push]:
    return [event for event in events if isinstance(event, Push)]


def parameters(events: list[LaneEvent]) -> list[Parameters]:
    return [event for event in events if isinstance(event, Parameters)]


@pytest.mark.parametrize("kernel", Kernel)
def test_every_evaluation_comes_with_the_push_of_its_step(few_digits: Dataset, kernel: Kernel) -> None:
    events = trained(few_digits, ADAM, kernel)
    untrained, *evaluated = [e.step for e in evaluations(events) if not e.quick]

    assert untrained == 0, "when no weight has moved"
    assert set(evaluated) <= {p.step for p in pushes(events)}
    assert all(p.quartiles.shape == (20, 3) and p.quartiles.dtype == np.float32 for p in pushes(events))


@pytest.mark.parametrize("stop_at", [1, 20, 10**9])
def test_the_first_parameters_are_untrained_and_the_last_are_final(few_digits: Dataset, stop_at: int) -> None:
    events = list(train(few_digits, RunConfig.of(SMALL), ADAM, Stops(stop_at)))

    assert isinstance(events[-1], LaneEnded)
    assert parameters(events)[0].step == 0
    assert parameters(events)[-1].step == pushes(events)[-1].step == events[-1].step


@pytest.mark.parametrize("batch_size", [1, 64, 2000])
def test_no_step_is_reported_twice_or_out_of_order(few_digits: Dataset, batch_size: int) -> None:
    events = trained(few_digits, batch_size=batch_size)

    for told in (pushes(events), parameters(events)):
        assert all(before.step < after.step for before, after in pairwise(told))
    trained_steps = 0
    for event in events:
        match event:
            case Frame():
                trained_steps += len(event.loss)
            case Push():
                assert event.step == trained_steps
            case Parameters():
                assert event.step in (0, trained_steps)


def test_between_evaluations_they_come_a_few_times_a_second(few_digits: Dataset, monkeypatch) -> None:
    """A clock that only frames move, one of them a step."""
    clock = iter(range(10**9))
    monkeypatch.setattr("time.monotonic", lambda: next(clock) / 60)
    events = trained(few_digits, batch_size=1, epochs=1)
    quiet = [i for i, event in enumerate(events) if isinstance(event, Evaluation)][-2:]
    between = events[quiet[0] + 1 : quiet[1]]
    seconds = 500 * 2 / 60

    assert len(pushes(between)) == pytest.approx(seconds / PUSH_S, rel=0.5)
    assert len(parameters(between)) == pytest.approx(seconds / PARAMETERS_S, rel=0.5)


def test_the_parameters_of_a_large_network_come_less_often(few_digits: Dataset, monkeypatch) -> None:
    clock = iter(range(10**9))
    monkeypatch.setattr("time.monotonic", lambda: next(clock) / 10)
    told = parameters(trained(few_digits, hidden=[1024]))
    seconds = next(clock) / 10

    assert 0 < sum(p.theta.nbytes for p in told) / seconds < 1.2 * MOST_BYTES_PER_S


@pytest.mark.parametrize("kernel", Kernel)
def test_the_parameters_are_those_that_were_evaluated(few_digits: Dataset, kernel: Kernel) -> None:
    config = RunConfig.of({"hidden": [16, 8], "epochs": 1, "activation": "tanh"})
    events = list(train(few_digits, config, ADAM, kernel=kernel))
    told = {p.step: p for p in parameters(events)}
    assert {0, 31} <= set(told)
    judge = Evaluator(few_digits)

    for e in (e for e in evaluations(events) if e.step in told):
        network = Network.of(told[e.step].theta, config.hidden, config.activation)
        again = judge.evaluate(network, kernel, ADAM, e.step, e.seconds, lambda _: False, lambda: False)
        assert again.test_loss == e.test_loss
        np.testing.assert_array_equal(again.answers, e.answers)
    assert len({p.theta.tobytes() for p in told.values()}) == len(told), "what has been told does not change any more"


@pytest.mark.parametrize("lane", [SGD, MOMENTUM, ADAM])
def test_looking_changes_no_number(few_digits: Dataset, lane: int) -> None:
    looked_at = trained(few_digits, lane)
    left_alone = list(train(few_digits, RunConfig.of(SMALL), lane, detail=Detail.CURVES))

    assert len(pushes(looked_at)) > 5
    assert not pushes(left_alone) + parameters(left_alone)
    assert numbers(looked_at) == numbers(left_alone)


@pytest.fixture(scope="module")
def default(digits: Dataset) -> list[Push]:
    """Of each lane of the default race its push at step 600."""
    lanes = [list(train(digits, RunConfig(), lane, Stops(600))) for lane in range(3)]
    last = [pushes(events)[-1] for events in lanes]
    assert {push.step for push in last} == {600}
    return last


@pytest.fixture(scope="module")
def medians(default: list[Push]) -> list[np.ndarray]:
    """Of each lane log₁₀ of the median push in the usual half decades."""
    return [np.log10(push.quartiles[USUAL, 1]) for push in default]


def test_the_push_of_sgd_is_its_learning_rate_times_the_gradient(medians: list[np.ndarray]) -> None:
    middles = -9 + np.arange(20)[USUAL] / 2 + 0.25

    np.testing.assert_allclose(medians[SGD], middles - 2, atol=0.2)


def test_the_push_of_momentum_is_up_to_ten_times_that_of_sgd(medians: list[np.ndarray]) -> None:
    """Where batches agree on a gradient it adds up; where they don't, it cancels."""
    ratio = medians[MOMENTUM] - medians[SGD]

    assert (ratio > np.log10(2)).all()
    assert np.log10(4) < ratio.mean() < np.log10(15)


def test_the_push_of_adam_is_nearly_flat_where_that_of_sgd_spans_decades(medians: list[np.ndarray]) -> None:
    sgd, adam = (np.ptp(medians[lane]) for lane in (SGD, ADAM))

    assert sgd > 2.4
    assert adam < 1


def test_a_weight_with_a_thousandth_of_the_gradient_is_moved_as_its_optimizer_promises(default: list[Push]) -> None:
    thousandth = [10 ** (3 * push.slope) for push in default]

    assert all(2.5 < push.decades <= 3 for push in default)
    assert thousandth[SGD] == pytest.approx(1000, rel=0.02)
    assert 30 < thousandth[MOMENTUM] < 700
    assert thousandth[ADAM] < 20


def test_the_examples_are_the_same_weights_in_every_lane_the_loud_ones_first(default: list[Push]) -> None:
    sgd, momentum, adam = (push.examples for push in default)

    assert sgd.shape == (EXAMPLES, 3)
    assert sgd[:, 0].tolist() == momentum[:, 0].tolist() == adam[:, 0].tolist()
    pixels, units = np.divmod(sgd[:, 0].astype(int), 128)
    assert pixels[0] == 784, "the bias"
    assert len(set(units)) == 1
    # The quiet one of a lane may have had no gradient at all for a hundred batches.
    for _, loud, middling, quiet in (push.examples[:, 1] for push in default):
        assert loud > middling > quiet
    np.testing.assert_allclose(sgd[:, 2], 0.01 * sgd[:, 1], rtol=1e-3)
    assert adam[1, 2] / adam[2, 2] < sgd[1, 2] / sgd[2, 2]


@pytest.mark.parametrize("kernel", Kernel)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_gradient_is_the_losss_own_for_every_optimizer(few_digits: Dataset, optimizer: str, kernel: Kernel) -> None:
    """At the first step all lanes have the same gradients, so the same half decades have weights in them."""
    lanes = [{"optimizer": "sgd"}, {"optimizer": optimizer, "weight_decay": 0.5, "schedule": "warmup_cosine"}]
    first = [pushes(trained(few_digits, lane, kernel, lanes=lanes, batch_size=2000))[0] for lane in range(2)]
    shown = [np.isfinite(push.quartiles) for push in first]

    assert [push.step for push in first] == [1, 1]
    assert shown[0].any()
    np.testing.assert_array_equal(*shown)
    np.testing.assert_array_equal(*(push.examples[:, 0] for push in first))
    np.testing.assert_allclose(*(push.examples[:, 1] for push in first), rtol=1e-4)


@pytest.mark.parametrize("hidden", [[128], [16, 8], [1]])
def test_the_examples_are_those_weights_of_the_network_that_their_numbers_say(
    few_digits: Dataset, hidden: list[int]
) -> None:
    """One step of plain gradient descent: each example has moved by as much as the network's parameter has."""
    events = trained(few_digits, SGD, hidden=hidden, epochs=1, batch_size=2000, initialisation="xavier")
    before, after = parameters(events)
    (push,) = pushes(events)

    numbers = push.examples[:, 0].astype(int)
    np.testing.assert_allclose(push.examples[:, 2], np.abs(after.theta - before.theta)[numbers], rtol=1e-3, atol=1e-8)
    assert push.examples[0, 2] > 0
