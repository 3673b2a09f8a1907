"""Files are made for few at once, and only for those who take them."""

import asyncio
import gc
import socket

import httpx
import pyarrow as pa
import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response

from app.errors import Crowded
from app.settings import Settings
from app.web.downloads import MOST, SHARE, Downloads
from app.web.parquet import parquet
from app.web.workshop import Workshop
from tests.waiting import until_async
from tests.web.conftest import serving


def test_one_visitor_and_all_together_have_so_many_at_once_and_no_more():
    downloads = Downloads(Workshop())

    def open_for(visitors: list[str]) -> None:
        if visitors:
            with downloads.place(visitors[0]):
                open_for(visitors[1:])

    with pytest.raises(Crowded) as own:
        open_for(["a"] * (SHARE + 1))
    with pytest.raises(Crowded) as everybody:
        open_for([f"{number}" for number in range(MOST + 1)])
    assert (own.value.own, everybody.value.own) == (True, False)
    open_for([f"{number}" for number in range(MOST)])


async def test_a_third_file_of_a_visitor_is_refused_until_one_has_left(http: httpx.AsyncClient, app: FastAPI):
    run_id = (await http.post("/api/runs", json={"epochs": 1, "hidden": [4]})).json()["id"]
    url = f"/api/runs/{run_id}/export.csv"
    await until_async(lambda: app.state.manager.get(run_id).status.final, "the run is over")

    answers = await asyncio.gather(*(http.get(url) for _ in range(8)))
    refused = [answer for answer in answers if answer.status_code != 200]

    assert {answer.status_code for answer in refused} <= {429}
    assert all("files on their way" in answer.json()["error"]["message"] for answer in refused)
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert (await http.get(url)).status_code == 200


async def test_whoever_does_not_take_a_file_loses_it():
    ended = []

    def endless():
        try:
            while True:
                yield bytes(100_000)
        finally:
            ended.append(True)

    downloads = Downloads(Workshop(), patience_s=0.2)
    small = FastAPI()
    small.state.settings = Settings()
    pieces = [endless()]

    @small.get("/file")
    async def file(request: Request) -> Response:
        return downloads.file(request, pieces.pop(), "zeros", "application/octet-stream")

    async with serving(small) as address:
        host, port = address.split(":")
        with socket.create_connection((host, int(port))) as lazy:
            lazy.sendall(b"GET /file HTTP/1.1\r\nHost: here\r\n\r\n")
            await until_async(lambda: ended, "it is made no more")


def test_arrow_keeps_no_memory_of_a_file_that_is_made():
    gc.collect()
    before = pa.default_memory_pool().bytes_allocated()

    list(parquet([], "batches"))

    assert pa.default_memory_pool().bytes_allocated() == before
