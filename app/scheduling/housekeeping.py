"""Once a second: estimate waits, see which runs are watched, and pause or stop those that are not.

A race that no one watches is paused after a while, and resumed when a viewer comes. After longer it is stopped; while
others wait for its place, it is stopped instead of paused. A queued run that no one watches leaves the queue. A sweep
is not paused, since it does not need viewers; otherwise it is treated alike.
"""

import asyncio

from app.events import RunStatus, ViewersChanged
from app.runs.run import Run
from app.scheduling.manager import Manager
from app.settings import Settings

EVERY_S = 1.0
# Viewers come and go often, and each announcement is sent to all of them.
VIEWERS_EVERY = 2


class Housekeeping:
    """For the runs of `manager`; `run` it in a task for the lifetime of the server."""

    def __init__(self, manager: Manager, settings: Settings) -> None:
        self._manager = manager
        self._pause_s = settings.unwatched_pause_s or float("inf")
        self._stop_s = settings.unwatched_stop_s or float("inf")
        self._leave_s = settings.unwatched_queued_s or float("inf")

    async def run(self) -> None:
        now = asyncio.get_running_loop().time
        round = 0
        while True:
            await asyncio.sleep(EVERY_S)
            self._manager.stop_overdue()
            self._manager.queue.measure()
            self._manager.queue.publish_order()
            self._look_after(now())
            round += 1
            if round % VIEWERS_EVERY == 0:
                self._announce_viewers()

    def _look_after(self, now: float) -> None:
        queue = self._manager.queue
        racing = [run for run in queue.racing if run.status.racing]
        for run in racing:
            seconds = queue.unwatched.seconds(run, now)
            if seconds >= self._stop_s or (seconds >= self._pause_s and queue.wanted_places):
                self._manager.give_way(run, by="unwatched")
            elif seconds >= self._pause_s and run.status is RunStatus.RUNNING and isinstance(run, Run):
                self._manager.pause(run.id, unwatched=True)
        for run in list(queue.queued):
            if queue.unwatched.seconds(run, now) >= self._leave_s:
                self._manager.give_way(run, by="unwatched")
        for run in racing:
            if run.viewers and run.paused_by == "unwatched":
                self._manager.resume(run.id)

    def _announce_viewers(self) -> None:
        for run in self._manager.runs:
            if not run.status.final:
                run.apply(ViewersChanged(run.own_viewers, announced=True))
