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


class Capacity(NamedTuple):
    """How many lanes can train at once without taking from each other, and on how many machines."""

    cores: int
    machines: int = 1


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

    @property
    def capacity(self) -> Capacity:
        """What there is now: machines come and go."""

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

        `emit` gets each event on the event loop: of each lane in order, a LaneEnded as its last, whatever happens to
        the lane. `commands` are obeyed within a step, or when the evaluation under way is done; a stop does not wait
        for that. Those given before the start hold from the first step on. Cancelling ends the lanes at once, with no
        more events. `detail` is how much the lanes report.

        Another process can go on with the race by its `run_id`, see `attach`, where lanes outlive the process that
        began them. Then events are kept for it until they are `saved`; None is for those of which nothing is saved.
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
        """Go on with a race that another process began and has left, as `run` would; whether there is such a race.

        `emit` gets exactly the events that follow those `received` of each lane. `commands` follow those that the other
        process has sent, which is ignored from now on. Raises PlaygroundError where the race can't go on; the caller
        then ends the lanes that have not ended.
        """

    def let_go(self) -> bool:
        """From now on, leave races that are cancelled to another process that attaches to them; whether that can be."""

    async def close(self) -> None:
        """Leave nothing running, but races that were let go."""


class LanesEndWithProcess:
    """What engines have alike whose lanes end with the process that began them."""

    async def attach(self, *_: object, **__: object) -> bool:
        """There is no such race."""
        return False

    def let_go(self) -> bool:
        """They can't go on elsewhere."""
        return False
