"""SIGTERM: nothing new starts, viewers are notified, and the server exits in time, with real processes and sockets."""

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from app.engine.worker_process import EXIT_TIMEOUT_S
from app.serving import CLOSING_S, DRAIN_S
from app.storage.store import CLOSE_WITHIN_S
from tests.server_process import ENDLESS, served, start_racing
from tests.waiting import TIMEOUT_S, until_async
from tests.web.viewer import Viewer, connect

pytestmark = pytest.mark.slow

CROWD = 50


@pytest.fixture
async def server(few_idx_files: Path, tmp_path: Path) -> AsyncIterator[tuple[subprocess.Popen, str]]:
    with served(few_idx_files, tmp_path, MAX_RUNS_PER_VISITOR="3") as (process, address):
        yield process, address


def ended(process: subprocess.Popen) -> None:
    assert process.wait(timeout=TIMEOUT_S) == 0


def test_what_an_ending_server_waits_for_leaves_time_to_compute_within_ten_seconds():
    # To end the workers, and then to kill them; to save what is new, and then to close the database.
    assert DRAIN_S + CLOSING_S + max(2 * EXIT_TIMEOUT_S, CLOSE_WITHIN_S + 1) < 10


async def test_viewers_are_notified_before_their_connections_close(server):
    process, address = server
    run_id = start_racing(address)
    viewers = [Viewer(address.removeprefix("http://"), run_id) for _ in range(CROWD)]
    watching = [asyncio.create_task(viewer.watch()) for viewer in viewers]
    await until_async(lambda: all(all(viewer.steps) for viewer in viewers), "everybody watches")

    process.send_signal(signal.SIGTERM)
    await asyncio.gather(*watching)

    assert all(viewer.draining for viewer in viewers)
    assert {viewer.close_code for viewer in viewers} == {1012}
    await asyncio.to_thread(ended, process)


async def test_viewers_of_a_sweep_are_notified_like_those_of_a_run(server):
    process, address = server
    asked = {"axes": {"optimizer": ["sgd", "adam"]}, "config": ENDLESS}
    sweep = httpx.post(f"{address}/api/sweeps", json=asked, timeout=TIMEOUT_S).json()
    async with connect(f"{address.replace('http', 'ws')}/api/sweeps/{sweep['id']}/stream") as socket:
        assert json.loads(await socket.recv())["type"] == "sweep"

        process.send_signal(signal.SIGTERM)
        kinds = {json.loads(message)["type"] async for message in messages(socket)}

    assert "draining" in kinds
    assert socket.close_code == 1012
    await asyncio.to_thread(ended, process)


async def messages(socket: ClientConnection) -> AsyncIterator[str | bytes]:
    """All until it is closed."""
    with suppress(ConnectionClosed):
        while True:
            yield await socket.recv()


async def test_a_race_that_a_restart_ends_is_kept_with_all_that_viewers_saw(few_idx_files, tmp_path):
    database = {"DATABASE_URL": f"sqlite:///{tmp_path / 'runs.db'}"}
    with served(few_idx_files, tmp_path, **database) as (process, address):
        run_id = start_racing(address)
        before = Viewer(address.removeprefix("http://"), run_id)
        watching = asyncio.create_task(before.watch())
        await until_async(lambda: min(before.steps) > 200, "the race is under way")
        process.send_signal(signal.SIGTERM)
        await watching
        await asyncio.to_thread(ended, process)
    with served(few_idx_files, tmp_path, **database) as (_, address):
        after = Viewer(address.removeprefix("http://"), run_id)
        after.rows = {kind: list(lanes) for kind, lanes in before.rows.items()}
        await after.watch_when_there()

    assert after.run["status"] == "interrupted"
    assert after.close_code == 1000
    # It went on from what was there, without a gap.
    assert all(late >= early for late, early in zip(after.steps, before.steps, strict=True))


async def test_while_it_drains_nothing_starts_and_it_is_not_ready_but_healthy(few_idx_files, tmp_path):
    # It drains for as long as this takes, and a second signal does not wait for that.
    for_long = "import app.serving; app.serving.DRAIN_S = 600"
    with served(few_idx_files, tmp_path, first=for_long, MAX_RUNS_PER_VISITOR="3") as (process, address):
        await drains(process, address)


async def drains(process: subprocess.Popen, address: str) -> None:
    async with httpx.AsyncClient(base_url=address, timeout=TIMEOUT_S) as http:
        # As many as one visitor may have: that is no reason any more.
        for _ in range(3):
            assert (await http.post("/api/runs", json=ENDLESS)).status_code == 201
        ready = await http.get("/readyz")
        process.send_signal(signal.SIGTERM)
        while (draining := await http.get("/readyz")).status_code == 200:
            pass
        refused = await http.post("/api/runs", json=ENDLESS)
        healthy = await http.get("/healthz")

    assert (ready.status_code, ready.json()) == (200, {"status": "ok"})
    assert (draining.status_code, draining.json()["error"]["code"]) == (503, "draining")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "draining")
    assert int(refused.headers["Retry-After"]) > 0
    assert healthy.status_code == 200
    process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(process.wait, TIMEOUT_S)
