"""What becomes of runs by and by, watched or not, while others wait or not: by a clock that each test sets."""

from collections.abc import Callable

import pytest

from app.config import RunConfig
from app.engine.inline import InlineEngine
from app.events import RunStatus, ViewersChanged
from app.scheduling.housekeeping import Housekeeping
from app.scheduling.manager import Manager
from app.settings import Settings
from app.training.dataset import Dataset

ENDLESS = RunConfig.of({"hidden": [4], "epochs": 100, "batch_size": 1})
SLOWLY = 0.5


class Kept:
    """A manager whose runs are looked after when the test says so."""

    def __init__(self, dataset: Dataset, **settings: float) -> None:
        chosen = Settings(**{"max_running": 1, **settings})
        self.now = 1_000.0
        self.manager = Manager(chosen, InlineEngine(dataset), dataset)
        self._housekeeping = Housekeeping(self.manager, chosen)

    def after(self, seconds: float) -> None:
        """So many seconds later, runs are looked after."""
        self.now += seconds
        self.manager.stop_overdue()
        self.manager.queue.measure()
        self.manager.queue.publish_order()
        self._housekeeping._look_after(self.now)


@pytest.fixture
async def keep(few_digits: Dataset, monkeypatch: pytest.MonkeyPatch):
    """A manager with these settings, and its clock."""
    opened: list[Kept] = []

    def keep(**settings: float) -> Kept:
        opened.append(kept := Kept(few_digits, **settings))
        monkeypatch.setattr("app.scheduling.run_queue._now", lambda: kept.now)
        return kept

    yield keep
    for kept in opened:
        await kept.manager.close()


Keep = Callable[..., Kept]


async def test_a_race_no_one_watches_is_paused_and_later_stopped(keep: Keep) -> None:
    kept = keep(unwatched_pause_s=120, unwatched_stop_s=900)
    run = kept.manager.start(ENDLESS)
    kept.after(119)
    assert run.status is RunStatus.RUNNING
    kept.after(1)
    assert (run.status, run.paused_by) == (RunStatus.PAUSED, "unwatched")
    kept.after(779)
    assert run.status is RunStatus.PAUSED
    kept.after(1)

    await kept.manager.wait(run.id)
    assert (run.status, run.stopped_by) == (RunStatus.STOPPED, "unwatched")


async def test_a_race_that_someone_watches_goes_on_and_one_that_was_paused_goes_on_when_someone_comes(
    keep: Keep,
) -> None:
    kept = keep(unwatched_pause_s=120, unwatched_stop_s=900)
    run = kept.manager.start(ENDLESS)
    kept.after(120)
    run.apply(ViewersChanged(1))
    for _ in range(2):
        kept.after(10_000)
        assert (run.status, run.paused_by) == (RunStatus.RUNNING, None)


async def test_a_queued_run_leaves_the_queue_unless_it_is_watched_or_requested(
    keep: Keep,
) -> None:
    kept = keep(unwatched_queued_s=60)
    kept.manager.start(ENDLESS, pace=SLOWLY)
    left, watched, asked = (kept.manager.start(ENDLESS) for _ in range(3))
    watched.apply(ViewersChanged(1))
    kept.after(59)
    kept.manager.queue.seen(asked)
    assert left.status is RunStatus.QUEUED
    kept.after(1)
    kept.after(0)

    assert (left.status, left.stopped_by) == (RunStatus.STOPPED, "unwatched")
    assert [(run.status, run.place.position) for run in (watched, asked)] == [
        (RunStatus.QUEUED, 1),
        (RunStatus.QUEUED, 2),
    ]


async def test_at_full_speed_a_turn_is_four_times_as_long(keep: Keep) -> None:
    kept = keep(max_turn_s=300, unwatched_pause_s=0, unwatched_stop_s=0, unwatched_queued_s=0)
    first, second = kept.manager.start(ENDLESS), kept.manager.start(ENDLESS, pace=SLOWLY)
    while not first.history.steps(0):
        await first.notifier.next.wait()
    kept.after(2)
    assert 0 < second.place.wait_s <= 1_198
    kept.after(1_197)
    assert first.status is RunStatus.RUNNING
    # A queued visitor is present.
    kept.manager.queue.seen(second)
    kept.after(1)

    await kept.manager.wait(first.id)
    assert first.stopped_by == "others"
    third = kept.manager.start(ENDLESS)
    kept.after(299)
    kept.manager.queue.seen(third)
    assert second.status is RunStatus.RUNNING
    kept.after(1)
    assert second.stopped_by == "others"
