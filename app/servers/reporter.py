"""What a follower tells the leader: who watches what through it, and for whom a stream is about to be opened here.

The leader counts the streams of all servers, and one is opened only once it has counted it: so what a visitor opens
at the same moment through several servers is limited together. One message is under way at a time, with all that waits
for it: none overtakes another, and a crowd that comes at once takes few.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from app.lessons.lessons import Classes, Lessons
from app.runs.run import Run
from app.servers.headers import identity
from app.servers.membership import Membership
from app.servers.watching import Watching, viewers_of
from app.sweeps.sweep import Sweep
from app.web.admission.streams import Elsewhere, Streams

if TYPE_CHECKING:
    import httpx

# Looks for changes this often, and reports without one after so long.
CHANGES_EVERY_S, REPORT_EVERY_S = 0.25, 1.0


class _Opening:
    """A stream that waits for the leader; the answer is why it may not be opened, or None."""

    def __init__(self, visitor: str, watched: str) -> None:
        self.visitor, self.watched = visitor, watched
        self.answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()


class Reporter(Elsewhere):
    """Of one server; `mirrored` are the leader's runs and sweeps that are watched here."""

    def __init__(
        self,
        members: Membership,
        client: "Callable[[], httpx.AsyncClient]",
        own: Streams,
        lessons: Lessons,
        watching: Watching,
        mirrored: Callable[[], Iterable[Run | Sweep]],
    ) -> None:
        self._members, self._client = members, client
        self._own, self._lessons, self._watching = own, lessons, watching
        self._mirrored = mirrored
        # As the leader answered last.
        self.capacity: dict[str, Any] | None = None
        self._elsewhere: Counter[str] = Counter()
        # They are counted here already, and those that the leader has not admitted are not reported.
        self._opening: list[_Opening] = []
        self._wanted = asyncio.Event()
        self._reported: dict[str, Any] = {}
        self._reported_at, self._reported_in_term = 0.0, 0

    def open_of(self, who: str) -> int:
        return self._watching.streams_of(who) if self._members.leads else self._elsewhere[who]

    async def refusal(self, visitor: str, watched: str) -> str | None:
        if self._members.leads or not self._members.leader_url:
            return None
        opening = _Opening(visitor, watched)
        self._opening.append(opening)
        self._wanted.set()
        try:
            return await opening.answer
        finally:
            # One that was refused is no longer counted from this moment on.
            if opening in self._opening:
                self._opening.remove(opening)

    async def turn(self) -> None:
        """Wait for a change, and tell it. Call it again and again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CHANGES_EVERY_S):
                await self._wanted.wait()
        self._wanted.clear()
        asked = [opening for opening in self._opening if not opening.answer.done()]
        try:
            await self._report()
            if asked:
                await self._ask(asked)
        finally:
            # Without a leader, no one is kept from watching.
            self._admit(asked)

    def admit_all(self) -> None:
        """This server leads, or ends: it no longer asks the leader."""
        self._admit(list(self._opening))

    async def _report(self) -> None:
        now, term = asyncio.get_running_loop().time(), self._members.term
        streams = self._own.counts
        for opening in self._opening:
            streams.subtract(self._own.counted_as(opening.visitor))
        seen = {"viewers": viewers_of(self._mirrored()), "streams": dict(+streams)}
        late = now - self._reported_at >= REPORT_EVERY_S
        # A leader that does not know what is open here could not count what is opened.
        if not late and seen == self._reported and term == self._reported_in_term:
            return
        self._reported, self._reported_at = seen, now
        # Of a leader that is lost, nothing is known: what was open through it is not.
        self._elsewhere = Counter()
        if answered := await self._put("watching", seen):
            self._reported_in_term = term
            self._elsewhere = Counter(answered["streams"])
            self.capacity = answered["capacity"]
            self._lessons.hold_elsewhere(Classes(*answered["classes"]))

    async def _ask(self, asked: list[_Opening]) -> None:
        wanted = [[opening.visitor, opening.watched] for opening in asked]
        if answered := await self._put("openings", {"openings": wanted}):
            for opening, why in zip(asked, answered["refused"], strict=True):
                if why and not opening.answer.done():
                    opening.answer.set_result(why)

    def _admit(self, asked: Iterable[_Opening]) -> None:
        for opening in asked:
            if not opening.answer.done():
                opening.answer.set_result(None)
                self._opening.remove(opening)

    async def _put(self, what: str, body: dict[str, Any]) -> Any:
        """What the leader answers; None if it does not."""
        import httpx

        if url := self._members.leader_url:
            headers = identity(self._members)
            with suppress(httpx.HTTPError, ValueError):
                answer = await self._client().put(f"{url}/api/servers/{what}", json=body, headers=headers)
                if answer.status_code == 200:
                    return answer.json()
        return None
