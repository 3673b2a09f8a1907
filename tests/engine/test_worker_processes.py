"""What every engine promises whose lanes have processes of their own: one that dies or hangs harms no other."""

import asyncio
import time

import psutil
import pytest

from app.config import RunConfig
from app.engine import worker_process
from app.engine.base import Engine
from app.engine.commands import CommandQueue, Pause, Resume, SetPace, Stop
from app.engine.inline import InlineEngine
from app.events import Evaluation, Frame, LaneEnded, LaneEvent, LaneStatus
from tests.engine.racing import fork_servers, racing, until_gone, workers
from tests.waiting import TIMEOUT_S, until_async

SHORT = RunConfig(epochs=1, hidden=[16])
ENDLESS = RunConfig(epochs=100, batch_size=1, hidden=[16])
# The second batch comes a quarter of an hour after the first.
SLOW = SetPace(0.001)
# Slow enough to go on for as long as any test.
PACE = SetPace(50)
KILLED = "The lane's worker process was killed by SIGKILL."


def cpu_seconds(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


async def statuses_of_the_next_race(engine: Engine) -> list[LaneStatus]:
    async with asyncio.timeout(TIMEOUT_S), racing(engine, SHORT) as race:
        pass
    return [end.status for end in race.ends]


async def test_a_killed_worker_fails_its_lane_and_the_others_go_on(process_engine):
    async with racing(process_engine, SHORT, SLOW) as race:
        await race.until(1)
        workers()[0].kill()
        await until_async(lambda: race.ends, "the lane of the killed worker ends")
        race.commands.put(SetPace(None))

    statuses = sorted(end.status for end in race.ends)
    assert statuses == [LaneStatus.FAILED, LaneStatus.FINISHED, LaneStatus.FINISHED]
    failed = next(end for end in race.ends if end.status is LaneStatus.FAILED)
    assert failed.reason == KILLED
    assert failed.step > 0


async def test_a_worker_killed_while_paused_fails_its_lane_and_the_others_go_on_waiting(process_engine):
    async with racing(process_engine, ENDLESS) as race:
        await race.until(1)
        race.commands.put(Pause())
        workers()[0].kill()
        await until_async(lambda: race.ends, "the lane of the killed worker ends")

        (end,) = race.ends
        assert (end.status, end.reason) == (LaneStatus.FAILED, KILLED)
        race.commands.put(Stop())

    assert sorted(end.status for end in race.ends) == [LaneStatus.FAILED, LaneStatus.STOPPED, LaneStatus.STOPPED]


async def test_a_killed_worker_is_replaced(process_engine):
    idle = workers()
    for worker in idle:
        worker.kill()
    await until_gone(idle)

    assert await statuses_of_the_next_race(process_engine) == [LaneStatus.FINISHED] * 3
    assert len(workers()) == 3


async def test_a_worker_that_hangs_is_killed_at_a_stop(process_engine, monkeypatch):
    # In this process alone: elsewhere it takes the five seconds that it takes.
    monkeypatch.setattr(worker_process, "STOP_TIMEOUT_S", 0.5)
    events: list[LaneEvent] = []
    commands = CommandQueue()
    hanging = workers()[0]

    def hang_one_then_stop(event: LaneEvent) -> None:
        events.append(event)
        if isinstance(event, Frame) and sum(isinstance(e, Frame) for e in events) == 1:
            hanging.suspend()
            commands.put(Stop())

    await process_engine.run(ENDLESS, hang_one_then_stop, commands)

    assert [e.status for e in events if isinstance(e, LaneEnded)] == [LaneStatus.STOPPED] * 3
    await until_gone([hanging])


@pytest.mark.parametrize("hold", [Pause(), SLOW], ids=["paused", "slow"])
async def test_waiting_costs_no_cpu(process_engine, few_digits, hold):
    """While the workers wait, this process trains for longer than they could hide."""
    async with racing(process_engine, ENDLESS, hold) as race:
        # What comes before the waiting is computed when this is answered.
        await until_async(lambda: all(race.of_lane(lane, Evaluation) for lane in range(3)), "all lanes are evaluated")
        await race.settled()
        before = cpu_seconds(workers())
        mine = time.process_time()
        while time.process_time() - mine < 0.5:
            await InlineEngine(few_digits).run(SHORT, lambda _: None, CommandQueue())

        assert cpu_seconds(workers()) - before < 0.05
        race.commands.put(Stop())


async def test_without_its_fork_server_a_race_is_commanded_as_before_and_another_follows(process_engine):
    async with asyncio.timeout(TIMEOUT_S), racing(process_engine, ENDLESS, PACE) as race:
        await race.until(1)
        trained = workers()
        (fork_server,) = fork_servers()
        fork_server.kill()
        race.commands.put(Pause())
        paused = await race.settled()
        race.commands.put(SetPace(None))
        assert await race.settled() == paused
        race.commands.put(Resume())
        await race.until(max(paused) + 10)
        race.commands.put(Stop())

    assert [end.status for end in race.ends] == [LaneStatus.STOPPED] * 3
    assert await statuses_of_the_next_race(process_engine) == [LaneStatus.FINISHED] * 3
    assert all(each.is_running() for each in trained), "the same workers race on"


async def test_a_cancelled_race_leaves_no_worker_training(process_engine):
    started = asyncio.Event()
    running = asyncio.create_task(process_engine.run(ENDLESS, lambda _: started.set(), CommandQueue()))
    await started.wait()
    training = workers()

    running.cancel()
    await asyncio.wait([running])

    assert len(training) == 3
    await until_gone(training)


async def test_a_closed_engine_leaves_no_worker_and_no_fork_server(process_engine):
    opened = [*workers(), *fork_servers()]

    await process_engine.close()

    assert len(opened) == 4
    await until_gone(opened)
