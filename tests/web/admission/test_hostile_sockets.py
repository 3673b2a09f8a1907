"""A viewer may send what browsers send, and no more; one that sends more, or reads nothing, is dropped without a line
of log for each, and other viewers are not affected.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI, WebSocket
from starlette.responses import Response

from app.settings import Settings
from app.web.admission.connections import Connections
from tests.waiting import TIMEOUT_S, until_async
from tests.web.conftest import serving
from tests.web.raw_socket import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    connected,
    frame,
    handshake,
    rest,
    watching,
)
from tests.web.viewer import Viewer

PAUSED = {"epochs": 1, "hidden": [4]}
GOODBYE, GOODBYE_ECHOED = frame(CLOSE, b"\x03\xe8"), b"\x88\x02\x03\xe8"
LARGE = bytes(2**20)


@pytest.fixture
async def run_id(http) -> str:
    return (await http.post("/api/runs?paused=true", json=PAUSED)).json()["id"]


@pytest.fixture
def dropped(app):
    return app.state.connections.dropped


@pytest.mark.parametrize(
    "flood",
    [
        frame(TEXT, fin=False) + frame(CONTINUATION, fin=False) * 3000,
        frame(PING) * 100,
        frame(PING, b"x" * 125) * 60,
        frame(PONG) * 100,
        frame(TEXT, b"hello") * 100,
        frame(BINARY, b"x" * 4000) * 3,
    ],
    ids=["continuations", "pings", "long pings", "pongs", "texts", "large messages"],
)
async def test_a_viewer_who_floods_is_dropped_and_others_watch_on(flood, address, http, run_id, dropped):
    viewer = asyncio.create_task(Viewer(address, run_id).watch())
    async with watching(address, run_id) as (reader, writer):
        writer.write(flood)
        await rest(reader)

    assert dropped == {"viewer_flood": 1}
    await http.post(f"/api/runs/{run_id}/resume")
    assert (await viewer).close_code == 1000


async def test_a_flood_that_is_sent_a_little_at_a_time_is_one_too(address, run_id, dropped):
    async with watching(address, run_id) as (reader, writer):
        ended = asyncio.create_task(rest(reader))
        sent = 0
        while not ended.done() and sent < 10_000:
            writer.write(frame(PONG))
            sent += 1
            await asyncio.sleep(0)

    assert sent < 10_000
    assert dropped == {"viewer_flood": 1}


async def test_what_browsers_and_programs_send_within_minutes_may_come_at_once(address, run_id, dropped):
    async with watching(address, run_id) as (reader, writer):
        writer.write(frame(PONG, b"1234") * 15 + frame(PING, b"5678") * 15 + frame(TEXT, b"ping") * 15 + GOODBYE)
        came = await rest(reader)

    assert came.count(b"\x8a\x045678") == 15
    assert came.endswith(GOODBYE_ECHOED)
    assert not dropped


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(CLOSE, b"\x03\xe8\xff\xfe"), 1007),
        (frame(CLOSE, b"\x03"), 1002),
        (frame(CLOSE, b"\x00\x01"), 1002),
        (frame(3), 1002),
        (frame(15), 1002),
        (frame(TEXT, reserved=4), 1002),
        (frame(TEXT, masked=False), 1002),
        (frame(PING, fin=False), 1002),
        (frame(PING, b"x" * 126), 1002),
        (frame(CONTINUATION), 1002),
        (frame(TEXT, fin=False) + frame(TEXT), 1002),
        (frame(TEXT, b"x" * 5000)[:100], 1009),
        (b"\x81\xff" + b"\x7f" * 12, 1009),
        (b"\x81\xff" + b"\xff" * 12, 1009),
    ],
    ids=[
        "close with no UTF-8", "short close", "no close code", "reserved opcode", "reserved control", "reserved bits",
        "no mask", "ping in parts", "long ping", "nothing to continue", "message in a message", "too long",
        "far too long", "length out of range",
    ],
)  # fmt: skip
async def test_what_is_no_valid_frame_ends_the_stream_and_is_counted(sent, code, address, run_id, dropped, caplog):
    async with watching(address, run_id) as (reader, writer):
        writer.write(sent)
        came = await rest(reader)

    assert came[came.rfind(b"\x88") :][2:4] == code.to_bytes(2, "big")
    assert dropped == {"invalid_frame": 1}
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(
    "message",
    [
        frame(TEXT, b"\xff\xfe"),
        frame(TEXT, b"\xc3", fin=False) + frame(CONTINUATION, b"\x28"),
        frame(BINARY, bytes(range(256))),
    ],
    ids=["no UTF-8", "no UTF-8 in parts", "binary"],
)
async def test_messages_are_not_read_and_not_logged(message, address, run_id, dropped, caplog):
    async with watching(address, run_id) as (reader, writer):
        writer.write(message + GOODBYE)
        assert (await rest(reader)).endswith(GOODBYE_ECHOED)

    assert not dropped
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_what_follows_a_close_is_not_read(address, run_id, dropped, caplog):
    async with watching(address, run_id) as (reader, writer):
        writer.write(GOODBYE + frame(3) * 50)
        assert (await rest(reader)).endswith(GOODBYE_ECHOED)

    assert not dropped
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.fixture
async def large_answers() -> AsyncIterator[tuple[str, Counter]]:
    """A server that has much to say; its address, and what it has dropped."""
    app = FastAPI()
    app.state.connections = Connections(Settings())

    @app.websocket("/api/runs/{run_id}/stream")
    async def stream(socket: WebSocket, run_id: str) -> None:
        await socket.accept()
        await socket.send_bytes(LARGE)
        await socket.receive()

    @app.get("/large")
    async def large() -> Response:
        return Response(LARGE)

    async with serving(app) as address:
        yield address, app.state.connections.dropped


async def test_a_ping_is_not_answered_to_a_viewer_who_takes_nothing(large_answers):
    address, _ = large_answers
    async with watching(address, "any", narrow=True) as (reader, writer):
        await reader.readexactly(1)
        writer.write(frame(PING, b"ping") * 20)
        # Read after what came before it.
        async with connected(address) as (reader_of_other, other):
            other.write(b"GET /docs HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
            await rest(reader_of_other)
        writer.write(GOODBYE)
        came = await rest(reader)

    assert len(came) > len(LARGE)
    assert b"ping" not in came
    assert came.endswith(GOODBYE_ECHOED)


async def test_who_takes_no_answers_does_not_become_a_viewer(large_answers):
    address, dropped = large_answers
    async with connected(address, narrow=True) as (reader, writer):
        writer.write(b"GET /large HTTP/1.1\r\nHost: here\r\n\r\n" + handshake(address, "/api/runs/any/stream"))
        await until_async(lambda: dropped["not_reading"] == 1, "the connection is dropped")
        assert len(await rest(reader)) < len(LARGE)


async def test_seats_of_dropped_viewers_are_free_again(open_server):
    async with open_server(max_viewers=1) as (http, address):
        run_id = (await http.post("/api/runs?paused=true", json=PAUSED)).json()["id"]

        async def flood() -> bool:
            """Whether there was a seat to do it from."""
            async with watching(address, run_id) as (reader, writer):
                if b'"run"' not in await reader.readuntil(b":{"):
                    return False
                writer.write(frame(PING) * 100)
                await rest(reader)
                return True

        floods = 0
        async with asyncio.timeout(TIMEOUT_S):
            while floods < 3:
                floods += await flood()
        text = (await http.get("/metrics")).text

    assert 'playground_connections_dropped_total{reason="viewer_flood"} 3.0' in text
