"""After runs, nothing is left: processes, threads, sockets, file descriptors."""

import asyncio
from pathlib import Path
from threading import enumerate as threads

import httpx
import psutil
import pytest

from app.engine.local import LocalEngine
from app.main import create_app
from app.settings import Settings
from app.storage.store import Store
from app.training.dataset import Dataset
from tests.held import held
from tests.owner import keeping_keys
from tests.waiting import POLL_S, TIMEOUT_S, until_async
from tests.web.conftest import serving
from tests.web.viewer import Viewer

pytestmark = pytest.mark.slow

SHORT = {"epochs": 1, "hidden": [16]}
ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}


async def held_at_rest() -> dict[str, int]:
    """What this process holds, once nothing comes or goes any more."""
    now, looks = held(), 0
    while looks < 5:
        await asyncio.sleep(POLL_S)
        before, now = now, held()
        looks = looks + 1 if now == before else 0
    return now


def connections(address: str) -> int:
    """The server's ends of those to its address."""
    port = int(address.rpartition(":")[2])
    ends = [end for end in psutil.Process().net_connections() if end.laddr and end.laddr.port == port]
    return len([end for end in ends if end.status != psutil.CONN_LISTEN])


async def watch_stop_and_leave(address: str) -> None:
    """All a run can go through: watched to its end, left by a viewer, commanded, stopped, taken out of the queue."""
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S, event_hooks=keeping_keys()) as http:
        finished = (await http.post("/api/runs", json=SHORT)).json()["id"]
        await asyncio.gather(*(Viewer(address, finished).watch() for _ in range(3)))
        racing, queued = [(await http.post("/api/runs", json=ENDLESS)).json()["id"] for _ in range(2)]
        viewer = Viewer(address, racing)
        async with viewer.connect() as socket:
            while not all(viewer.steps):
                await viewer.receive(socket)
        for command in ("pause", "step", "resume", "step"):
            assert (await http.post(f"/api/runs/{racing}/{command}")).status_code == 202
        await http.put(f"/api/runs/{racing}/pace", json={"batches_per_s": 2})
        await http.post(f"/api/runs/{queued}/stop")
        await http.post(f"/api/runs/{racing}/stop")
        assert (await Viewer(address, racing).watch()).run["status"] == "stopped"
    await until_async(lambda: not connections(address), "the server has closed all connections")


async def test_a_server_that_closed_leaves_nothing(few_digits: Dataset, prepared_few: Path, sqlite_url: str):
    settings = Settings(max_running=1, database_url=sqlite_url)

    async def serve_once() -> None:
        engine = LocalEngine(prepared_few, warm=3)
        async with serving(create_app(settings, engine, few_digits, Store.of(settings, few_digits))) as address:
            await watch_stop_and_leave(address)
        await until_async(lambda: not any("store" in each.name for each in threads()), "the store's threads have ended")

    # The first server starts what stays for good: threads of the event loop.
    await serve_once()
    before = await held_at_rest()

    await serve_once()

    await until_async(lambda: held() == before, f"as much is held as before: {before}, {held()}")


async def test_a_server_that_goes_on_holds_no_more_after_a_run(
    few_digits: Dataset, prepared_few: Path, sqlite_url: str
):
    settings = Settings(max_running=1, database_url=sqlite_url)

    engine, store = LocalEngine(prepared_few, warm=3), Store.of(settings, few_digits)
    async with serving(create_app(settings, engine, few_digits, store)) as address:
        await watch_stop_and_leave(address)
        await until_async(lambda: store._ready.is_set() and not store._checkpoints, "all is saved")
        before = await held_at_rest()

        await watch_stop_and_leave(address)

        await until_async(lambda: held() == before, f"as much is held as before: {before}, {held()}")
