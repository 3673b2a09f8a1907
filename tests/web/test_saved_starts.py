"""A start is answered when the next server would find it; where it can't be saved, the answer says so."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from app.engine.inline import InlineEngine
from app.main import create_app
from app.settings import Settings
from app.storage.store import Store
from app.training.dataset import Dataset
from tests.waiting import until_async
from tests.web.conftest import serving

SMALL = {"hidden": [4], "epochs": 1, "batch_size": 1000}
RUN = "/api/runs", SMALL
SWEEP = "/api/sweeps", {"axes": {"optimizer": ["sgd"], "seed": [1, 2]}, "config": SMALL}


@pytest.fixture
def store(few_digits: Dataset, tmp_path: Path) -> Store:
    return Store.of(Settings(runs_dir=tmp_path), few_digits)


@pytest.fixture
def app(few_digits: Dataset, store: Store) -> FastAPI:
    return create_app(Settings(), InlineEngine(few_digits), few_digits, store)


@pytest.fixture
async def address(app: FastAPI, store: Store) -> AsyncIterator[str]:
    async with serving(app) as address:
        await store._ready.wait()
        yield address


@pytest.fixture
def writing(store: Store, address: str) -> Iterator[threading.Event]:
    """The database takes nothing until this is set."""
    free = threading.Event()
    yield free
    free.set()


async def hold_up(store: Store, free: threading.Event) -> None:
    holding = threading.Event()
    held = asyncio.create_task(store._writer.run(lambda: holding.set() or free.wait()))
    assert await asyncio.to_thread(holding.wait)
    held.add_done_callback(lambda done: done.result())


@pytest.mark.parametrize(("path", "body"), [RUN, SWEEP], ids=["run", "sweep"])
async def test_a_start_is_answered_once_it_is_in_the_database(http, app, store, writing, path, body):
    await hold_up(store, writing)
    starting = asyncio.create_task(http.post(path, json=body))
    manager = app.state.manager
    registry = manager.registry if path == "/api/runs" else manager.sweeps

    # Nothing that trains waits for it.
    await until_async(lambda: any(job.status.final for job in registry.runs), "it is over")
    assert not starting.done()
    writing.set()
    answer = await starting

    assert (answer.status_code, answer.json()["saved"]) == (201, True)
    [table] = [path.removeprefix("/api/")]
    with store._database._engine.connect() as connection:
        found = connection.exec_driver_sql(f"SELECT id FROM {table}").scalars()
        assert answer.json()["id"] in list(found)


async def test_where_the_database_hangs_a_start_is_answered_as_unsaved(http, store, writing, monkeypatch):
    monkeypatch.setattr("app.storage.store_writer.FIRST_WITHIN_S", 0.1)
    await hold_up(store, writing)

    run = (await http.post("/api/runs", json=SMALL)).json()
    assert run["saved"] is False

    writing.set()

    async def saved() -> bool:
        return (await http.get(f"/api/runs/{run['id']}")).json()["saved"]

    while not await saved():
        await asyncio.sleep(0.01)
