"""What an engine is: something that runs all lanes of a race and emits their events."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from app.config import RunConfig
from app.engine.commands import CommandQueue
from app.engine.lane_progress import LaneProgress
from app.events import Detail, LaneEvent
from app.training.kernels import Kernel

Emit = Callable[[LaneEvent], None]
# How many of the events that one call has emitted would survive this process.
Saved = Callable[[], int]

# When lanes whose worker or machine does not answer are reported as silent, and when they are given up. A step may take
# longer than either: it is not the thread that trains which answers.
SILENT_REPORTED_S, SILENT_ENDED_S = 10.0, 60.0


class Capacity(NamedTuple):
    """How many lanes can train at once at full speed, and on how many machines."""

    cores: int
    machines: int = 1


class Engine(Protocol):
    """Runs races. Call `open` before the first and `close` after the last; repeated calls do no harm."""

    kernel: Kernel
    """The form of the arithmetic of all lanes, once the engine is open."""

    @property
    def ready(self) -> bool:
        """Whether a race could start now. False until the engine is open."""

    @property
    def replaced(self) -> int:
        """How many workers were started to replace others that died or did not answer."""

    @property
    def capacity(self) -> Capacity:
        """The present capacity; machines come and go."""

    async def open(self) -> None:
        """Get ready, so that a race can start at once."""

    async def run(
        self,
        config: RunConfig,
        emit: Emit,
        commands: CommandQueue,
        detail: Detail = Detail.EVERYTHING,
        *,
        run_id: str | None = None,
        saved: Saved | None = None,
    ) -> None:
        """Run all lanes at once, from their first event to their last; return when every lane has ended.

        `emit` gets each event on the event loop: those of a lane in order, and always a LaneEnded as its last.
        `commands` take effect within a step, or after the evaluation under way; a stop does not wait for that. Commands
        given before the start hold from the first step on. Cancelling ends the lanes at once, without further events.
        `detail` is how much the lanes report.

        Where lanes outlive the process that began them, another process can continue the race by its `run_id` (see
        `attach`). Events are kept for it until they are `saved`; None: nothing of this run is saved.
        """

    async def attach(
        self,
        run_id: str,
        received: Sequence[LaneProgress],
        emit: Emit,
        commands: CommandQueue,
        *,
        saved: Saved | None = None,
    ) -> bool:
        """Continue a race that another process began, as `run` would; returns whether there is such a race.

        `emit` gets exactly the events that follow those `received` of each lane. `commands` follow those that the other
        process has sent, which is ignored from now on. Raises PlaygroundError where the race can't go on; the caller
        then ends the lanes that have not ended.
        """

    def let_go(self, ready: bool = True) -> bool:
        """From now on, leave cancelled races to a process that attaches to them; returns whether that is possible.

        `ready`: leave it also what is ready for further races.
        """

    async def close(self) -> None:
        """Leave nothing running, except what was let go."""


class LanesEndWithProcess:
    """A part of engines whose lanes end with the process that began them."""

    async def attach(self, *_: object, **__: object) -> bool:
        """There is no such race."""
        return False

    def let_go(self, ready: bool = True) -> bool:
        """They can't go on elsewhere."""
        return False
