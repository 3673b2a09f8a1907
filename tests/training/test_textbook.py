"""The loop that the page shows is the one that trains, and the recorded updates are its own."""

import itertools
import json

import numpy as np
import pytest

from app.config import LANES, RunConfig
from app.events import Detail, Frame
from app.training.dataset import Dataset
from app.training.kernels import Kernel
from app.training.optimizers import OPTIMIZERS
from app.training.textbook import train_by_the_book
from app.training.trace import BATCHES, FILE, trace
from app.training.trainer import train
from tests.training.optimizers import valley


def real_losses(dataset: Dataset, config: RunConfig, lane: int, kernel: Kernel) -> np.ndarray:
    events = train(dataset, config, lane, kernel=kernel, detail=Detail.RESULT)
    return np.concatenate([event.loss for event in events if isinstance(event, Frame)])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_loop_of_the_textbook_is_the_one_that_trains(name: str, few_digits: Dataset) -> None:
    config = RunConfig(epochs=2, hidden=[16], batch_size=100, lanes=[LANES["sgd"](), LANES[name]()])
    losses = np.array([loss for loss, _, _ in train_by_the_book(few_digits, config, 1)], np.float32)

    assert len(losses) == 40
    assert np.array_equal(losses, real_losses(few_digits, config, 1, Kernel.PLAIN))
    np.testing.assert_allclose(losses, real_losses(few_digits, config, 1, Kernel.WHOLE), rtol=1e-3)


def test_the_recorded_updates_are_those_of_the_default_race(digits: Dataset) -> None:
    recorded = json.loads(FILE.read_text(encoding="utf-8"))
    now = json.loads(json.dumps(trace(digits, RunConfig())))

    assert {**recorded, "lanes": []} == {**now, "lanes": []}
    for lane, before in enumerate(recorded["lanes"]):
        race = itertools.islice(train_by_the_book(digits, RunConfig(), lane), BATCHES)
        np.testing.assert_allclose(before["losses"], [loss for loss, _, _ in race], rtol=1e-3)
    for before, again in zip(recorded["lanes"], now["lanes"], strict=True):
        assert before["numbers"] == again["numbers"]
        np.testing.assert_allclose(before["losses"], again["losses"], rtol=1e-6)
        for weight, same in zip(before["weights"], again["weights"], strict=True):
            assert list(weight) == list(same)
            for letter, values in weight.items():
                np.testing.assert_allclose(values, same[letter], rtol=1e-5, atol=1e-12)


def test_the_numbers_of_an_update_make_its_step() -> None:
    """By the rules as the papers have them, from what is recorded of g, m and v."""
    lanes = json.loads(FILE.read_text(encoding="utf-8"))["lanes"]
    for weight in range(3):
        sgd, momentum, adam = (
            {letter: np.array(values) for letter, values in lane["weights"][weight].items()} for lane in lanes
        )
        t = np.arange(1, BATCHES + 1)
        for seen in (sgd, momentum, adam):
            np.testing.assert_allclose(np.diff(seen["w"]), seen["step"], atol=1e-8)
        np.testing.assert_allclose(sgd["step"], -0.01 * sgd["g"], rtol=1e-6)
        np.testing.assert_allclose(
            momentum["v"][1:], 0.9 * momentum["v"][:-1] + momentum["g"][1:], rtol=1e-5, atol=1e-9
        )
        np.testing.assert_allclose(momentum["step"], -0.01 * momentum["v"], rtol=1e-6)
        np.testing.assert_allclose(adam["m"][1:], 0.9 * adam["m"][:-1] + 0.1 * adam["g"][1:], rtol=1e-5, atol=1e-9)
        np.testing.assert_allclose(
            adam["v"][1:], 0.999 * adam["v"][:-1] + 0.001 * adam["g"][1:] ** 2, rtol=1e-5, atol=1e-15
        )
        np.testing.assert_allclose(adam["m̂"], adam["m"] / (1 - 0.9**t), rtol=1e-5)
        np.testing.assert_allclose(adam["v̂"], adam["v"] / (1 - 0.999**t), rtol=1e-5)
        np.testing.assert_allclose(adam["step"], -0.01 * adam["m̂"] / (np.sqrt(adam["v̂"]) + 1e-8), rtol=1e-5)


def test_the_weights_that_are_followed_are_a_loud_a_middling_and_a_quiet_one() -> None:
    sgd = json.loads(FILE.read_text(encoding="utf-8"))["lanes"][0]
    sizes = [np.mean(np.abs(weight["g"])) for weight in sgd["weights"]]

    assert sizes[0] > 3 * sizes[1] > 9 * sizes[2] > 0


def test_averages_are_named_by_the_letters_of_the_formula() -> None:
    for name, rule in OPTIMIZERS.items():
        theta = np.ones(3)
        averages = rule(theta, 0.1, **LANES[name]().hyperparameters())
        averages.update(theta, np.full(3, 0.5))
        for letter, values in averages.averages().items():
            assert letter[0] in rule.formula
            assert values.shape == theta.shape


def test_the_fixture_of_the_valley_is_what_the_optimizers_do() -> None:
    known, now = json.loads(valley.FILE.read_text(encoding="utf-8")), valley.valley()

    assert {**known, "paths": []} == {**now, "paths": []}
    for before, again in zip(known["paths"], now["paths"], strict=True):
        for name in ("sgd", "momentum", "adam"):
            np.testing.assert_allclose(before[name], again[name], rtol=1e-9, atol=1e-12)


def test_what_the_loop_leaves_in_the_gradient_is_what_it_was_before_the_update(few_digits: Dataset) -> None:
    config = RunConfig(hidden=[16])
    _, network, _ = next(train_by_the_book(few_digits, config, 0, np.float64))
    again = itertools.islice(train_by_the_book(few_digits, config, 2, np.float64), 1)

    assert np.array_equal(network.gradient, next(again)[1].gradient), "all lanes have the same first gradient"
