"""Saves lessons in the database of the store: a vote is answered once it is saved, with all others that wait for that.

So a server that is killed loses no vote that was answered, and a class that votes at once is a few transactions.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from app.lessons.lesson import KeptLesson
from app.lessons.lessons import Lessons
from app.storage.lesson_rows import LessonCheckpoint, LessonRecords, lesson_changes

# A database that does not answer keeps no one from voting.
SAVED_WITHIN_S = 5.0


class LessonStore:
    """Of all lessons that it is to keep. `write` writes records, and answers whether that went well.

    `writes` is whether it did of late.
    """

    def __init__(self, write: Callable[[LessonRecords], Awaitable[bool]], writes: Callable[[], bool]) -> None:
        self._lessons, self._write, self._writes = Lessons(), write, writes
        self._saved: LessonCheckpoint = {}
        self._writing = asyncio.Lock()
        # What begins when the write under way is done.
        self._next: asyncio.Task[None] | None = None

    def keep(self, lessons: Lessons) -> None:
        self._lessons = lessons
        lessons.save_with(self._save_now)

    def restore(self, kept: Iterable[KeptLesson]) -> None:
        """These are saved, and were before this server held any."""
        kept = list(kept)
        self._lessons.restore(kept)
        self._saved = {**{each.id: 0 for each in kept}, **self._saved}

    def clear(self) -> None:
        """Another server holds them now, and saves them."""
        self._lessons.clear()
        self._saved = {}

    def pruned(self, run_id: str) -> None:
        """This run or sweep was deleted, and with it the lessons that it answered."""
        self._lessons.end_with(run_id)

    async def save(self, within_s: float | None = None) -> None:
        """Returns when all that has changed so far is saved, or cannot be for now."""
        if self._next is None:
            self._next = asyncio.create_task(self._save(), name="save lessons")
        await asyncio.wait([self._next], timeout=within_s or SAVED_WITHIN_S)

    async def _save_now(self) -> None:
        # A database that is away is tried again by and by.
        if self._writes():
            await self.save()

    async def _save(self) -> None:
        async with self._writing:
            self._next = None
            before = self._saved
            records, after = lesson_changes(self._lessons, before)
            # They may have been cleared meanwhile, or restored.
            if records.any and await self._write(records) and self._saved is before:
                self._saved = after
