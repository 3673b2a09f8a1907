"""How many streams visitors have open: through this server, and with those through others that share its limits."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.errors import QuotaExceeded, TooManyViewers
from app.lessons.lessons import PLACES, Lessons
from app.quotas import Quota, Rate
from app.settings import Settings
from app.web.admission.visitor import address_of, source_of

RETRY_S = 15.0


class Elsewhere:
    """The streams through other servers: here, of a server that is alone."""

    def open_of(self, who: str) -> int:
        """How many one visitor, or address of a class, has."""
        return 0

    async def refusal(self, visitor: str, watched: str) -> str | None:
        """Why one more may not be opened here, by what others have; it is counted here already."""
        return None


class Streams:
    """Of one server. Visitors are distinguished as in `web.admission.visitor`."""

    def __init__(self, settings: Settings, lessons: Lessons) -> None:
        self.elsewhere = Elsewhere()
        self._lessons = lessons
        self._all = Quota(Rate(settings.max_viewers))
        self._of_visitor = Quota(Rate(settings.max_viewers_per_visitor))
        self._of_class = Quota(Rate(settings.classroom * settings.max_viewers_per_visitor))
        # Of an address that a lesson is at, in place of its own.
        self._of_lessons = Quota(Rate(PLACES))

    @property
    def counts(self) -> Counter[str]:
        """Of each visitor, and of each address of a class, through this server."""
        return Counter(self._of_visitor.counts) + Counter(self._of_class.counts)

    def counted_as(self, visitor: str) -> list[str]:
        """By what names a visitor's streams are counted: its own, and in a class that of its address."""
        return list(dict.fromkeys((visitor, address_of(visitor))))

    @asynccontextmanager
    async def opened(self, visitor: str, watched: str) -> AsyncIterator[None]:
        """One stream of what has this id is open meanwhile. Raises QuotaExceeded or TooManyViewers."""
        taken = self._take(visitor, watched)
        try:
            if why := await self.elsewhere.refusal(visitor, watched):
                raise _too_many(why)
            yield
        finally:
            for quota, who in taken:
                quota.release(who)

    def problem(self, visitor: str, watched: str) -> QuotaExceeded | None:
        """Why the visitor may not open one more."""
        for quota, who in self._counting(visitor, watched):
            if not quota.test(who, self.elsewhere.open_of(who)):
                return _too_many(
                    f"{quota.amount:,} pages from {source_of(who)} watch already, the most allowed at once."
                )
        return None

    def _counting(self, visitor: str, watched: str) -> list[tuple[Quota, str]]:
        """What counts such a stream, and by what name."""
        address = address_of(visitor)
        if self._lessons.showing(watched) and self._lessons.places_at(address) and self._of_lessons.test(address):
            return [(self._of_lessons, address)]
        return list(zip((self._of_visitor, self._of_class), self.counted_as(visitor), strict=False))

    def _take(self, visitor: str, watched: str) -> list[tuple[Quota, str]]:
        if not self._all.test():
            raise TooManyViewers("This server has no room for more viewers.", RETRY_S)
        if problem := self.problem(visitor, watched):
            raise problem
        taken = [(self._all, ""), *self._counting(visitor, watched)]
        for quota, who in taken:
            quota.hit(who)
        return taken


def _too_many(why: str) -> QuotaExceeded:
    return QuotaExceeded(why, RETRY_S, "viewers")
