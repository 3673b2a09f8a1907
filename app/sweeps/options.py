"""A sweep from a command line: learning rates as 0.1 or 1e-4:1:13, other choices as batch-size=32,128."""

from collections.abc import Callable, Sequence
from typing import Any

from app.choices import LANE_SETTINGS, RATE, SETTINGS, Choice
from app.errors import InvalidConfig
from app.number_input import read_number, read_share, read_whole, read_widths
from app.sweeps.grid import AXES, MOST_CELLS, Grid, grid, spaced_rates

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

    Raises InvalidConfig.
    """
    if seeds < 1:
        raise InvalidConfig(f"--seeds should be at least 1; got {seeds}.")
    axes: dict[str, Sequence[Any]] = {"optimizer": optimizers}
    if listed := [rate for text in rates for rate in _rates(text)]:
        axes["learning_rate"] = listed
    if seeds > 1:
        axes["seed"] = range(settings["seed"], settings["seed"] + seeds)
    for text in over:
        name, values = _axis(text)
        axes[name] = values
    return grid(axes, {name: value for name, value in settings.items() if name not in axes})


def _rates(text: str) -> list[float]:
    parts = text.split(":")
    try:
        if len(parts) == 1:
            return [read_number(text, *RATE)]
        low, high, count = read_number(parts[0], *RATE), read_number(parts[1], *RATE), read_whole(parts[2])
    except (ValueError, IndexError):
        pass
    else:
        if len(parts) == 3 and 0 < low < high < float("inf") and count > 1:
            return _spaced(text, low, high, count)
    raise InvalidConfig(
        f"--lr should be a learning rate, as 0.01, or several as lowest:highest:how many, as 1e-4:1:13; got {text!r}."
    )


def _spaced(text: str, low: float, high: float, count: int) -> list[float]:
    if count > MOST_CELLS:
        raise InvalidConfig(f"A sweep may have at most {MOST_CELLS:,} trainings; --lr {text} alone asks for {count:,}.")
    rates = spaced_rates(low, high, count)
    if len(set(rates)) < count:
        raise InvalidConfig(
            f"--lr {text} asks for {count:,} learning rates; rounded to three digits, only {len(set(rates)):,} of them "
            "differ. Ask for fewer, or for a wider range."
        )
    return rates


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
