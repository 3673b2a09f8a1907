"""The explanation of who is ahead uses only pushes, learning rates and accuracies."""

import math
from typing import Any

import numpy as np
import pytest

from app.report.story import story
from app.runs.history import COLUMNS, Kind
from tests.runs.recorded import NO_PUSH, RECORDED

EVALUATIONS, PUSHES = COLUMNS[Kind.EVALUATIONS], COLUMNS[Kind.PUSH]
# Half decades of gradients, from one that is 1,000 times smaller than the last.
QUIET, LOUD = 8, 14


def push(quiet: float, loud: float, *, step: int = 1, slope: float = 1.0) -> np.ndarray:
    """One row of a lane whose weights move so far with small gradients, and with large ones."""
    row = {"step": step, f"q50_{QUIET}": quiet, f"q50_{LOUD}": loud, "slope": slope, "decades": 3.0}
    return np.array([[row.get(name, math.nan)] for name in PUSHES], np.float32)


def told(
    lanes: list[dict[str, Any]],
    accuracies: list[list[float]],
    pushes: list[np.ndarray],
    *,
    losses: list[float] | None = None,
    **changes: Any,
) -> list[str]:
    """Of a race that goes on, whose lanes were evaluated an epoch apart from each other, first after 937 batches."""
    recorded = next(each for each in RECORDED if each.name == "default-lead")
    first = recorded.run["lanes"][0]
    config = {**recorded.run["config"], **changes, "lanes": [{"learning_rate": None, **lane} for lane in lanes]}
    steps = [937 * (i + 1) for i in range(len(accuracies[0]))]
    described = [
        {
            **first, "lane": i, "optimizer": lane["optimizer"], "learning_rate": lane.get("learning_rate", 0.01),
            "steps": steps[-1], "test_accuracy": shares[-1], "train_accuracy": shares[-1], "reached": [],
        }
        for i, (lane, shares) in enumerate(zip(lanes, accuracies, strict=True))
    ]  # fmt: skip
    tables = []
    for shares in accuracies:
        rows = {
            "step": steps,
            "test_accuracy": shares,
            "train_accuracy": shares,
            "test_loss": losses or [0.3] * len(steps),
        }
        tables.append(np.array([rows.get(name, [0] * len(steps)) for name in EVALUATIONS], np.float32))
    run = {**recorded.run, "config": config, "lanes": described}
    run["batches_per_epoch"] = changes.get("batches_per_epoch", 937)
    return [each.replace("\u202f", " ") for each in story(run, tables, pushes)]


def rates(optimizer: str, *values: float) -> list[dict[str, Any]]:
    usual = {"weight_decay": 0, "schedule": "constant", "momentum": 0.9, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
    return [{**usual, "optimizer": optimizer, "learning_rate": value} for value in values]


SGD, ADAM = rates("sgd", 0.01)[0], rates("adam", 0.01)[0]
AHEAD = [[0.8], [0.9]]


@pytest.mark.parametrize(
    ("sgd", "adam", "reason"),
    [
        (
            (1e-6, 1e-3), (8e-4, 2e-2),
            "Adam moves weights with small gradients over 100 times as far as SGD, "
            "others over 10 times.",
        ),
        (
            (1e-5, 1e-3), (4e-3, 1.2e-3),
            "Adam moves weights with small gradients over 100 times as far as SGD, others about as far.",
        ),
        (
            (1e-5, 3e-3), (4e-5, 1e-3),
            "Adam moves weights with small gradients about 4 times as far as SGD, "
            "others about 3 times less.",
        ),
        (
            (1e-5, 1e-3), (1e-5, 5e-3),
            "Adam moves weights with large gradients about 5 times as far as SGD, others about as far.",
        ),
        ((1e-5, 1e-3), (4e-5, 3e-3), "Adam’s steps are about 3 times as long as SGD’s."),
        ((4e-5, 4e-3), (1e-5, 1e-3), "Shorter steps do better here: SGD’s steps are about 4 times as long as Adam’s."),
    ],
)  # fmt: skip
def test_the_first_is_ahead_by_how_far_its_weights_are_moved(
    sgd: tuple[float, float], adam: tuple[float, float], reason: str
) -> None:
    headline, why, *_ = told([SGD, ADAM], AHEAD, [push(*sgd), push(*adam)])

    assert headline == "Adam leads with 90.00 % correct on unseen digits, 10.0 points ahead of SGD."
    assert why == reason


def test_of_pushes_those_count_that_both_lanes_have_had() -> None:
    early, late = push(1e-5, 1e-3, step=10), push(1e-5, 1e-1, step=900)
    adam = np.concatenate([push(4e-5, 4e-3, step=12), late], axis=1)

    assert "Adam’s steps are about 4 times as long as SGD’s." in told(
        [SGD, ADAM], AHEAD, [push(1e-5, 1e-3, step=20), adam]
    )
    assert "only the update rule differs" in told([SGD, ADAM], AHEAD, [NO_PUSH, early])[1]
    assert "only the update rule differs" in told([SGD, ADAM], AHEAD, [late, early])[1], "SGD has none that early"


def test_equal_pushes_are_no_reason() -> None:
    assert "only the update rule differs" in told([SGD, ADAM], AHEAD, [push(1e-5, 1e-3), push(1.3e-5, 1.2e-3)])[1]


def test_where_rates_differ_that_is_said_and_nothing_of_an_update_rule() -> None:
    lanes = rates("sgd", 0.01, 0.1)

    assert told(lanes, AHEAD, [push(1e-5, 1e-3), push(1e-4, 1e-2)])[1] == (
        "SGD 0.1 has a learning rate 10 times as large: its steps are about 10 times as long as SGD 0.01’s."
    )
    assert told(lanes, AHEAD, [NO_PUSH] * 2)[1].endswith("only the learning rate differs.")
    both = told([SGD, {**ADAM, "learning_rate": 0.001}], AHEAD, [NO_PUSH] * 2)[1]
    assert both.endswith("only the update rules and their learning rates differ.")


def test_steps_that_are_too_long_are_described_by_their_effect() -> None:
    longer = [push(1e-4, 1e-2), push(1e-5, 1e-3)]
    swings = [[0.9, 0.95, 0.93], [0.9, 0.93, 0.96]]

    assert told([SGD, ADAM], swings, longer)[1] == (
        "SGD’s steps are about 10 times as long, and its accuracy swings, from 95.0 % to 93.0 % by batch 2,811."
    )


def test_who_catches_up_has_gained_more_and_goes_on_doing_so_until_the_gap_widens() -> None:
    def second(*behind: float) -> str:
        leader = [0.94, 0.945, 0.947, 0.949][: len(behind)]
        return told([SGD, ADAM], [[a - b for a, b in zip(leader, behind, strict=True)], leader], [NO_PUSH] * 2)[1]

    assert second(0.03, 0.01) == (
        "SGD is catching up: since batch 937 it gained 2.5 points, Adam 0.5; it is 1.0 behind."
    )
    assert "catching up" in second(0.03, 0.01, 0.0097), "nearer by less than is worth saying the first time"
    assert "catching up" not in second(0.03, 0.01, 0.0105)
    assert "catching up" not in second(0.01, 0.0097)
    assert "catching up" not in second(0.08, 0.04), "far behind it is learning"


def test_of_a_single_lane_the_story_says_how_its_steps_follow_the_gradients() -> None:
    one = [[0.95]]

    assert told([ADAM], one, [push(1e-3, 2e-3, slope=0.1)])[1] == (
        "On the whole, Adam moves a weight with a 1,000 times smaller gradient "
        "only 2 times less: small ones count, too."
    )
    assert told([SGD], one, [push(1e-6, 1e-3)])[1] == (
        "On the whole, SGD moves a weight with a 1,000 times smaller gradient "
        "1,000 times less: small ones hardly count."
    )
    few = told([SGD], [[0.6]], [push(1e-6, 1e-3)], batch_size=1024, batches_per_epoch=58)
    assert few[1] == "With 1,024 digits a batch an epoch is only 58 updates."
    noisy = told([SGD], [[0.9, 0.88]], [push(1e-6, 1e-3)], batch_size=1)
    assert noisy[1] == ("An update by 1 digit is noisy, and accuracy swings, from 90.0 % to 88.0 % by batch 1,874.")


def test_memorizing_comes_before_any_other_reason() -> None:
    recorded = next(each for each in RECORDED if each.name == "learning-by-heart")
    run, tables = recorded.run, recorded.evaluations

    assert "memorizing" in story(run, tables, [push(1e-3, 2e-3, slope=0.1)])[1]
