"""A run that the server has forgotten takes no memory, whatever was requested of it before."""

import asyncio
import gc
import weakref

import httpx
import pytest
from fastapi import FastAPI

from app.engine.inline import InlineEngine
from app.main import create_app
from app.settings import Settings
from app.training.dataset import Dataset
from app.web.run_cache import RunCache
from tests.waiting import until_async
from tests.web.viewer import Viewer


@pytest.fixture
def app(few_digits: Dataset) -> FastAPI:
    return create_app(Settings(max_running=1, max_kept=2), InlineEngine(few_digits), few_digits)


@pytest.mark.slow
async def test_of_runs_that_were_looked_at_from_all_sides_only_those_kept_stay(
    http: httpx.AsyncClient, app: FastAPI, address: str
):
    runs = weakref.WeakSet()
    for _ in range(6):
        run_id = (await http.post("/api/runs", json={"epochs": 1, "hidden": [4]})).json()["id"]
        await Viewer(address, run_id).watch()
        runs.add(app.state.manager.get(run_id))
        about = f"/api/runs/{run_id}"
        paths = [f"{about}/weights", f"{about}/lanes/0/confusion", f"{about}/export.csv", f"/runs/{run_id}/card.png"]
        for path in paths:
            assert (await http.get(path)).status_code == 200
        assert (await http.post(f"{about}/predict", content=bytes(784))).status_code == 200

    def few() -> bool:
        gc.collect()
        return len(runs) <= 3

    await until_async(few, "the others are gone")


async def test_of_each_run_the_newest_few_are_remembered(http: httpx.AsyncClient, app: FastAPI):
    cache = RunCache[str](2)
    run_id = (await http.post("/api/runs", json={"epochs": 1, "hidden": [4]})).json()["id"]
    run = app.state.manager.get(run_id)

    for key in range(3):
        cache.keep(run, key, f"made {key}")

    assert [cache.get(run, key) for key in range(3)] == [None, "made 1", "made 2"]


async def test_a_class_that_looks_at_one_race_is_not_refused_what_is_there(http: httpx.AsyncClient, address: str):
    run_id = (await http.post("/api/runs", json={"epochs": 1, "hidden": [4]})).json()["id"]
    await Viewer(address, run_id).watch()
    assert (await http.get(f"/api/runs/{run_id}/weights")).status_code == 200

    answers = await asyncio.gather(*(http.get(f"/api/runs/{run_id}/weights") for _ in range(60)))

    assert {answer.status_code for answer in answers} == {200}
