"""A server listens before its workers are warm: pages are served, and starts are answered 503 with a time to retry."""

import asyncio

import httpx
import pytest

from app.engine.inline import InlineEngine
from app.main import create_app
from app.settings import Settings
from tests.waiting import TIMEOUT_S
from tests.web.conftest import serving


class EngineInNoHurry(InlineEngine):
    """Opens when it may."""

    def __init__(self, dataset) -> None:
        super().__init__(dataset)
        self.may_open = asyncio.Event()

    async def open(self) -> None:
        await self.may_open.wait()
        await super().open()


@pytest.fixture
def engine(few_digits):
    return EngineInNoHurry(few_digits)


@pytest.fixture
def app(engine, few_digits):
    return create_app(Settings(max_running=1), engine, few_digits)


async def test_until_the_workers_are_warm_pages_come_and_no_race_starts(app, engine):
    async with (
        serving(app, ready=False) as address,
        httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S) as http,
    ):
        page, healthy, ready = await http.get("/"), await http.get("/healthz"), await http.get("/readyz")
        refused = await http.post("/api/runs", json={})
        capacity = (await http.get("/api/capacity")).json()
        engine.may_open.set()
        async with asyncio.timeout(TIMEOUT_S):
            await app.state.opening
        ready_later = await http.get("/readyz")
        started = await http.post("/api/runs", json={})

    assert (page.status_code, healthy.status_code) == (200, 200)
    assert (ready.status_code, ready.json()["error"]["code"]) == (503, "starting")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "starting")
    assert int(refused.headers["Retry-After"]) > 0
    assert (capacity["can_start"], capacity["reason"]) == (False, "The server is starting.")
    assert (ready_later.status_code, started.status_code) == (200, 201)


async def test_a_server_that_gets_sigterm_while_it_starts_ends(app):
    async with serving(app, ready=False):
        pass

    assert app.state.opening.cancelled()


async def test_workers_that_cannot_be_replaced_are_reported(app, engine):
    engine.may_open.set()
    async with (
        serving(app, ready=False) as address,
        httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S) as http,
    ):
        engine.ready = False
        ready = await http.get("/readyz")

    assert (ready.status_code, ready.json()["error"]["code"]) == (503, "no_workers")
