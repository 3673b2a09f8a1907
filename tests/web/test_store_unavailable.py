"""While the database is unreachable no run is called gone: its page is served, and its stream retries later."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app.engine.inline import InlineEngine
from app.main import create_app
from app.settings import Settings
from app.storage.store import Store
from app.training.dataset import Dataset
from tests.waiting import until_async
from tests.web.conftest import serving
from tests.web.viewer import Viewer


@pytest.fixture
async def address(few_digits: Dataset, tmp_path: Path) -> AsyncIterator[str]:
    (tmp_path / "file").write_text("in the way")
    settings = Settings(max_running=1, runs_dir=tmp_path / "file" / "runs")
    store = Store.of(settings, few_digits)
    async with serving(create_app(settings, InlineEngine(few_digits), few_digits, store)) as address:
        await until_async(lambda: store.errors, "the store has failed to open")
        yield address


async def test_a_run_that_cannot_be_looked_for_is_not_called_gone(http: httpx.AsyncClient):
    answer = await http.get("/api/runs/another")

    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "store_away"
    assert int(answer.headers["Retry-After"]) > 0


async def test_its_page_comes_and_waits_for_it(http: httpx.AsyncClient):
    assert (await http.get("/runs/another")).status_code == 200


async def test_its_stream_is_to_be_tried_again(address: str):
    viewer = await Viewer(address, "another").watch()

    assert viewer.close_code == 1013
    assert viewer.error["code"] == "store_away"


async def test_a_new_run_says_that_it_is_not_saved(http: httpx.AsyncClient):
    run = (await http.post("/api/runs", json={"hidden": [4], "epochs": 1})).json()

    assert run["saved"] is False


async def test_an_embedded_run_shows_a_page_that_retries(http: httpx.AsyncClient):
    answer = await http.get("/embed/another", headers={"Accept": "text/html"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert '<meta http-equiv="refresh" content="5">' in answer.text
    assert "This race cannot be shown right now" in answer.text
