"""A fault of our own: an engine that sends impossible events. It is logged once, reported, and affects no other run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import numpy as np
import pytest

from app.config import RunConfig
from app.engine.base import Emit
from app.engine.commands import CommandQueue
from app.engine.inline import InlineEngine
from app.events import Detail, Evaluation, Frame, LaneEnded, LaneEvent, LaneStatus
from app.main import create_app
from app.settings import Settings
from app.storage.store import Store
from tests.owner import keeping_keys
from tests.waiting import TIMEOUT_S, until_async
from tests.web.conftest import serving
from tests.web.viewer import Viewer

SHORT = {"epochs": 1, "hidden": [16]}
COLUMN = np.ones(3, np.float32)
NONE = np.empty(0, np.float32)
NOT_IN_ORDER = Frame(0, 100, COLUMN, COLUMN, COLUMN)
NO_JSON = Evaluation(0, 0, 0.0, float("nan"), 1.0, 0.1, 1.0, NONE.astype(np.uint8), NONE)
NO_RECORD = LaneEnded(0, LaneStatus.FAILED, 0, b"bytes")  # type: ignore[arg-type]


class FaultyEngine(InlineEngine):
    """Sends one event of its own before the first race."""

    fault: LaneEvent | None = None

    async def run(
        self,
        config: RunConfig,
        emit: Emit,
        commands: CommandQueue,
        detail: Detail = Detail.EVERYTHING,
        **_: Any,
    ) -> None:
        fault, self.fault = self.fault, None
        if fault:
            emit(fault)
            await commands.wait()
        await super().run(config, emit, commands)


@pytest.fixture
def faulty(few_digits, tmp_path):
    @asynccontextmanager
    async def faulty(event: LaneEvent) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
        settings = Settings(max_running=1, database_url=f"sqlite:///{tmp_path / 'runs.db'}")
        engine = FaultyEngine(few_digits)
        engine.fault = event
        app = create_app(settings, engine, few_digits, Store.of(settings, few_digits))
        async with (
            serving(app) as address,
            httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S, event_hooks=keeping_keys()) as http,
        ):
            yield http, address

    return faulty


def logged(caplog, event: str) -> int:
    return sum(record.message == event for record in caplog.records)


async def races_to_its_end(http: httpx.AsyncClient, address: str) -> None:
    run_id = (await http.post("/api/runs", json=SHORT)).json()["id"]
    assert (await Viewer(address, run_id).watch()).run["status"] == "finished"


async def test_an_event_that_a_run_cannot_take_in_fails_the_run_and_is_logged(faulty, caplog):
    async with faulty(NOT_IN_ORDER) as (http, address):
        run = (await http.post("/api/runs", json=SHORT)).json()
        seen = await Viewer(address, run["id"]).watch()
        await races_to_its_end(http, address)

    assert seen.run["status"] == "failed"
    assert {lane["reason"] for lane in seen.run["lanes"]} == {
        "The race could not continue: something went wrong on the server."
    }
    assert logged(caplog, "race failed") == 1


async def test_viewers_of_a_run_that_cannot_be_sent_get_an_error_and_1013(faulty, caplog):
    async with faulty(NO_JSON) as (http, address):
        run_id = (await http.post("/api/runs", json=SHORT)).json()["id"]
        viewers = [Viewer(address, run_id) for _ in range(3)]
        await asyncio.gather(*(viewer.watch() for viewer in viewers))
        await http.post(f"/api/runs/{run_id}/stop")
        await races_to_its_end(http, address)

    assert {viewer.close_code for viewer in viewers} == {1013}
    assert {viewer.error["code"] for viewer in viewers} == {"internal"}
    assert logged(caplog, "stream failed") + logged(caplog, "viewer cannot be served") >= 1


async def test_a_run_that_makes_no_record_keeps_no_other_from_being_saved(faulty, caplog):
    async with faulty(NO_RECORD) as (http, _):
        await http.post("/api/runs", json=SHORT)
        await until_async(lambda: logged(caplog, "cannot be saved"), "it is logged")
        other = (await http.post("/api/runs", json=SHORT)).json()["id"]

        async def saved() -> bool:
            return (await http.get(f"/api/runs/{other}")).json()["saved"]

        async with asyncio.timeout(TIMEOUT_S):
            while not await saved():
                await asyncio.sleep(0.01)

    assert logged(caplog, "cannot be saved") == 1
