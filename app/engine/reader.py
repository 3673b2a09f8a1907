"""Reads a race that goes on elsewhere: passes its events on, and reports back how many of them are saved."""

from collections import deque

from app.engine.base import Emit, Saved
from app.engine.lane_progress import OnlyNew
from app.engine.remote_place import RemotePlace
from app.errors import PlaygroundError
from app.events import Frame, LaneEnded, LaneEvent, LaneSilent, LaneStatus


class Lanes:
    """The state of each lane, from its events."""

    def __init__(self, count: int, emit: Emit) -> None:
        self.emitted = 0
        self._emit = emit
        # Those that have not ended.
        self._steps = dict.fromkeys(range(count), 0)
        self._silent = False

    def emit(self, event: LaneEvent) -> None:
        if isinstance(event, Frame):
            self._steps[event.lane] = event.first_step + len(event.loss) - 1
        elif isinstance(event, LaneEnded):
            del self._steps[event.lane]
        self.emitted += 1
        self._emit(event)

    def silent(self, seconds: int) -> None:
        """Their node has not answered for so many seconds; 0: it answers."""
        if seconds or self._silent:
            self._silent = seconds > 0
            for lane in list(self._steps):
                self.emit(LaneSilent(lane, seconds))

    def end(self, status: LaneStatus, reason: str | None = None) -> None:
        for lane, step in list(self._steps.items()):
            self.emit(LaneEnded(lane, status, step, reason))


class Reader:
    """Reads one race at this place, from a cursor on; `only_new` leaves out what was received before, if given."""

    def __init__(
        self,
        place: RemotePlace,
        run: str,
        lanes: Lanes,
        saved: Saved | None,
        cursor: int = 0,
        only_new: OnlyNew | None = None,
    ) -> None:
        self.place, self.run = place, run
        self._lanes, self._saved, self._only_new = lanes, saved, only_new
        self._cursor = self._saved_cursor = cursor
        # After each answer that is not saved yet: how many events had been emitted, and the cursor.
        self._answers: deque[tuple[int, int]] = deque()

    async def read_all(self) -> None:
        """Emit events until the race is over. Raises NodeLost, and PlaygroundError if the race could not go on."""
        over, failure = False, None
        while not over:
            saved = self._find_saved()
            events, self._cursor, over, failure = await self.place.read(
                self.run, self._cursor, saved, self._lanes.silent
            )
            for event in self._only_new.of(events) if self._only_new else events:
                self._lanes.emit(event)
            self._answers.append((self._lanes.emitted, self._cursor))
        self.place.keep(self.run, lambda: self._find_saved() == self._cursor)
        if failure:
            raise PlaygroundError(failure)

    def _find_saved(self) -> int:
        """The cursor before which everything is saved."""
        while self._answers and (self._saved is None or self._answers[0][0] <= self._saved()):
            _, self._saved_cursor = self._answers.popleft()
        return self._saved_cursor
