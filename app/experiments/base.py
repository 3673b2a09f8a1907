"""Defines an experiment: a claim of the article, a question with guesses, what is run, and how the result answers it.

An answer is computed from a result, never written in advance: its sentences cite the figures of that result.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import starmap
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.config import RunConfig
from app.events import TARGETS, LaneStatus, RunStatus
from app.experiments.picture import Picture
from app.report.drawing import Look, looks
from app.report.lane_view import LaneView, lane_views
from app.report.sweeps.result import Spread, curves_of
from app.report.sweeps.verdict import verdicts
from app.runs.description import Description
from app.runs.history import COLUMNS, Kind
from app.sweeps.state import CellState, SweepState

# The test accuracy from which a network counts as reading digits.
MARK = TARGETS[0]

Columns = Sequence[NDArray[np.float32]]


class Guess(NamedTuple):
    """One of the answers that can be guessed."""

    key: str
    label: str


class Answer(NamedTuple):
    """The key of the guess that is right, and why, in sentences with figures.

    `choice` is None where the result decides nothing: it is not over, a lane diverged or failed, or something else was
    run.
    """

    choice: str | None
    sentences: list[str]


class Next(NamedTuple):
    """One thing to try next: in words, and where on the site it is."""

    text: str
    path: str


class RaceResult(NamedTuple):
    """A run, with the columns of each lane's evaluations and pushes."""

    run: Description
    evaluations: Columns
    pushes: Columns

    @property
    def finished(self) -> bool:
        """Whether it has trained to its end."""
        return self.run["status"] == "finished"

    @property
    def lanes(self) -> list[LaneView]:
        return lane_views(self.run, self.evaluations, self.pushes)

    @property
    def looks(self) -> list[Look]:
        """How its lanes look on the page."""
        return looks([lane["optimizer"] for lane in self.run["lanes"]])

    def epochs(self, step: int) -> float:
        """How many passes over the training digits `step` batches are."""
        return step / self.run["batches_per_epoch"]

    def push(self, lane: int) -> dict[str, float]:
        """The newest row of a lane's pushes, by the names of its columns; empty where there is none."""
        columns = self.pushes[lane]
        return dict(zip(COLUMNS[Kind.PUSH], columns[:, -1].tolist(), strict=True)) if columns.shape[1] else {}


class Measured(NamedTuple):
    """One evaluation of a cell."""

    step: int
    epochs: float
    seconds: float
    test_accuracy: float
    test_loss: float | None
    """None where it overflowed."""


class CellResult(NamedTuple):
    """One training of a sweep; `at` is its place in the grid, `accuracy` is None unless it finished."""

    at: Mapping[str, Any]
    accuracy: float | None
    evaluations: list[Measured]

    @classmethod
    def of(cls, state: CellState) -> "CellResult":
        cell, (_, lane, evaluations) = state
        accuracy = lane["test_accuracy"] if lane["status"] is LaneStatus.FINISHED else None
        return cls(cell.at, accuracy, list(starmap(Measured, evaluations)))

    def passed(self, share: float) -> Measured | None:
        """The first evaluation with at least this test accuracy."""
        return next((each for each in self.evaluations if each.test_accuracy >= share), None)


class SweepResult(NamedTuple):
    """A sweep: whether all of its grid is trained, and its cells."""

    finished: bool
    cells: list[CellResult]
    batches: Mapping[str, Spread | None] = MappingProxyType({})
    """By optimizer, those to the mark of a sweep's verdict, at the best learning rate and on fresh seeds; None where
    a training did not get there. One is missing until these are trained; all are in a sweep that compares no rates."""
    seconds: Mapping[str, Spread | None] = MappingProxyType({})
    """The same, of CPU seconds of training."""

    @classmethod
    def of(cls, sweep: SweepState) -> "SweepResult":
        finished = sweep.status is RunStatus.FINISHED or sweep.phase != "grid"
        curves = curves_of(sweep)
        found = verdicts(curves, sweep.fresh)
        # Those that diverged at every rate are not trained again: they never get there.
        never = {curve.optimizer: None for curve in curves if sweep.fresh and not curve.best}
        batches = {each.curve.optimizer: each.tuned.batches for each in found} | never
        seconds = {each.curve.optimizer: each.tuned.seconds for each in found} | never
        return cls(finished, list(map(CellResult.of, sweep.cells)), batches, seconds)


@dataclass(frozen=True)
class Race:
    """An experiment that is one run; `view` is how the page shows it, as a link would say."""

    config: RunConfig
    answer: Callable[[RaceResult], Answer]
    picture: Callable[[RaceResult], Picture]
    view: Mapping[str, Any] = field(default_factory=dict)
    walls: bool = True
    """Whether the page shows the walls of digits."""


@dataclass(frozen=True)
class Sweep:
    """An experiment that is a grid of trainings; `config` is what all of them have in common."""

    axes: Mapping[str, Sequence[Any]]
    answer: Callable[[SweepResult], Answer]
    picture: Callable[[SweepResult], Picture]
    config: Mapping[str, Any] = field(default_factory=dict)

    def axes_for(self, digits: int) -> dict[str, list[Any]]:
        """The axes for a data set of `digits` training digits: no batch is larger than that."""
        return {
            name: list(dict.fromkeys(min(value, digits) if name == "batch_size" else value for value in values))
            for name, values in self.axes.items()
        }


@dataclass(frozen=True)
class Experiment:
    """One claim of the article, to be tested."""

    order: int
    name: str
    title: str
    claim: str
    """In the words of the article."""
    question: str
    guesses: tuple[Guess, ...]
    runs: Race | Sweep
    look: str
    """What to watch, in one sentence."""
    next: Next

    def label(self, choice: str) -> str:
        """What a guess is called."""
        return next(guess.label for guess in self.guesses if guess.key == choice)
