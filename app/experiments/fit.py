"""Checks that what was run is what the experiment runs, since nothing else can answer it.

Trainings are compared by what decides an answer: optimizer, learning rate and the lane's other settings, batch
size, epochs and target. The network and the seed are free.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.config import RunConfig
from app.experiments.base import Sweep
from app.report.formats import counted, listed, plain
from app.sweeps.grid import Grid, grid
from app.training.optimizers import OPTIMIZERS

# Of more values than these only the first and the last are named.
MOST_NAMED = 5
NAMES = ("optimizer", "learning rate", "other settings", "batch size", "epochs", "target accuracy")


class _Training(NamedTuple):
    """In the order of NAMES."""

    optimizer: str
    learning_rate: float
    others: str
    batch_size: int
    epochs: int
    target: float


def grid_of(sweep: Sweep, digits: int) -> Grid:
    """What is trained with a data set of `digits` training digits."""
    return grid(sweep.axes_for(digits), dict(sweep.config))


def misfit(title: str, expected: Sequence[RunConfig], came: Sequence[RunConfig]) -> str | None:
    """What was expected and what was run instead, in a sentence; None if it fits."""
    wanted, got = _trainings(expected), _trainings(came)
    if Counter(wanted) == Counter(got):
        return None
    columns = zip(NAMES, zip(*wanted, strict=True), zip(*got, strict=True), strict=True)
    different = [(name, ours, theirs) for name, ours, theirs in columns if set(ours) != set(theirs)]
    ours = [f"{name} {_values(column)}" for name, column, _ in different]
    theirs = [f"{name} {_values(column)}" for name, _, column in different]
    if len(wanted) != len(got) or not different:
        ours.append(counted(len(wanted), "training"))
        found = counted(len(got), "training")
        theirs.append(found if len(wanted) != len(got) else f"{found} combined otherwise")
    return f"{title!r} is answered only by what it runs: expected {listed(ours)}; got {listed(theirs)}."


def _trainings(configs: Iterable[RunConfig]) -> list[_Training]:
    """One for each lane of each config."""
    return [
        _Training(
            OPTIMIZERS[lane.optimizer].label,
            config.learning_rate_of(number),
            _others(lane.model_dump(exclude={"optimizer", "learning_rate"}), type(lane)().model_dump()),
            config.batch_size,
            config.epochs,
            config.target_accuracy or 0,
        )
        for config in configs
        for number, lane in enumerate(config.lanes)
    ]


def _others(settings: dict[str, object], usual: dict[str, object]) -> str:
    """The settings of a lane that differ from their defaults."""
    return ", ".join(f"{name} {value}" for name, value in settings.items() if value != usual[name])


def _values(column: Sequence[str | float]) -> str:
    values = list(dict.fromkeys(column))
    texts = [value or "none" if isinstance(value, str) else plain(value) if value else "none" for value in values]
    return f"{texts[0]} to {texts[-1]} ({len(texts)} values)" if len(texts) > MOST_NAMED else ", ".join(texts)
