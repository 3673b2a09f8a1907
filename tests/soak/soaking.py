"""A soak: a server, its visitors for some minutes in two halves, and a look at what it holds every second."""

import asyncio
import random
import tempfile
from pathlib import Path

import httpx
import psutil
from rich.console import Console

from tests.soak.measure import Sample, Soaked, by_minute, checks
from tests.soak.visits import PROXY_HEADER, Visitors, keep_visiting
from tests.trials.server import Held, TrialServer, trial_server
from tests.trials.verdict import table, verdict
from tests.waiting import TIMEOUT_S

AT_ONCE = 8
SAMPLE_S = 1.0
REST_S = 30.0
# What is kept of runs is full within the first half: what grows after that is no cache.
SETTINGS = {
    "MAX_KEPT": "20",
    "MAX_QUEUED": "6",
    "TRUSTED_PROXY_HEADER": PROXY_HEADER,
    # On a disk that has little room the database must not grow either.
    "KEEP_RUNS": "200",
}


def soak(minutes: float, seed: int, console: Console) -> int:
    """Print what was found; the exit status: 1 if a bound is broken."""
    with tempfile.TemporaryDirectory(prefix="soak-") as folder, trial_server(Path(folder), **SETTINGS) as server:
        soaked, visitors = asyncio.run(_soak(server, minutes * 60, random.Random(seed)))
    console.print(by_minute(soaked.samples))
    shown = table("What was asked for", "visit", "times")
    for kind, times in visitors.done.items():
        shown.add_row(kind, f"{times:,}")
    shown.add_row("requests refused for want of room", f"{visitors.refused:,}")
    console.print(shown)
    return verdict(checks(soaked), console)


async def _soak(server: TrialServer, seconds: float, chance: random.Random) -> tuple[Soaked, Visitors]:
    loop = asyncio.get_running_loop()
    samples: list[Sample] = []
    rests: list[Held] = []

    async def sample() -> None:
        began = loop.time()
        while True:
            held = await asyncio.to_thread(server.held)
            samples.append(Sample((loop.time() - began) / 60, held))
            await asyncio.sleep(SAMPLE_S)

    # Without reuse of connections: each visitor is a different one.
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=server.address, timeout=TIMEOUT_S, limits=limits, trust_env=False) as http:
        visitors = Visitors(http, chance)
        # What is loaded at first use is loaded then.
        await visitors.each()
        sampling = asyncio.create_task(sample())
        for _ in range(2):
            await keep_visiting(visitors, AT_ONCE, loop.time() + seconds / 2)
            await visitors.stop_all()
            rests.append(await _at_rest(server))
    sampling.cancel()
    await asyncio.gather(sampling, return_exceptions=True)
    return Soaked(samples, rests, visitors.faults, server.tracebacks), visitors


async def _at_rest(server: TrialServer) -> Held:
    """What the server holds once no one is connected, or after REST_S."""
    loop = asyncio.get_running_loop()
    process = psutil.Process(server.process.pid)
    deadline = loop.time() + REST_S
    while loop.time() < deadline:
        if not [each for each in process.net_connections("tcp") if each.status == psutil.CONN_ESTABLISHED]:
            break
        await asyncio.sleep(0.1)
    return server.held()
