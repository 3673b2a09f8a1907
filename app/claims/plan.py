"""What is trained to test the claims: a few grids, each with all seeds."""

from collections.abc import Sequence
from typing import NamedTuple

from app.config import RunConfig
from app.events import Detail
from app.experiments.one_dial import RATES
from app.experiments.train_longer import RACE as LONGER
from app.report.formats import count, counted, listed, plain
from app.report.sweeps.result import curves
from app.runs.description import LaneDescription
from app.sweeps.grid import Grid, grid
from app.training.optimizers import OPTIMIZERS as RULES

OPTIMIZERS = ["sgd", "momentum", "adam"]
USUAL = RunConfig()
# Good for SGD with mini-batches as well as with all examples.
WHOLE_RATE = 0.1


class Plan(NamedTuple):
    """How much is trained. The numbers here answer in minutes; tests take smaller ones."""

    seeds: int = 6
    epochs: int = 5
    rates: Sequence[float] = tuple(RATES)
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
    seeds = plan.first_seeds

    def sgd(size: int, epochs: int) -> Grid:
        base = {"batch_size": size, "epochs": epochs, "learning_rate": WHOLE_RATE}
        return grid({"optimizer": ["sgd"], "seed": seeds}, base)

    race = grid({"optimizer": OPTIMIZERS, "seed": seeds}, {"epochs": plan.epochs})
    rates = grid({"optimizer": OPTIMIZERS, "learning_rate": plan.rates, "seed": seeds}, {"epochs": 1})
    longer = {**LONGER.model_dump(include={"learning_rate", "batch_size", "hidden"}), "epochs": plan.longer_epochs}
    return [
        _group("race", race, examples, Detail.EVERYTHING),
        _group("rates", rates, examples, Detail.RESULT),
        _group("whole", sgd(examples, plan.whole_epochs), examples, Detail.CURVES),
        _group("small", sgd(USUAL.batch_size, plan.epochs), examples, Detail.CURVES),
        _group("longer", grid({"optimizer": ["adam"], "seed": seeds}, longer), examples, Detail.CURVES),
    ]


def _group(name: str, trained: Grid, examples: int, detail: Detail) -> Group:
    """What is said of it is read from what is trained."""
    configs = [cell.config for cell in trained.cells]
    labels = dict.fromkeys(RULES[cell.optimizer].label for cell in trained.cells)
    rates = sorted({config.learning_rate for config in configs})
    at = (
        f"at {len(rates)} learning rates from {plain(rates[0])} to {plain(rates[-1])}"
        if len(rates) > 1
        else f"at the learning rate {plain(rates[0])}"
    )
    size = configs[0].batch_size
    batches = f" with all {count(examples)} examples in one batch" if size == examples else f", batch {size}"
    return Group(name, f"{listed(list(labels))} {at}{batches}, {counted(configs[0].epochs, 'epoch')}", trained, detail)


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
