"""A real server on a real socket, with the in-process engine and few digits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from app.engine.inline import InlineEngine
from app.main import create_app
from app.serving import listen, server_config
from app.settings import Settings
from app.training.dataset import Dataset
from tests.owner import keeping_keys
from tests.waiting import TIMEOUT_S


@asynccontextmanager
async def serving(app: FastAPI, ready: bool = True) -> AsyncIterator[str]:
    """Serve `app` on a free port of the loopback; yields host:port, once races can start if it is to be `ready`."""
    with listen("127.0.0.1", 0) as sock:
        config = server_config(app)
        # Else a connection may be closed at the very moment in which the next request is sent, after a pause of a test.
        config.timeout_keep_alive = TIMEOUT_S
        config.ws_ping_timeout = TIMEOUT_S
        server = uvicorn.Server(config)
        started = asyncio.Event()
        startup = server.startup

        async def startup_told(sockets=None) -> None:
            await startup(sockets)
            started.set()

        server.startup = startup_told
        task = asyncio.create_task(server.serve(sockets=[sock]))
        await started.wait()
        if ready and (opening := getattr(app.state, "opening", None)):
            await opening
        try:
            yield f"127.0.0.1:{sock.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


@pytest.fixture
def app(few_digits: Dataset) -> FastAPI:
    return create_app(Settings(max_running=1, max_queued=2), InlineEngine(few_digits), few_digits)


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    async with serving(app) as address:
        yield address


@pytest.fixture
async def http(address: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client that starts runs and commands them."""
    hooks = keeping_keys()
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S, event_hooks=hooks) as client:
        yield client


@pytest.fixture
async def stranger(address: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client without the keys of those runs."""
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S) as client:
        yield client


@pytest.fixture
def open_server(few_digits):
    """A server with these settings; yields a client and its address."""

    @asynccontextmanager
    async def open_server(**settings):
        chosen = Settings(**{"max_running": 1, "max_queued": 5, **settings})
        async with (
            serving(create_app(chosen, InlineEngine(few_digits), few_digits)) as address,
            httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S, event_hooks=keeping_keys()) as http,
        ):
            yield http, address

    return open_server


async def capacity(http, **headers) -> dict:
    return (await http.get("/api/capacity", headers=headers)).json()
