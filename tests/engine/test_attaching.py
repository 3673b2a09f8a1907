"""A race outlives the server that began it, and another one goes on with it: nothing is lost, nothing comes twice."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest

from app.config import RunConfig
from app.engine.base import Engine
from app.engine.cluster import ClusterEngine
from app.engine.commands import CommandQueue, Pause, Resume, SetLearningRate, SetPace, Stop
from app.engine.lane_progress import LaneProgress, count
from app.errors import PlaygroundError
from app.events import Detail, Evaluation, LaneEnded, LaneEvent, LaneStatus, LearningRateChanged, Parameters, Push
from app.training.dataset import Dataset, prepare
from app.training.trainer import train
from tests.engine.hosts_here import HostsHere
from tests.engine.racing import Race
from tests.waiting import until_async

SHORT = RunConfig(epochs=2, hidden=[16])
ENDLESS = RunConfig(epochs=100, batch_size=1, hidden=[16])
# Slow enough to go on for as long as any test.
PACE = SetPace(50)
LANES = range(3)
RUN = "a run"


async def test_a_race_that_no_engine_has_is_unknown(engine: Engine) -> None:
    events: list[LaneEvent] = []

    assert await engine.attach(RUN, [LaneProgress()] * 3, events.append, CommandQueue()) is False
    assert events == []


class Server:
    """An engine and the race that it has, of which all is saved up to `saved`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.race = Race(ENDLESS)
        self.saved = 0
        self.running: asyncio.Task[object] | None = None

    async def begin(self, config: RunConfig, *commands: object) -> None:
        await self.engine.open()
        self.race = Race(config, *commands)
        self.running = asyncio.create_task(
            self.engine.run(config, self.race.events.append, self.race.commands, run_id=RUN, saved=lambda: self.saved)
        )

    async def attach(self, config: RunConfig, received: list[LaneProgress], *commands: object) -> None:
        await self.engine.open()
        self.race = Race(config, *commands)
        self.running = asyncio.create_task(
            self.engine.attach(RUN, received, self.race.events.append, self.race.commands, saved=lambda: self.saved)
        )

    async def vanish(self) -> list[LaneEvent]:
        """It is gone; what was saved."""
        self.engine.let_go()
        await self.end()
        return self.race.events[: self.saved]

    async def end(self) -> None:
        if self.running:
            self.running.cancel()
            await asyncio.gather(self.running, return_exceptions=True)
        await self.engine.close()


@pytest.fixture
async def cluster() -> AsyncIterator[HostsHere]:
    """With room for one race."""
    cluster = HostsHere(3)
    yield cluster
    await cluster.close()


@pytest.fixture
async def servers(
    cluster: HostsHere, few_idx_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[[], Server]]:
    """One after the other on that cluster."""
    monkeypatch.setenv("DATA_DIR", str(few_idx_files))
    monkeypatch.setenv("CACHE_DIR", str(tmp_path))
    prepared, made = prepare(few_idx_files, tmp_path), []

    def make() -> Server:
        made.append(Server(ClusterEngine(cluster, prepared)))
        return made[-1]

    yield make
    for server in made:
        await server.end()


async def test_a_race_that_has_waited_for_its_place_does_not_catch_up_with_its_pace(servers) -> None:
    server, pace = servers(), 5
    await server.engine.open()
    server.race.commands.put(SetPace(pace), at=time.monotonic() - 3600)
    began = time.monotonic()
    server.running = asyncio.create_task(
        server.engine.run(ENDLESS, server.race.events.append, server.race.commands, run_id=RUN)
    )

    await server.race.until(3)
    steps = server.race.steps
    assert max(steps) <= 1 + pace * (time.monotonic() - began)


def received_by(events: list[LaneEvent]) -> list[LaneProgress]:
    return count([LaneProgress()] * 3, events)


def whole(*parts: list[LaneEvent]) -> Race:
    """The race with all of these events, one after the other."""
    race = Race(SHORT)
    race.events = [event for part in parts for event in part]
    return race


def evaluations(events: list[LaneEvent], lane: int) -> list[object]:
    """All of it that is the same in each race: not the times."""
    return [
        (event.step, event.test_accuracy, event.test_loss, event.wall)
        for event in events
        if isinstance(event, Evaluation) and event.lane == lane
    ]


def pushes(events: list[LaneEvent], lane: int) -> dict[int, object]:
    """By their steps. At which steps a lane sends them depends on its speed and on where it has to wait."""
    return {
        event.step: (event.slope, event.quartiles.tobytes())
        for event in events
        if isinstance(event, Push) and event.lane == lane
    }


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
async def test_both_servers_together_have_the_events_of_an_undisturbed_race(
    servers: Callable[[], Server], few_digits: Dataset, share: float
) -> None:
    """The second knows as much as was saved: nothing, a part, or all that the first one had."""
    first, second = servers(), servers()
    await first.begin(SHORT, PACE)
    await first.race.until(20)
    first.saved = int(share * len(first.race.events))
    read = len(first.race.events)
    await until_async(lambda: len(first.race.events) > read, "the saying so has come")
    saved = await first.vanish()

    await second.attach(SHORT, received_by(saved), SetPace(None))
    assert second.running
    assert await second.running is True
    assert second.engine.kernel == first.engine.kernel

    race = whole(saved, second.race.events)
    assert race.ends == [LaneEnded(lane, LaneStatus.FINISHED, 62) for lane in LANES]
    for lane in LANES:
        alone = list(train(few_digits, SHORT, lane, kernel=second.engine.kernel))
        np.testing.assert_array_equal(race.losses(lane), np.concatenate([e.loss for e in alone if hasattr(e, "loss")]))
        assert evaluations(race.events, lane) == evaluations(alone, lane)
        told, expected = pushes(race.events, lane), pushes(alone, lane)
        both = told.keys() & expected.keys()
        assert both >= {1, 62}
        assert {step: told[step] for step in both} == {step: expected[step] for step in both}


@pytest.mark.slow
async def test_a_race_that_ended_without_a_server_is_read_to_its_end_with_its_networks(
    servers: Callable[[], Server], few_digits: Dataset
) -> None:
    first, second = servers(), servers()
    await first.begin(SHORT)
    assert first.running
    await first.running
    first.saved = sum(isinstance(event, Evaluation) for event in first.race.events)
    saved = await first.vanish()

    await second.attach(SHORT, received_by(saved))
    assert second.running
    assert await second.running is True

    race = whole(saved, second.race.events)
    assert race.steps == [62] * 3
    assert [end.status for end in race.ends] == [LaneStatus.FINISHED] * 3
    for lane in LANES:
        networks = [event for event in second.race.events if isinstance(event, Parameters) and event.lane == lane]
        assert networks[-1].step == 62


@pytest.mark.slow
async def test_commands_of_both_servers_are_obeyed_each_once(servers: Callable[[], Server]) -> None:
    first, second = servers(), servers()
    await first.begin(ENDLESS, Pause())
    first.race.commands.put(SetLearningRate(1, 0.2))
    await until_async(lambda: first.race.changes, "the first one's command is obeyed")
    first.saved = len(first.race.events)
    saved = await first.vanish()

    await second.attach(ENDLESS, received_by(saved), Pause())
    assert await second.race.settled() == [0, 0, 0]
    second.race.commands.put(SetLearningRate(1, 0.3))
    await until_async(lambda: len(second.race.changes) == 4, "the second one's command is obeyed")
    second.race.commands.put(Resume())
    await second.race.until(5)
    second.race.commands.put(Stop())
    assert second.running
    assert await second.running is True

    assert [change for change in second.race.changes if change.lane == 1][-1] == LearningRateChanged(1, 1, 0.3)
    assert [end.status for end in second.race.ends] == [LaneStatus.STOPPED] * 3


@pytest.mark.slow
async def test_the_server_before_is_heard_no_more(servers: Callable[[], Server]) -> None:
    """It was only thought to be gone."""
    first, second = servers(), servers()
    await first.begin(ENDLESS, PACE)
    await first.race.until(5)

    await second.attach(ENDLESS, received_by([]))
    assert first.running
    with pytest.raises(PlaygroundError, match=r"^Another server has taken over this race\.$"):
        await first.running
    first.race.commands.put(Stop())
    await second.race.until(max(first.race.steps) + 5)
    assert second.race.ends == []
    second.race.commands.put(Stop())
    assert second.running
    assert await second.running is True


@pytest.mark.slow
async def test_places_that_were_left_are_used_again(servers: Callable[[], Server]) -> None:
    first, second = servers(), servers()
    await first.begin(SHORT)
    assert first.running
    await first.running
    await first.vanish()
    await second.begin(SHORT)
    assert second.running
    await second.running

    assert [end.status for end in second.race.ends] == [LaneStatus.FINISHED] * 3


@pytest.mark.slow
@pytest.mark.parametrize("succeeded", [True, False])
async def test_a_place_without_a_race_is_left_only_to_a_server_that_is_there(
    servers: Callable[[], Server], cluster: HostsHere, succeeded: bool
) -> None:
    server = servers()
    await server.engine.open()
    assert len(cluster.there) == 1
    server.engine.let_go(ready=succeeded)
    await server.engine.close()

    assert len(cluster.there) == (1 if succeeded else 0)


@pytest.mark.slow
async def test_a_race_is_left_and_a_training_of_a_sweep_is_not(
    servers: Callable[[], Server], cluster: HostsHere
) -> None:
    """A cell is trained again by the server that continues the sweep."""
    racing = servers()
    await racing.begin(ENDLESS, PACE)
    await racing.race.until(5)
    racing.engine.let_go(ready=False)
    await racing.end()
    assert len(cluster.there) == 1
    await cluster.kill(*cluster.there)

    training = servers()
    await training.engine.open()
    events: list[LaneEvent] = []
    one_lane = ENDLESS.model_copy(update={"lanes": ENDLESS.lanes[:1]})
    training.running = asyncio.create_task(
        training.engine.run(one_lane, events.append, CommandQueue(), Detail.RESULT, run_id=RUN)
    )
    await until_async(lambda: events, "it trains")
    training.engine.let_go(ready=False)
    await training.end()
    assert not cluster.there
