"""What answers an experiment is what it runs; the network and the seed are free."""

from typing import Any

import pytest

from app.config import RunConfig
from app.experiments.base import Race
from app.experiments.fit import grid_of, misfit
from app.experiments.registry import all_experiments

BY_RATE = {"optimizer": "adam", "learning_rate": 0.001}


def compared(expected: dict[str, Any], came: dict[str, Any]) -> str | None:
    return misfit("A claim", [RunConfig.of(expected)], [RunConfig.of(came)])


def test_another_network_or_seed_and_a_rate_that_is_said_elsewhere_fit() -> None:
    assert compared({}, {"hidden": [8], "activation": "tanh", "seed": 7}) is None
    assert compared({"lanes": [{"optimizer": "adam"}], "learning_rate": 0.001}, {"lanes": [BY_RATE]}) is None


@pytest.mark.parametrize(
    ("came", "words"),
    [
        ({"epochs": 6}, "expected epochs 5; got epochs 6."),
        ({"batch_size": 32}, "expected batch size 64; got batch size 32."),
        ({"target_accuracy": 0.9}, "expected target accuracy none; got target accuracy 0.9."),
        ({"lanes": [{"optimizer": "sgd"}, {"optimizer": "adam"}]}, "got optimizer SGD, Adam and 2 trainings."),
        (
            {"lanes": [{"optimizer": "sgd"}, {"optimizer": "momentum", "momentum": 0.5}, {"optimizer": "adam"}]},
            "expected other settings none; got other settings none, momentum 0.5.",
        ),
    ],
)
def test_a_different_training_is_refused_with_what_was_expected(came: dict[str, Any], words: str) -> None:
    sentence = compared({}, came)
    assert sentence is not None
    assert sentence.startswith("'A claim' is answered only by what it runs: expected ")
    assert words in sentence


@pytest.mark.parametrize("digits", [2_000, 60_000])
def test_each_experiment_fits_what_it_runs_on_so_many_digits_and_no_other(digits: int) -> None:
    trained = {
        name: [each.runs.config]
        if isinstance(each.runs, Race)
        else [cell.config for cell in grid_of(each.runs, digits).cells]
        for name, each in all_experiments().items()
    }
    # These two experiments train the same race.
    same = {"pulls-ahead", "same-push"}
    for name, ours in trained.items():
        for other, theirs in trained.items():
            fits = misfit("A claim", ours, theirs) is None
            assert fits == (name == other or {name, other} == same), (name, other)
