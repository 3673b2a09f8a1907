"""What the commands so far allow one lane: the other side of `training.control.Control`. Waits for nothing itself."""

import math
import time
from collections import deque
from collections.abc import Iterable

from app.engine.commands import Pause, Resume, SentCommand, SetLearningRate, SetPace, Step, Stop
from app.training.control import ANY_STEP, Allowance

# A lane that is held to a pace wakes up at most so often, and then makes several steps: each waking costs a frame, and
# viewers are sent no more often than this.
STRIDES_PER_S = 50


class LaneControl:
    """One thread may `deliver` while another polls: both use single operations alone."""

    def __init__(self, commands: Iterable[SentCommand] = ()) -> None:
        self.pending = False
        self._commands: deque[SentCommand] = deque()
        self._stopped = False
        # The last step of a lane that is paused.
        self._pause: int | None = None
        self._pace: float | None = None
        # A lane that is paced may be at step `_free` at once, and from time `_since` on makes its steps by the clock.
        self._free, self._since = 1, 0.0
        for sent in commands:
            self.deliver(sent)

    def deliver(self, sent: SentCommand) -> None:
        if isinstance(sent.command, Stop):
            self._stopped = True
        self._commands.append(sent)
        self.pending = True

    def stopped(self) -> bool:
        return self._stopped

    def poll(self, step: int) -> Allowance:
        self.pending = False
        learning_rate = None
        while self._commands:
            at, command = self._commands[0]
            match command:
                case Pause() if self._pause is None:
                    self._pause = step
                case Step():
                    self._pause = 1 + (step if self._pause is None else self._pause)
                case Resume():
                    self._pause, self._free, self._since = None, step + 1, at
                case SetPace(pace):
                    self._pace, self._free, self._since = pace, max(step, 1), at
                case SetLearningRate():
                    if self._pause is not None and self._pause > step:
                        # Earlier step commands are done first.
                        break
                    learning_rate = command.learning_rate
            self._commands.popleft()
        return Allowance(*self._allowed(), learning_rate)

    def _allowed(self) -> tuple[int, float | None]:
        """The last step that may be made now, and when there will be more."""
        if self._pause is not None:
            return self._pause, None
        if self._pace is None:
            return ANY_STEP, None
        # Counted from the command, not from the last step: so lanes that began together stay together.
        stride = math.ceil(self._pace / STRIDES_PER_S)
        strides = math.floor((time.monotonic() - self._since) * self._pace / stride)
        return self._free + strides * stride, self._since + (strides + 1) * stride / self._pace
