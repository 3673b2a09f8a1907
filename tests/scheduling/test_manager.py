"""Starting, queueing and stopping runs, with the real in-process engine on few digits."""

import asyncio
from typing import Any

import pytest

from app.config import RunConfig
from app.engine.inline import InlineEngine
from app.errors import InvalidConfig, TooManyRuns
from app.events import LaneStatus, RunStatus
from app.runs.run import Run
from app.scheduling.manager import Manager
from app.settings import Settings
from app.sweeps.grid import grid
from app.training.dataset import Dataset

SHORT = RunConfig.of({"hidden": [4], "epochs": 1, "batch_size": 500})
ENDLESS = RunConfig.of({"hidden": [4], "epochs": 100, "batch_size": 1})


def told(*runs: Run) -> list[tuple[str, int | None]]:
    return [(run.status.value, run.place.position) for run in runs]


async def test_a_run_races_to_its_end(manager: Manager) -> None:
    run = manager.start(SHORT)
    assert told(run) == [("running", None)]
    assert manager.get(run.id) is run

    assert await manager.wait(run.id) is run
    assert run.status is RunStatus.FINISHED
    assert [run.history.steps(lane) for lane in range(3)] == [4, 4, 4]


async def test_ids_are_hard_to_guess(manager: Manager) -> None:
    first, second = manager.start(SHORT), manager.start(SHORT)

    assert first.id != second.id
    assert min(len(first.id), len(second.id)) >= 10


async def test_runs_wait_in_a_queue_and_move_up(manager: Manager) -> None:
    first, second, third = (manager.start(config) for config in (SHORT, ENDLESS, SHORT))
    assert told(first, second, third) == [("running", None), ("queued", 1), ("queued", 2)]

    while second.status is RunStatus.QUEUED:
        await second.notifier.next.wait()
    assert told(first, second, third) == [("finished", None), ("running", None), ("queued", 1)]

    manager.stop(second.id)
    await manager.wait(third.id)
    assert told(second, third) == [("stopped", None), ("finished", None)]


async def test_as_many_race_at_once_as_the_settings_say(few_digits: Dataset) -> None:
    manager = Manager(Settings(max_running=2), InlineEngine(few_digits), few_digits)
    runs = [manager.start(ENDLESS) for _ in range(3)]

    assert told(*runs) == [("running", None), ("running", None), ("queued", 1)]
    await manager.close()


async def test_a_full_queue_refuses_with_a_sentence(manager: Manager) -> None:
    runs = [manager.start(ENDLESS) for _ in range(3)]

    with pytest.raises(TooManyRuns, match=r"^All slots are in use: 1 racing, 2 waiting\. Try again later\.$"):
        manager.start(ENDLESS)

    manager.stop(runs[2].id)
    assert told(manager.start(ENDLESS)) == [("queued", 2)]


async def test_a_queued_run_that_is_stopped_is_over_at_once_and_the_others_move_up(manager: Manager) -> None:
    first, second, third = (manager.start(ENDLESS) for _ in range(3))

    assert manager.stop(second.id) is second
    assert told(first, second, third) == [("running", None), ("stopped", None), ("queued", 1)]
    assert {lane.status for lane in second.lanes} == {LaneStatus.STOPPED}


async def test_a_racing_run_that_is_stopped_keeps_what_it_has(manager: Manager) -> None:
    run = manager.start(ENDLESS)
    while not all(run.history.end().steps):
        await run.notifier.next.wait()
    steps = run.history.end().steps
    manager.stop(run.id)
    assert run.status is RunStatus.STOPPING

    await manager.wait(run.id)
    assert run.status is RunStatus.STOPPED
    assert {lane.status for lane in run.lanes} == {LaneStatus.STOPPED}
    assert all(0 < before <= after < 200_000 for before, after in zip(steps, run.history.end().steps, strict=True))


async def test_stopping_makes_room_for_the_next(manager: Manager) -> None:
    first, second = manager.start(ENDLESS), manager.start(SHORT)
    manager.stop(first.id)

    await manager.wait(second.id)
    assert told(first, second) == [("stopped", None), ("finished", None)]


async def test_stopping_twice_is_stopping_once(manager: Manager) -> None:
    racing, queued = manager.start(ENDLESS), manager.start(ENDLESS)
    for run in (racing, queued):
        manager.stop(run.id)
        version = run.version
        manager.stop(run.id)
        assert run.version == version

    assert (await manager.wait(racing.id)).status is RunStatus.STOPPED


async def test_stopping_what_is_over_changes_nothing(manager: Manager) -> None:
    run = await manager.wait(manager.start(SHORT).id)
    described = run.describe()

    assert manager.stop(run.id).describe() == described


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        (
            {"batch_size": 2001},
            "batch_size should be at most 2,000, the number of training digits; got 2,001.",
        ),
        (
            {"batch_size": 1, "epochs": 51},
            "51 epochs of batches of 1 are 102,000 steps a lane; this server does at most 100,000. "
            "Take at most 50 epochs or batches of at least 2.",
        ),
        (
            {"batch_size": 2000, "hidden": [128, 64]},
            "A batch of 2,000 with hidden widths [128, 64] needs about 13 MB a lane; this server allows 8. "
            "Take smaller batches or fewer units.",
        ),
    ],
    ids=["digits", "steps", "memory"],
)
async def test_what_is_too_much_for_this_server_is_refused_with_a_sentence(
    few_digits: Dataset, choices: dict[str, Any], message: str
) -> None:
    settings = Settings(max_steps=100_000, max_lane_memory_mb=8)
    manager = Manager(settings, InlineEngine(few_digits), few_digits)

    with pytest.raises(InvalidConfig) as refusal:
        manager.start(RunConfig.of(choices))

    assert str(refusal.value) == message


async def test_all_training_digits_in_one_batch_are_not_too_many(manager: Manager) -> None:
    run = manager.start(RunConfig.of({"batch_size": 2000, "epochs": 2, "hidden": [4]}))

    assert (await manager.wait(run.id)).history.end().steps == (2, 2, 2)


async def test_everyone_who_waits_for_a_run_is_woken(manager: Manager) -> None:
    run = manager.start(SHORT)

    assert await asyncio.gather(*(manager.wait(run.id) for _ in range(20))) == [run] * 20


async def test_a_sweep_that_its_owner_requests_counts_as_watched(manager: Manager) -> None:
    sweep = manager.start_sweep(grid({"optimizer": ["sgd"]}, {"epochs": 100, "batch_size": 1, "hidden": [4]}))
    now, unwatched = asyncio.get_running_loop().time(), manager.queue.unwatched
    unwatched.update([], now)
    unwatched.update([sweep], now - 100)
    assert unwatched.seconds(sweep, now) == 100

    manager.queue.seen(sweep)

    assert unwatched.seconds(sweep, now) <= 0
