"""What a Ray cluster brings of its own: nodes and heads that are lost, clocks that differ, servers that are killed."""

import asyncio
import math
import secrets
import time
from pathlib import Path

import httpx
import numpy as np
import pytest

from app.config import RunConfig
from app.engine import ray_cluster
from app.engine.commands import SetPace, Stop
from app.errors import CannotStart
from app.events import LaneEnded, LaneSilent, LaneStatus
from app.training.trainer import train
from tests.cluster.nodes import RayCluster
from tests.engine.racing import Race, fork_servers, racing, until_gone, workers
from tests.server_process import ENDLESS as ENDLESS_RACE
from tests.server_process import served
from tests.waiting import until, until_async

SHORT = RunConfig(epochs=1, hidden=[16])
ENDLESS = RunConfig(epochs=100, batch_size=1, hidden=[16])
# Slow enough to go on for as long as any test.
PACE = SetPace(50)
LOST = "The machine that this race ran on was lost."


def check_interrupted(race: Race) -> None:
    """All that came before is kept, and each lane says where it ended."""
    assert race.ends == [LaneEnded(lane, LaneStatus.INTERRUPTED, steps, LOST) for lane, steps in enumerate(race.steps)]
    assert min(race.steps) >= 10


async def test_a_race_on_a_lost_node_is_interrupted_and_the_next_one_has_the_same_numbers_elsewhere(
    cluster, monkeypatch, few_digits
):
    engine = cluster.engine(monkeypatch)
    await engine.open()
    async with racing(engine, ENDLESS, PACE) as race:
        await race.until(10)
        its_node = cluster.nodes[-1]
        # Where the next place is opened meanwhile.
        await asyncio.to_thread(cluster.add_node, 3)
        await asyncio.to_thread(its_node.kill)
    check_interrupted(race)

    async with racing(engine, SHORT) as again:
        pass
    await engine.close()
    assert [end.status for end in again.ends] == [LaneStatus.FINISHED] * 3
    for lane in range(3):
        alone = [event.loss for event in train(few_digits, SHORT, lane, kernel=engine.kernel) if hasattr(event, "loss")]
        np.testing.assert_array_equal(again.losses(lane), np.concatenate(alone))
    assert engine.replaced >= 1


async def test_without_its_head_races_are_interrupted_and_go_on_under_a_new_one(cluster, monkeypatch):
    engine = cluster.engine(monkeypatch)
    await engine.open()
    async with racing(engine, ENDLESS, PACE) as race:
        await race.until(10)
        left, killed_at = [*workers(), *fork_servers()], time.monotonic()
        await asyncio.to_thread(cluster.head.kill)
    check_interrupted(race)
    await until_gone(left)
    # A node would wait twice as long for its head by default.
    assert time.monotonic() - killed_at < 60
    await until_async(lambda: not engine.ready, "the engine says that it can start no race")

    await asyncio.to_thread(cluster.start_head)
    await asyncio.to_thread(cluster.add_node, 3)
    await until_async(lambda: engine.ready, "the engine has found the new head")
    async with racing(engine, SHORT) as again:
        pass
    await engine.close()
    assert [end.status for end in again.ends] == [LaneStatus.FINISHED] * 3


async def test_lanes_of_a_node_that_does_not_answer_say_so_and_continue_when_it_does(cluster, monkeypatch):
    engine = cluster.engine(monkeypatch)
    await engine.open()
    async with racing(engine, ENDLESS, PACE) as race:

        def silences() -> list[LaneSilent]:
            return [event for event in race.events if isinstance(event, LaneSilent)]

        await race.until(10)
        cluster.nodes[-1].freeze()
        await until_async(silences, "it is told")
        cluster.nodes[-1].go_on()
        await until_async(lambda: silences()[-1].seconds == 0, "that it answers again is told")
        await race.until(max(race.steps) + 5)
        race.commands.put(Stop())
    await engine.close()

    assert silences()[0].seconds >= 10
    assert [end.status for end in race.ends] == [LaneStatus.STOPPED] * 3


async def test_a_pace_is_kept_by_nodes_whose_clock_is_another(ray_engine, monkeypatch):
    clock = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: clock() + 5 * 3600)
    await ray_engine.open()
    began, seen = time.monotonic(), []
    async with racing(ray_engine, ENDLESS, SetPace(50)) as race:

        def there() -> bool:
            steps = race.steps
            seen.append((time.monotonic() - began, steps))
            return min(steps) > 50

        await until_async(there, "all lanes make as many steps as in a second")
        race.commands.put(Stop())
    await ray_engine.close()

    for elapsed, steps in seen:
        assert max(steps) <= 1 + math.floor(50 * elapsed)


async def test_where_there_is_no_cluster_an_engine_does_not_open(three_cores: RayCluster, monkeypatch):
    monkeypatch.setattr(three_cores, "address", "127.0.0.1:1")
    monkeypatch.setattr(ray_cluster, "CONNECT_WITHIN_S", 5.0)
    engine = three_cores.engine(monkeypatch)

    with pytest.raises(CannotStart, match=r"^The Ray cluster at 127\.0\.0\.1:1 can't be used: it does not answer"):
        await engine.open()
    await engine.close()


async def test_a_wrong_token_is_told_at_once_with_where_it_was_read(three_cores: RayCluster, monkeypatch, tmp_path):
    engine = three_cores.engine(monkeypatch)
    (other := tmp_path / "other-token").touch(0o600)
    other.write_text(secrets.token_urlsafe(32))
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(other))
    began = time.monotonic()

    with pytest.raises(CannotStart) as refused:
        await engine.open()
    # Ray tries for 20 s to connect, and does not say why it failed.
    assert time.monotonic() - began < 20
    assert str(refused.value) == (
        f"The Ray cluster at {three_cores.address} does not take the token of this server, which is read from {other}. "
        "Expected is the one that its head was started with: copy it there, and to all nodes."
    )
    await engine.close()


async def test_nodes_with_other_digits_are_refused(three_cores: RayCluster, monkeypatch, prepared_few: Path):
    engine = three_cores.engine(monkeypatch, prepared_few)

    with pytest.raises(Exception, match=r"other digits .* set DATA_DIR to the same files on all nodes"):
        await engine.open()
    await engine.close()


async def test_a_server_races_on_a_cluster_and_ends_with_all_it_has_there(three_cores: RayCluster, tmp_path: Path):
    settings = {**three_cores.settings, "PLAYGROUND_ENGINE": "ray", "RAY_ADDRESS": three_cores.address}
    digits, cache = Path(settings.pop("DATA_DIR")), Path(settings.pop("CACHE_DIR"))
    with served(digits, cache, stderr=None, **settings) as (server, address):
        with httpx.Client(base_url=address) as http:
            run = http.post("/api/runs", json={"epochs": 1, "hidden": [16]}).json()["id"]
            until(lambda: http.get(f"/api/runs/{run}").json()["status"] == "finished", "the race is over")
            assert len(fork_servers()) == 1
        left = [*workers(), *fork_servers()]
        server.terminate()
        assert server.wait() == 0
    await until_gone(left)


async def test_what_a_killed_server_has_on_a_cluster_ends_by_itself(three_cores: RayCluster, tmp_path: Path):
    settings = {**three_cores.settings, "PLAYGROUND_ENGINE": "ray", "RAY_ADDRESS": three_cores.address}
    digits, cache = Path(settings.pop("DATA_DIR")), Path(settings.pop("CACHE_DIR"))
    with served(digits, cache, stderr=None, **settings) as (server, address):
        with httpx.Client(base_url=address) as http:
            http.post("/api/runs", json=ENDLESS_RACE)
        until(lambda: workers() and workers()[0].cpu_times().user > 0, "the race goes on")
        left = [*workers(), *fork_servers()]
        server.kill()
    await until_gone(left)
