"""Unwatched races, and how long queued ones will wait: on a real server.

What time alone decides is in `test_unwatched`, whether a wait is foretold well in `test_wait_estimate`.
"""

import asyncio
import time
from contextlib import asynccontextmanager

import httpx
import pytest

from app.engine.inline import InlineEngine
from app.main import create_app
from app.settings import Settings
from tests.owner import keeping_keys
from tests.waiting import TIMEOUT_S
from tests.web.conftest import capacity, serving
from tests.web.viewer import Viewer

pytestmark = pytest.mark.slow

ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}


@asynccontextmanager
async def server(digits, engine=None, **settings):
    chosen = Settings(**{"max_running": 1, **settings})
    async with (
        serving(create_app(chosen, engine or InlineEngine(digits), digits)) as address,
        httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S, event_hooks=keeping_keys()) as http,
    ):
        yield http, address


async def start(http, config=ENDLESS, **query) -> str:
    answer = await http.post("/api/runs", json=config, params=query)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def told(http, run_id: str) -> dict:
    return (await http.get(f"/api/runs/{run_id}")).json()


async def until(http, run_id: str, condition) -> dict:
    deadline = time.monotonic() + TIMEOUT_S
    while not condition(run := await told(http, run_id)):
        assert time.monotonic() < deadline, run
        await asyncio.sleep(0.05)
    return run


async def test_a_race_no_one_watches_waits_and_goes_on_when_someone_comes(few_digits):
    async with server(few_digits, unwatched_pause_s=0.5, unwatched_stop_s=0) as (http, address):
        run_id = await start(http)
        paused = await until(http, run_id, lambda run: run["status"] == "paused")
        assert (paused["paused_by"], paused["viewers"]) == ("unwatched", 0)

        viewer = Viewer(address, run_id)
        async with viewer.connect() as socket:
            while viewer.run is None or viewer.run["status"] != "running":
                assert await viewer.receive(socket)
            assert viewer.run["paused_by"] is None
            made = viewer.steps
            while viewer.steps == made:
                assert await viewer.receive(socket)


async def test_an_unwatched_sweep_is_stopped_when_others_wait(few_digits):
    async with server(few_digits, unwatched_pause_s=0.5, unwatched_stop_s=0) as (http, address):
        body = {"axes": {"optimizer": ["sgd"]}, "config": ENDLESS}
        sweep = (await http.post("/api/sweeps", json=body)).json()
        path = f"/api/sweeps/{sweep['id']}"
        next_one = await start(http)
        viewer = Viewer(address, next_one)
        async with viewer.connect() as socket:
            while viewer.run is None or viewer.run["status"] == "queued":
                assert await viewer.receive(socket)

        told = (await http.get(path)).json()
        assert (told["status"], told["stopped_by"]) == ("stopped", "unwatched")


async def test_a_race_no_one_comes_back_to_is_stopped_and_the_next_begins(few_digits):
    async with server(few_digits, unwatched_pause_s=0.5, unwatched_stop_s=1) as (http, _):
        first = await start(http)
        stopped = await until(http, first, lambda run: run["status"] == "stopped")
        assert stopped["stopped_by"] == "unwatched"
        text = (await http.get(f"/api/runs/{first}/story")).json()["text"]
        assert "It was stopped because no one was watching" in text


async def test_a_race_no_one_watches_makes_room_as_soon_as_others_wait(few_digits):
    async with server(few_digits, unwatched_pause_s=0.5, unwatched_stop_s=0) as (http, _):
        first = await start(http)
        await until(http, first, lambda run: run["status"] == "paused")
        second = await start(http)
        assert (await until(http, first, lambda run: run["status"] == "stopped"))["stopped_by"] == "unwatched"
        await until(http, second, lambda run: run["status"] == "running")


@pytest.mark.parametrize("how", [{"paused": True}, {"pace": 0.5}])
async def test_a_slow_watched_race_is_stopped_when_its_turn_is_over_and_others_wait(few_digits, how):
    async with server(few_digits, max_turn_s=2) as (http, address):
        first = await start(http, **how)
        viewer = Viewer(address, first)
        async with viewer.connect() as socket:
            while viewer.run is None or viewer.run["viewers"] != 1:
                assert await viewer.receive(socket)
            answer = await http.post("/api/runs", json=ENDLESS)
            assert answer.json()["wait_s"] <= 2
            second = answer.json()["id"]
            while await viewer.receive(socket):
                pass
        assert (viewer.run["status"], viewer.run["stopped_by"]) == ("stopped", "others")
        await until(http, second, lambda run: run["status"] == "running")


async def test_a_race_whose_turn_is_over_goes_on_while_no_one_waits_and_no_more_end_than_wait(few_digits):
    async with server(few_digits, max_turn_s=0.1, max_running=2) as (http, _):
        first, second = await start(http, pace=1), await start(http, pace=1)
        # Two seconds.
        going_on = await until(http, first, lambda run: run["lanes"][0]["steps"] >= 3)
        assert going_on["status"] == "running"
        third = await start(http, {"epochs": 1, "hidden": [16]})
        await until(http, first, lambda run: run["stopped_by"] == "others")
        await until(http, third, lambda run: run["status"] == "finished")
        assert (await told(http, second))["status"] == "running"


async def test_a_race_its_owner_paused_stays_paused_when_someone_comes(few_digits):
    async with server(few_digits, unwatched_pause_s=0.1, unwatched_stop_s=0) as (http, address):
        # From its start on: it is unwatched before.
        run_id = await start(http, paused=True)
        viewer = Viewer(address, run_id)
        async with viewer.connect() as socket:
            # The message about the viewer would also have resumed the race.
            while viewer.run is None or viewer.run["viewers"] != 1:
                assert await viewer.receive(socket)
            assert (await told(http, run_id))["paused_by"] == "owner"


async def test_the_viewers_of_a_race_are_counted(few_digits):
    async with server(few_digits) as (http, address):
        run_id = await start(http, pace=2)
        first, second = Viewer(address, run_id), Viewer(address, run_id)
        async with first.connect() as socket:
            async with second.connect():
                while first.run is None or first.run["viewers"] != 2:
                    assert await first.receive(socket)
            while first.run["viewers"] != 1:
                assert await first.receive(socket)
            assert first.run["status"] == "running"


async def test_a_watched_run_starts_before_unwatched_ones_and_its_position_says_so(few_digits, monkeypatch):
    monkeypatch.setattr("app.scheduling.run_queue.GRACE_S", 1)
    async with server(few_digits) as (http, address):
        first = await start(http, pace=1)
        unwatched, watched = await start(http), await start(http)
        viewer = Viewer(address, watched)
        async with viewer.connect() as socket:
            while viewer.run is None or viewer.run["position"] != 1:
                assert await viewer.receive(socket)
            await http.post(f"/api/runs/{first}/stop")
            while viewer.run["status"] != "running":
                assert viewer.run["status"] == "queued"
                assert await viewer.receive(socket)
            assert (await told(http, unwatched))["status"] == "queued"


async def test_starts_that_no_one_watches_keep_no_one_out_of_a_full_queue(few_digits, monkeypatch):
    async with server(few_digits, max_queued=2) as (http, _):
        racing = await start(http, pace=1)
        abandoned = [await start(http) for _ in range(2)]
        monkeypatch.setattr("app.scheduling.run_queue.GRACE_S", 600)
        assert (await http.post("/api/runs", json=ENDLESS)).status_code == 503
        assert (await capacity(http))["can_start"] is False
        monkeypatch.setattr("app.scheduling.run_queue.GRACE_S", 0)
        assert (await capacity(http))["can_start"] is True
        mine = await start(http)

        assert (await told(http, mine))["status"] == "queued"
        assert (await told(http, abandoned[0]))["stopped_by"] == "unwatched"
        assert (await told(http, racing))["status"] == "running"


async def test_the_wait_shown_to_a_visitor_is_that_of_their_own_turn(few_digits):
    async with server(few_digits, trusted_proxy_header="x-forwarded-for", max_turn_s=300) as (http, _):
        many, other = ({"X-Forwarded-For": f"192.0.2.{visitor}"} for visitor in (1, 2))
        for _ in range(3):
            await http.post("/api/runs", json=ENDLESS, params={"pace": 1}, headers=many)
        waits = [(await http.get("/api/capacity", headers=each)).json()["wait_s"] for each in (many, other)]
        mine = (await http.post("/api/runs", json=ENDLESS, params={"pace": 1}, headers=other)).json()

    # Behind the one that races alone, or behind all three.
    assert waits[1] <= 300 < 600 < waits[0] <= 900
    assert mine["position"] == 1
    assert mine["wait_s"] <= 300


async def test_an_idle_server_has_a_place_at_once(few_digits):
    async with server(few_digits) as (http, _):
        assert (await http.get("/api/capacity")).json() == {
            "running": 0,
            "queued": 0,
            "max_running": 1,
            "max_queued": 50,
            "wait_s": 0,
            "can_start": True,
            "reason": None,
            "retry_after_s": None,
            "max_turn_s": 300,
            "max_full_speed_turn_s": 1200,
            "passphrase": False,
            "classroom": False,
            "joinable": None,
        }


async def test_behind_a_paused_race_no_one_knows_how_long_it_takes(few_digits):
    async with server(few_digits, max_turn_s=0) as (http, _):
        paused = await start(http, paused=True)
        queued = await start(http)

        assert (await told(http, queued))["wait_s"] is None
        assert (await told(http, queued))["behind_paused"] is True
        assert (await http.get("/api/capacity")).json()["wait_s"] is None
        await http.post(f"/api/runs/{paused}/resume")
        await until(http, queued, lambda run: not run["behind_paused"])


async def test_later_runs_wait_longer(few_digits):
    async with server(few_digits) as (http, _):
        runs = [await start(http, pace=1) for _ in range(3)]
        waits = [(await until(http, each, lambda run: run["wait_s"] is not None))["wait_s"] for each in runs[1:]]
        capacity = (await http.get("/api/capacity")).json()

    assert 0 < waits[0] < waits[1] < capacity["wait_s"]
