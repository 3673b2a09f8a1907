"""How runs leave the manager: forgotten, closed with the server, or failed by their engine."""

import asyncio
from typing import Any

import pytest

from app.config import RunConfig
from app.engine.base import Emit, Engine
from app.engine.commands import CommandQueue
from app.engine.inline import InlineEngine
from app.errors import RunNotFound
from app.events import Detail, LaneEnded, LaneStatus, RunStatus
from app.runs.run import Run
from app.scheduling.manager import Manager
from app.settings import Settings
from app.training.dataset import Dataset
from app.training.kernels import Kernel

SHORT = RunConfig.of({"hidden": [4], "epochs": 1, "batch_size": 500})
ENDLESS = RunConfig.of({"hidden": [4], "epochs": 100, "batch_size": 1})


def keeps(manager: Manager, run: Run) -> bool:
    try:
        return manager.get(run.id) is run
    except RunNotFound:
        return False


async def test_the_oldest_run_that_is_over_is_forgotten(manager: Manager) -> None:
    runs = [await manager.wait(manager.start(SHORT).id) for _ in range(4)]

    with pytest.raises(RunNotFound, match=f"There is no run '{runs[0].id}' on this server"):
        manager.get(runs[0].id)
    assert [manager.get(run.id) for run in runs[2:]] == runs[2:]


async def test_runs_stopped_in_the_queue_are_forgotten_too(manager: Manager) -> None:
    racing = manager.start(ENDLESS)
    waited = [manager.stop(manager.start(ENDLESS).id) for _ in range(5)]

    assert [keeps(manager, run) for run in waited] == [False, False, False, True, True]
    assert keeps(manager, racing)


@pytest.mark.parametrize("paused", [False, True])
async def test_closing_in_mid_race_leaves_no_task(few_digits: Dataset, paused: bool) -> None:
    before = asyncio.all_tasks()
    manager = Manager(Settings(max_running=1), InlineEngine(few_digits), few_digits)
    await manager.open()
    racing, queued = manager.start(ENDLESS), manager.start(ENDLESS)
    while not racing.history.steps(0):
        await racing.notifier.next.wait()
    if paused:
        manager.pause(racing.id)

    await manager.close()
    await manager.close()

    assert asyncio.all_tasks() == before
    assert (racing.status, queued.status) == (RunStatus.INTERRUPTED, RunStatus.INTERRUPTED)
    assert {lane.status for lane in (*racing.lanes, *queued.lanes)} == {LaneStatus.INTERRUPTED}
    assert racing.history.steps(0) > 0


async def test_closing_ends_runs_that_wait_in_the_queue(few_digits: Dataset) -> None:
    manager = Manager(Settings(max_running=1), InlineEngine(few_digits), few_digits)
    _, queued = manager.start(ENDLESS), manager.start(ENDLESS)

    await manager.close()

    assert queued.status.final


async def test_closing_ends_a_run_that_has_only_just_started(few_digits: Dataset) -> None:
    manager = Manager(Settings(max_running=1), InlineEngine(few_digits), few_digits)
    run = manager.start(ENDLESS)

    await manager.close()

    assert run.status.final


class BrokenEngine(Engine):
    """Ends one lane, and then breaks."""

    kernel = Kernel.WHOLE

    async def run(
        self,
        config: RunConfig,
        emit: Emit,
        commands: CommandQueue,
        detail: Detail = Detail.EVERYTHING,
        **_: Any,
    ) -> None:
        emit(LaneEnded(1, LaneStatus.STOPPED, 0))
        raise RuntimeError("the cable is out")


async def test_an_engine_that_breaks_fails_the_lanes_and_the_server_goes_on(
    few_digits: Dataset, caplog: pytest.LogCaptureFixture
) -> None:
    manager = Manager(Settings(max_running=1), BrokenEngine(), few_digits)
    first, second = manager.start(SHORT), manager.start(SHORT)
    await manager.wait(second.id)

    for run in (first, second):
        assert [lane.status for lane in run.lanes] == [LaneStatus.FAILED, LaneStatus.STOPPED, LaneStatus.FAILED]
        assert run.lanes[0].reason == "The race could not continue: something went wrong on the server."
    # A fault of the server's own is for its operator, with all that is known of it.
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == ["the cable is out"] * 2
    await manager.close()
