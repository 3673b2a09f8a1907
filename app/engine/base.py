"""What an engine is: something that runs all lanes of a race and tells their events."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from app.config import RunConfig
from app.events import LaneEvent
from app.training.forms import Form

Tell = Callable[[LaneEvent], None]


class Engine(Protocol):
    """Runs races. `open` before the first, `close` after the last; both may be called again without harm."""

    form: Form
    """The form of the arithmetic of all lanes, once the engine is open."""

    async def open(self) -> None:
        """Get ready, so that a race can start at once."""

    async def run(self, config: RunConfig, tell: Tell, stop: asyncio.Event) -> None:
        """Run all lanes at once, from their first event to their last; return when every lane has ended.

        `tell` gets each event on the event loop: of each lane in order, a LaneEnded as its last, whatever happens to
        the lane. Setting `stop` ends the lanes within a step. Cancelling ends them at once, with no more events.
        """

    async def close(self) -> None:
        """Leave nothing running."""
