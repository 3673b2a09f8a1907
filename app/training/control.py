"""How a lane asks whether to go on, without knowing who commands it or how the commands come."""

import sys
from typing import NamedTuple, Protocol

ANY_STEP = sys.maxsize


class Allowance(NamedTuple):
    """What a lane may do now: train up to and including `last_step`, and ask again at `until` for more.

    `until` is by `time.monotonic`; None means that only another command brings more. `learning_rate` is a new one for
    the next step, or None.
    """

    last_step: int
    until: float | None = None
    learning_rate: float | None = None


class Waiting(NamedTuple):
    """In place of an event: the lane may not step. Go on with it at `until`, or when a command is pending."""

    until: float | None


class Control(Protocol):
    """What a lane looks at before every step, and asks when there is something new."""

    pending: bool
    """Whether a command came since the last `poll`. A mere attribute, since small networks step in microseconds."""

    def poll(self, step: int) -> Allowance:
        """What a lane that has made `step` steps may do now. Takes what is pending."""

    def stopped(self) -> bool:
        """Whether the lane is to end, in mid-evaluation too."""


class Uncontrolled:
    """No commands: full speed to the end."""

    pending = False

    def poll(self, step: int) -> Allowance:
        return Allowance(ANY_STEP)

    def stopped(self) -> bool:
        return False
