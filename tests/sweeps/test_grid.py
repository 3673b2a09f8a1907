"""Which trainings a sweep consists of, and the errors for invalid grids."""

import json
import math
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.errors import InvalidConfig
from app.scheduling.check_limits import check_sweep
from app.settings import Settings
from app.sweeps.grid import grid, spaced_rates
from app.sweeps.options import grid_of
from app.sweeps.rate_option import FORM, rates_of

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
        ({"optimizer": ["sofia"]}, "optimizer should be 'sgd', "),
        ({"optimizer": [["sgd"]]}, "'adamw', 'lion' or 'schedulefree'; got ['sgd']."),
        ({"optimizer": ["sgd"], "schedule": ["slow"]}, "schedule should be 'constant', "),
        ({"weight_decay": [2]}, "weight_decay should be less than or equal to 1; got 2"),
        ({"learning_rate": [0.1, 0.0]}, "learning_rate should be greater than or equal to 0.000001; got 0.0"),
        ({"learning_rate": [math.nan]}, "learning_rate should be"),
        ({"batch_size": [0]}, "batch_size should be greater than or equal to 1; got 0"),
        ({"seed": list(range(10_000))}, "this grid has 10,000: 10,000 seeds. At most 1,000 seeds fit."),
    ],
)
def test_an_invalid_grid_gets_a_sentence(axes: dict, message: str) -> None:
    with pytest.raises(InvalidConfig) as problem:
        grid(axes)

    assert message in str(problem.value)


def test_the_largest_grid_that_a_refusal_names_does_fit() -> None:
    with pytest.raises(InvalidConfig) as problem:
        grid_of(THREE, ["1e-4:1:200"], 3, [], BASE)

    assert str(problem.value) == (
        "At most 1,000 trainings fit in a sweep; this grid has 1,800: 3 optimizers × 200 learning rates × 3 seeds. "
        "With these optimizers and seeds, at most 111 learning rates fit."
    )
    assert len(grid_of(THREE, ["1e-4:1:111"], 3, [], BASE).cells) == 999


def test_where_the_other_axes_alone_are_too_many_it_says_so() -> None:
    many = {"epochs": list(range(1, 41)), "batch_size": list(range(1, 41)), "hidden": [[n] for n in range(1, 41)]}

    with pytest.raises(InvalidConfig, match="not even one number of epochs fits: take fewer of all") as problem:
        grid(many)

    assert "40 numbers of epochs × 40 batch sizes × 40 choices of widths" in str(problem.value)


def test_refusals_of_large_sweeps_have_whole_numbers() -> None:
    large = grid({"optimizer": THREE}, {"epochs": 10, "batch_size": 1})

    with pytest.raises(
        InvalidConfig, match="at most 1,000,000 batches for one sweep; this grid of 3 trainings takes 1,800,000"
    ):
        check_sweep(large, 60_000, Settings(max_steps=1_000_000))


@pytest.mark.parametrize(
    ("rates", "problem"),
    [
        ("fast", "expected a number, got 'fast'."),
        ("", "expected a number, got ''."),
        ("nan", "expected a number, got 'nan'."),
        ("-0.1", "expected a learning rate from 0.000001 to 10, got '-0.1'."),
        ("100", "expected a learning rate from 0.000001 to 10, got '100'."),
        ("0:1:5", "expected a learning rate from 0.000001 to 10, got '0'."),
        ("0.1:1", "expected one part, or three with colons between, got 2."),
        ("1:2:3:4", "expected one part, or three with colons between, got 4."),
        ("1:1e-4:5", "expected the lowest learning rate before the highest, got 1 and 0.0001."),
        ("0.1:0.1:5", "expected the lowest learning rate before the highest, got 0.1 and 0.1."),
        ("1e-4:1:1", "expected from 2 to 1,000 learning rates in a range, got 1."),
        ("1e-4:1:100000", "expected from 2 to 1,000 learning rates in a range, got 100,000."),
        ("1e-4:1:some", "expected a whole number, got 'some'."),
        (
            "1:1.01:5",
            "rounded to three digits, only 2 of 5 learning rates differ. Ask for fewer, or for a wider range.",
        ),
    ],
)
def test_of_a_wrong_rate_it_is_told_what_is_wrong_and_how_rates_are_written(rates: str, problem: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        grid_of(THREE, [rates], 1, [], BASE)

    assert str(refused.value) == f"--lr {rates}: {problem} {FORM}"
    assert [len(rates_of(text)) for text in re.findall(r"--lr ([\w.:-]*\w)", FORM)] == [1, 13], "it can be typed so"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"seeds": 0},
            "--seeds should be a number of seeds from 1 to 1,000, the most trainings of a sweep, such as 3; got 0",
        ),
        ({"seeds": 10**15}, "got 1,000,000,000,000,000"),
        (
            {"seeds": 3, "settings": {"seed": 2**32 - 2}},
            "the highest seed, 4294967295. The last --seed that fits is 4294967293.",
        ),
        ({"over": ["learning-rate=1,2"]}, "there are values for learning rates already"),
        ({"seeds": 2, "over": ["seed=1,2"]}, "there are values for seeds already"),
        (
            {"over": ["batch-size=1", "batch_size=2"]},
            "there are values for batch sizes already. Write all of them in one.",
        ),
        ({"over": ["batch-size"]}, "--over should be a choice and its values, as batch-size=32,128"),
        ({"over": ["target=0.9"]}, "--over should be a choice and its values"),
        ({"over": ["batch-size=many"]}, "--over batch-size: expected a whole number, got 'many'"),
        ({"over": ["activation=gelu"]}, "activation should be 'relu', 'tanh' or 'sigmoid'; got 'gelu'"),
    ],
)
def test_a_wrong_option_gets_a_sentence(options: dict, message: str) -> None:
    given = {"optimizers": THREE, "rates": ["0.1"], "seeds": 1, "over": [], "settings": BASE, **options}

    with pytest.raises(InvalidConfig) as problem:
        grid_of(**given)

    assert message in str(problem.value)


def test_what_is_not_named_is_as_usual() -> None:
    usual = grid_of([], [], 1, [], BASE)
    other = grid_of([], [], 1, ["optimizer=lion", "learning-rate=0.1"], BASE)

    assert usual.axes == {"optimizer": THREE, "learning_rate": spaced_rates(1e-4, 1, 9)}
    assert other.axes == {"optimizer": ["lion"], "learning_rate": [0.1]}


def test_the_size_of_a_grid_is_checked_before_its_values_are_compared() -> None:
    with pytest.raises(InvalidConfig, match="At most 1,000 trainings"):
        grid({"seed": [1, 1] * 1_000})
