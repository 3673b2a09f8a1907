"""A viewer who watches a race as a page does, and reconnects whenever the stream is cut off."""

import asyncio
import time
from contextlib import suppress
from itertools import pairwise

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from app.web.protocol import BAD_CURSOR, RUN_OVER
from tests.waiting import POLL_S
from tests.web.viewer import Viewer


class Watcher:
    """Of a race of one lane. Takes neither a gap nor a double.

    Where the server has less than it, it begins anew as a page does, which drops its curves, and counts that.
    """

    def __init__(self, address: str, run_id: str) -> None:
        self.run_id, self._address = run_id, address
        self.viewer = Viewer(address, run_id, lanes=1)
        # When so many steps had come.
        self._came: list[tuple[float, int]] = []
        self._wanted = float("inf")
        self._told_at = float("inf")
        self.began_anew = 0

    @property
    def steps(self) -> int:
        return self.viewer.steps[0]

    @property
    def status(self) -> str:
        return self.viewer.run["status"] if self.viewer.run else ""

    @property
    def over(self) -> bool:
        return self.viewer.close_code == RUN_OVER

    @property
    def settled(self) -> bool:
        """Whether what was expected has come, or the end of the race. Raises what went wrong for the viewer."""
        if self._watching.done():
            self._watching.result()
        return self.over or self.steps >= self._wanted

    def expect_more(self, steps: int) -> None:
        self._wanted, self._told_at, self.began_anew = self.steps + steps, float("inf"), 0

    def begin(self) -> None:
        """Watch until the race is over, or `leave`."""
        self._watching = asyncio.create_task(self._watch(), name=f"viewer of {self.run_id}")

    async def leave(self) -> None:
        self._watching.cancel()
        await asyncio.gather(self._watching, return_exceptions=True)

    async def _watch(self) -> None:
        while not self.over:
            with suppress(OSError, InvalidHandshake, InvalidMessage, ConnectionClosed):
                async with self.viewer.connect() as socket:
                    while await self.viewer.receive(socket):
                        self._note()
            self._note()
            if self.viewer.close_code == BAD_CURSOR:
                self.viewer = Viewer(self._address, self.run_id, lanes=1)
                self.began_anew += 1
            await asyncio.sleep(POLL_S)

    def _note(self) -> None:
        now = time.monotonic()
        if not self._came or self._came[-1][1] < self.steps:
            self._came.append((now, self.steps))
        if self.over or (self.viewer.run and self.viewer.run["lanes"][0]["silent_s"]):
            self._told_at = min(now, self._told_at)

    def waited_s(self, at: float) -> float:
        """The time until it learned that the race does not respond or is over; of one that continues, the longest time
        without a new step."""
        if self.over:
            return self._told_at - at
        came = [at, *(came for came, _ in self._came if came > at)]
        return max(later - earlier for earlier, later in pairwise(came))

    def lost_s(self, kept: int, at: float) -> float:
        """How old, `at` a time, the first step was that had come by then and is not among those kept."""
        lost = [came for came, steps in self._came if steps > kept and came <= at]
        return at - lost[0] if lost else 0.0
