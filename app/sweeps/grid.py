"""The grid of a sweep: which values of which settings are combined, and the training of each combination."""

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from pydantic import ValidationError

from app.config import LANES, LaneConfig, RunConfig, sentence
from app.errors import InvalidConfig
from app.events import Detail
from app.sweeps.axes import AXES, OF_THE_LANE, OF_THE_RUN, fitting, product_of
from app.training.optimizers import OPTIMIZERS

MOST_CELLS = 1_000


class Cell(NamedTuple):
    """One training of a sweep: its place in the grid, and the race of one lane that it runs."""

    at: dict[str, Any]
    config: RunConfig

    @property
    def optimizer(self) -> str:
        return self.config.lanes[0].optimizer


class Grid(NamedTuple):
    """All combinations of the values of each axis. Made by `grid`."""

    axes: dict[str, list[Any]]
    cells: list[Cell]
    base: dict[str, Any]
    """The settings that all cells share; without a learning rate if none was chosen."""

    @property
    def training_order(self) -> list[int]:
        """The numbers of the cells in the order of their training: seed by seed, and within a seed rate by rate.

        All curves grow together then, and the last trainings, which cannot fill all cores, take about equally long.
        """
        seeds, rates = self.axes.get("seed", []), self.axes.get("learning_rate", [])

        def place(number: int) -> tuple[int, int]:
            at = self.cells[number].at
            return seeds.index(at["seed"]) if seeds else 0, rates.index(at["learning_rate"]) if rates else 0

        return sorted(range(len(self.cells)), key=place)

    @property
    def detail(self) -> Detail:
        """How much a cell reports: its result where learning rates are compared, else its curve."""
        return Detail.RESULT if self.compares_rates else Detail.CURVES

    @property
    def compares_rates(self) -> bool:
        return len(self.axes.get("learning_rate", ())) > 1


def grid(axes: Mapping[str, Sequence[Any]], base: dict[str, Any] | None = None) -> Grid:
    """All combinations of the values on `axes`, which are named as in AXES; `base` has all other settings of a race.

    The cells of the first seed come first, so that early results cover all other axes. Raises InvalidConfig.
    """
    listed = {name: list(values) for name, values in axes.items()}
    # First, since values are compared each with each.
    _check_size(listed)
    for name, values in listed.items():
        _check_axis(name, values)
    shared = _base(base or {}, listed)
    # The last of them changes fastest.
    order = sorted(listed, key=("seed", *(name for name in AXES if name != "seed")).index)
    combinations = [dict(zip(order, values, strict=True)) for values in product(*(listed[name] for name in order))]
    return Grid({name: listed[name] for name in order}, [cell_at(at, shared) for at in combinations], shared)


def spaced_rates(low: float, high: float, count: int) -> list[float]:
    """`count` learning rates from `low` to `high`, equally far apart on a logarithmic scale, in three digits."""
    if count < 2:
        return [low]
    return [float(f"{low * (high / low) ** (i / (count - 1)):.3g}") for i in range(count)]


def usual_rate(optimizer: str) -> float:
    """The learning rate an optimizer has when none is chosen."""
    usual = OPTIMIZERS[optimizer].usual_learning_rate
    return RunConfig().learning_rate if usual is None else usual


def _check_axis(name: str, values: list[Any]) -> None:
    if name not in AXES:
        raise InvalidConfig(f"A sweep goes over {', '.join(AXES)}; {name!r} is none of them.")
    if not values:
        raise InvalidConfig(f"A sweep needs at least one value for {name}; there is none.")
    twice = next((value for i, value in enumerate(values) if value in values[:i]), None)
    if twice is not None:
        raise InvalidConfig(f"A sweep takes each value of {name} once; {twice!r} is there twice. Leave one out.")


def _check_size(axes: dict[str, list[Any]]) -> None:
    if not axes:
        raise InvalidConfig(f"A sweep needs at least one axis, of {', '.join(AXES)}; there is none.")
    sizes = {name: len(values) for name, values in axes.items()}
    cells = math.prod(sizes.values())
    if cells > MOST_CELLS:
        longest = max(sizes, key=lambda name: sizes[name])
        most = MOST_CELLS // (cells // sizes[longest])
        raise InvalidConfig(
            f"At most {MOST_CELLS:,} trainings fit in a sweep; this grid has {cells:,}: {product_of(sizes)}. "
            f"{fitting(longest, axes, most, 'of all', 'at most ')}"
        )


def _base(base: dict[str, Any], axes: dict[str, list[Any]]) -> dict[str, Any]:
    """With the defaults of a race, and without the settings that are on an axis."""
    if "lanes" in base:
        raise InvalidConfig("A sweep's trainings have one lane each: name optimizers on the axis optimizer, not lanes.")
    if base.get("target_accuracy") is not None:
        raise InvalidConfig("A sweep's trainings have no target_accuracy: it would end some of them before others.")
    chosen = RunConfig.of({name: value for name, value in base.items() if name not in axes})
    left_out = {"lanes", "target_accuracy", *axes, *({"learning_rate"} - base.keys())}
    return chosen.model_dump(exclude=left_out)


def cell_at(at: dict[str, Any], base: dict[str, Any]) -> Cell:
    """The training at this place of a grid with that base. Raises InvalidConfig."""
    lane = _lane({name: at[name] for name in OF_THE_LANE if name in at})
    shared = {name: at[name] for name in OF_THE_RUN if name in at}
    if "learning_rate" not in {*base, *at}:
        shared["learning_rate"] = usual_rate(lane.optimizer)
    config = RunConfig.of({**base, **shared, "lanes": [lane]})
    # With values as the config has them: 1 and 1.0 are one learning rate.
    return Cell({name: getattr(config.lanes[0] if name in OF_THE_LANE else config, name) for name in at}, config)


def _lane(choices: dict[str, Any]) -> LaneConfig:
    optimizer = choices.pop("optimizer", RunConfig().lanes[0].optimizer)
    # It may be anything, also what no dictionary takes for a key.
    if optimizer not in list(LANES):
        *names, last = (f"'{name}'" for name in LANES)
        raise InvalidConfig(f"optimizer should be {', '.join(names)} or {last}; got {optimizer!a}.")
    try:
        lane: LaneConfig = LANES[optimizer].model_validate(choices)
    except ValidationError as error:
        raise InvalidConfig(sentence(error.errors()[0])) from None
    return lane
