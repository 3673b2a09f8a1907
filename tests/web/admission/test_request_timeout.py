"""Requests that never come whole are ended; all others take the time they take."""

import asyncio
import contextlib

import httpx
import pytest
from fastapi import FastAPI

from app.web.admission import request_timeout
from tests.waiting import TIMEOUT_S
from tests.web.viewer import Viewer

# Longer than a busy machine stalls: a client that is cut off then had not read the answer before.
IN_TIME_S = 1.0
HANDSHAKE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_timeout, "REQUEST_S", IN_TIME_S)


async def ends_after(address: str, first: bytes, drip: bytes) -> bytes:
    """What is answered to a request that goes on for ever, one drip at a time, until the connection is closed."""
    host, port = address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))

    async def drop() -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(drip)
                await writer.drain()
                await asyncio.sleep(IN_TIME_S / 10)

    writer.write(first)
    dropping = asyncio.create_task(drop())
    answered = b""
    async with asyncio.timeout(TIMEOUT_S):
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(1000):
                answered += piece
    dropping.cancel()
    writer.close()
    return answered


@pytest.mark.parametrize(
    ("first", "drip"),
    [
        (b"", b""),
        (b"GET /healthz HTTP/1.1\r\nHost: here\r\n", b"X: y\r\n"),
        (b"POST /api/runs HTTP/1.1\r\nHost: here\r\nContent-Length: 10000\r\n\r\n", b" "),
        (b"POST /api/runs/nosuch/predict HTTP/1.1\r\nHost: here\r\nContent-Length: 784\r\n\r\n", b""),
    ],
    ids=["nothing", "headers", "body", "no body"],
)
async def test_a_request_that_never_comes_whole_is_ended(address: str, first: bytes, drip: bytes):
    assert b" 200 " not in await ends_after(address, first, drip)


async def test_the_second_request_of_a_connection_has_as_long_and_no_longer(address: str):
    whole = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"

    answered = await ends_after(address, whole + b"GET /healthz HTTP/1.1\r\n", b"X: y\r\n")

    assert answered.count(b" 200 ") == 1


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/?" + "9" * 9000, ""),
        ("/", "X-A: " + "a" * 9000 + "\r\n"),
        ("/", "".join(f"X-{number}: 1\r\n" for number in range(200))),
    ],
    ids=["long path", "long header", "many headers"],
)
async def test_what_is_no_handshake_is_answered_and_closed_at_once(address: str, path: str, headers: str):
    asked = f"GET {path} HTTP/1.1\r\nHost: {address}\r\n{HANDSHAKE}{headers}\r\n"

    answered = await ends_after(address, asked.encode(), b"")

    assert answered.startswith(b"HTTP/1.1 400 ")
    assert b"8,192 bytes" in answered


async def test_streams_and_answers_take_longer(address: str, http: httpx.AsyncClient, app: FastAPI):
    run_id = (await http.post("/api/runs?paused=true", json={"epochs": 1, "hidden": [4]})).json()["id"]
    viewer = asyncio.create_task(Viewer(address, run_id).watch())

    await asyncio.sleep(3 * IN_TIME_S)
    await http.post(f"/api/runs/{run_id}/resume")

    assert (await viewer).close_code == 1000
