"""Two real servers on one PostgreSQL, for all tests of a module; a test that kills one starts its own."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import httpx
import pytest

from tests.postgres import Postgres
from tests.server_process import served
from tests.waiting import TIMEOUT_S, until

SETTINGS = {"MAX_RUNNING": "1", "MAX_RUNS_PER_VISITOR": "4", "MAX_VIEWERS_PER_VISITOR": "6"}


class Server(NamedTuple):
    process: object
    url: str

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", headers=headers, timeout=TIMEOUT_S)

    def post(self, path: str, json: object = None, **headers: str) -> httpx.Response:
        return httpx.post(f"{self.url}{path}", json=json, headers=headers, timeout=TIMEOUT_S)

    def put(self, path: str, json: object, **headers: str) -> httpx.Response:
        return httpx.put(f"{self.url}{path}", json=json, headers=headers, timeout=TIMEOUT_S)


Start = Callable[..., AbstractContextManager[Server]]


@contextmanager
def started(digits: Path, folder: Path, postgres: Postgres, name: str, **environment: str) -> Iterator[Server]:
    """A server on the database of this name, over these digits, as soon as it takes runs."""
    database = postgres.url.replace("/postgres?", f"/{name}?")
    settings = {"DATABASE_URL": database, **SETTINGS, **environment}
    with (
        (folder / f"{uuid4().hex}.log").open("w") as log,
        served(digits, folder, stderr=log, **settings) as (process, at),
    ):
        server = Server(process, at)
        until(lambda: server.get("/readyz").status_code == 200, "it takes runs")
        yield server


@pytest.fixture(scope="module")
def start(few_idx_files: Path, tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Start:
    """Starts a server on the database of this name."""
    return partial(started, few_idx_files, tmp_path_factory.mktemp("servers"), postgres)


@pytest.fixture(scope="module")
def database(postgres: Postgres) -> str:
    """The name of an empty one."""
    return new_database(postgres)


def new_database(postgres: Postgres) -> str:
    name = f"servers_{uuid4().hex}"
    postgres.new_database(name)
    return name


@pytest.fixture(scope="module")
def pair(start: Start, database: str) -> Iterator[tuple[Server, Server]]:
    """The one that leads, and the one that follows."""
    with start(database) as leader, start(database) as follower:
        yield leader, follower
