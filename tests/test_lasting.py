"""A server that is killed loses at most two seconds of a race; the next one tells that it was interrupted."""

import asyncio
import resource

import httpx
import numpy as np
import pytest

from tests.server_process import ENDLESS, pieces_saved, served, start_racing
from tests.waiting import TIMEOUT_S, until
from tests.web.viewer import Viewer

pytestmark = pytest.mark.slow

LOST_AT_MOST_S = 2.0
METRICS = 1
PACE = 200
GOING_ON = {**ENDLESS, "hidden": [64]}


def get(address: str, run_id: str) -> dict:
    return httpx.get(f"{address}/api/runs/{run_id}", timeout=TIMEOUT_S).json()


async def test_a_killed_server_loses_at_most_two_seconds_of_what_a_viewer_saw(few_idx_files, tmp_path, database_url):
    where = {"DATABASE_URL": database_url}
    loop = asyncio.get_running_loop()
    with served(few_idx_files, tmp_path, **where) as (process, address):
        run = httpx.post(f"{address}/api/runs?pace={PACE}", json=GOING_ON, timeout=TIMEOUT_S).json()
        viewer = Viewer(address.removeprefix("http://"), run["id"])
        seen: list[tuple[float, list[int]]] = []
        async with viewer.connect() as socket:
            while min(viewer.steps) < 6 * PACE:
                await viewer.receive(socket)
                seen.append((loop.time(), list(viewer.steps)))
            process.kill()
            killed = loop.time()
        process.wait()

    with served(few_idx_files, tmp_path, **where) as (_, address):
        found = get(address, run["id"])
        after = Viewer(address.removeprefix("http://"), run["id"])
        await after.watch()

    had = [steps for at, steps in seen if killed - at >= LOST_AT_MOST_S][-1]
    assert all(kept >= steps for kept, steps in zip(after.steps, had, strict=True)), (after.steps, had)
    assert found["status"] == "interrupted"
    assert {lane["status"] for lane in found["lanes"]} == {"interrupted"}
    assert (found["config"]["hidden"], found["saved"]) == ([64], True)
    assert all(lane["test_accuracy"] is not None for lane in found["lanes"])
    for kept, shown in zip(after.rows[METRICS], viewer.rows[METRICS], strict=True):
        both = min(kept.shape[1], shown.shape[1])
        np.testing.assert_array_equal(kept[:, :both], shown[:, :both])


async def test_a_killed_server_leaves_a_run_in_the_queue_as_interrupted(few_idx_files, tmp_path, sqlite_url):
    where = {"DATABASE_URL": sqlite_url, "MAX_RUNNING": "1"}
    with served(few_idx_files, tmp_path, **where) as (process, address):
        start_racing(address)
        queued = httpx.post(f"{address}/api/runs", json=ENDLESS, timeout=TIMEOUT_S).json()["id"]
        until(lambda: pieces_saved(sqlite_url, queued) is not None, "it is saved")
        process.kill()
        process.wait()

    with served(few_idx_files, tmp_path, **where) as (_, address):
        assert get(address, queued)["status"] == "interrupted"


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can make the disk full for one process")
async def test_a_full_disk_harms_no_race_and_room_made_saves_it_whole(few_idx_files, tmp_path, sqlite_url):
    where = {"DATABASE_URL": sqlite_url}
    with served(few_idx_files, tmp_path, **where) as (process, address):
        run_id = start_racing(address)
        until(lambda: pieces_saved(sqlite_url, run_id), "a part is saved")
        limits = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)

        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, limits[1]))
        until(lambda: get(address, run_id)["saved"] is False, "the page hears of it")
        steps = get(address, run_id)["lanes"][0]["steps"]
        until(lambda: get(address, run_id)["lanes"][0]["steps"] > steps, "the race goes on")
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)
        until(lambda: get(address, run_id)["saved"], "it is saved again")

        viewer = Viewer(address.removeprefix("http://"), run_id)
        async with viewer.connect() as socket:
            while not all(viewer.steps):
                await viewer.receive(socket)
            process.kill()
        process.wait()

    with served(few_idx_files, tmp_path, **where) as (_, address):
        after = Viewer(address.removeprefix("http://"), run_id)
        await after.watch()
        assert after.run["status"] == "interrupted"
        assert min(after.steps) > steps
