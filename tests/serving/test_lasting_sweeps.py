"""A server that is killed, or ended, in the middle of a sweep: the next trains what was left, with the same numbers."""

import asyncio
import json
import signal
import sqlite3
from contextlib import closing, suppress

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.server_process import described, served
from tests.waiting import TIMEOUT_S, until, until_async

pytestmark = pytest.mark.slow

# So long that the server does not get through with it before it is killed.
SWEEP = {
    "axes": {"optimizer": ["sgd", "adam"], "learning_rate": [0.003, 0.01, 0.03, 0.1], "seed": [1]},
    "config": {"hidden": [16], "epochs": 20, "batch_size": 4},
}
CELLS = 8


def asked(sqlite_url: str, statement: str, *values: str) -> list[tuple]:
    file = sqlite_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as connection, suppress(sqlite3.OperationalError):
        return connection.execute(statement, values).fetchall()
    return []


def finished(sqlite_url: str, sweep_id: str) -> dict[int, str]:
    """The runs of its trainings that are over, as they are saved, by their numbers."""
    found = asked(sqlite_url, "SELECT number, run_id, result FROM cells WHERE sweep_id = ?", sweep_id)
    return {number: run for number, run, text in found if json.loads(text)[1]["status"] == "finished"}


def numbers(sweep: dict) -> list[list]:
    """What came out of each training, but for the time that it took."""
    trainings = [*sweep["cells"], *sweep["fresh"]]
    return [[each["at"], each["status"], [[row[0], *row[3:]] for row in each["evaluations"]]] for each in trainings]


def start(address: str) -> str:
    return httpx.post(f"{address}/api/sweeps", json=SWEEP, timeout=TIMEOUT_S).json()["id"]


def until_over(address: str, sweep_id: str) -> dict:
    until(lambda: described(address, sweep_id, "sweeps")["status"] == "finished", "the sweep is over")
    return described(address, sweep_id, "sweeps")


class Page:
    """What a page has of a sweep that comes back with its cursor."""

    def __init__(self, sweep_id: str) -> None:
        self.sweep_id = sweep_id
        self.cursor: int | None = None
        self.trainings: dict[str, dict[str, dict]] = {"cells": {}, "fresh": {}}

    async def follow(self, address: str) -> int:
        """The code that the stream is closed with."""
        place = f"{address.replace('http', 'ws')}/api/sweeps/{self.sweep_id}/stream"
        async with connect(place if self.cursor is None else f"{place}?cursor={self.cursor}") as socket:
            with suppress(ConnectionClosed):
                async for text in socket:
                    message = json.loads(text)
                    if message["type"] == "sweep":
                        self.cursor = message["cursor"]
                        for name, known in self.trainings.items():
                            known |= message[name]
            await socket.wait_closed()
            return socket.close_code


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
async def test_the_next_server_trains_what_was_left_and_viewers_go_on(few_idx_files, tmp_path, sqlite_url, end):
    where = {"DATABASE_URL": sqlite_url}
    with served(few_idx_files, tmp_path, **where) as (process, address):
        sweep_id = await asyncio.to_thread(start, address)
        page = Page(sweep_id)
        following = asyncio.create_task(page.follow(address))
        await until_async(lambda: page.trainings["cells"] and finished(sqlite_url, sweep_id), "one is over and saved")
        process.send_signal(end)
        assert await following != 1000
        process.wait()
    had = finished(sqlite_url, sweep_id)
    assert 0 < len(had) < CELLS

    with served(few_idx_files, tmp_path, **where) as (_, address):
        await asyncio.to_thread(described, address, sweep_id, "sweeps")
        assert await page.follow(address) == 1000
        sweep = await asyncio.to_thread(until_over, address, sweep_id)
        again = await asyncio.to_thread(until_over, address, await asyncio.to_thread(start, address))

    for name, known in page.trainings.items():
        assert [known[str(number)] for number in range(len(sweep[name]))] == sweep[name]
    assert numbers(sweep) == numbers(again)
    assert {number: sweep["cells"][number]["run"] for number in had} == had
    runs = "SELECT runs.status, count(*) FROM runs JOIN log ON run_id = id WHERE event LIKE ? GROUP BY runs.status"
    count = dict(asked(sqlite_url, runs, f"%{sweep_id}%"))
    assert count["finished"] == len(sweep["cells"]) + len(sweep["fresh"]), "none of them twice"
    assert set(count) <= {"finished", "interrupted"}
