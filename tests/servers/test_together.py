"""Two servers on one database serve one another's runs: the answer is the same, whichever a request comes to."""

import asyncio
import json

import httpx
import numpy as np
import pytest
from websockets.asyncio.client import connect

from tests.server_process import ENDLESS, start_owned
from tests.waiting import TIMEOUT_S, until
from tests.web.viewer import Viewer

pytestmark = pytest.mark.slow

METRICS = 1


def key_of(answer) -> dict[str, str]:
    return {"X-Owner-Key": answer.headers["X-Owner-Key"]}


def viewer(server, run_id: str) -> Viewer:
    return Viewer(server.url.removeprefix("http://"), run_id)


@pytest.fixture
def race(pair):
    """One that goes on, started through the one that follows, and its key; stopped in the end."""
    leader, follower = pair
    run_id, key = start_owned(follower.url, pace=50)
    yield run_id, key
    follower.post(f"/api/runs/{run_id}/stop", **key)
    until(lambda: leader.get(f"/api/runs/{run_id}").json()["status"] == "stopped", "it has stopped")


def test_a_race_is_the_same_through_both(pair, race):
    run_id, _ = race
    here, there = (server.get(f"/api/runs/{run_id}").json() for server in pair)

    assert (here["status"], there["status"]) == ("running", "running")
    assert (here["config"], here["created_at"]) == (there["config"], there["created_at"])
    assert all(server.get(f"/runs/{run_id}").status_code == 200 for server in pair)


def test_a_server_that_starts_leaves_the_races_of_others_alone(pair, race, start, database):
    run_id, _ = race
    leader, _ = pair
    with start(database) as third:
        assert third.get(f"/api/runs/{run_id}").json()["status"] == "running"

    assert leader.get(f"/api/runs/{run_id}").json()["status"] == "running"


@pytest.mark.parametrize("through", [0, 1])
def test_commands_are_obeyed_through_both(pair, race, through):
    run_id, key = race
    server, other = pair[through], pair[1 - through]

    assert server.post(f"/api/runs/{run_id}/pause", **key).json()["status"] == "paused"
    until(lambda: other.get(f"/api/runs/{run_id}").json()["status"] == "paused", "it is paused there, too")
    assert server.put(f"/api/runs/{run_id}/pace", {"batches_per_s": 20}, **key).status_code == 202
    assert server.post(f"/api/runs/{run_id}/resume", **key).json()["status"] == "running"
    until(lambda: other.get(f"/api/runs/{run_id}").json()["pace"] == 20, "the pace is known there, too")


def test_a_command_without_the_key_is_refused_through_both(pair, race):
    run_id, _ = race

    answers = [server.post(f"/api/runs/{run_id}/stop", **{"X-Owner-Key": "wrong"}) for server in pair]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].json() == answers[1].json()


async def test_a_viewer_through_each_gets_every_point(pair):
    _, follower = pair
    run_id, key = start_owned(follower.url, pace=200)
    viewers = [viewer(server, run_id) for server in pair]
    async with viewers[0].connect() as first, viewers[1].connect() as second:
        for watching, socket in zip(viewers, (first, second), strict=True):
            while min(watching.steps) < 50:
                await watching.receive(socket)
        follower.post(f"/api/runs/{run_id}/stop", **key)
        for watching, socket in zip(viewers, (first, second), strict=True):
            while await watching.receive(socket):
                pass

    assert [watching.close_code for watching in viewers] == [1000, 1000]
    assert [watching.run["status"] for watching in viewers] == ["stopped", "stopped"]
    assert viewers[0].run["version"] == viewers[1].run["version"]
    for kind in viewers[0].rows:
        for here, there in zip(viewers[0].rows[kind], viewers[1].rows[kind], strict=True):
            np.testing.assert_array_equal(here, there)


async def test_a_viewer_goes_on_at_the_other_server_from_its_cursor(pair, race):
    run_id, _ = race
    leader, follower = pair
    watching = viewer(leader, run_id)
    async with watching.connect() as socket:
        while min(watching.steps) < 10:
            await watching.receive(socket)
    moved = viewer(follower, run_id)
    moved.rows = watching.rows
    had = list(moved.steps)

    # Fails at a gap and at a double.
    async with moved.connect() as socket:
        while min(moved.steps) < max(had) + 10:
            await moved.receive(socket)


async def test_viewers_of_all_servers_are_counted_together(pair, race):
    run_id, _ = race
    async with viewer(pair[0], run_id).connect(), viewer(pair[1], run_id).connect(), viewer(pair[1], run_id).connect():
        for server in pair:
            until(lambda server=server: server.get(f"/api/runs/{run_id}").json()["viewers"] == 3, "all are counted")


def test_there_is_one_queue(pair, race):
    """Behind the race there is, on a server that races one at a time."""
    starts = [pair[number % 2].post("/api/runs", ENDLESS) for number in range(3)]
    try:
        assert [answer.json()["position"] for answer in starts] == [1, 2, 3]
        seen = [server.get(f"/api/runs/{answer.json()['id']}").json() for answer in starts for server in pair]
        assert [run["position"] for run in seen] == [1, 1, 2, 2, 3, 3]
        fourth = [server.post("/api/runs", ENDLESS) for server in pair]
        assert [answer.status_code for answer in fourth] == [429, 429], "a visitor may have four"
        assert [server.get("/api/capacity").json()["queued"] for server in pair] == [3, 3]
        with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.2"), timeout=TIMEOUT_S) as another:
            starts.append(another.post(f"{pair[1].url}/api/runs", json=ENDLESS))
        assert starts[-1].status_code == 201, "another visitor, by the address that the other server has told"
    finally:
        for answer in starts:
            pair[1].post(f"/api/runs/{answer.json()['id']}/stop", **key_of(answer))


async def test_a_visitors_streams_are_counted_together(pair, race):
    """Of which one may have six."""
    run_id, _ = race
    viewers = [viewer(pair[number % 2], run_id) for number in range(6)]
    sockets = [await each.connect() for each in viewers]
    try:
        for each, socket in zip(viewers, sockets, strict=True):
            await each.receive(socket)
        for server in pair:
            until(lambda server=server: server.get(f"/api/runs/{run_id}").json()["viewers"] == 6, "all are counted")
            seventh = viewer(server, run_id)
            while seventh.error is None:
                seventh.run = None
                async with seventh.connect() as socket:
                    while seventh.run is None and await seventh.receive(socket):
                        pass
            assert seventh.error["code"] == "too_many"
    finally:
        for socket in sockets:
            await socket.close()


def test_only_the_leader_reports_numbers_of_races(pair, race):
    def told(server, name: str) -> float:
        lines = server.get("/metrics").text.splitlines()
        return next(float(line.split()[-1]) for line in lines if line.startswith(f"playground_{name} "))

    assert [told(server, "leads") for server in pair] == [1, 0]
    assert [told(server, "ready") for server in pair] == [1, 1]
    assert told(pair[0], "runs_started_total") > 0
    assert told(pair[1], "runs_started_total") == 0
    running = 'runs{status="running"}'
    assert [told(server, running) for server in pair] == [1, 0]


def test_no_one_else_is_taken_for_a_server(pair, race):
    run_id, _ = race
    for server in pair:
        for headers in ({}, {"X-Playground-Secret": "guessed", "X-Playground-Server": "x"}, {"X-Owner-Key": "any"}):
            assert server.get(f"/api/servers/runs/{run_id}/feed", **headers).status_code == 404
            assert server.put("/api/servers/watching", {"viewers": {}, "streams": {}}, **headers).status_code == 404


SWEEP = {
    "axes": {"optimizer": ["sgd", "adam"], "learning_rate": [0.01, 0.1]},
    "config": {"hidden": [8], "batch_size": 100},
}


async def test_a_sweep_is_watched_through_the_server_that_does_not_train_it(pair):
    _, follower = pair
    started = await asyncio.to_thread(follower.post, "/api/sweeps", SWEEP)
    sweep_id = started.json()["id"]
    cells: dict[str, dict] = {}
    async with connect(f"{follower.url.replace('http', 'ws')}/api/sweeps/{sweep_id}/stream") as socket:
        async for text in socket:
            message = json.loads(text)
            if message["type"] == "sweep":
                cells |= message["cells"]
                told = message["sweep"]
    here, there = (server.get(f"/api/sweeps/{sweep_id}").json() for server in pair)

    assert (told["status"], socket.close_code) == ("finished", 1000)
    assert here == there
    assert [cells[str(number)] for number in range(4)] == here["cells"]
    run_id = here["cells"][0]["run"]
    assert [server.get(f"/api/runs/{run_id}").json()["sweep"] for server in pair] == [sweep_id, sweep_id]


def test_a_lesson_is_held_through_both(pair):
    _, follower = pair
    started = follower.post("/api/lessons", {"experiment": "pulls-ahead"})
    lesson = f"/api/lessons/{started.json()['id']}"
    choice = started.json()["guesses"][0]["key"]

    voted = [
        server.put(f"{lesson}/vote", {"choice": choice}, **{"X-Browser": f"browser-{number}"})
        for number, server in enumerate(pair)
    ]

    assert [answer.status_code for answer in voted] == [200, 200]
    assert [server.get(lesson).json()["voters"] for server in pair] == [2, 2]
    assert [server.get(lesson.removeprefix("/api")).status_code for server in pair] == [200, 200]
