"""The command that races again: what the command line makes of it is the same config."""

import random
import shlex

import pytest
import typer

from app import cli
from app.choices import LANE_SETTINGS, SETTINGS
from app.config import LANES, RunConfig
from app.report.reproduce import command
from app.training.optimizers import OPTIMIZERS

RACE = typer.main.get_command(cli.app).commands["race"]


def read(line: str) -> RunConfig:
    """As the real command line reads it."""
    program, name, *words = shlex.split(line)
    assert (program, name) == ("playground", "race")
    return cli.race_config(RACE.make_context("race", words).params)


def any_config(dice: random.Random) -> RunConfig:
    def between(low: float, high: float) -> float:
        return dice.choice([low, high, dice.uniform(low, high), low + (high - low) * 10 ** dice.uniform(-6, 0)])

    def within(name: str) -> float:
        return between(*(SETTINGS | LANE_SETTINGS)[name].range)

    def sometimes(**choices: object) -> dict:
        return {name: value for name, value in choices.items() if dice.random() < 0.5}

    lanes = []
    for optimizer in dice.choices(list(LANES), k=dice.randint(1, 6)):
        dials = OPTIMIZERS[optimizer].hyperparameters
        own = {name: between(each.low, each.high) for name, each in dials.items()}
        rest = {"learning_rate": within("learning_rate"), "weight_decay": within("weight_decay"), "schedule": "cosine"}
        lanes.append({"optimizer": optimizer, **sometimes(**own, **rest)})
    return RunConfig.of(
        sometimes(
            learning_rate=within("learning_rate"),
            batch_size=dice.randint(1, 60_000),
            epochs=dice.randint(1, 100),
            hidden=[dice.randint(1, 1024) for _ in range(dice.randint(1, 3))],
            activation="tanh",
            initialisation="xavier",
            seed=dice.randint(0, 2**32 - 1),
            target_accuracy=within("target_accuracy"),
            lanes=lanes,
        )
    )


@pytest.mark.parametrize("seed", range(200))
def test_the_command_line_reads_the_same_config(seed: int) -> None:
    config = any_config(random.Random(seed))

    assert read(command(config)) == config


def test_what_is_usual_is_not_named() -> None:
    assert command(RunConfig()) == "playground race"


def test_one_hyperparameter_of_one_lane_is_named_as_in_a_link() -> None:
    adam = {"optimizer": "adam"}
    line = command(RunConfig.of({"lanes": [adam, {**adam, "beta1": 0.8, "learning_rate": 1e-3}]}))

    assert line == "playground race --optimizer adam --optimizer adam --lr adam2=0.001 --set adam2.beta1=0.8"


@pytest.mark.parametrize("hidden", [[128, 5], [1, 100], [4, 4, 4]])
def test_layers_that_might_be_read_as_one_number_come_back_as_layers(hidden: list[int]) -> None:
    assert read(command(RunConfig(hidden=hidden))).hidden == hidden
