"""Finds the races that another server left on a cluster, and takes them over."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from app.engine.node_host import LeftHost
from app.engine.race_log import Handover
from app.engine.remote_place import Cluster, RemotePlace

# A host may be slow to answer: its node may be busy, or frozen, or there is no room for it yet.
SLOW_AFTER_S, ANSWER_WITHIN_S = 3.0, 30.0


class LeftRace(NamedTuple):
    """A race that another server has begun."""

    place: RemotePlace
    handover: Handover


class Takeover:
    """Takes over every host; from its answer on, a host obeys this server alone, and `add` gets it."""

    def __init__(
        self, cluster: Cluster, server: str, digits: str, add: Callable[[RemotePlace, LeftHost], None]
    ) -> None:
        self._cluster, self._server, self._digits, self._add = cluster, server, digits, add
        self._races: dict[str, LeftRace] = {}
        self._found = False
        self._asked: set[asyncio.Task[None]] = set()

    async def begin(self) -> None:
        """Returns when all hosts have answered, or some have and the others are slow."""
        for host in await self._cluster.hosts():
            place = RemotePlace(self._cluster, self._server, 0, host=host)
            self._asked.add(asyncio.create_task(self._ask(place), name="takeover"))
        if self._asked:
            await asyncio.wait(self._asked, timeout=SLOW_AFTER_S)
        while self._asked and not self._found:
            await asyncio.wait(self._asked, return_when=asyncio.FIRST_COMPLETED)

    async def take(self, run: str) -> LeftRace | None:
        """The race of this run; a second call returns None, as when no host has it."""
        while run not in self._races and self._asked:
            await asyncio.wait(self._asked, return_when=asyncio.FIRST_COMPLETED)
        return self._races.pop(run, None)

    async def close(self) -> None:
        for task in self._asked:
            task.cancel()
        await asyncio.gather(*self._asked, return_exceptions=True)
        self._races.clear()

    async def _ask(self, place: RemotePlace) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                found = await place.take_over(self._digits)
            if found:
                self._found = True
                self._races |= {run: LeftRace(place, handover) for run, handover in found.races.items()}
                self._add(place, found)
        except Exception:
            # One that is gone, or is of another version: its races are not found.
            pass
        finally:
            if task := asyncio.current_task():
                self._asked.discard(task)
