"""A server that is killed loses at most two seconds of a race; the next one says that it was interrupted."""

import asyncio
import resource
from contextlib import suppress

import httpx
import numpy as np
import pytest
import sqlalchemy as sa

from app.storage.store import EVERY_S
from tests.server_process import ENDLESS, described, pieces_saved, served, start_racing
from tests.waiting import TIMEOUT_S, until
from tests.web.viewer import Viewer

pytestmark = pytest.mark.slow

LOST_AT_MOST_S = 2.0
METRICS = 1
PACE = 200
GOING_ON = {**ENDLESS, "hidden": [64]}


def times_saved(database_url: str, run_id: str) -> int:
    """How many pieces of a run's curves are in the database; the server adds some of each lane at a time."""
    engine = sa.create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
    with suppress(sa.exc.SQLAlchemyError), engine.connect() as connection:
        counted = "SELECT count(*) FROM pieces WHERE run_id = :run"
        return connection.scalar(sa.text(counted), {"run": run_id}) or 0
    return 0


async def test_a_killed_server_loses_at_most_two_seconds_of_what_a_viewer_saw(few_idx_files, tmp_path, database_url):
    """Its saving begins a second after the one before has ended, and saves all there is: what a viewer had before two
    savings were seen to end is in the third, however slow the machine is.
    """
    assert 2 * EVERY_S <= LOST_AT_MOST_S
    where = {"DATABASE_URL": database_url}
    with served(few_idx_files, tmp_path, **where) as (process, address):
        run = httpx.post(f"{address}/api/runs?pace={PACE}", json=GOING_ON, timeout=TIMEOUT_S).json()
        viewer = Viewer(address.removeprefix("http://"), run["id"])
        seen: list[list[int]] = []
        saved = [0]
        async with viewer.connect() as socket:
            while len(seen) < 5:
                await viewer.receive(socket)
                if (pieces := await asyncio.to_thread(times_saved, database_url, run["id"])) > saved[-1]:
                    saved.append(pieces)
                    seen.append(list(viewer.steps))
            process.kill()
        process.wait()

    with served(few_idx_files, tmp_path, **where) as (_, address):
        found = described(address, run["id"])
        after = Viewer(address.removeprefix("http://"), run["id"])
        await after.watch_when_there()

    had = seen[-3]
    assert min(had) > 0
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
        assert described(address, queued)["status"] == "interrupted"


def test_a_run_that_was_answered_is_found_however_soon_the_server_is_killed(few_idx_files, tmp_path, sqlite_url):
    where = {"DATABASE_URL": sqlite_url}
    answered = []
    for _ in range(4):
        with served(few_idx_files, tmp_path, **where) as (process, address):
            if answered:
                assert described(address, answered[-1])["status"] == "interrupted"
            answered.append(httpx.post(f"{address}/api/runs?pace=20", json=ENDLESS, timeout=TIMEOUT_S).json()["id"])
            process.kill()


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can make the disk full for one process")
async def test_a_full_disk_harms_no_race_and_room_made_saves_it_whole(few_idx_files, tmp_path, sqlite_url):
    where = {"DATABASE_URL": sqlite_url}
    with served(few_idx_files, tmp_path, **where) as (process, address):
        run_id = start_racing(address)
        until(lambda: pieces_saved(sqlite_url, run_id), "a part is saved")
        limits = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)

        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, limits[1]))
        until(lambda: described(address, run_id)["saved"] is False, "the page hears of it")
        steps = described(address, run_id)["lanes"][0]["steps"]
        until(lambda: described(address, run_id)["lanes"][0]["steps"] > steps, "the race goes on")
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)
        until(lambda: described(address, run_id)["saved"], "it is saved again")

        viewer = Viewer(address.removeprefix("http://"), run_id)
        async with viewer.connect() as socket:
            while not all(viewer.steps):
                await viewer.receive(socket)
            process.kill()
        process.wait()

    with served(few_idx_files, tmp_path, **where) as (_, address):
        after = Viewer(address.removeprefix("http://"), run_id)
        await after.watch_when_there()
        assert after.run["status"] == "interrupted"
        assert min(after.steps) > steps
