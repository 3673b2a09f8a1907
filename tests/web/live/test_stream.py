"""What viewers receive, over real sockets."""

import asyncio
import socket

import numpy as np
import pytest

from tests.web.viewer import Viewer, assert_same_points, connect

SHORT = {"epochs": 3, "hidden": [16]}
LONG_HISTORY = {"epochs": 20, "batch_size": 1, "hidden": [1], "lanes": [{"optimizer": "sgd"}]}
ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}


async def start(http, config) -> str:
    answer = await http.post("/api/runs", json=config)
    assert answer.status_code == 201
    return answer.json()["id"]


async def test_a_viewer_gets_every_batch_and_then_the_end(http, address):
    viewer = await Viewer(address, await start(http, SHORT)).watch(cursor=False)

    assert viewer.steps == [93, 93, 93]
    assert viewer.run["status"] == "finished"
    assert viewer.close_code == 1000
    for lane in range(3):
        loss, accuracy, seconds = viewer.rows[1][lane]
        assert (loss > 0).all()
        assert ((accuracy >= 0) & (accuracy <= 1)).all()
        assert (seconds[1:] > seconds[:-1]).all()
        step = viewer.rows[2][lane][0]
        assert step[0] == 0
        assert step[-1] == 93


async def test_two_viewers_and_a_late_one_see_the_same_points(http, address):
    run_id = await start(http, SHORT)
    first, second = await asyncio.gather(Viewer(address, run_id).watch(), Viewer(address, run_id).watch())
    late = await Viewer(address, run_id).watch()

    assert_same_points(first, second)
    assert_same_points(first, late)
    assert late.run == first.run


async def test_reconnect_resumes_after_cursor(http, address):
    run_id = await start(http, SHORT)
    viewer = Viewer(address, run_id)
    while not (viewer.run and viewer.run["status"] == "finished"):
        # Leaves in the middle of the race again and again; a gap or a double fails in take().
        async with viewer.connect() as socket:
            for _ in range(3):
                await viewer.receive(socket)

    assert viewer.steps == [93, 93, 93]
    assert_same_points(viewer, await Viewer(address, run_id).watch())


@pytest.mark.slow
async def test_a_long_history_arrives_in_pieces(http, address):
    run_id = await start(http, LONG_HISTORY)
    live = await Viewer(address, run_id, lanes=1).watch()
    late = Viewer(address, run_id, lanes=1)
    sizes = []
    async with late.connect(cursor=False) as socket:
        while await late.receive(socket):
            sizes.append(late.steps[0])

    assert 16_384 in sizes
    assert late.steps == [40_000]
    assert_same_points(live, late)


@pytest.mark.slow
async def test_a_viewer_that_does_not_read_holds_no_one_up(http, address):
    run_id = await start(http, LONG_HISTORY)
    idle = Viewer(address, run_id, lanes=1)
    host, port = address.split(":")
    with socket.socket() as narrow:
        # Far less than the history fits between the server and this viewer, who takes one message and no more.
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        narrow.connect((host, int(port)))
        async with connect(idle.url, sock=narrow, max_queue=1, compression=None, close_timeout=0.1):
            viewer = await Viewer(address, run_id, lanes=1).watch()

    assert viewer.run["status"] == "finished"
    assert viewer.steps == [40_000]


async def test_status_changes_reach_the_viewer(http, address):
    run_id = await start(http, ENDLESS)
    viewer = Viewer(address, run_id)
    seen = []
    async with viewer.connect() as socket:
        while await viewer.receive(socket):
            if viewer.run["status"] not in seen:
                seen.append(viewer.run["status"])
            if viewer.run["status"] == "running" and all(viewer.steps):
                await http.post(f"/api/runs/{run_id}/stop")

    assert seen[0] == "running"
    assert seen[-1] == "stopped"
    assert {lane["status"] for lane in viewer.run["lanes"]} == {"stopped"}


async def test_a_queued_viewer_sees_its_place_move_up(http, address):
    racing, waiting, last = [await start(http, ENDLESS) for _ in range(3)]
    viewer = Viewer(address, last)
    positions = []
    async with viewer.connect() as socket:
        while await viewer.receive(socket):
            if viewer.run["position"] not in positions:
                positions.append(viewer.run["position"])
            if viewer.run["position"] == 2:
                await http.post(f"/api/runs/{waiting}/stop")
            elif viewer.run["position"] == 1:
                await http.post(f"/api/runs/{racing}/stop")
            elif viewer.run["status"] == "running":
                await http.post(f"/api/runs/{last}/stop")

    assert positions == [2, 1, None]


async def test_the_stream_of_an_unknown_run_gets_an_error_and_closes(address):
    viewer = await Viewer(address, "nosuchrun").watch(cursor=False)

    assert viewer.close_code == 4404
    assert viewer.error["code"] == "not_found"
    assert "nosuchrun" in viewer.error["message"]


@pytest.mark.parametrize(
    "cursor", ["steps=1,2", "steps=99999,0,0", "steps=-1,0,0", "steps=a", "evaluations=", "pushes=1,1,9999"]
)
async def test_a_cursor_of_another_run_gets_an_error_and_closes(http, address, cursor):
    viewer = Viewer(address, await start(http, SHORT))
    viewer.url += f"?{cursor}"
    await viewer.watch(cursor=False)

    assert viewer.close_code == 4400
    assert viewer.error["code"] == "invalid_request"


async def test_a_viewer_ahead_of_a_race_that_goes_on_is_kept_until_the_race_is_there(http, address):
    """As after a takeover, when the next server has not read yet what viewers have from the one before."""
    started = await http.post("/api/runs?paused=true", json=ENDLESS)
    viewer, key = Viewer(address, started.json()["id"]), {"X-Owner-Key": started.headers["X-Owner-Key"]}
    viewer.rows[1] = [np.zeros((3, 1))] * 3

    async with viewer.connect() as socket:
        while viewer.run is None or viewer.run["status"] != "paused":
            assert await viewer.receive(socket), viewer.error
        assert (await http.post(f"/api/runs/{viewer.run['id']}/resume", headers=key)).status_code == 202
        # Viewer takes neither a gap nor a double.
        while min(viewer.steps) < 3:
            assert await viewer.receive(socket), viewer.error
