"""The commands to a race that goes on, and the mailbox in which they reach an engine."""

import asyncio
import time
from collections import deque
from typing import NamedTuple


class Stop(NamedTuple):
    """End all lanes within a step."""


class Pause(NamedTuple):
    """Wait before the next step."""


class Resume(NamedTuple):
    """Go on at the pace as before, with the first step at once."""


class Step(NamedTuple):
    """Make exactly one more step, then wait; a race that is not paused pauses."""


class SetPace(NamedTuple):
    """Train so many batches a second in each lane; None is full speed."""

    batches_per_s: float | None


class SetLearningRate(NamedTuple):
    """Train one lane with another learning rate from its next step on."""

    lane: int
    learning_rate: float


Command = Stop | Pause | Resume | Step | SetPace | SetLearningRate


class SentCommand(NamedTuple):
    """A command and when it was sent, by `time.monotonic`, which is the same in all processes of a machine."""

    at: float
    command: Command

    def concerns(self, lane: int) -> bool:
        return not isinstance(self.command, SetLearningRate) or self.command.lane == lane


class CommandQueue:
    """The mailbox of one race: commands are put here, and its engine drains them, in order."""

    def __init__(self, *commands: Command) -> None:
        self._queued: deque[SentCommand] = deque()
        self._any = asyncio.Event()
        for command in commands:
            self.put(command)

    def put(self, command: Command, at: float | None = None) -> None:
        """Sent now, or at a time that is past."""
        self._queued.append(SentCommand(time.monotonic() if at is None else at, command))
        self._any.set()

    def drain(self) -> list[SentCommand]:
        """All that were put since the last time."""
        taken = list(self._queued)
        self._queued.clear()
        self._any.clear()
        return taken

    async def wait(self, until: float | None = None) -> None:
        """Return when there is a command, or at `until`, by `time.monotonic`."""
        try:
            async with asyncio.timeout(None if until is None else max(0.0, until - time.monotonic())):
                await self._any.wait()
        except TimeoutError:
            pass
