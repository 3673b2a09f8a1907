"""The events of one race on a node of a cluster, kept until a server has saved them, and the commands to it.

Each call may be repeated, since its answer can be lost: events are read from a cursor, and commands are numbered.
"""

import asyncio
import time
from typing import NamedTuple

from app.config import RunConfig
from app.engine.commands import Command, CommandQueue, SentCommand
from app.engine.lane_progress import LaneProgress, count
from app.engine.local import LocalEngine
from app.errors import PlaygroundError
from app.events import Detail, LaneEvent, LaneSilent, Parameters

# A read that finds nothing answers after so long.
READ_S = 2.0
# An answer costs both sides processor time, so events are collected for so long before the next: at first so that a
# viewer sees the race begin, then so that its curves still flow; longest where the result alone is wanted.
FIRST_ANSWERS, COLLECT_FIRST_S, COLLECT_S, COLLECT_RESULT_S = 10, 0.04, 0.1, 0.5


class AgedCommand(NamedTuple):
    """A command, and how long ago it was sent: the clocks of two machines differ by hours."""

    age_s: float
    command: Command


class NewEvents(NamedTuple):
    """The events after a cursor, and the cursor after them.

    When the race is `over` there will be no more; `failure` says why, if it failed.
    """

    events: list[LaneEvent]
    cursor: int
    over: bool
    failure: str | None


class Handover(NamedTuple):
    """What another server needs to go on with a race: from which cursor its events are kept, how far its lanes were by
    then, how many commands it has had, and whether it is over."""

    cursor: int
    progress: list[LaneProgress]
    commands: int
    over: bool


def with_ages(commands: list[SentCommand]) -> list[AgedCommand]:
    now = time.monotonic()
    return [AgedCommand(now - sent.at, sent.command) for sent in commands]


class RaceLog:
    """One race on this engine. It begins at once."""

    def __init__(self, engine: LocalEngine, config: RunConfig, detail: Detail, commands: list[AgedCommand]) -> None:
        # None in place of an event that was read, and that a later one replaces.
        self._events: list[LaneEvent | None] = []
        # The cursor of the first of them, and of the first that no server has read.
        self._first = self._unread = 0
        # How far the lanes were before the first, and the newest network of each lane from before.
        self._progress = [LaneProgress()] * len(config.lanes)
        self._networks: dict[int, Parameters] = {}
        self._answers, self._read_at = 0, 0.0
        self._collect_s = COLLECT_RESULT_S if detail is Detail.RESULT else COLLECT_S
        self._new = asyncio.Event()
        self._commands = CommandQueue()
        self._delivered = 0
        self.deliver(0, commands)
        self._training = asyncio.create_task(engine.run(config, self._emit, self._commands, detail), name="race")
        self._training.add_done_callback(lambda _: self._new.set())

    @property
    def over(self) -> bool:
        return self._training.done()

    def deliver(self, number: int, commands: list[AgedCommand]) -> None:
        """Commands of which the first is the `number`-th of the race, counted from 0."""
        now = time.monotonic()
        for age_s, command in commands[self._delivered - number :]:
            self._commands.put(command, now - age_s)
            self._delivered += 1

    async def read(self, cursor: int, saved: int) -> NewEvents:
        """The events from `cursor` on, as soon as there are any. Those before `saved` are dropped."""
        collect_s = COLLECT_FIRST_S if self._answers < FIRST_ANSWERS else self._collect_s
        await asyncio.wait([self._training], timeout=max(0.0, self._read_at + collect_s - time.monotonic()))
        self._drop(cursor, saved)
        if not self.over and cursor == self._first + len(self._events):
            self._new.clear()
            try:
                async with asyncio.timeout(READ_S):
                    await self._new.wait()
            except TimeoutError:
                pass
        self._answers += 1
        self._read_at = time.monotonic()
        events = self._events[cursor - self._first :]
        return NewEvents([event for event in events if event], cursor + len(events), self.over, self._failure)

    def hand_over(self) -> Handover:
        """For a server that has read nothing. It gets the newest parameters again, which are saved only at the end."""
        self._unread = self._first = self._first - len(self._networks)
        self._events[:0] = self._networks.values()
        self._networks.clear()
        return Handover(self._first, list(self._progress), self._delivered, self.over)

    async def end(self) -> None:
        """End it at once, without further events."""
        self._training.cancel()
        await asyncio.wait([self._training])

    @property
    def _failure(self) -> str | None:
        if not self.over or self._training.cancelled() or (problem := self._training.exception()) is None:
            return None
        return str(problem) if isinstance(problem, PlaygroundError) else repr(problem)

    def _drop(self, cursor: int, saved: int) -> None:
        for place in range(self._unread - self._first, cursor - self._first):
            event = self._events[place]
            if isinstance(event, Parameters):
                self._networks[event.lane] = event
            if isinstance(event, Parameters | LaneSilent):
                self._events[place] = None
        self._unread = max(self._unread, cursor)
        gone = max(0, saved - self._first)
        self._progress = count(self._progress, filter(None, self._events[:gone]))
        del self._events[:gone]
        self._first += gone

    def _emit(self, event: LaneEvent) -> None:
        self._events.append(event)
        self._new.set()
