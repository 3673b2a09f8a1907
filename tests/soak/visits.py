"""What random visitors do with a server: each visit is one of these, under an address of its own."""

import asyncio
import json
import random
import re
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from ipaddress import IPv6Address
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.waiting import TIMEOUT_S

PROXY_HEADER = "x-forwarded-for"
# Runs that are requested again: more than the server has in memory.
REMEMBERED = 120
PIXELS = 784
# Of a viewer.
TAKE_TIMEOUT_S = 5.0
# Small enough that many races end in a minute, and with different sizes of network, batch and field.
RACES: list[dict[str, Any]] = [
    {"epochs": 1, "batch_size": 600},
    {"epochs": 2, "batch_size": 1000, "hidden": [64]},
    {"epochs": 1, "batch_size": 500, "hidden": [64, 32], "lanes": [{"optimizer": "adam"}, {"optimizer": "lion"}]},
    {"epochs": 1, "batch_size": 1000, "lanes": [{"optimizer": "sgd"}, {"optimizer": "rmsprop"}, {"optimizer": "adam"}]},
]
# A server that gets too many requests answers one of these codes; every other 5xx is a fault.
REFUSALS = {"crowded", "too_many_runs", "too_many_viewers"}
STATIC = re.compile(r'(?:src|href)="(/static/[^"]+)"')


class Visitors:
    """All visits share the runs that were started, and count what they did, what was refused and what failed."""

    def __init__(self, http: httpx.AsyncClient, chance: random.Random) -> None:
        self.done: Counter[str] = Counter()
        self.refused = 0
        self.faults: list[str] = []
        self._http = http
        self._chance = chance
        self._address = str(http.base_url).removeprefix("http://").rstrip("/")
        self._runs: deque[tuple[str, str]] = deque(maxlen=REMEMBERED)
        self._visits = {
            self.race: 6,
            self.vanish: 4,
            self.command: 3,
            self.card: 6,
            self.export: 6,
            self.drop_export: 2,
            self.digits: 4,
            self.draw: 4,
            self.qr_code: 2,
            self.pages: 4,
            self.look: 3,
            self.bad_ids: 4,
        }

    async def each(self) -> None:
        """One visit of each kind."""
        for kind in self._visits:
            await self._visit(kind)

    async def visit(self) -> None:
        """One visit of a random kind."""
        await self._visit(*self._chance.choices(list(self._visits), weights=list(self._visits.values())))

    async def stop_all(self) -> None:
        """A visitor stops their own race."""
        for run_id, key in self._runs:
            await self._ask("POST", f"/api/runs/{run_id}/stop", {"X-Owner-Key": key})

    async def _visit(self, chosen: Callable[[dict[str, str]], Awaitable[None]]) -> None:
        """By a new visitor; what the server does wrong is noted, not raised."""
        who = {PROXY_HEADER: self._somebody()}
        try:
            await chosen(who)
        except (httpx.TransportError, ConnectionClosed, InvalidHandshake, OSError, TimeoutError) as problem:
            self.faults.append(f"{chosen.__name__}: {type(problem).__name__} {problem}")
        self.done[chosen.__name__] += 1

    async def race(self, who: dict[str, str]) -> None:
        """Start a race and watch it to its end, or until that takes too long."""
        if started := await self._start(who):
            async with self._stream(started[0], who) as socket:
                with suppress(ConnectionClosed, TimeoutError):
                    async with asyncio.timeout(TAKE_TIMEOUT_S):
                        while True:
                            await socket.recv()

    async def vanish(self, who: dict[str, str]) -> None:
        """Start a race, or watch another visitor's, and leave without closing anything."""
        started = await self._start(who) if self._chance.random() < 0.5 or not self._runs else None
        run_id = (started or self._a_run())[0]
        async with self._stream(run_id, who) as socket:
            with suppress(ConnectionClosed, TimeoutError):
                async with asyncio.timeout(TAKE_TIMEOUT_S):
                    for _ in range(self._chance.randrange(4)):
                        await socket.recv()
            socket.transport.abort()

    async def command(self, who: dict[str, str]) -> None:
        """Start a race and command it until it is stopped."""
        if started := await self._start(who):
            run, key = f"/api/runs/{started[0]}", {**who, "X-Owner-Key": started[1]}
            for name in ("pause", "step", "resume"):
                await self._ask("POST", f"{run}/{name}", key)
            await self._ask("PUT", f"{run}/pace", key, json={"batches_per_s": 100})
            await self._ask("PUT", f"{run}/lanes/0/learning-rate", key, json={"learning_rate": 0.01})
            await self._ask("POST", f"{run}/stop", key)

    async def card(self, who: dict[str, str]) -> None:
        await self._ask("GET", f"/runs/{self._a_run()[0]}/card.png", who)

    async def export(self, who: dict[str, str]) -> None:
        """One of the files, whole."""
        await self._ask("GET", self._file(), who)

    async def drop_export(self, who: dict[str, str]) -> None:
        """One of the files, of which only the beginning is taken."""
        async with self._http.stream("GET", self._file(), headers=who) as answer:
            async for _ in answer.aiter_raw():
                break

    async def digits(self, who: dict[str, str]) -> None:
        """The pictures of why, and the digits behind one count."""
        run = f"/api/runs/{self._a_run()[0]}"
        label, answer = (self._chance.randrange(10) for _ in range(2))
        for path in ("weights", "lanes/0/confusion", f"lanes/1/confusion/{label}/{answer}"):
            await self._ask("GET", f"{run}/{path}", who)
        await self._ask("GET", f"/api/digits/{self._chance.randrange(10_000)}", who)

    async def draw(self, who: dict[str, str]) -> None:
        ink = self._chance.randbytes(PIXELS)
        await self._ask("POST", f"/api/runs/{self._a_run()[0]}/predict", who, content=ink)

    async def qr_code(self, who: dict[str, str]) -> None:
        """An address that was not requested before."""
        await self._ask("GET", f"/api/qr.svg?path=/runs/{self._an_id()}?x={self._chance.random()}", who)

    async def pages(self, who: dict[str, str]) -> None:
        run_id = self._a_run()[0]
        run = f"http://{self._address}/runs/{run_id}"
        page = await self._ask("GET", "/", who)
        for path in (f"/runs/{run_id}", f"/embed/{run_id}", f"/oembed?url={run}", *STATIC.findall(page.text)):
            await self._ask("GET", path, who)

    async def look(self, who: dict[str, str]) -> None:
        run = f"/api/runs/{self._a_run()[0]}"
        for path in (
            run,
            f"{run}/story",
            f"{run}/story/moments",
            f"{run}/command",
            "/api/capacity",
            "/metrics",
            "/readyz",
        ):
            await self._ask("GET", path, who)

    async def bad_ids(self, who: dict[str, str]) -> None:
        """Runs that there never were, and what is no request at all."""
        nobody = self._an_id()
        for path in (f"/api/runs/{nobody}", f"/runs/{nobody}/card.png", f"/api/runs/{nobody}/export.csv", f"/{nobody}"):
            await self._ask("GET", path, who)
        await self._ask("POST", "/api/runs", who, content=b"{" * self._chance.randrange(1, 100))
        async with self._stream(nobody, who) as socket:
            with suppress(ConnectionClosed):
                while True:
                    await socket.recv()

    async def _start(self, who: dict[str, str]) -> tuple[str, str] | None:
        """The id and the key of a new run; None when there is no room."""
        config = {**self._chance.choice(RACES), "seed": self._chance.randrange(1_000_000)}
        answer = await self._ask("POST", "/api/runs", who, json=config)
        if answer.status_code != 201:
            return None
        started = answer.json()["id"], answer.headers["X-Owner-Key"]
        self._runs.append(started)
        return started

    async def _ask(self, method: str, path: str, headers: dict[str, str], **body: Any) -> httpx.Response:
        answer = await self._http.request(method, path, headers=headers, **body)
        if answer.status_code == 429:
            self.refused += 1
        elif answer.status_code >= 500:
            if _code_of(answer) in REFUSALS:
                self.refused += 1
            else:
                self.faults.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer

    def _stream(self, run_id: str, who: dict[str, str]) -> connect:
        url = f"ws://{self._address}/api/runs/{run_id}/stream"
        return connect(
            url, additional_headers=who, open_timeout=TIMEOUT_S, ping_interval=None, max_size=None, compression=None
        )

    def _a_run(self) -> tuple[str, str]:
        return self._chance.choice(self._runs) if self._runs else (self._an_id(), "")

    def _an_id(self) -> str:
        return f"none-{self._chance.getrandbits(60):x}"

    def _file(self) -> str:
        run = f"/api/runs/{self._a_run()[0]}"
        kind = self._chance.choice(("export.csv", "export.json", "export.parquet", "export.csv?table=evaluations"))
        return f"{run}/{kind}"

    def _somebody(self) -> str:
        """IPv6, because one network there has enough addresses for all visits."""
        return str(IPv6Address(self._chance.getrandbits(128)))


def _code_of(answer: httpx.Response) -> str | None:
    with suppress(json.JSONDecodeError, KeyError, TypeError):
        return answer.json()["error"]["code"]
    return None


async def keep_visiting(visitors: Visitors, at_once: int, until: float) -> None:
    """So many visits at once, with pauses between, until the loop's clock shows `until`; all are over then."""
    loop = asyncio.get_running_loop()
    pause = random.Random(at_once)

    async def one_after_another() -> None:
        while loop.time() < until:
            await visitors.visit()
            await asyncio.sleep(pause.uniform(0, 0.3))

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(one_after_another())
