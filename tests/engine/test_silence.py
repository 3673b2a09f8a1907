"""Helper processes of the engine that die or hang: commands still work, and a silent lane says so and is ended."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from app.config import RunConfig
from app.engine import fork_server_process, local
from app.engine import worker_process as child
from app.engine.channel import Ping, Pong, Ready, TrainLane, pack, receive
from app.engine.commands import CommandQueue, Pause, Resume, SetPace, Stop
from app.engine.launcher import Launcher
from app.engine.local import LocalEngine
from app.events import Frame, LaneEnded, LaneSilent, LaneStatus
from app.training.kernels import Kernel
from tests.engine.racing import Race, fork_servers, racing, workers
from tests.waiting import TIMEOUT_S, until_async

pytestmark = pytest.mark.slow

SHORT = RunConfig(epochs=1, hidden=[16])
ENDLESS = RunConfig(epochs=100, batch_size=1, hidden=[16])
# Slow enough to go on for as long as any test.
PACE = SetPace(50)


@pytest.fixture
async def engine(prepared_few: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalEngine]:
    """One that looks after its workers all the time; to end one takes longer than any test."""
    monkeypatch.setattr(local, "LOOK_EVERY_S", 0.05)
    for module in (child, local):
        # As long as a worker that is well may be kept from answering, in twenty looks.
        monkeypatch.setattr(module, "SILENT_REPORTED_S", 2.0)
    monkeypatch.setattr(child, "SILENT_ENDED_S", 600.0)
    engine = LocalEngine(prepared_few, warm=3)
    await engine.open()
    yield engine
    await engine.close()


def fork_server() -> psutil.Process:
    """The only one: those of tests before have ended."""
    (server,) = fork_servers()
    return server


def silences(race: Race) -> list[LaneSilent]:
    return [event for event in race.events if isinstance(event, LaneSilent)]


async def statuses_of_the_next_race(engine: LocalEngine) -> list[LaneStatus]:
    async with asyncio.timeout(TIMEOUT_S), racing(engine, SHORT) as race:
        pass
    return [end.status for end in race.ends]


async def test_without_its_fork_server_a_hung_worker_is_ended_by_a_stop_and_replaced(engine, monkeypatch):
    monkeypatch.setattr(child, "STOP_TIMEOUT_S", 0.2)
    async with asyncio.timeout(TIMEOUT_S), racing(engine, ENDLESS, PACE) as race:
        await race.until(1)
        hanging = workers()[0]
        fork_server().kill()
        hanging.suspend()
        race.commands.put(Stop())

    assert [end.status for end in race.ends] == [LaneStatus.STOPPED] * 3
    # On a busy machine the others may not have stopped in time either.
    await until_async(lambda: len(workers()) >= 1, "a new fork server has made a worker for the one that is gone")
    assert await statuses_of_the_next_race(engine) == [LaneStatus.FINISHED] * 3


async def test_a_fork_server_that_hangs_is_replaced_when_it_is_needed(engine, monkeypatch):
    hanging, idle = fork_server(), workers()
    # The next one may take the time that it takes.
    with monkeypatch.context() as impatient:
        impatient.setattr(fork_server_process, "FORK_TIMEOUT_S", 0.5)
        hanging.suspend()
        for worker in idle:
            worker.kill()
        await until_async(lambda: not hanging.is_running(), "it is ended")
    assert await statuses_of_the_next_race(engine) == [LaneStatus.FINISHED] * 3
    assert len(workers()) == 3


async def test_an_idle_worker_that_dies_or_hangs_is_replaced(engine):
    killed, hanging, well = workers()
    killed.kill()
    hanging.suspend()

    await until_async(lambda: len(workers()) == 3 and not {killed, hanging} & {*workers()}, "both are replaced")
    assert well in workers()
    assert engine.ready
    assert await statuses_of_the_next_race(engine) == [LaneStatus.FINISHED] * 3


@pytest.mark.parametrize("hold", [PACE, Pause()], ids=["racing", "paused"])
async def test_a_lane_whose_worker_hangs_says_so_and_continues_when_it_answers(engine, hold):
    async with asyncio.timeout(TIMEOUT_S), racing(engine, ENDLESS, PACE) as race:
        await race.until(1)
        race.commands.put(hold)
        await race.settled()
        hanging = workers()[0]
        hanging.suspend()
        await until_async(lambda: silences(race), "it is told")
        hanging.resume()
        await until_async(lambda: silences(race)[-1].seconds == 0, "that it answers again is told")
        race.commands.put(Resume())
        await race.until(max(race.steps) + 5)
        race.commands.put(Stop())

    assert silences(race)[0].seconds == 2
    assert [end.status for end in race.ends] == [LaneStatus.STOPPED] * 3


async def test_a_lane_that_is_silent_for_too_long_fails_and_the_others_go_on(engine, monkeypatch):
    monkeypatch.setattr(child, "SILENT_ENDED_S", 4.0)
    async with asyncio.timeout(TIMEOUT_S), racing(engine, ENDLESS, PACE) as race:
        await race.until(1)
        workers()[0].suspend()
        await until_async(lambda: race.ends, "its lane ends")
        (end,) = race.ends
        steps = race.steps
        others = [lane for lane in range(3) if lane != end.lane]
        await until_async(lambda: all(race.steps[lane] > steps[lane] for lane in others), "the others go on")
        race.commands.put(Stop())

    assert (end.status, end.step) == (LaneStatus.FAILED, race.steps[end.lane])
    assert end.reason == "The lane's worker process did not answer for 4 s and was ended."
    assert await statuses_of_the_next_race(engine) == [LaneStatus.FINISHED] * 3


async def test_an_hour_in_which_the_server_slept_too_is_no_silence(engine, monkeypatch):
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(TIMEOUT_S) as limit, racing(engine, ENDLESS, PACE) as race:
        await race.until(1)
        hanging = workers()[0]
        hanging.suspend()
        await until_async(lambda: silences(race), "it is told")
        limit.reschedule(None)
        monkeypatch.setattr(loop, "time", lambda: time.monotonic() + 3600)
        told = len(silences(race))
        await until_async(lambda: len(silences(race)) > told + 3, "it is looked after again")
        hanging.resume()
        await until_async(lambda: silences(race)[-1].seconds == 0, "it answers")
        await race.until(max(race.steps) + 5)
        race.commands.put(Stop())

    assert max(silence.seconds for silence in silences(race)) < 600
    assert [end.status for end in race.ends] == [LaneStatus.STOPPED] * 3


async def test_a_worker_answers_in_the_middle_of_a_step(prepared_few):
    """The steps take a hundred times as long as an answer."""
    large = RunConfig.of({"batch_size": 2000, "hidden": [1024] * 2, "lanes": [{"optimizer": "sgd"}]})
    launching = Launcher(prepared_few, 4 << 30)
    _, sock = await launching.launch()
    answers = 0

    def talk() -> None:
        nonlocal answers
        assert isinstance(receive(sock), Ready)
        sock.sendall(pack(TrainLane(large, 0, Kernel.WHOLE, [])))
        while not isinstance(message := receive(sock), Frame):
            pass
        while not isinstance(message, Frame) or message.first_step == 1:
            sock.sendall(pack(Ping()))
            while not isinstance(message := receive(sock), Pong):
                if isinstance(message, Frame | LaneEnded):
                    return
            answers += 1

    with sock, contextlib.closing(sock):
        await asyncio.to_thread(talk)
    await launching.close()
    assert answers > 3


async def test_an_engine_whose_helpers_are_all_stopped_closes_and_leaves_none(prepared_few):
    engine = LocalEngine(prepared_few, warm=3)
    await engine.open()
    racing_on = asyncio.create_task(engine.run(ENDLESS, lambda _: None, CommandQueue()))
    await until_async(lambda: workers()[0].cpu_times().user > 0, "they train")
    helpers = [*workers(), fork_server()]
    for each in helpers:
        each.suspend()

    async with asyncio.timeout(TIMEOUT_S):
        racing_on.cancel()
        await asyncio.wait([racing_on])
        await engine.close()

    assert psutil.wait_procs(helpers, timeout=TIMEOUT_S)[1] == []
