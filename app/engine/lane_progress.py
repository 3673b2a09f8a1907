"""How many events of each lane were received, so that another process can continue where one has ended."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from app.events import Evaluation, Frame, LaneEnded, LaneEvent, LearningRateChanged, Push


class LaneProgress(NamedTuple):
    """Of one lane: its steps, its pushes, and how many evaluations, learning rates and ends."""

    steps: int = 0
    pushes: int = 0
    moments: int = 0

    def after(self, event: LaneEvent) -> "LaneProgress":
        """The progress after this event. Parameters and silences replace earlier ones, and do not count."""
        match event:
            case Frame():
                return self._replace(steps=event.first_step + len(event.loss) - 1)
            case Push():
                return self._replace(pushes=self.pushes + 1)
            case Evaluation() | LearningRateChanged() | LaneEnded():
                return self._replace(moments=self.moments + 1)
        return self


def count(start: Sequence[LaneProgress], events: Iterable[LaneEvent]) -> list[LaneProgress]:
    """The progress of each lane after these events."""
    lanes = list(start)
    for event in events:
        lanes[event.lane] = lanes[event.lane].after(event)
    return lanes


class OnlyNew:
    """Leaves out events that were `received` already; `before` is the progress before the first event."""

    def __init__(self, received: Sequence[LaneProgress], before: Sequence[LaneProgress]) -> None:
        self._received, self._at = received, list(before)

    def of(self, events: Iterable[LaneEvent]) -> Iterator[LaneEvent]:
        for event in events:
            received, at = self._received[event.lane], self._at[event.lane]
            self._at[event.lane] = then = at.after(event)
            if isinstance(event, Frame):
                if then.steps > received.steps:
                    yield _from_step(event, received.steps + 1)
            elif (
                then == at
                or then.pushes > max(at.pushes, received.pushes)
                or then.moments > max(at.moments, received.moments)
            ):
                yield event


def _from_step(frame: Frame, step: int) -> Frame:
    """The part of it from this step on."""
    if (skipped := step - frame.first_step) <= 0:
        return frame
    columns = (column[skipped:] for column in (frame.loss, frame.accuracy, frame.seconds))
    return Frame(frame.lane, step, *columns)
