"""Runs that last: saved while they go on, found again by another server on the same database, with nothing lost."""

import asyncio

import numpy as np
import pytest

from app.config import RunConfig
from app.errors import RunNotFound
from app.events import LaneStatus, RunStatus
from app.runs.history import Kind
from app.runs.run import Run
from tests.waiting import TIMEOUT_S, until_async

SHORT = RunConfig.of({"hidden": [4], "epochs": 2, "batch_size": 100})
ENDLESS = RunConfig.of({"hidden": [4], "epochs": 100, "batch_size": 1})


def same(found: Run, run: Run) -> None:
    """All a visitor can see of it."""
    assert found.describe() == run.describe()
    for kind in Kind:
        for theirs, ours in zip(found.history.tables(kind), run.history.tables(kind), strict=True):
            np.testing.assert_array_equal(theirs, ours)
    for theirs, ours in zip(found.lanes, run.lanes, strict=True):
        assert (theirs.evaluation is None) is (ours.evaluation is None)
        if theirs.evaluation and ours.evaluation:
            np.testing.assert_array_equal(theirs.evaluation.answers, ours.evaluation.answers)
            np.testing.assert_array_equal(theirs.evaluation.confidence, ours.evaluation.confidence)


async def test_a_finished_run_is_found_by_the_next_server_as_it_was(serve, database_url) -> None:
    async with serve(database_url) as manager:
        run = manager.start(SHORT)
        run.owner = "whose"
        await manager.wait(run.id)

    async with serve(database_url) as manager:
        found = await manager.find(run.id)

    assert found is not run
    same(found, run)
    assert (found.owner, found.saved, found.status) == ("whose", True, RunStatus.FINISHED)
    for theirs, ours in zip(found.lanes, run.lanes, strict=True):
        np.testing.assert_allclose(theirs.parameters.theta, ours.parameters.theta, rtol=1e-3, atol=1e-6)


async def test_commands_in_flight_are_part_of_what_lasts(serve, database_url) -> None:
    async with serve(database_url) as manager:
        run = manager.start(ENDLESS, pace=200)
        manager.pause(run.id)
        manager.resume(run.id)
        manager.set_learning_rate(run.id, 1, 0.003)
        await until_async(lambda: run.lanes[1].learning_rate_changes, "the lane has the new learning rate")
        manager.stop(run.id)
        await manager.wait(run.id)

    async with serve(database_url) as manager:
        same(await manager.find(run.id), run)


async def test_a_server_that_closes_leaves_its_runs_interrupted_with_their_curves(serve, database_url) -> None:
    async with serve(database_url) as manager:
        racing, queued = manager.start(ENDLESS), manager.start(SHORT)
        await until_async(lambda: racing.lanes[0].evaluation and racing.history.steps(2) > 50, "there is a curve")

    async with serve(database_url) as manager:
        found = await manager.find(racing.id)
        same(found, racing)
        assert found.status is RunStatus.INTERRUPTED
        assert {lane.status for lane in found.lanes} == {LaneStatus.INTERRUPTED}
        assert (await manager.find(queued.id)).status is RunStatus.INTERRUPTED


async def test_a_run_is_saved_while_it_goes_on(serve, database_url) -> None:
    async with serve(database_url) as manager, serve(database_url) as other:
        run = manager.start(ENDLESS, pace=100)

        async def there() -> int:
            try:
                return (await other.find(run.id)).history.steps(0)
            except RunNotFound:
                return 0

        async with asyncio.timeout(TIMEOUT_S):
            while not await there():
                await asyncio.sleep(0.05)


async def test_runs_of_memory_are_forgotten_and_found_again(serve, database_url) -> None:
    async with serve(database_url, max_kept=1) as manager:
        first, second = [await manager.wait(manager.start(SHORT).id) for _ in range(2)]
        with pytest.raises(RunNotFound):
            manager.get(first.id)
        found = await manager.find(first.id)

        same(found, first)
        with pytest.raises(RunNotFound):
            manager.get(second.id)


async def test_nothing_is_kept_if_the_operator_wants_it_so(serve, tmp_path) -> None:
    async with serve("", runs_dir=tmp_path / "runs") as manager:
        run = await manager.wait(manager.start(SHORT).id)

    assert run.saved is None
    assert not (tmp_path / "runs").exists()
