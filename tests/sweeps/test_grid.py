"""Which trainings a sweep is made of, and what is told of a grid that cannot be."""

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.errors import InvalidConfig
from app.scheduling.check_limits import check_sweep
from app.settings import Settings
from app.sweeps.grid import MOST_CELLS, grid, spaced_rates
from app.sweeps.options import grid_of

THREE = ["sgd", "momentum", "adam"]
BASE = {"seed": 42, "epochs": 1}
SPACED = Path(__file__).parents[1] / "fixtures" / "spaced-rates.json"


def test_a_cell_is_a_race_of_one_lane_for_each_combination() -> None:
    found = grid({"optimizer": ["sgd", "adam"], "learning_rate": [0.1, 0.01], "batch_size": [32]}, {"epochs": 2})

    assert [cell.at for cell in found.cells] == [
        {"optimizer": optimizer, "learning_rate": rate, "batch_size": 32}
        for optimizer in ("sgd", "adam")
        for rate in (0.1, 0.01)
    ]
    for cell in found.cells:
        assert [lane.optimizer for lane in cell.config.lanes] == [cell.at["optimizer"]]
        assert (cell.config.learning_rate, cell.config.batch_size, cell.config.epochs) == (
            cell.at["learning_rate"],
            32,
            2,
        )


def test_the_first_seed_is_trained_first_over_the_whole_grid() -> None:
    found = grid_of(THREE, ["1e-4:1:13"], 3, [], BASE)

    assert [cell.config.seed for cell in found.cells] == [42] * 39 + [43] * 39 + [44] * 39


def test_all_curves_grow_together_rate_by_rate_and_seed_by_seed() -> None:
    found = grid({"optimizer": ["sgd", "adam"], "learning_rate": [0.1, 0.01], "seed": [2, 1]})

    turns = [found.cells[number].at for number in found.training_order]

    assert [(at["seed"], at["learning_rate"], at["optimizer"]) for at in turns] == [
        (seed, rate, optimizer) for seed in (2, 1) for rate in (0.1, 0.01) for optimizer in ("sgd", "adam")
    ]
    assert grid({"batch_size": [8, 64]}).training_order == [0, 1]


def test_an_optimizer_whose_learning_rate_is_no_axis_has_its_usual_one() -> None:
    cells = grid({"optimizer": ["adam", "lion"], "seed": [1]}).cells

    assert [cell.config.learning_rate for cell in cells] == [0.01, 0.001]


def test_rates_are_spaced_evenly_in_decades_and_have_three_digits() -> None:
    rates = spaced_rates(1e-4, 1, 13)

    assert rates[::3] == [0.0001, 0.001, 0.01, 0.1, 1]
    assert all(math.isclose(after / before, 10 ** (1 / 3), rel_tol=0.01) for before, after in pairwise(rates))
    assert all(float(f"{rate:.3g}") == rate for rate in rates)


@pytest.mark.parametrize("spaced", json.loads(SPACED.read_text(encoding="utf-8")))
def test_the_page_spaces_rates_alike(spaced: dict[str, Any]) -> None:
    # tests/js/sweeps.test.js reads the same.
    assert spaced_rates(spaced["low"], spaced["high"], spaced["count"]) == spaced["rates"]


def test_options_as_people_type_them() -> None:
    found = grid_of(THREE, ["0,5", "1e-3:1e-1:3"], 1, ["batch-size=32, 128", "hidden=64; 128, 64"], BASE)

    assert found.axes == {
        "optimizer": THREE,
        "learning_rate": [0.5, 0.001, 0.01, 0.1],
        "batch_size": [32, 128],
        "hidden": [[64], [128, 64]],
    }


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ({}, "A sweep needs at least one axis"),
        ({"optimizer": THREE, "learning_rate": []}, "needs at least one value for learning_rate; there is none"),
        ({"learning_rate": [0.1, 0.1]}, "takes each value of learning_rate once; 0.1 is there twice"),
        ({"speed": [1]}, "'speed' is none of them"),
        ({"optimizer": ["sofia"]}, "should name an optimizer"),
        ({"learning_rate": [0.1, 0.0]}, "learning_rate should be greater than or equal to 0.000001; got 0.0"),
        ({"learning_rate": [math.nan]}, "learning_rate should be"),
        ({"batch_size": [0]}, "batch_size should be greater than or equal to 1; got 0"),
        ({"seed": list(range(10_000))}, f"at most {MOST_CELLS:,} trainings; this one has 10,000"),
    ],
)
def test_a_grid_that_cannot_be_is_told_in_a_sentence(axes: dict, message: str) -> None:
    with pytest.raises(InvalidConfig) as problem:
        grid(axes)

    assert message in str(problem.value)


def test_of_a_grid_that_is_too_large_the_largest_that_fits_is_told_and_fits() -> None:
    with pytest.raises(InvalidConfig) as problem:
        grid_of(THREE, ["1e-4:1:200"], 3, [], BASE)

    assert str(problem.value) == (
        "A sweep may have at most 1,000 trainings; this one has 1,800 (3 optimizer × 200 learning_rate × 3 seed). "
        "As the others are, at most 111 values of learning_rate fit."
    )
    assert len(grid_of(THREE, ["1e-4:1:111"], 3, [], BASE).cells) == 999


def test_what_is_too_much_for_a_server_is_told_in_whole_numbers() -> None:
    large = grid({"optimizer": THREE}, {"epochs": 10, "batch_size": 1})

    with pytest.raises(InvalidConfig, match="3 trainings and 1,800,000 batches; this server does at most 1,000,000"):
        check_sweep(large, 60_000, Settings(max_steps=1_000_000))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rates": ["fast"]}, "--lr should be a learning rate, as 0.01, or several as lowest:highest:how many"),
        ({"rates": ["1:0.1:5"]}, "got '1:0.1:5'"),
        ({"rates": ["0:1:5"]}, "got '0:1:5'"),
        ({"rates": ["0.1:1"]}, "got '0.1:1'"),
        ({"rates": ["0.1:1:1"]}, "got '0.1:1:1'"),
        ({"rates": ["nan:1:5"]}, "got 'nan:1:5'"),
        ({"rates": ["1e-4:1:100000"]}, "at most 1,000 trainings; --lr 1e-4:1:100000 alone asks for 100,000"),
        ({"rates": ["1:1.01:5"]}, "rounded to three digits, only 2 of them differ"),
        ({"seeds": 0}, "--seeds should be at least 1; got 0"),
        ({"over": ["batch-size"]}, "--over should be a choice and its values, as batch-size=32,128"),
        ({"over": ["target=0.9"]}, "--over should be a choice and its values"),
        ({"over": ["batch-size=many"]}, "--over batch-size: expected a whole number, got 'many'"),
        ({"over": ["activation=gelu"]}, "activation should be 'relu', 'tanh' or 'sigmoid'; got 'gelu'"),
    ],
)
def test_a_wrong_option_is_told_in_a_sentence(options: dict, message: str) -> None:
    given = {"optimizers": THREE, "rates": ["0.1"], "seeds": 1, "over": [], "settings": BASE, **options}

    with pytest.raises(InvalidConfig) as problem:
        grid_of(**given)

    assert message in str(problem.value)


def test_the_size_of_a_grid_is_checked_before_its_values_are_compared() -> None:
    with pytest.raises(InvalidConfig, match="at most 1,000 trainings"):
        grid({"seed": [1, 1] * 1_000})
