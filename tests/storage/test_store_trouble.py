"""A database that is away, emptied or hangs: races go on, say that they are not saved, and are whole afterwards."""

import asyncio
import shutil
import sqlite3

import pytest

from app.errors import BadDatabaseUrl, RunNotFound, StoreUnavailable
from app.events import RunStatus
from app.settings import Settings
from app.storage.store import Store
from tests.storage.test_store import ENDLESS, SHORT, same
from tests.waiting import POLL_S, TIMEOUT_S, until_async

# At full speed a fast machine would be through with a race while the test waits for the database.
GOING_ON = 100


def errors(manager) -> int:
    return manager._store.errors


async def test_a_folder_that_nothing_can_be_written_to_harms_no_race(serve, tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    async with serve(None, runs_dir=tmp_path / "file" / "runs") as manager:
        run = await manager.wait(manager.start(SHORT).id)
        await until_async(lambda: errors(manager) > 1, "it is tried again")

        assert (run.status, run.saved) == (RunStatus.FINISHED, False)
        assert await manager.find(run.id) is run
        with pytest.raises(StoreUnavailable):
            await manager.find("another")
    assert [record.message for record in caplog.records].count("runs are not saved") == 1


async def test_runs_are_whole_in_a_file_that_was_taken_away(serve, tmp_path):
    folder = tmp_path / "runs? #1"
    async with serve(None, runs_dir=folder) as manager:
        run = manager.start(ENDLESS, pace=GOING_ON)
        await until_async(lambda: manager._store._checkpoints.get(run), "a part is saved")

        shutil.rmtree(folder)

        await until_async((folder / "runs.db").exists, "there is a file again")
        manager.stop(run.id)
        await manager.wait(run.id)

    async with serve(None, runs_dir=folder) as manager:
        same(await manager.find(run.id), run)


async def test_a_database_that_comes_back_gets_all_it_missed(serve, postgres, postgres_url):
    async with serve(postgres_url) as manager:
        before = await manager.wait(manager.start(SHORT).id)
        await until_async(lambda: not manager._store._checkpoints, "it is saved")
        racing = manager.start(ENDLESS, pace=GOING_ON)
        await until_async(lambda: manager._store._checkpoints.get(racing), "a part is saved")

        postgres.stop()
        try:
            await until_async(lambda: racing.saved is False, "the page hears of it")
            missed = racing.history.steps(0)
            await until_async(lambda: racing.history.steps(0) > missed, "the race goes on")
        finally:
            postgres.start()
        await until_async(lambda: racing.saved, "it is saved again")
        manager.stop(racing.id)
        await manager.wait(racing.id)

    async with serve(postgres_url) as manager:
        same(await manager.find(racing.id), racing)
        same(await manager.find(before.id), before)


async def test_a_run_is_written_whole_into_a_database_that_was_emptied(serve, sqlite_url):
    async with serve(sqlite_url) as manager:
        run = manager.start(ENDLESS, pace=GOING_ON)
        await until_async(lambda: manager._store._checkpoints.get(run), "a part is saved")
        with sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), timeout=TIMEOUT_S) as other:
            other.execute("PRAGMA foreign_keys=ON")
            other.execute("DELETE FROM runs")
        other.close()
        mark = manager._store._checkpoints[run]
        await until_async(lambda: manager._store._checkpoints[run] not in (mark, None), "more is saved")
        assert run.saved
        manager.stop(run.id)
        await manager.wait(run.id)

    async with serve(sqlite_url) as manager:
        same(await manager.find(run.id), run)


@pytest.mark.slow
async def test_a_database_that_hangs_holds_up_neither_races_nor_the_end_of_the_server(
    serve, postgres, postgres_url, monkeypatch
):
    async with serve(postgres_url) as manager:
        run = manager.start(ENDLESS, pace=GOING_ON)
        await until_async(lambda: manager._store._checkpoints.get(run), "a part is saved")
        postgres.hang()
        for bound in ("store_reader.FIND_WITHIN_S", "store.CLOSE_WITHIN_S"):
            monkeypatch.setattr(f"app.storage.{bound}", 0.5)
        try:
            steps = run.history.steps(0)
            with pytest.raises(StoreUnavailable):
                await manager.find("another")
            await until_async(lambda: run.history.steps(0) > steps, "the race goes on")
            async with asyncio.timeout(TIMEOUT_S):
                await manager.close()
        finally:
            postgres.go_on()
            await asyncio.to_thread(manager._store._writer.join)


async def test_a_closed_server_finishes_what_it_is_writing_and_writes_nothing_twice(serve, database_url):
    for _ in range(5):
        async with serve(database_url) as manager:
            run = manager.start(ENDLESS)
            await until_async(lambda run=run: all(lane.evaluation for lane in run.lanes), "it races")
            manager._store.save_soon()
            await asyncio.sleep(0)
        assert errors(manager) == 0
        async with serve(database_url) as manager:
            same(await manager.find(run.id), run)


async def test_many_who_come_back_at_once_are_one_question(serve, database_url):
    async with serve(database_url) as manager:
        run = await manager.wait(manager.start(SHORT).id)

    async with serve(database_url) as manager:
        found = await asyncio.gather(*(manager.find(run.id) for _ in range(100)))
        assert {id(each) for each in found} == {id(found[0])}
        assert manager._store._reader._tasks.qsize() == 0
        assert not manager.registry._finding


@pytest.mark.parametrize("run_id", ["no\0thing", "nosuchrun", "x" * 1000, "é", ""])
async def test_an_id_that_is_none_is_not_found_and_no_trouble(serve, database_url, run_id):
    async with serve(database_url) as manager:
        with pytest.raises(RunNotFound):
            await manager.find(run_id)
        assert errors(manager) == 0


async def test_two_servers_on_one_database_keep_their_runs_apart(serve, database_url):
    async with serve(database_url) as first, serve(database_url) as second:
        runs = [manager.start(SHORT) for manager in (first, second) for _ in range(3)]
        await asyncio.gather(*(first.wait(run.id) for run in runs[:3]), *(second.wait(run.id) for run in runs[3:]))
    assert errors(first) == errors(second) == 0

    async with serve(database_url) as manager:
        for run in runs:
            same(await manager.find(run.id), run)


async def test_a_run_that_was_deleted_is_no_longer_called_saved(serve, database_url):
    async with serve(database_url, keep_runs=1) as manager:
        older = await manager.wait(manager.start(SHORT).id)
        await until_async(lambda: older.saved and not manager._store._checkpoints, "it is saved")
        newer = await manager.wait(manager.start(SHORT).id)

        await until_async(lambda: older.saved is False, "the older one is told as not saved")
        assert newer.saved
        assert await manager.find(older.id) is older

    async with serve(database_url, keep_runs=10) as manager:
        found = await manager.find(newer.id)
        manager._store._limits = manager._store._limits._replace(days=0)
        await manager.wait(manager.start(SHORT).id)

        await until_async(lambda: found.saved is False, "one that was found is told as not saved")


async def test_what_is_more_than_is_kept_goes_when_a_run_is_over(serve, database_url):
    async with serve(database_url, keep_runs=2, max_kept=1) as manager:
        runs = [await manager.wait(manager.start(SHORT).id) for _ in range(4)]
        async with asyncio.timeout(TIMEOUT_S):
            while await manager._store.find(runs[1].id):
                await asyncio.sleep(POLL_S)

    async with serve(database_url) as manager:
        for run in runs[:2]:
            with pytest.raises(RunNotFound):
                await manager.find(run.id)
        for run in runs[2:]:
            same(await manager.find(run.id), run)


@pytest.mark.parametrize("url", ["runs.db", "mysql://host/runs", "://", "sqlite://", "sqlite:///:memory:"])
def test_an_invalid_database_url_gets_a_sentence(few_digits, url):
    with pytest.raises(BadDatabaseUrl, match="DATABASE_URL should be sqlite:///file or postgresql://…"):
        Store.of(Settings(database_url=url), few_digits)
