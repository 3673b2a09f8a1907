"""A lesson for three hundred phones behind one address: whether all get in and vote, and what their asking costs.

`make lesson` runs it on a real server with the settings for strangers. Each phone has a connection of its own, which
stays open, and asks as often as the page does.
"""

import asyncio
import contextlib
import json
import time
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console

from app.settings import Settings
from benchmarks.processes import cpu_seconds
from benchmarks.stages import Stages
from benchmarks.start import served
from benchmarks.tables import new_table

PHONES, ASK_EVERY_S, ASKED_S = 300, 2.0, 20.0
VOTED_WITHIN_S, P99_MS, MOST_OF_A_CORE = 5.0, 1000.0, 0.25
START, EXPERIMENT = "/api/lessons", "pulls-ahead"


class Phone:
    """A browser with one connection, and an id of its own."""

    def __init__(self, where: str, number: int) -> None:
        self._where, self._id = where, f"phone-{number:04}"

    async def connect(self) -> "Phone":
        host, _, port = self._where.partition(":")
        self._reader, self._writer = await asyncio.open_connection(host, int(port))
        return self

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """The status and the body of the answer; on a new connection, as a browser does, where the old one was idle."""
        try:
            return await self._ask(method, path, body)
        except (asyncio.IncompleteReadError, ConnectionError):
            await self.close()
            await self.connect()
            return await self._ask(method, path, body)

    async def _ask(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        content = b"" if body is None else json.dumps(body).encode()
        fields = [f"Host: {self._where}", f"X-Browser: {self._id}", f"Content-Length: {len(content)}"]
        fields += ["Content-Type: application/json"] if content else []
        self._writer.write("\r\n".join([f"{method} {path} HTTP/1.1", *fields, "", ""]).encode() + content)
        status, *headers = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        length = next(int(header.partition(":")[2]) for header in headers if header.startswith("content-length:"))
        return int(status.split()[1]), await self._reader.readexactly(length)

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


class Measured(NamedTuple):
    """`refused`: answers that were none of success. `share` of a core that the server took while all asked."""

    voters: int
    refused: int
    voted_s: float
    asked_ms: list[float]
    share: float | None


def measure_lesson(settings: Settings, phones: int = PHONES, asked_s: float = ASKED_S) -> Measured:
    """All open the lesson and vote at once; then all ask how it stands, for so long."""
    with served(settings, settings.cache_dir, {}) as (process, _, where):
        return asyncio.run(_measure(where, process.pid, phones, asked_s))


async def _measure(where: str, pid: int, count: int, asked_s: float) -> Measured:
    statuses: list[int] = []
    asked_ms: list[float] = []
    # There is room for them from then on.
    teacher = await Phone(where, count).connect()
    lesson = json.loads((await teacher.ask("POST", START, {"experiment": EXPERIMENT}))[1])
    phones = [await Phone(where, number).connect() for number in range(count)]
    page, api = f"/lessons/{lesson['id']}", f"{START}/{lesson['id']}"
    guesses = [guess["key"] for guess in lesson["guesses"]]

    async def vote(number: int) -> None:
        for asked in (("GET", page), ("PUT", f"{api}/vote", {"choice": guesses[number % len(guesses)]})):
            statuses.append((await phones[number].ask(*asked))[0])

    async def follow(number: int) -> None:
        await asyncio.sleep(ASK_EVERY_S * number / count)
        until = time.monotonic() + asked_s
        while (now := time.monotonic()) < until:
            statuses.append((await phones[number].ask("GET", api))[0])
            asked_ms.append((time.monotonic() - now) * 1e3)
            await asyncio.sleep(ASK_EVERY_S)

    began = time.monotonic()
    await asyncio.gather(*map(vote, range(count)))
    voted_s = time.monotonic() - began
    began, before = time.monotonic(), cpu_seconds(pid)
    await asyncio.gather(*map(follow, range(count)))
    after, took_s = cpu_seconds(pid), time.monotonic() - began
    voters = json.loads((await teacher.ask("GET", api))[1])["voters"]
    await asyncio.gather(*(phone.close() for phone in (teacher, *phones)))
    share = None if before is None or after is None else (after - before) / took_s
    return Measured(voters, sum(status >= 400 for status in statuses), voted_s, asked_ms, share)


def well(measured: Measured, phones: int = PHONES) -> bool:
    """Whether all voted soon, no one was refused, and asking was cheap."""
    enough = measured.voters == phones and not measured.refused and measured.voted_s <= VOTED_WITHIN_S
    return bool(enough and np.percentile(measured.asked_ms, 99) <= P99_MS and (measured.share or 0) <= MOST_OF_A_CORE)


def lesson(settings: Settings) -> bool:
    """Measures, prints, and says whether it is enough."""
    console = Console()
    title = f"{PHONES} phones behind one address"
    with Stages(console) as stages:
        stages.begin(title)
        measured = measure_lesson(settings)
    table = new_table(title, "", "")
    table.add_row("voted; refused", f"{measured.voters}; {measured.refused}")
    table.add_row("all had the page and had voted after", f"{measured.voted_s:.1f} s (at most {VOTED_WITHIN_S:.0f})")
    table.add_row(f"answered, asking every {ASK_EVERY_S:.0f} s: median", f"{np.median(measured.asked_ms):.0f} ms")
    table.add_row("p99", f"{np.percentile(measured.asked_ms, 99):.0f} ms (at most {P99_MS:.0f})")
    if measured.share is not None:
        table.add_row("of a core meanwhile", f"{measured.share:.0%} (at most {MOST_OF_A_CORE:.0%})")
    console.print(table)
    return well(measured)
