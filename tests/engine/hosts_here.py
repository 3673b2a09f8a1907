"""A cluster without machines: hosts and server are in this process. Values are passed as copies."""

import asyncio
import itertools
import pickle
from typing import Any

from app.engine.base import Capacity
from app.engine.node_host import NodeHost
from app.engine.remote_place import Cluster
from app.errors import NodeLost


class HostsHere(Cluster):
    """Room for races of so many lanes together. Servers that use it one after the other find each other's hosts."""

    def __init__(self, cores: int) -> None:
        self.connected = False
        self.there: dict[int, NodeHost] = {}
        self._cores = cores
        self._changed = asyncio.Condition()
        # Those that have room, and those that wait for it: how many lanes, and what they are made of.
        self._lanes: dict[int, int] = {}
        self._waiting: dict[int, tuple[int, Any]] = {}
        self._numbers = itertools.count(1)

    async def connect(self) -> None:
        self.connected = True

    async def capacity(self) -> Capacity:
        return Capacity(self._cores)

    async def create(self, lanes: int, *arguments: Any) -> int:
        self._waiting[number := next(self._numbers)] = lanes, pickle.loads(pickle.dumps(arguments))
        await self._place()
        return number

    async def hosts(self) -> list[int]:
        return [*self.there, *self._waiting]

    async def call(self, host: int, method: str, *arguments: Any) -> Any:
        async with self._changed:
            await self._changed.wait_for(lambda: host not in self._waiting)
        if host not in self.there:
            raise NodeLost
        called = getattr(self.there[host], method)(*pickle.loads(pickle.dumps(arguments)))
        answer = pickle.loads(pickle.dumps(await called))
        if host not in self.there:
            raise NodeLost
        return answer

    async def kill(self, host: int) -> None:
        """Also as if its machine had lost its power."""
        self._waiting.pop(host, None)
        if lost := self.there.pop(host, None):
            await lost.close()
            del self._lanes[host]
        await self._place()

    async def disconnect(self) -> None:
        self.connected = False

    async def close(self) -> None:
        self._waiting.clear()
        for host in list(self.there):
            await self.kill(host)

    async def _place(self) -> None:
        for number, (lanes, arguments) in list(self._waiting.items()):
            if sum(self._lanes.values()) + lanes <= self._cores:
                del self._waiting[number]
                self._lanes[number] = lanes
                self.there[number] = NodeHost(lanes, *arguments)
        async with self._changed:
            self._changed.notify_all()
