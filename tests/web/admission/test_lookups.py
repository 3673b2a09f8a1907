"""A crowd of requests for runs that are not there."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest

from app.engine.inline import InlineEngine
from app.main import create_app
from app.settings import Settings
from app.storage.store import Store
from app.training.dataset import Dataset
from tests.web.conftest import serving


@pytest.fixture
async def address(few_digits: Dataset, sqlite_url: str) -> AsyncIterator[str]:
    settings = Settings(max_running=1, database_url=sqlite_url)
    app = create_app(settings, InlineEngine(few_digits), few_digits, Store.of(settings, few_digits))
    async with serving(app) as address:
        yield address


async def test_unknown_ids_by_the_hundred_are_not_found_or_too_many_and_no_store_error(http: httpx.AsyncClient):
    answers = await asyncio.gather(*(http.get(f"/api/runs/nosuch{number}") for number in range(150)))

    errors = [(answer.status_code, answer.json()["error"]) for answer in answers]
    codes = Counter((status, error["code"], error.get("limit")) for status, error in errors)
    assert set(codes) <= {(404, "not_found", None), (429, "too_many", "lookups")}
    assert codes[404, "not_found", None] >= 50
    assert "playground_store_errors_total 0.0" in (await http.get("/metrics")).text
