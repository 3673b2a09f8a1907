"""What is trained to test the claims: a few grids, each with all seeds."""

from collections.abc import Sequence
from typing import NamedTuple

from app.config import RunConfig
from app.events import Detail
from app.experiments.train_longer import RACE as LONGER
from app.report.formats import count, counted, plain
from app.report.sweeps.result import curves
from app.runs.description import LaneDescription
from app.sweeps.grid import Grid, grid, spaced_rates

OPTIMIZERS = ["sgd", "momentum", "adam"]
USUAL = RunConfig()
# Good for SGD with mini-batches as well as with all examples.
WHOLE_RATE = 0.1


class Plan(NamedTuple):
    """How much is trained. The numbers here answer in minutes; tests take smaller ones."""

    seeds: int = 6
    epochs: int = 5
    rates: Sequence[float] = tuple(spaced_rates(1e-5, 10, 19))
    whole_epochs: int = 100
    longer_epochs: int = 30

    @property
    def first_seeds(self) -> list[int]:
        return list(range(USUAL.seed, USUAL.seed + self.seeds))

    @property
    def fresh_seeds(self) -> list[int]:
        """As many seeds, none of which plays a part in the choice of a learning rate."""
        return [seed + self.seeds for seed in self.first_seeds]


class Group(NamedTuple):
    """Trainings that belong together: their name, a description, their grid, and how much they report."""

    name: str
    says: str
    grid: Grid
    detail: Detail


def groups(plan: Plan, examples: int) -> list[Group]:
    """Those that need no result of another, for a data set with `examples` training digits."""
    seeds, few, epochs = plan.first_seeds, f"batch {USUAL.batch_size}", counted(plan.epochs, "epoch")

    def sgd(size: int, epochs: int) -> Grid:
        base = {"batch_size": size, "epochs": epochs, "learning_rate": WHOLE_RATE}
        return grid({"optimizer": ["sgd"], "seed": seeds}, base)

    rates = grid({"optimizer": OPTIMIZERS, "learning_rate": plan.rates, "seed": seeds}, {"epochs": 1})
    longer = {**LONGER.model_dump(include={"learning_rate", "batch_size", "hidden"}), "epochs": plan.longer_epochs}
    return [
        Group(
            "race",
            f"SGD, Momentum and Adam at the learning rate {plain(USUAL.learning_rate)}, {few}, {epochs}",
            grid({"optimizer": OPTIMIZERS, "seed": seeds}, {"epochs": plan.epochs}),
            Detail.EVERYTHING,
        ),
        Group(
            "rates",
            f"SGD, Momentum and Adam at {len(plan.rates)} learning rates from {plain(plan.rates[0])} to "
            f"{plain(plan.rates[-1])}, {few}, 1 epoch",
            rates,
            Detail.RESULT,
        ),
        Group(
            "whole",
            f"SGD at the learning rate {plain(WHOLE_RATE)} with all {count(examples)} examples in one batch, "
            f"{counted(plan.whole_epochs, 'epoch')}",
            sgd(examples, plan.whole_epochs),
            Detail.CURVES,
        ),
        Group(
            "small",
            f"SGD at the learning rate {plain(WHOLE_RATE)}, {few}, {epochs}",
            sgd(USUAL.batch_size, plan.epochs),
            Detail.CURVES,
        ),
        Group(
            "longer",
            f"Adam at the learning rate {plain(LONGER.learning_rate)}, {few}, {counted(plan.longer_epochs, 'epoch')}",
            grid({"optimizer": ["adam"], "seed": seeds}, longer),
            Detail.CURVES,
        ),
    ]


def tuned(plan: Plan, rates: Grid, lanes: Sequence[LaneDescription]) -> list[Group]:
    """Each optimizer at the learning rate that was best over all seeds of `rates`; at the default rate if a training
    diverged at every rate.
    """
    found = []
    for curve in curves(rates, lanes):
        rate = curve.best.rate if curve.best else USUAL.learning_rate
        base = {"epochs": plan.epochs, "learning_rate": rate}
        again = grid({"optimizer": [curve.optimizer], "seed": plan.fresh_seeds}, base)
        found.append(Group("tuned", TUNED.format(epochs=counted(plan.epochs, "epoch")), again, Detail.CURVES))
    return found


TUNED = "SGD, Momentum and Adam, each at the best of those learning rates, {epochs}, with other seeds"
ANGLES = (
    "Gradients of mini-batches, and Momentum's updates, beside the gradient of all examples: at ten batches of the "
    "first epoch of *race*, log-spaced"
)
