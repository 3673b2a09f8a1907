"""The lessons of one server: their number is bounded, each ends after some hours, and a class has room.

Room is connections and viewers at the addresses of the class, beyond those of other visitors. Addresses are in memory
alone: a class has its room again when it asks for its lesson.
"""

import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import NamedTuple

from app.errors import LessonNotFound, QuotaExceeded, RateLimited, StoreUnavailable, TooManyLessons
from app.lessons.lesson import MOST_VOTERS, KeptLesson, Lesson
from app.quotas import Quota, Rate

MOST_LESSONS = 300
# A lesson, and the one after the break.
LIVES_S = 4 * 3600.0
# A lesson whose board was not open for so long makes room for others, when all places are taken.
LEFT_AFTER_S = 600.0
# Of one visitor: more than all experiments in one lecture.
AT_ONCE, STARTS = 10, Rate(30, 3600)
# Of each browser.
VOTES = Rate(30, 60)
# Networks of one class: that of its room, a second one, and those of phones without either.
ADDRESSES = 8
# More connections for each of these: a page loads with two or three, and keeps one.
PLACES = MOST_VOTERS


class Classes(NamedTuple):
    """Addresses of classes, and ids of the runs and sweeps that are shown to them."""

    addresses: list[str]
    shown: list[str]


class _Held:
    """A lesson with its visitor and its times."""

    def __init__(self, lesson: Lesson, visitor: str, left_s: float = LIVES_S) -> None:
        self.lesson, self.visitor = lesson, visitor
        self.ends = monotonic() + left_s
        # For the next server, whose clock is another.
        self.ends_at = datetime.now(UTC) + timedelta(seconds=left_s)
        self.seen = monotonic()
        self.addresses: set[str] = set()


class Lessons:
    """All lessons. Those that have ended are removed at the next call."""

    def __init__(self) -> None:
        # Whether those of earlier servers are among them, as far as they were kept.
        self.complete = True
        self._save: Callable[[], Awaitable[None]] | None = None
        self._held: dict[str, _Held] = {}
        self._places: Counter[str] = Counter()
        self._starts, self._votes = Quota(STARTS), Quota(VOTES)
        # Of lessons that another server holds.
        self._elsewhere = Classes([], [])

    def start(self, experiment: str, guesses: Mapping[str, str], owner: str, visitor: str, address: str) -> Lesson:
        """Raises QuotaExceeded or TooManyLessons."""
        self._forget_old()
        self._check(visitor)
        lesson = Lesson(secrets.token_urlsafe(6), experiment, guesses, owner)
        self._held[lesson.id] = _Held(lesson, visitor)
        self._starts.hit(visitor)
        self.let_in(lesson, address)
        return lesson

    def find(self, lesson_id: str) -> Lesson:
        """Raises LessonNotFound, or StoreUnavailable while that is unknown."""
        self._forget_old()
        if lesson_id in self._held:
            return self._held[lesson_id].lesson
        if not self.complete:
            raise StoreUnavailable("The server cannot look for this lesson at the moment. Try again in a few seconds.")
        raise LessonNotFound("There is no lesson with this id; a lesson lasts a few hours.")

    def save_with(self, save: Callable[[], Awaitable[None]]) -> None:
        """`save` returns when all lessons are saved as they are, or cannot be for now; earlier ones are to come."""
        self.complete, self._save = False, save

    async def saved(self) -> None:
        """Returns when what was changed so far would outlive this server, if lessons are kept at all."""
        if self._save:
            await self._save()

    @property
    def kept(self) -> list[tuple[Lesson, KeptLesson]]:
        """All of them, each as it is to be kept."""
        self._forget_old()
        return [(held.lesson, _kept(held)) for held in self._held.values()]

    def restore(self, kept: Iterable[KeptLesson]) -> None:
        """These are all that were kept before; those that are known already stay as they are."""
        for each in kept:
            lesson = Lesson(each.id, each.experiment, each.guesses, each.owner)
            lesson.restore(each)
            # The time of day may have been set meanwhile, even to another year.
            left_s = (each.ends_at - datetime.now(UTC)).total_seconds()
            self._held.setdefault(each.id, _Held(lesson, each.visitor, min(max(0.0, left_s), LIVES_S)))
        self.complete = True

    def clear(self) -> None:
        """Another server holds them now."""
        self.complete = False
        self._held.clear()
        self._places.clear()

    def end_with(self, run_id: str) -> None:
        """This run, or sweep, is not kept any more: neither are the lessons that it answered."""
        for held in list(self._held.values()):
            if held.lesson.result and held.lesson.result.id == run_id:
                self._end(held.lesson)

    def vote(self, lesson: Lesson, voter: str, choice: str) -> None:
        """Raises RateLimited, or what `Lesson.vote` raises."""
        key = f"{lesson.id} {voter}"
        if not self._votes.hit(key):
            raise RateLimited(
                f"This browser has voted {VOTES.amount} times within a minute.",
                max(1.0, self._votes.wait_s(key)),
                "votes",
            )
        lesson.vote(voter, choice)

    def seen(self, lesson: Lesson) -> None:
        """Its board was requested."""
        self._held[lesson.id].seen = monotonic()

    def let_in(self, lesson: Lesson, address: str) -> None:
        """A page of it was opened at this address, which then has room for a class."""
        addresses = self._held[lesson.id].addresses
        if address not in addresses and len(addresses) < ADDRESSES:
            addresses.add(address)
            self._places[address] += 1

    def places_at(self, address: str) -> int:
        """How many more connections an address may have: no more for two lessons than for one."""
        return PLACES if self._places[address] or address in self._elsewhere.addresses else 0

    def showing(self, run_id: str) -> bool:
        """Whether this run, or sweep, is the result of a lesson."""
        return run_id in self._elsewhere.shown or run_id in self._shown()

    @property
    def classes(self) -> Classes:
        """What another server has to know of the lessons that this one holds."""
        self._forget_old()
        return Classes(list(self._places), list(self._shown()))

    def hold_elsewhere(self, classes: Classes) -> None:
        """Another server holds lessons with these classes, which have their room here as well."""
        self._elsewhere = classes

    def _shown(self) -> Iterator[str]:
        return (held.lesson.result.id for held in self._held.values() if held.lesson.result)

    def _check(self, visitor: str) -> None:
        own = [held for held in self._held.values() if held.visitor == visitor]
        if len(own) >= AT_ONCE:
            raise QuotaExceeded(
                f"You have {AT_ONCE} lessons, the most allowed at once. Each ends {LIVES_S / 3600:g} hours "
                "after its start.",
                max(1.0, min(held.ends for held in own) - monotonic()),
                "lessons",
            )
        if not self._starts.test(visitor):
            raise QuotaExceeded(
                f"You have started {self._starts.amount} lessons within an hour, the most allowed.",
                max(1.0, self._starts.wait_s(visitor)),
                "lessons",
            )
        if len(self._held) >= MOST_LESSONS:
            oldest = min(self._held.values(), key=lambda held: held.seen)
            left_s = monotonic() - oldest.seen
            if left_s < LEFT_AFTER_S:
                raise TooManyLessons("This server has no room for more lessons.", LEFT_AFTER_S - left_s)
            self._end(oldest.lesson)

    def _end(self, lesson: Lesson) -> None:
        held = self._held.pop(lesson.id)
        self._places.subtract(held.addresses)
        self._places += Counter()

    def _forget_old(self) -> None:
        now = monotonic()
        for held in [held for held in self._held.values() if held.ends <= now]:
            self._end(held.lesson)


def _kept(held: _Held) -> KeptLesson:
    lesson = held.lesson
    of_lesson = lesson.id, lesson.experiment, lesson.guesses, lesson.owner
    return KeptLesson(*of_lesson, held.visitor, held.ends_at, lesson.votes_shown, lesson.result, lesson.votes)
