"""Files are made for few at once, and only for those who take them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response

from app.errors import Overloaded, RunNotFound, VisitorOverloaded
from app.settings import Settings
from app.web.admission.connections import Connections
from app.web.admission.visitor import visitor_of
from app.web.downloads import MOST, SHARE, Downloads
from app.web.work_queue import WorkQueue
from tests.waiting import TIMEOUT_S, until_async
from tests.web.conftest import serving


async def test_one_visitor_and_all_together_have_so_many_at_once_and_no_more():
    downloads = Downloads(WorkQueue())

    def open_for(visitors: list[str]) -> None:
        if visitors:
            with downloads.place(visitors[0]):
                open_for(visitors[1:])

    with pytest.raises(Overloaded) as own:
        open_for(["a"] * (SHARE + 1))
    with pytest.raises(Overloaded) as everybody:
        open_for([f"{number}" for number in range(MOST + 1)])
    assert (own.type, everybody.type) == (VisitorOverloaded, Overloaded)
    open_for([f"{number}" for number in range(MOST)])


async def test_a_third_file_of_a_visitor_is_refused_until_one_has_left(http: httpx.AsyncClient, app: FastAPI):
    run_id = (await http.post("/api/runs", json={"epochs": 1, "hidden": [4]})).json()["id"]
    url = f"/api/runs/{run_id}/export.csv"
    await until_async(lambda: app.state.manager.get(run_id).status.final, "the run is over")

    answers = await asyncio.gather(*(http.get(url) for _ in range(8)))
    refused = [answer for answer in answers if answer.status_code != 200]

    assert {answer.status_code for answer in refused} <= {429}
    assert {answer.json()["error"]["limit"] for answer in refused} <= {"files"}
    assert all("2 files are already being sent" in answer.json()["error"]["message"] for answer in refused)
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert (await http.get(url)).status_code == 200


async def test_a_client_that_does_not_read_a_file_loses_it():
    ended = []

    def endless():
        try:
            while True:
                yield bytes(100_000)
        finally:
            ended.append(True)

    downloads = Downloads(WorkQueue(), take_timeout_s=0.2)
    small = FastAPI()
    small.state.settings = settings = Settings()
    small.state.connections = Connections(settings)
    pieces = [endless()]

    @small.get("/file")
    async def file(request: Request) -> Response:
        return downloads.file(request, pieces.pop(), "zeros", "application/octet-stream")

    async with serving(small) as address:
        host, port = address.split(":")
        with socket.create_connection((host, int(port))) as lazy:
            lazy.sendall(b"GET /file HTTP/1.1\r\nHost: here\r\n\r\n")
            await until_async(lambda: ended, "it is made no more")


@asynccontextmanager
async def endless_files(**options) -> AsyncIterator[tuple[str, list[str], Downloads]]:
    """A server of files without an end, one for each visitor; its address, whose file has ended, and all files."""
    downloads, ended, small = Downloads(WorkQueue(), **options), [], FastAPI()
    small.state.settings = settings = Settings(trusted_proxy_header="x-forwarded-for")
    small.state.connections = Connections(settings)

    def endless(visitor: str) -> Iterator[bytes]:
        try:
            while True:
                yield bytes(100_000)
        finally:
            ended.append(visitor)

    @small.get("/endless")
    async def get_endless(request: Request) -> Response:
        return downloads.file(request, endless(visitor_of(request)), "zeros", "application/octet-stream")

    @small.get("/short")
    async def get_short(request: Request) -> Response:
        return downloads.file(request, iter([b"all of it"]), "short", "text/plain")

    @small.exception_handler(Overloaded)
    async def crowded(_: Request, problem: Overloaded) -> Response:
        return Response(str(problem), 503)

    async with serving(small) as address:
        yield address, ended, downloads


async def test_who_reads_slowest_loses_its_place_to_the_next_and_who_reads_keeps_it():
    async with endless_files(slow_s=0.2) as (address, ended, downloads), AsyncExitStack() as stack:
        host, port = address.split(":")

        async def ask(visitor: int) -> asyncio.StreamReader:
            reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 16)
            stack.callback(writer.close)
            writer.write(f"GET /endless HTTP/1.1\r\nHost: here\r\nX-Forwarded-For: 192.0.2.{visitor}\r\n\r\n".encode())
            await reader.readuntil(b"\r\n\r\n")
            return reader

        readers = [await ask(visitor) for visitor in range(1, MOST + 1)]

        async def read(reader: asyncio.StreamReader) -> None:
            while await reader.read(1 << 16):
                pass

        reading = [asyncio.create_task(read(reader)) for reader in readers[1:]]

        def slower_than_all() -> bool:
            """A client that read what fits into the buffers was as quick as the others, at first."""
            first, *others = downloads._open
            return first.waited_s > 0.2 and all(0 < first.speed < other.speed / 2 for other in others if other.waited_s)

        await until_async(slower_than_all, "the first is the slowest")
        async with httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S) as http:

            async def short() -> httpx.Response:
                return await http.get("/short", headers={"X-Forwarded-For": "192.0.2.100"})

            while (answer := await short()).status_code == 503:
                assert "is sending as many files as it can" in answer.text
        assert answer.text == "all of it"
        await until_async(lambda: ended, "the file of the slow reader is made no more")
        assert ended == ["192.0.2.1"]
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)


async def test_a_later_part_of_a_file_is_made_in_its_turn_and_a_file_without_it_is_visibly_incomplete(caplog):
    downloads, begun, small = Downloads(WorkQueue()), [], FastAPI()
    small.state.settings = settings = Settings()
    small.state.connections = Connections(settings)

    def first() -> Iterator[bytes]:
        assert begun == []
        yield b"first,"

    async def second() -> Iterator[bytes]:
        begun.append("second")
        return iter([b"second"])

    async def gone() -> Iterator[bytes]:
        raise RunNotFound("It is gone.")

    @small.get("/{kind}")
    async def file(request: Request, kind: str) -> Response:
        return downloads.file(request, first(), "both", "text/plain", [second] if kind == "whole" else [gone, second])

    async with serving(small) as address, httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S) as http:
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
            await http.get("/broken")
        assert begun == []
        assert (await http.get("/whole")).text == "first,second"
    assert [(record.levelname, record.message) for record in caplog.records if record.name == "app.web.downloads"] == [
        ("WARNING", "a file could not be completed")
    ]
