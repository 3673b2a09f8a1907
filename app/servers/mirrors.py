"""Copies of live runs and sweeps of the leader, for the viewers of this server: one feed each, however many watch."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from app.errors import StoreUnavailable
from app.events import Moved
from app.logs import about
from app.runs.run import Run
from app.scheduling.run_registry import RunRegistry, SweepRegistry
from app.servers.feed_reader import read_feed
from app.servers.headers import identity
from app.servers.membership import LEADER_WITHIN_S, Membership
from app.servers.run_feed import RunMirror
from app.servers.sweep_feed import SweepMirror
from app.storage.serial_thread import SerialThread
from app.sweeps.sweep import Sweep

if TYPE_CHECKING:
    import httpx

# After so many calls of `end_idle` without a viewer, a feed is ended.
IDLE_CALLS = 30

Kept = TypeVar("Kept", Run, Sweep)

_log = logging.getLogger(__name__)


class Mirrors:
    """Of one server; while it leads, there are none. `close` it in the event loop."""

    def __init__(
        self,
        members: Membership,
        client: "Callable[[], httpx.AsyncClient]",
        runs: RunRegistry,
        sweeps: SweepRegistry,
        labels: NDArray[np.uint8],
    ) -> None:
        self._members, self._client = members, client
        self._runs, self._sweeps = runs, sweeps
        self._labels = labels
        self._feeds: dict[str, asyncio.Task[None]] = {}
        self._idle: Counter[str] = Counter()
        self._thread: SerialThread | None = None

    async def find_run(self, run_id: str, saved: Callable[[str], Awaitable[Run | None]]) -> Run | None:
        """The run: a mirror if it is live at the leader, or else as it is saved."""
        return await self._find("runs", run_id, self._runs, saved)

    async def find_sweep(self, sweep_id: str, saved: Callable[[str], Awaitable[Sweep | None]]) -> Sweep | None:
        """The same for a sweep."""
        return await self._find("sweeps", sweep_id, self._sweeps, saved)

    async def close(self) -> None:
        """End all feeds: each run must be looked up again."""
        feeds = list(self._feeds.values())
        for feed in feeds:
            feed.cancel()
        await asyncio.gather(*feeds, return_exceptions=True)
        if self._thread:
            self._thread.close()
            self._thread = None

    @property
    def kept(self) -> list[Run | Sweep]:
        return [*self._runs.mirrors, *self._sweeps.mirrors]

    def end_idle(self) -> None:
        """End the feeds that have had no viewer for IDLE_CALLS calls."""
        watched = {each.id for each in self.kept if each.own_viewers}
        for kept_id, feed in list(self._feeds.items()):
            self._idle[kept_id] = 0 if kept_id in watched else self._idle[kept_id] + 1
            if self._idle[kept_id] > IDLE_CALLS:
                feed.cancel()

    async def _find(
        self, kind: str, kept_id: str, registry: Any, saved: Callable[[str], Awaitable[Kept | None]]
    ) -> Kept | None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LEADER_WITHIN_S
        while True:
            if self._members.leader_url:
                mirrored: Kept | None = await self._mirror(kind, kept_id, registry)
                if mirrored:
                    return mirrored
            try:
                return await saved(kept_id)
            except StoreUnavailable:
                # It is live, and the next leader will have it.
                if loop.time() >= deadline:
                    raise
            await self._members.look_again()

    async def _mirror(self, kind: str, kept_id: str, registry: Any) -> Any:
        """Returns after the first whole state, and feeds it from then on; None if the leader does not have it."""
        mirror: RunMirror | SweepMirror = RunMirror(kept_id, self._labels) if kind == "runs" else SweepMirror(kept_id)
        begun: asyncio.Future[Run | Sweep | None] = asyncio.get_running_loop().create_future()
        self._thread = self._thread or SerialThread("mirrors")
        feed = asyncio.create_task(self._feed(kind, kept_id, registry, mirror, begun), name=f"feed of {kept_id}")
        self._feeds[kept_id] = feed
        feed.add_done_callback(lambda _: self._ended(kept_id))
        either: list[asyncio.Future[Any]] = [begun, feed]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return begun.result() if begun.done() else None

    def _ended(self, kept_id: str) -> None:
        del self._feeds[kept_id]
        self._idle.pop(kept_id, None)

    async def _feed(
        self,
        kind: str,
        kept_id: str,
        registry: Any,
        mirror: RunMirror | SweepMirror,
        begun: "asyncio.Future[Run | Sweep | None]",
    ) -> None:
        import httpx

        kept: Run | Sweep | None = None
        try:
            try:
                async for message in self._messages(kind, kept_id):
                    # The first message of a long race is large.
                    if kept is None and self._thread:
                        await self._thread.run(partial(mirror.take, message))
                    else:
                        mirror.take(message)
                    if kept is None and (kept := mirror.kept):
                        registry.mirror(kept)
                        begun.set_result(kept)
            except httpx.HTTPError as problem:
                _log.info("feed ended", extra=about(id=kept_id, reason=type(problem).__name__))
            except (ValueError, LookupError):
                _log.exception("feed cannot be read", extra=about(id=kept_id))
            if kept and not kept.status.final:
                await self._wait_until_found()
        finally:
            if kept and begun.done():
                registry.unmirror(kept)
                if not kept.status.final:
                    kept.apply(Moved())

    async def _wait_until_found(self) -> None:
        """Keep the viewers until a server leads that answers: before that, they would find nothing."""
        loop = asyncio.get_running_loop()
        deadline, term = loop.time() + LEADER_WITHIN_S, self._members.term
        while loop.time() < deadline and self._members.term == term and not await self._leader_is_ready():
            await self._members.look_again()

    async def _leader_is_ready(self) -> bool:
        import httpx

        try:
            url = self._members.leader_url
            return url is not None and (await self._client().get(f"{url}/readyz")).status_code == 200
        except httpx.HTTPError:
            return False

    def _messages(self, kind: str, kept_id: str) -> AsyncIterator[bytes]:
        address = f"{self._members.leader_url}/api/servers/{kind}/{quote(kept_id, safe='')}/feed"
        return read_feed(self._client(), address, identity(self._members))
