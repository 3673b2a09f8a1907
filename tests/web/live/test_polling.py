"""The stream by plain HTTP: the same points as over the socket, in the same bytes, by a viewer who counts."""

import asyncio
import json
import struct

import httpx
import pytest
from websockets.frames import Opcode

from app.quotas import Rate
from app.web.live import polling
from app.web.live.broadcast import Broadcast
from tests.waiting import TIMEOUT_S
from tests.web.viewer import Viewer, assert_same_points

SHORT = {"epochs": 3, "hidden": [16]}
# More rows of one lane than a message has room for.
LONG_HISTORY = {"epochs": 9, "batch_size": 1, "hidden": [1], "lanes": [{"optimizer": "sgd"}]}
ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}


class Poller(Viewer):
    """A viewer who polls."""

    def __init__(self, address: str, run_id: str, viewer: str = "one", lanes: int = 3) -> None:
        super().__init__(address, run_id, lanes)
        self.run_id = run_id
        self.last: list[Opcode] = []
        self._viewer = viewer

    async def ask(self, http: httpx.AsyncClient) -> httpx.Response:
        names = {1: "steps", 2: "evaluations", 3: "pushes"}
        cursor = {names[kind]: ",".join(str(lane.shape[1]) for lane in lanes) for kind, lanes in self.rows.items()}
        answer = await http.get(f"/api/runs/{self.run_id}/frames", params={"viewer": self._viewer, **cursor})
        if answer.status_code == 200:
            self.last = []
            for opcode, data in unframed(answer.content):
                self.last.append(opcode)
                if opcode is Opcode.CLOSE:
                    (self.close_code,) = struct.unpack("!H", data)
                else:
                    self.take(data.decode() if opcode is Opcode.TEXT else data)
        return answer

    async def ask_until_over(self, http: httpx.AsyncClient) -> "Poller":
        while not self.close_code:
            answer = await self.ask(http)
            if answer.status_code == 429:
                await asyncio.sleep(float(answer.headers["Retry-After"]))
            else:
                answer.raise_for_status()
        return self


def unframed(body: bytes) -> list[tuple[Opcode, bytes]]:
    """Frames as RFC 6455, section 5.2, has them, whole and without a mask."""
    frames, at = [], 0
    while at < len(body):
        first, length = body[at], body[at + 1]
        assert first & 0xF0 == 0x80
        at += 2
        if length == 126:
            (length,) = struct.unpack_from("!H", body, at)
            at += 2
        elif length == 127:
            (length,) = struct.unpack_from("!Q", body, at)
            at += 8
        frames.append((Opcode(first & 0x0F), body[at : at + length]))
        at += length
    assert at == len(body)
    return frames


async def start(http, config) -> str:
    answer = await http.post("/api/runs", json=config)
    assert answer.status_code == 201
    return answer.json()["id"]


async def test_polling_gets_the_same_points_as_the_socket_and_then_the_end(http, address):
    run_id = await start(http, SHORT)
    streamed, asked = await asyncio.gather(
        Viewer(address, run_id).watch(), Poller(address, run_id).ask_until_over(http)
    )

    assert asked.close_code == 1000
    assert asked.last[-1] is Opcode.CLOSE
    assert asked.run == streamed.run
    assert_same_points(asked, streamed)


async def test_a_long_history_comes_in_pieces(http, address, monkeypatch):
    monkeypatch.setattr(polling, "MOST_BYTES", 1)
    run_id = await start(http, LONG_HISTORY)
    streamed = await Viewer(address, run_id, lanes=1).watch()
    asked = Poller(address, run_id, lanes=1)
    await asked.ask(http)
    assert asked.last == [Opcode.TEXT, Opcode.BINARY]
    await asked.ask_until_over(http)

    assert_same_points(asked, streamed)


async def test_what_has_all_there_is_so_far_ends_with_a_beat(http, address):
    run_id = await start(http, ENDLESS)
    await http.post(f"/api/runs/{run_id}/pause")
    poller = Poller(address, run_id)
    while Opcode.BINARY in poller.last or not poller.last:
        await poller.ask(http)

    assert poller.last == [Opcode.TEXT, Opcode.TEXT]


async def test_a_polling_viewer_counts_between_requests_and_leaves_when_it_stops(http, address, monkeypatch):
    run_id = await start(http, ENDLESS)

    async def viewers() -> int:
        return (await http.get(f"/api/runs/{run_id}")).json()["viewers"]

    monkeypatch.setattr(polling, "LEAVES_AFTER_S", 300)
    for name in ("one", "two", "one"):
        await Poller(address, run_id, name).ask(http)
    assert await viewers() == 2

    monkeypatch.setattr(polling, "LEAVES_AFTER_S", 0.1)
    for name in ("one", "two"):
        await Poller(address, run_id, name).ask(http)
    async with asyncio.timeout(TIMEOUT_S):
        while await viewers():
            pass
    await http.post(f"/api/runs/{run_id}/stop")


async def test_a_polling_viewer_takes_a_viewers_place(open_server):
    async with open_server(max_viewers=1) as (http, address):
        run_id = await start(http, ENDLESS)
        assert (await Poller(address, run_id, "one").ask(http)).status_code == 200
        refused = await Poller(address, run_id, "two").ask(http)
        assert (await Poller(address, run_id, "one").ask(http)).status_code == 200
        seen = (await http.get("/metrics")).text

    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "too_many_viewers"
    assert int(refused.headers["Retry-After"]) > 0
    assert 'playground_viewers_refused_total{code="too_many_viewers"} 1' in seen


async def test_polling_too_often_is_refused_with_the_time_to_retry(open_server, monkeypatch):
    monkeypatch.setattr(polling, "REQUESTS", Rate(3, 300))
    async with open_server() as (http, address):
        run_id = await start(http, SHORT)
        answers = [await Poller(address, run_id).ask(http) for _ in range(4)]
        other = await Poller(address, run_id, "two").ask(http)

    assert [answer.status_code for answer in [*answers, other]] == [200, 200, 200, 429, 200]
    assert answers[-1].json()["error"]["code"] == "too_many"
    assert answers[-1].json()["error"]["limit"] == "polls"
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("path", "error", "close_code"),
    [
        ("{}/frames?steps=1,x", "invalid_request", 4400),
        ("{}/frames?steps=999999,0,0", "invalid_request", 4400),
        ("nosuchrun/frames", "not_found", 4404),
    ],
)
async def test_an_unknown_cursor_or_run_ends_as_over_a_socket(http, path, error, close_code):
    answer = await http.get(f"/api/runs/{path.format(await start(http, SHORT))}")
    (_, told), (opcode, code) = unframed(answer.content)

    assert answer.status_code == 200
    assert json.loads(told)["error"]["code"] == error
    assert (opcode, struct.unpack("!H", code)) == (Opcode.CLOSE, (close_code,))


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("{}/frames?viewer=" + "x" * 41, 422, "invalid_request"),
    ],
)
async def test_a_poll_that_cannot_be_answered_gets_an_error(http, path, status, code):
    run_id = await start(http, SHORT)
    answer = await http.get(f"/api/runs/{path.format(run_id)}")

    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code


async def test_after_a_broadcast_that_failed_those_who_ask_and_those_who_come_have_another(http, address, monkeypatch):
    run_id = await start(http, ENDLESS)
    poller = Poller(address, run_id)
    await poller.ask(http)
    failed = asyncio.Event()

    def fail(_: Broadcast) -> bytes:
        failed.set()
        raise RuntimeError("once")

    with monkeypatch.context() as faulty:
        faulty.setattr(Broadcast, "_changes", fail)
        await asyncio.wait_for(failed.wait(), TIMEOUT_S)

    viewer = Viewer(address, run_id)
    async with viewer.connect() as socket:
        assert await viewer.receive(socket)
        before = poller.rows[1][0].shape[1]
        while poller.rows[1][0].shape[1] == before:
            await poller.ask(http)
    await http.post(f"/api/runs/{run_id}/stop")
    assert (await poller.ask_until_over(http)).run["status"] == "stopped"
    assert (await Viewer(address, run_id).watch()).run["status"] == "stopped"
