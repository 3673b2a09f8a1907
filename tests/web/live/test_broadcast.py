"""What many viewers of one run receive, over real sockets."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from functools import partial
from itertools import pairwise

import httpx
import numpy as np
import psutil
import pytest
from websockets.asyncio.client import ClientConnection

from app.config import RunConfig, SGDLane
from app.events import Frame, RunStarted
from app.histogram import Histogram
from app.runs.run import Run
from app.training.dataset import Dataset
from app.web.live.broadcast import Broadcast
from tests.waiting import until_async
from tests.web.viewer import Viewer, assert_same_points, connect

CROWD = 50
SHORT = {"epochs": 3, "hidden": [16]}
ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}
LONG_HISTORY = {"epochs": 20, "batch_size": 1, "hidden": [1], "lanes": [{"optimizer": "sgd"}]}


async def start(http: httpx.AsyncClient, config: dict) -> str:
    return (await http.post("/api/runs", json=config)).json()["id"]


async def connected(viewer: Viewer) -> ClientConnection:
    return await viewer.connect()


@pytest.mark.slow
async def test_a_crowd_that_waits_for_the_start_gets_every_batch_and_then_the_end(http, address):
    racing, queued = await start(http, ENDLESS), await start(http, SHORT)
    crowd = [Viewer(address, queued) for _ in range(CROWD)]
    connections = await asyncio.gather(*(connected(viewer) for viewer in crowd))

    async def watch(viewer: Viewer, connection: ClientConnection) -> None:
        async with connection:
            while await viewer.receive(connection):
                pass

    watching = [asyncio.create_task(watch(*pair)) for pair in zip(crowd, connections, strict=True)]
    await http.post(f"/api/runs/{racing}/stop")
    await asyncio.gather(*watching)

    for viewer in crowd:
        assert viewer.steps == [93, 93, 93]
        assert viewer.run == crowd[0].run
        assert viewer.run["status"] == "finished"
        assert viewer.close_code == 1000
        assert_same_points(viewer, crowd[0])


@pytest.mark.slow
async def test_viewers_that_come_and_go_in_mid_race_get_every_batch(http, address):
    run_id = await start(http, SHORT)
    viewers = [Viewer(address, run_id) for _ in range(CROWD)]

    async def watch_in_pieces(viewer: Viewer, messages: int) -> None:
        async with viewer.connect() as socket:
            for _ in range(messages):
                await viewer.receive(socket)
        await viewer.watch()

    await asyncio.gather(*(watch_in_pieces(viewer, 1 + number % 5) for number, viewer in enumerate(viewers)))

    for viewer in viewers:
        assert viewer.steps == [93, 93, 93]
        assert viewer.run["status"] == "finished"
        assert viewer.close_code == 1000
        assert_same_points(viewer, viewers[0])


@pytest.mark.slow
async def test_a_viewer_that_stopped_reading_still_gets_the_rest(http, address):
    run_id = await start(http, LONG_HISTORY)
    host, port = address.split(":")
    slow, quick = Viewer(address, run_id, lanes=1), Viewer(address, run_id, lanes=1)
    with socket.socket() as narrow:
        # Far less than the history fits between the server and this viewer, who reads when the race is over.
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        narrow.connect((host, int(port)))
        async with connect(slow.url, sock=narrow, max_queue=1, compression=None) as connection:
            await quick.watch()
            while await slow.receive(connection):
                pass

    assert slow.close_code == 1000
    assert slow.run["status"] == "finished"
    assert_same_points(slow, quick)


@pytest.fixture
async def racing(few_digits: Dataset) -> AsyncIterator[tuple[Run, Broadcast]]:
    run = Run("a run", RunConfig(lanes=[SGDLane()]), few_digits.test_labels, per_epoch=31)
    run.apply(RunStarted("whole"))
    broadcast = Broadcast(run, Histogram(1.0))
    yield run, broadcast
    await broadcast.close()


def train(run: Run) -> None:
    """One more step of its lane."""
    column = np.zeros(1, np.float32)
    run.apply(Frame(0, run.history.steps(0) + 1, column, column, column))


async def test_everyone_present_is_written_the_very_same_bytes(racing):
    run, broadcast = racing
    first, second = [], []

    def take_one(written: list[bytes], frames: bytes) -> bool:
        """As a connection that is full after the first."""
        written.append(frames)
        return len(written) < 2

    staying = [asyncio.create_task(broadcast.subscribe(partial(take_one, written))) for written in (first, second)]
    for _ in range(2):
        train(run)
        await broadcast.wait_until_sent(run.history.end())
    told = await asyncio.gather(*staying)

    assert first[0] is second[0]
    # The second round was refused: the viewer has what was before it.
    assert told == [(((1,), (0,), (0,)), run.version)] * 2


async def test_a_viewer_ahead_of_what_was_sent_waits_until_it_is_sent(racing):
    """Between two rounds a run has more than was sent, and a newcomer may have it from the JSON."""
    run, broadcast = racing

    train(run)
    assert not broadcast.has(run.history.end())
    await broadcast.wait_until_sent(run.history.end())

    assert broadcast.sent.cursor == run.history.end()


@pytest.mark.slow
async def test_a_crowd_that_left_leaves_no_socket(http, address):
    run_id = await start(http, ENDLESS)
    before = len(psutil.Process().net_connections())
    crowd = await asyncio.gather(*(connected(Viewer(address, run_id)) for _ in range(CROWD)))
    assert len(psutil.Process().net_connections()) > before + CROWD

    await asyncio.gather(*(socket.close() for socket in crowd))

    await until_async(lambda: len(psutil.Process().net_connections()) <= before, "all sockets are closed")
    await http.post(f"/api/runs/{run_id}/stop")


async def test_on_a_machine_with_one_core_a_crowd_is_sent_the_same_less_often(few_digits):
    run = Run("a run", RunConfig(lanes=[SGDLane()]), few_digits.test_labels, per_epoch=31)
    run.apply(RunStarted("whole"))
    broadcast = Broadcast(run, Histogram(1.0), share=0.1)
    times = []

    def slow_write(frames: bytes) -> bool:
        times.append(time.monotonic())
        while time.monotonic() < times[-1] + 0.01:
            pass
        return True

    staying = asyncio.create_task(broadcast.subscribe(slow_write))
    await asyncio.wait([staying], timeout=0)
    for _ in range(3):
        before = len(times)
        train(run)
        await until_async(lambda before=before: len(times) > before, "it is told")
    staying.cancel()
    await broadcast.close()

    # Sending took a hundredth of a second, and may take a tenth of the time.
    assert all(later - earlier > 0.09 for earlier, later in pairwise(times))
