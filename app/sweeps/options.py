"""A sweep from a command line: optimizers, learning rates, seeds, and other choices as batch-size=32,128."""

from collections.abc import Callable, Sequence
from typing import Any

from app.choices import LANE_SETTINGS, SETTINGS, Choice
from app.config import RunConfig
from app.errors import InvalidConfig
from app.number_input import read_number, read_share, read_whole, read_widths
from app.sweeps.axes import AXES, called
from app.sweeps.grid import MOST_CELLS, Grid, grid
from app.sweeps.rate_option import rates_of

USUAL_OPTIMIZERS = [lane.optimizer for lane in RunConfig().lanes]
USUAL_RATES = "1e-4:1:9"

READ: dict[str, Callable[[str], Any]] = {
    "number": read_number,
    "whole": read_whole,
    "share": read_share,
    "widths": read_widths,
}


def grid_of(
    optimizers: Sequence[str],
    rates: Sequence[str],
    seeds: int,
    over: Sequence[str],
    settings: dict[str, Any],
) -> Grid:
    """The grid of optimizers, learning rates, `seeds` seeds from the chosen one on, and other axes.

    Without optimizers or rates it has the usual ones, unless they are among the other axes. Raises InvalidConfig.
    """
    _check_seeds(seeds, settings["seed"])
    axes: dict[str, Sequence[Any]] = {}
    if optimizers:
        axes["optimizer"] = optimizers
    if rates:
        axes["learning_rate"] = [rate for text in rates for rate in rates_of(text)]
    if seeds > 1:
        axes["seed"] = range(settings["seed"], settings["seed"] + seeds)
    for text in over:
        name, values = _axis(text)
        if name in axes:
            raise InvalidConfig(
                f"--over {text}: there are values for {called(name)} already. Write all of them in one."
            )
        axes[name] = values
    axes = {"optimizer": USUAL_OPTIMIZERS, "learning_rate": rates_of(USUAL_RATES), **axes}
    return grid(axes, {name: value for name, value in settings.items() if name not in axes})


def _check_seeds(seeds: int, first: int) -> None:
    # Here, since as many seeds would be listed before anything else is checked.
    if not 1 <= seeds <= MOST_CELLS:
        raise InvalidConfig(
            f"--seeds should be a number of seeds from 1 to {MOST_CELLS:,}, the most trainings of a sweep, such as 3; "
            f"got {seeds:,}."
        )
    highest = int((SETTINGS["seed"].range or (0, 0))[1])
    if first <= highest < first + seeds - 1:
        raise InvalidConfig(
            f"--seeds {seeds} from --seed {first} on goes beyond the highest seed, {highest}. "
            f"The last --seed that fits is {highest - seeds + 1}."
        )


def _axis(text: str) -> tuple[str, list[Any]]:
    typed, equals, values = text.partition("=")
    name = typed.replace("-", "_")
    if not equals or name not in AXES:
        others = ", ".join(axis.replace("_", "-") for axis in AXES)
        raise InvalidConfig(
            f"--over should be a choice and its values, as batch-size=32,128, of {others}; got {text!r}."
        )
    row = {**LANE_SETTINGS, **SETTINGS}.get(name)
    try:
        return name, [_value(row, value.strip()) for value in values.split(";" if ";" in values else ",")]
    except ValueError as problem:
        raise InvalidConfig(f"--over {typed}: {problem}") from None


def _value(row: Choice | None, text: str) -> Any:
    """As a config has it; the config checks names, such as that of an optimizer."""
    return READ[row.kind](text) if row and row.kind in READ else text
