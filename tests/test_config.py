"""The visitor's choices: what is taken, what is refused, and in which words."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app.choices import SETTINGS
from app.config import LANES, AdamLane, AdamWLane, LionLane, MomentumLane, RunConfig, SGDLane, catalogue, limits
from app.errors import InvalidConfig

NAN, INFINITY = float("nan"), float("inf")
NUMBER, WHOLE = "a valid number", "a valid integer"


def adam(**choices: Any) -> dict[str, Any]:
    return {"lanes": [{"optimizer": "adam", **choices}]}


def test_nothing_chosen_is_the_playground_of_the_article() -> None:
    config = RunConfig.of({})

    assert config == RunConfig()
    assert (config.learning_rate, config.batch_size, config.epochs, config.hidden, config.seed) == (
        0.01,
        64,
        5,
        [128],
        42,
    )
    assert (config.activation, config.initialisation, config.target_accuracy) == ("relu", "he", None)
    assert {(lane.schedule, lane.weight_decay) for lane in config.lanes} == {("constant", 0)}
    assert config.lanes == [
        SGDLane(),
        MomentumLane(momentum=0.9),
        AdamLane(beta1=0.9, beta2=0.999, epsilon=1e-8),
    ]


def test_a_lane_without_a_learning_rate_of_its_own_takes_the_shared_one() -> None:
    config = RunConfig.of(
        {"learning_rate": 0.5, "lanes": [{"optimizer": "sgd"}, {"optimizer": "adam", "learning_rate": 0.001}]}
    )

    assert [config.learning_rate_of(lane) for lane in range(2)] == [0.5, 0.001]


def test_hyperparameters_are_those_of_the_optimizer_alone() -> None:
    assert SGDLane(learning_rate=1, schedule="cosine", weight_decay=0.1).hyperparameters() == {}
    assert MomentumLane(momentum=0.5).hyperparameters() == {"momentum": 0.5}
    assert AdamLane().hyperparameters() == {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
    assert LionLane().hyperparameters() == {"beta1": 0.9, "beta2": 0.99}


def test_only_adamw_has_weight_decay_by_default() -> None:
    decays = {name: lane().weight_decay for name, lane in LANES.items()}

    assert decays.pop("adamw") == AdamWLane().weight_decay == 0.01
    assert set(decays.values()) == {0}


def test_six_lanes_race_and_one_optimizer_may_come_six_times() -> None:
    lanes = [{"optimizer": "adam", "learning_rate": 10.0**-i} for i in range(6)]

    assert [lane.learning_rate for lane in RunConfig.of({"lanes": lanes}).lanes] == [10.0**-i for i in range(6)]


def test_the_catalogue_lists_what_a_lane_of_each_optimizer_can_set() -> None:
    told = catalogue()

    assert " ".join(entry["label"] for entry in told.values()) == (
        "SGD Momentum Nesterov AdaGrad RMSProp Adadelta Adam NAdam AdamW Lion SF-AdamW"
    )
    assert {name: entry["learning_rate"] for name, entry in told.items() if entry["learning_rate"]} == {
        "adadelta": 1,
        "lion": 0.001,
    }
    for name, entry in told.items():
        lane = {"optimizer": name, "learning_rate": entry["learning_rate"], "weight_decay": entry["weight_decay"]}
        for end in ("default", "low", "high"):
            chosen = {letter: offer[end] for letter, offer in entry["hyperparameters"].items()}
            (taken,) = RunConfig.of({"lanes": [lane | chosen]}).lanes
            assert taken.hyperparameters() == chosen
        for letter, offer in entry["hyperparameters"].items():
            for outside in (offer["low"] - 1, offer["high"] + 1):
                with pytest.raises(InvalidConfig, match=f"{letter} should be "):
                    RunConfig.of({"lanes": [lane | {letter: outside}]})


@pytest.mark.parametrize("field", ["learning_rate", "batch_size", "epochs", "seed", "target_accuracy"])
def test_both_ends_of_a_range_are_taken_and_what_lies_outside_is_not(field: str) -> None:
    low, high = SETTINGS[field].range

    assert [getattr(RunConfig.of({field: end}), field) for end in (low, high)] == [low, high]
    for outside in (low - 1, high + 1):
        with pytest.raises(InvalidConfig, match=f"^{field} should be "):
            RunConfig.of({field: outside})


def test_one_to_three_hidden_layers_of_one_to_1024_units_are_taken() -> None:
    assert RunConfig.of({"hidden": [1]}).hidden == [1]
    assert RunConfig.of({"hidden": [1024, 1, 1024]}).hidden == [1024, 1, 1024]


def test_a_config_survives_the_way_to_plain_values_and_back() -> None:
    choices = adam(learning_rate=0.25, beta2=0.5, schedule="step", weight_decay=0.5)
    config = RunConfig.of({"hidden": [5, 4], "activation": "tanh", "target_accuracy": 0.9, **choices})

    assert RunConfig.of(config.model_dump()) == config


# Choices, the field that is wrong, what was expected there, and what came.
REFUSED: list[tuple[Any, str, str, str]] = [
    ({"learning_rate": NAN}, "learning_rate", "a finite number", "nan"),
    ({"learning_rate": -INFINITY}, "learning_rate", "a finite number", "-inf"),
    ({"learning_rate": "0.1"}, "learning_rate", NUMBER, "'0.1'"),
    ({"learning_rate": True}, "learning_rate", NUMBER, "True"),
    ({"learning_rate": None}, "learning_rate", NUMBER, "None"),
    ({"learning_rate": 0}, "learning_rate", "greater than or equal to 0.000001", "0"),
    ({"learning_rate": 10.5}, "learning_rate", "less than or equal to 10", "10.5"),
    ({"learning_rate": 10**400}, "learning_rate", NUMBER, "1000"),
    ({"batch_size": 0}, "batch_size", "greater than or equal to 1", "0"),
    ({"batch_size": 60_001}, "batch_size", "less than or equal to 60000", "60001"),
    ({"batch_size": 64.5}, "batch_size", WHOLE, "64.5"),
    ({"batch_size": 64.0}, "batch_size", WHOLE, "64.0"),
    ({"epochs": True}, "epochs", WHOLE, "True"),
    ({"epochs": 101}, "epochs", "less than or equal to 100", "101"),
    ({"seed": -1}, "seed", "greater than or equal to 0", "-1"),
    ({"seed": 2**32}, "seed", "less than or equal to 4294967295", "4294967296"),
    ({"seed": NAN}, "seed", WHOLE, "nan"),
    ({"hidden": 128}, "hidden", "list", "128"),
    ({"hidden": "128"}, "hidden", "list", "'128'"),
    ({"hidden": []}, "hidden", "at least 1 item", "[]"),
    ({"hidden": [8, 8, 8, 8]}, "hidden", "at most 3 items", "[8, 8, 8, 8]"),
    ({"hidden": [8, 0]}, "hidden.1", "greater than or equal to 1", "0"),
    ({"hidden": [1025]}, "hidden.0", "less than or equal to 1024", "1025"),
    ({"hidden": ["8"]}, "hidden.0", WHOLE, "'8'"),
    ({"lanes": {}}, "lanes", "list", "{}"),
    ({"lanes": []}, "lanes", "at least 1 item", "[]"),
    ({"lanes": [{"optimizer": "sgd"}] * 7}, "lanes", "at most 6 items", "[{'optimizer': 'sgd'}"),
    ({"lanes": [{"optimizer": "sofia"}]}, "lanes.0", "'sgd', 'momentum', 'nesterov', ", "{'optimizer': 'sofia'}"),
    ({"lanes": [{"optimizer": "sgd"}, {}]}, "lanes.1", ", 'adamw', 'lion' or 'schedulefree'", "{}"),
    ({"activation": "gelu"}, "activation", "'relu', 'tanh' or 'sigmoid'", "'gelu'"),
    ({"initialisation": None}, "initialisation", "'he', 'xavier', 'small' or 'zero'", "None"),
    ({"target_accuracy": 95}, "target_accuracy", "less than or equal to 0.999", "95"),
    ({"target_accuracy": "0.9"}, "target_accuracy", NUMBER, "'0.9'"),
    (adam(schedule="linear"), "lanes.0.adam.schedule", "'constant', 'step', 'cosine' or 'warmup_cosine'", "'linear'"),
    (adam(weight_decay=-0.1), "lanes.0.adam.weight_decay", "greater than or equal to 0", "-0.1"),
    ({"lanes": ["adam"]}, "lanes.0", "a JSON object", "'adam'"),
    (adam(beta1=1), "lanes.0.adam.beta1", "less than or equal to 0.99999", "1"),
    (adam(beta2=-0.1), "lanes.0.adam.beta2", "greater than or equal to 0", "-0.1"),
    (adam(epsilon=0), "lanes.0.adam.epsilon", "greater than or equal to 0.000000000001", "0"),
    (adam(learning_rate=11), "lanes.0.adam.learning_rate", "less than or equal to 10", "11"),
    (adam(learning_rate="x" * 1000), "lanes.0.adam.learning_rate", NUMBER, f"'{'x' * 56}..."),
    ([], "the body", "a JSON object", "[]"),
    (None, "the body", "a JSON object", "None"),
]


@pytest.mark.parametrize(("choices", "field", "expected", "came"), REFUSED, ids=lambda value: ascii(value)[:40])
def test_a_refusal_names_the_field_what_was_expected_and_what_came(
    choices: Any, field: str, expected: str, came: str
) -> None:
    with pytest.raises(InvalidConfig) as refusal:
        RunConfig.of(choices)

    message = str(refusal.value)
    assert message.startswith(f"{field} should ")
    assert expected in message
    assert f"; got {came}" in message
    assert message.endswith(".")
    assert len(message) < 200


@pytest.mark.parametrize(
    ("choices", "field"),
    [
        ({"lr": 0.1}, "lr"),
        ({"lanes": [{"optimizer": "sgd", "momentum": 0.9}]}, "lanes.0.sgd.momentum"),
    ],
)
def test_a_field_that_does_not_exist_is_refused_by_name(choices: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidConfig, match=f"^{field}: there is no such field"):
        RunConfig.of(choices)


def test_a_config_and_its_lanes_are_frozen() -> None:
    config = RunConfig()

    with pytest.raises(ValidationError, match="frozen"):
        config.epochs = 6
    with pytest.raises(ValidationError, match="frozen"):
        config.lanes[0].learning_rate = 0.5


def test_one_config_cannot_change_the_defaults_of_the_next() -> None:
    RunConfig().hidden.append(64)
    RunConfig().lanes.pop()

    assert RunConfig().hidden == [128]
    assert len(RunConfig().lanes) == 3


def test_the_table_that_the_tests_of_the_page_read_is_the_one_the_page_gets() -> None:
    """Updated by `python -m tests.record --choices`."""
    table = json.loads((Path(__file__).parent / "fixtures" / "choices.json").read_text(encoding="utf-8"))

    assert table == json.loads(json.dumps({"config": RunConfig().model_dump(), **limits()}))
