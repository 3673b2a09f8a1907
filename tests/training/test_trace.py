"""The first updates of any race, number by number: what they are computed from, and what is left out."""

import numpy as np
import pytest

from app.config import RunConfig
from app.training.dataset import Dataset
from app.training.trace import BATCHES, affordable_batches, trace, traceable_lanes


def config(**choices: object) -> RunConfig:
    return RunConfig.of({"hidden": [8], "batch_size": 50, "epochs": 1, **choices})


def test_lanes_with_other_rules_a_schedule_or_weight_decay_are_left_out():
    lanes = [
        {"optimizer": "lion"},
        {"optimizer": "sgd"},
        {"optimizer": "adam", "schedule": "cosine"},
        {"optimizer": "momentum", "weight_decay": 0.1},
        {"optimizer": "adam", "learning_rate": 0.1},
    ]

    assert traceable_lanes(config(lanes=lanes)) == [1, 4]


def test_a_race_with_large_batches_or_networks_has_fewer_or_none():
    assert affordable_batches(RunConfig(), 3) == BATCHES
    assert 0 < affordable_batches(config(hidden=[128], batch_size=4_000), 1) < BATCHES
    assert affordable_batches(config(hidden=[128], batch_size=60_000), 1) == 0


@pytest.mark.parametrize("batches", [1, 7])
def test_chosen_lanes_have_as_many_batches_as_requested(few_digits: Dataset, batches: int):
    lanes = [{"optimizer": "lion"}, {"optimizer": "sgd"}, {"optimizer": "adam"}]
    told = trace(few_digits, config(lanes=lanes), [1, 2], batches)

    assert [lane["optimizer"] for lane in told["lanes"]] == ["sgd", "adam"]
    for lane in told["lanes"]:
        assert len(lane["losses"]) == batches
        for weight in lane["weights"]:
            steps = np.diff(weight["w"])
            assert len(steps) == batches
            assert weight["step"] == pytest.approx(steps.tolist(), rel=1e-4, abs=1e-12)
    sgd = told["lanes"][0]["weights"][0]
    assert sgd["step"] == pytest.approx([-0.01 * g for g in sgd["g"]], rel=1e-4)


def test_it_ends_where_a_lane_overflows(few_digits: Dataset):
    lanes = [{"optimizer": "sgd"}, {"optimizer": "momentum", "learning_rate": 10.0}]
    told = trace(few_digits, config(lanes=lanes, hidden=[128, 128, 128], batch_size=1))["lanes"]

    (length,) = {len(lane["losses"]) for lane in told}
    assert 0 < length < BATCHES
    for lane in told:
        assert {len(values) - (letter == "w") for each in lane["weights"] for letter, values in each.items()} == {
            length
        }
        assert all(np.isfinite(values).all() for each in lane["weights"] for values in each.values())
