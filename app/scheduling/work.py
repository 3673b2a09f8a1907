"""How much a run, or a sweep, has to do and has done: steps, and the multiply-adds of steps and evaluations."""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.config import RunConfig
from app.events import Detail
from app.runs.run import Run
from app.scheduling.check_limits import weights
from app.scheduling.job import Job
from app.sweeps.sweep import Sweep, Training
from app.training.evaluation import QUICK_DIGITS, evaluation_steps, quick_evaluation_steps

# Each curve and seed of a sweep is trained again at its best rate and at the usual one, mostly two.
AGAIN = 2
# In multiply-adds, what a step costs beside its arithmetic. An evaluation only goes forward: a third of the arithmetic.
STEP_OVERHEAD, FORWARD_SHARE = 2_000_000, 1 / 3

Work = NDArray[np.float64]


def lanes_of(job: Job) -> int:
    """The number of lanes its work is given for; all trainings of a sweep count as one."""
    return len(job.lanes) if isinstance(job, Run) else 1


def training_lanes(job: Job) -> list[int]:
    """The numbers of the lanes that still train."""
    return [number for number, lane in enumerate(job.lanes) if not lane.status.final] if isinstance(job, Run) else [0]


def done(job: Job, evaluated: int) -> Work:
    """Of each lane so far: of shape (2, lanes). `evaluated` digits are measured at an evaluation that is not quick."""
    if isinstance(job, Sweep):
        return np.array([[steps] for steps in _of_trainings(job.trainings, evaluated, so_far=True)])
    assert isinstance(job, Run)
    end, quick = job.history.end(), [lane.quick_evaluations for lane in job.lanes]
    return _work(job.config, end.steps, np.subtract(end.evaluations, quick), quick, evaluated)


def whole(job: Job, evaluated: int) -> Work:
    """The work of one lane from start to end, of shape (2,)."""
    if isinstance(job, Sweep):
        return _of_trainings(job.trainings, evaluated) + _still_unknown(job, evaluated)
    assert isinstance(job, Run)
    return _of_lane(job.config, job.batches_per_epoch, evaluated)


def _of_trainings(trainings: Iterable[Training], evaluated: int, so_far: bool = False) -> Work:
    total = np.zeros(2)
    for training in trainings:
        # One that has ended before its time does no more.
        steps = training.steps if so_far or training.over else training.planned_steps
        if share := steps / training.planned_steps:
            # Few evaluations, by test digits alone, are next to nothing beside the steps.
            measured = evaluated if training.detail is Detail.CURVES else 0
            total += share * _of_lane(training.cell.config, training.per_epoch, measured)
    return total


def first_of_curves(sweep: Sweep) -> list[Training]:
    """Of each curve and seed one training, for all its rates, as long as it is unknown which are trained again."""
    if sweep.fresh or not sweep.grid.compares_rates or sweep.status.final:
        return []
    first_rate = sweep.grid.axes["learning_rate"][0]
    return [training for training in sweep.cells if training.cell.config.learning_rate == first_rate]


def _still_unknown(sweep: Sweep, evaluated: int) -> Work:
    """What is trained again once the grid is done."""
    again = np.zeros(2)
    for training in first_of_curves(sweep):
        again += AGAIN * _of_lane(training.cell.config, training.per_epoch, evaluated)
    return again


def step_work(config: RunConfig) -> int:
    """The multiply-adds of a step."""
    return STEP_OVERHEAD + config.batch_size * weights(config)


def _of_lane(config: RunConfig, per_epoch: int, evaluated: int) -> Work:
    return _work(config, per_epoch * config.epochs, *_evaluations(per_epoch, config.epochs), evaluated)


def _work(config: RunConfig, steps: ArrayLike, whole: ArrayLike, quick: ArrayLike, evaluated: int) -> Work:
    """Steps, and below them the multiply-adds of steps and of whole and quick evaluations."""
    digits = np.multiply(whole, evaluated) + np.multiply(quick, min(2 * QUICK_DIGITS, evaluated))
    of_steps = np.multiply(steps, step_work(config))
    return np.array([steps, of_steps + digits * weights(config) * FORWARD_SHARE], np.float64)


@lru_cache
def _evaluations(per_epoch: int, epochs: int) -> tuple[int, int]:
    """How many are over everything, and how many quick."""
    whole = evaluation_steps(per_epoch, epochs)
    return len(whole), len(quick_evaluation_steps(per_epoch) - whole)
