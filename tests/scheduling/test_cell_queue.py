"""Many trainings on one engine: each gets its result, whatever becomes of the others."""

import asyncio

import numpy as np
import pytest

from app.engine.inline import InlineEngine
from app.engine.local import LocalEngine
from app.events import Evaluation, LaneStatus, RunStatus
from app.runs.history import Kind
from app.runs.run import Run
from app.scheduling.cell_queue import train_all
from app.sweeps.grid import grid
from app.training.dataset import Dataset
from tests.engine.racing import workers
from tests.waiting import until_async

AXES = {"optimizer": ["sgd", "adam"], "learning_rate": [0.01, 0.1]}


def runs_of(digits: Dataset, **settings: object) -> list[Run]:
    cells = grid(AXES, {"epochs": 1, "hidden": [16], **settings}).cells
    size = len(digits.train_labels)
    return [
        Run(str(number), cell.config, digits.test_labels, size // cell.config.batch_size)
        for number, cell in enumerate(cells)
    ]


def results(runs: list[Run]) -> list[float | None]:
    return [run.describe()["lanes"][0]["test_accuracy"] for run in runs]


async def test_the_same_grid_has_the_same_numbers_however_many_are_trained_at_once(few_digits: Dataset) -> None:
    engine = InlineEngine(few_digits)
    one_by_one, together = runs_of(few_digits), runs_of(few_digits)
    over: list[str] = []

    await train_all(engine, one_by_one, 1, lambda run: over.append(run.id))
    await train_all(engine, together, 3, lambda _: None)

    assert over == ["0", "1", "2", "3"]
    assert results(one_by_one) == results(together)
    for one, other in zip(one_by_one, together, strict=True):
        assert one.status is RunStatus.FINISHED
        np.testing.assert_array_equal(one.history.tables(Kind.METRICS)[0][0], other.history.tables(Kind.METRICS)[0][0])
    assert all(isinstance(event, Evaluation) is False or np.isnan(event.train_loss) for event in one_by_one[0].log)


async def test_a_killed_worker_costs_one_training_alone(prepared_few, few_digits: Dataset) -> None:
    engine = LocalEngine(prepared_few, warm=1)
    await engine.open()
    # So long that it is killed before it is over.
    runs = runs_of(few_digits, epochs=100, batch_size=1)[:1] + runs_of(few_digits)[1:]
    training = asyncio.create_task(train_all(engine, runs, 1, lambda _: None))
    try:
        await until_async(lambda: runs[0].history.steps(0), "the first one trains")
        workers()[0].kill()
        await training
    finally:
        training.cancel()
        await asyncio.wait([training])
        await engine.close()

    assert [run.lanes[0].status for run in runs] == [LaneStatus.FAILED] + [LaneStatus.FINISHED] * 3
    assert runs[0].lanes[0].reason == "The lane's worker process was killed by SIGKILL."


async def test_cancelled_it_interrupts_what_trains_and_begins_no_more(few_digits: Dataset) -> None:
    runs = runs_of(few_digits, epochs=100, batch_size=1)
    training = asyncio.create_task(train_all(InlineEngine(few_digits), runs, 2, lambda _: None))
    await until_async(lambda: runs[1].history.steps(0), "two train")

    training.cancel()
    with pytest.raises(asyncio.CancelledError):
        await training

    assert [run.status for run in runs] == [RunStatus.INTERRUPTED] * 2 + [RunStatus.QUEUED] * 2
