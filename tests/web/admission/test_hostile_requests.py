"""What comes to the port and is no request, or too many of them: answered or dropped, counted, one line of log."""

import asyncio
import logging
import re
import resource
import signal
import socket
import ssl
from contextlib import AsyncExitStack, ExitStack, closing

import httpx
import psutil
import pytest
from websockets.exceptions import InvalidStatus

from app.serving import TAKEN_WITHIN_MS, listen
from app.settings import Settings
from app.web.admission import connections, request_timeout
from tests.server_process import served
from tests.waiting import TIMEOUT_S, until
from tests.web.raw_socket import connected, rest
from tests.web.viewer import connect

ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}
CHUNKED = b"Host: here\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


def tls_hello() -> bytes:
    """What a browser sends first to an https address."""
    sent = ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), sent, server_hostname="here").do_handshake()
    return sent.read()


def chunks(body: bytes, size: int) -> bytes:
    pieces = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


@pytest.fixture
def dropped(app):
    return app.state.connections.dropped


@pytest.fixture
def warnings(caplog):
    """Of libraries, too; but for the one line of uvicorn, which the log counts."""
    return lambda: [
        record
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.getMessage() != "Invalid HTTP request received."
    ]


@pytest.mark.parametrize(
    "sent",
    [
        tls_hello(),
        bytes(range(256)),
        b"\xff" * 100 + b"\r\n\r\n",
        b"HELO here\r\n\r\n",
        b"GET /healthz\xff HTTP/1.1\r\nHost: here\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: here\r\nHost: there\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: here\r\nX\x00: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: here\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: here\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: here\r\nX: " + b"y" * 70_000,
        b"GET /" + b"x" * 70_000,
        b"POST /api/runs HTTP/1.1\r\n" + CHUNKED + b"zz\r\n",
        b"POST /api/runs HTTP/1.1\r\n" + CHUNKED + b"f" * 100 + b"\r\n",
        b"POST /api/runs HTTP/1.1\r\n" + CHUNKED + chunks(b" " * 2000, 1),
    ],
    ids=[
        "tls", "all bytes", "no ASCII", "no HTTP", "path with no ASCII", "no host", "two hosts", "zero in a name",
        "negative length", "two lengths", "long header", "long path", "no chunk", "endless chunk", "crumbs",
    ],
)  # fmt: skip
async def test_what_is_no_request_is_refused_and_counted(sent, address, http, dropped, warnings):
    async with connected(address) as (reader, writer):
        writer.write(sent)
        came = await rest(reader)

    # What is still on its way when the server has had enough may take the answer with it.
    assert came[:13] in (b"", b"HTTP/1.1 400 ")
    assert dropped == {"invalid_request": 1}
    assert warnings() == []
    assert (await http.get("/healthz")).status_code == 200


async def test_a_body_in_pieces_as_programs_send_them_is_read(address):
    body = b'{"epochs": 1, "hidden": [4]}'.ljust(10_000)
    async with connected(address) as (reader, writer):
        writer.write(b"POST /api/runs HTTP/1.1\r\nConnection: close\r\n" + CHUNKED + chunks(body, 100) + b"0\r\n\r\n")
        assert (await rest(reader)).startswith(b"HTTP/1.1 201 ")


async def test_a_body_that_turns_bad_after_the_answer_ends_the_connection_alone(address, dropped, warnings):
    async with connected(address) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\n" + CHUNKED)
        await reader.readuntil(b'{"status":"ok"}')
        writer.write(b"zz\r\n")
        await rest(reader)

    assert dropped == {"invalid_request": 1}
    assert warnings() == []


async def test_an_answer_that_is_not_taken_is_given_up(address, http, dropped, monkeypatch):
    monkeypatch.setattr(request_timeout, "TAKEN_S", 0.2)
    assert len((await http.get("/openapi.json")).content) > 50_000
    async with connected(address, narrow=True) as (reader, writer):
        writer.write(b"GET /openapi.json HTTP/1.1\r\nHost: here\r\n\r\n" * 10)
        async with asyncio.timeout(TIMEOUT_S):
            while not dropped["not_reading"]:
                await asyncio.sleep(0.01)
        await rest(reader)

    assert dropped == {"not_reading": 1}


def test_the_system_ends_connections_that_take_nothing():
    with listen("127.0.0.1", 0) as sock:
        assert sock.getsockopt(6, 18) == TAKEN_WITHIN_MS


async def test_connections_above_the_limit_are_answered_503(open_server, monkeypatch):
    monkeypatch.setattr(connections, "LEAST", 5)
    async with open_server(max_viewers=1) as (http, address), AsyncExitStack() as held:
        await http.get("/healthz")
        others = [await held.enter_async_context(connected(address)) for _ in range(4)]
        async with connected(address) as (reader, _):
            refused = await rest(reader)
        metrics = (await http.get("/metrics")).text
        others[0][1].close()
        await others[0][1].wait_closed()

        async with asyncio.timeout(TIMEOUT_S):
            while b'{"status":"ok"}' not in await answered(address):
                await asyncio.sleep(0)

    assert refused.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 10\r\n" in refused
    assert "playground_connections 5.0" in metrics
    assert 'playground_connections_dropped_total{reason="too_many_connections"} 1.0' in metrics


async def answered(address: str, **connection: str) -> bytes:
    """What a newcomer is answered."""
    async with connected(address, **connection) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        return await rest(reader)


async def test_one_address_opens_no_more_connections_than_it_may_and_others_are_served(open_server):
    async with open_server(max_connections_per_address=3) as (http, address):
        await http.get("/healthz")
        async with connected(address), connected(address) as (_, writer):
            refused = await answered(address)
            elsewhere = await answered(address, local="127.0.0.2")
            metrics = (await http.get("/metrics")).text
            writer.close()
            async with asyncio.timeout(TIMEOUT_S):
                while b'{"status":"ok"}' not in await answered(address):
                    await asyncio.sleep(0)

    assert refused.startswith(b"HTTP/1.1 429 ")
    assert b"Retry-After: 10\r\n" in refused
    assert b"Your address has the most connections open that are allowed here." in refused
    assert elsewhere.endswith(b'{"status":"ok"}')
    assert 'playground_connections_dropped_total{reason="too_many_of_address"} 1.0' in metrics


async def test_behind_a_proxy_requests_under_way_are_counted_by_visitor_and_not_the_proxys_connections(open_server):
    one, another = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.2"}
    settings = {"trusted_proxy_header": "x-forwarded-for", "max_connections_per_address": 2}
    async with open_server(**settings) as (http, address), AsyncExitStack() as held:
        run_id = (await http.post("/api/runs", json=ENDLESS)).json()["id"]
        for _ in range(5):
            await held.enter_async_context(connected(address))
        stream = f"ws://{address}/api/runs/{run_id}/stream"
        async with connect(stream, additional_headers=one), connect(stream, additional_headers=one):
            refused, elsewhere = [await http.get("/healthz", headers=who) for who in (one, another)]
            with pytest.raises(InvalidStatus, match="429"):
                await connect(stream, additional_headers=one)
        async with asyncio.timeout(TIMEOUT_S):
            while (await http.get("/healthz", headers=one)).status_code != 200:
                await asyncio.sleep(0)

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "10")
    assert (refused.json()["error"]["code"], refused.json()["error"]["limit"]) == ("too_many", "connections")
    assert elsewhere.status_code == 200


@pytest.mark.parametrize(
    ("settings", "most"),
    [
        ({}, 250),
        ({"max_viewers_per_visitor": 1000}, 1050),
        ({"classroom": 60}, 650),
        ({"classroom": 60, "max_connections_per_address": 20}, 20),
    ],
)
def test_an_address_may_have_its_streams_and_some_connections_to_load_pages(settings, most):
    assert Settings(**settings).connections_per_address == most


def health(client: httpx.Client) -> bool:
    return client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("spare", [40, 2], ids=["kept free", "used up"])
@pytest.mark.slow
def test_a_server_without_descriptors_goes_on_and_recovers(few_idx_files, tmp_path, spare):
    with (
        served(few_idx_files, tmp_path) as (process, address),
        httpx.Client(base_url=address, timeout=TIMEOUT_S) as here,
    ):
        until(lambda: here.get("/readyz").status_code == 200, "the workers are warm")
        # The first leaves what is kept for the server itself; of the second, strangers can take all.
        limit = psutil.Process(process.pid).num_fds() + spare
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (limit, limit))

        async def crowd() -> list[bytes]:
            async with AsyncExitStack() as held:
                host = address.removeprefix("http://")
                others = [await held.enter_async_context(connected(host)) for _ in range(100)]
                seen = [health(here) for _ in range(20)]
                assert all(seen)
                first, _ = others[0]
                return [await first.read(0)]

        asyncio.run(crowd())
        with httpx.Client(base_url=address, timeout=TIMEOUT_S) as newcomer:
            until(lambda: _answers(newcomer), "newcomers are served again")
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=TIMEOUT_S)

    assert "Traceback" not in log
    assert len(re.findall(r"^\d{4}-", log, re.MULTILINE)) <= 6, log
    assert "more like it" in log


@pytest.mark.slow
def test_what_is_kept_for_the_server_is_not_used_up_by_a_crowd_that_comes_at_once(few_idx_files, tmp_path):
    with (
        served(few_idx_files, tmp_path) as (process, address),
        httpx.Client(base_url=address, timeout=TIMEOUT_S) as here,
    ):
        until(lambda: here.get("/readyz").status_code == 200, "the workers are warm")
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (256, 256))
        host, port = address.removeprefix("http://").split(":")
        with ExitStack() as held:
            for _ in range(300):
                other = held.enter_context(closing(socket.socket()))
                other.setblocking(False)
                other.connect_ex((host, int(port)))
            assert all(health(here) for _ in range(20))
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=TIMEOUT_S)

    assert "too_many_connections" in log
    assert "socket.accept()" not in log


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.slow
def test_a_crowd_of_strangers_is_one_line_of_log(few_idx_files, tmp_path):
    with served(few_idx_files, tmp_path) as (process, address):
        for _ in range(30):
            with httpx.Client(timeout=TIMEOUT_S) as client, pytest.raises(httpx.TransportError):
                client.get(address.replace("http", "https", 1))
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=TIMEOUT_S)

    # The time of the first and of the last is logged too.
    started, *told = [line.partition(" ")[2].partition(" first=")[0] for line in log.splitlines()]
    assert started.startswith("INFO server started")
    assert told == [
        "WARNING Invalid HTTP request received.",
        "INFO draining viewers=0",
        "WARNING Invalid HTTP request received. … and 29 more like it",
    ]
