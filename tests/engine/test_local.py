"""The worker processes: what happens when one dies, and that none is left."""

import asyncio
import itertools
import os
import platform
import re
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from app.config import AdamLane, RunConfig
from app.engine import worker_process as child
from app.engine.commands import CommandQueue, Pause, SetPace, Step, Stop
from app.engine.launcher import WorkerDied
from app.engine.local import LocalEngine
from app.engine.worker import NICENESS
from app.events import Detail, LaneEnded, LaneEvent, LaneStatus
from app.scheduling.check_limits import run_bytes
from tests.engine.racing import racing, workers
from tests.waiting import until_async

pytestmark = pytest.mark.slow

SHORT = RunConfig(epochs=1, hidden=[16])
ENDLESS = RunConfig(epochs=100, batch_size=1, hidden=[16])
# The second batch comes a quarter of an hour after the first.
SLOW = SetPace(0.001)


@pytest.fixture
async def engine(prepared_few: Path) -> AsyncIterator[LocalEngine]:
    engine = LocalEngine(prepared_few, warm=3)
    await engine.open()
    yield engine
    await engine.close()


def cpu_seconds(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def ends(events: list[LaneEvent]) -> dict[int, LaneEnded]:
    return {event.lane: event for event in events if isinstance(event, LaneEnded)}


async def test_a_stop_spares_the_worker_of_a_lane_that_had_ended(engine, monkeypatch):
    monkeypatch.setattr(child, "STOP_TIMEOUT_S", 600.0)
    before, loop = workers(), asyncio.get_running_loop()
    lanes = [{"optimizer": "sgd", "learning_rate": 10}, {"optimizer": "sgd"}]
    config = RunConfig.of({"epochs": 100, "batch_size": 1, "hidden": [256] * 3, "lanes": lanes})
    async with racing(engine, config) as race:
        await until_async(lambda: race.ends, "the first lane diverges")
        race.commands.put(Stop())
    monkeypatch.setattr(loop, "time", lambda: time.monotonic() + 3600)
    await engine.run(SHORT, lambda _: None, CommandQueue())

    assert [end.status for end in race.ends] == [LaneStatus.DIVERGED, LaneStatus.STOPPED]
    assert workers() == before


async def test_a_lane_that_takes_too_much_memory_fails_and_its_worker_lives_on(prepared_digits):
    engine = LocalEngine(prepared_digits, warm=1, lane_memory_mb=1)
    await engine.open()
    before = workers()
    events: list[LaneEvent] = []
    try:
        everything = RunConfig.of({"batch_size": 60_000, "hidden": [1024] * 3, "lanes": [{"optimizer": "sgd"}]})
        await engine.run(everything, events.append, CommandQueue())

        assert ends(events)[0].status is LaneStatus.FAILED
        assert "out of memory" in ends(events)[0].reason
        assert workers() == before
    finally:
        await engine.close()


async def test_a_worker_has_one_thread_to_train_and_one_to_listen(engine):
    counts: list[int] = []

    await engine.run(SHORT, lambda _: counts.extend(w.num_threads() for w in workers()), CommandQueue())

    assert set(counts) == {2}


async def test_workers_train_at_a_lower_priority_than_the_server(engine):
    # There is nothing below 19.
    assert {worker.nice() for worker in workers()} == {min(os.nice(0) + NICENESS, 19)}


async def test_more_lanes_than_warm_workers_still_race(prepared_few):
    engine = LocalEngine(prepared_few, warm=1)
    await engine.open()
    events: list[LaneEvent] = []

    await engine.run(SHORT, events.append, CommandQueue())

    assert {end.status for end in ends(events).values()} == {LaneStatus.FINISHED}
    await until_async(lambda: len(workers()) == 1, "the extra workers end")
    await engine.close()


async def test_a_worker_that_cannot_start_says_so(tmp_path):
    engine = LocalEngine(tmp_path / "nothing prepared", warm=1)

    with pytest.raises(WorkerDied, match=r"A worker did not start: FileNotFoundError: .*nothing prepared"):
        await engine.open()
    await engine.close()


async def test_interrupting_the_terminal_does_not_reach_the_workers(engine):
    for worker in workers():
        worker.send_signal(signal.SIGINT)
    events: list[LaneEvent] = []

    await engine.run(SHORT, events.append, CommandQueue())

    assert {end.status for end in ends(events).values()} == {LaneStatus.FINISHED}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells memory as Linux does")
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
async def test_a_run_takes_about_the_memory_that_was_reckoned(engine, activation):
    config = RunConfig(epochs=2, batch_size=1500, hidden=[1024, 512], activation=activation, lanes=[AdamLane()])
    # Between its two steps a lane has all that it needs for one.
    async with racing(engine, config, Pause(), Step()) as race:
        await race.settled()
        resident = max(private_bytes(worker.pid) for worker in workers())
        race.commands.put(Stop())

    assert race.steps == [1]
    assert 0.6 * run_bytes(config, 1) <= resident <= 1.1 * run_bytes(config, 1)


def private_bytes(pid: int) -> int:
    return 1024 * int(re.search(r"RssAnon:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


def page_faults(process: psutil.Process) -> int:
    """How often it has been given a page of memory so far."""
    return int(Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[7])


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library is not told to keep memory")
async def test_a_worker_keeps_the_memory_that_each_evaluation_needs(prepared_few: Path) -> None:
    engine = LocalEngine(prepared_few, warm=1)
    cell = RunConfig(epochs=1, lanes=[AdamLane()])
    await engine.open()
    try:
        [worker] = workers()
        faults = [page_faults(worker)]
        for _ in range(6):
            await engine.run(cell, lambda _: None, CommandQueue(), Detail.RESULT)
            faults.append(page_faults(worker))
    finally:
        await engine.close()

    each = [after - before for before, after in itertools.pairwise(faults)]
    assert min(each) < 100, f"without, each takes several hundred pages anew; got {each}"
