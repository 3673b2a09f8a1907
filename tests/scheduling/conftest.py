"""A manager with little room, and managers that keep their runs in a database."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from app.engine.inline import InlineEngine
from app.scheduling.manager import Manager
from app.settings import Settings
from app.storage.store import Store
from app.training.dataset import Dataset

Serve = Callable[..., AbstractAsyncContextManager[Manager]]


@pytest.fixture
async def manager(few_digits: Dataset) -> AsyncIterator[Manager]:
    """Room for one race and two that wait; keeps two that are over."""
    settings = Settings(max_running=1, max_queued=2, max_kept=2, max_lane_memory_mb=8)
    manager = Manager(settings, InlineEngine(few_digits), few_digits)
    await manager.open()
    yield manager
    await manager.close()


@pytest.fixture
def serve(few_digits: Dataset) -> Serve:
    """A server on the database at this address; several of them, one after the other or at once."""

    @asynccontextmanager
    async def serve(database_url: str | None, **settings: object) -> AsyncIterator[Manager]:
        chosen = Settings(**{"max_running": 1, "database_url": database_url, **settings})
        manager = Manager(chosen, InlineEngine(few_digits), few_digits, Store.of(chosen, few_digits))
        await manager.open()
        try:
            yield manager
        finally:
            await manager.close()

    return serve
