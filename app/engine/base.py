"""What an engine is: something that runs all lanes of a race and emits their events."""

from collections.abc import Callable
from typing import Protocol

from app.config import RunConfig
from app.engine.commands import CommandQueue
from app.events import Detail, LaneEvent
from app.training.kernels import Kernel

Emit = Callable[[LaneEvent], None]


class Engine(Protocol):
    """Runs races. `open` before the first, `close` after the last; both may be called again without harm."""

    kernel: Kernel
    """The form of the arithmetic of all lanes, once the engine is open."""

    @property
    def ready(self) -> bool:
        """Whether a race could start; not before the engine is open."""

    @property
    def replaced(self) -> int:
        """How many workers have been started in the place of others that died, or did not answer."""

    async def open(self) -> None:
        """Get ready, so that a race can start at once."""

    async def run(
        self, config: RunConfig, emit: Emit, commands: CommandQueue, detail: Detail = Detail.EVERYTHING
    ) -> None:
        """Run all lanes at once, from their first event to their last; return when every lane has ended.

        `emit` gets each event on the event loop: of each lane in order, a LaneEnded as its last, whatever happens to
        the lane. `commands` are obeyed within a step, or when the evaluation under way is done; a stop does not wait
        for that. Those given before the start hold from the first step on. Cancelling ends the lanes at once, with no
        more events. `detail` is how much the lanes tell.
        """

    async def close(self) -> None:
        """Leave nothing running."""
