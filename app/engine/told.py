"""How much has been told of a race, so that another process can go on reading where one has ended."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from app.events import Evaluation, Frame, LaneEnded, LaneEvent, LearningRateChanged, Push


class Told(NamedTuple):
    """Of one lane: its steps, its pushes, and how many evaluations, learning rates and ends."""

    steps: int = 0
    pushes: int = 0
    moments: int = 0

    def after(self, event: LaneEvent) -> "Told":
        """With this event of the lane. Networks and silences replace what was told before, and do not count."""
        match event:
            case Frame():
                return self._replace(steps=event.first_step + len(event.loss) - 1)
            case Push():
                return self._replace(pushes=self.pushes + 1)
            case Evaluation() | LearningRateChanged() | LaneEnded():
                return self._replace(moments=self.moments + 1)
        return self


def count(told: Sequence[Told], events: Iterable[LaneEvent]) -> list[Told]:
    """What has been told of each lane when these events have followed."""
    lanes = list(told)
    for event in events:
        lanes[event.lane] = lanes[event.lane].after(event)
    return lanes


class OnlyNew:
    """Leaves out of events what somebody has been `told` already; `before` is what came before the first of them."""

    def __init__(self, told: Sequence[Told], before: Sequence[Told]) -> None:
        self._told, self._at = told, list(before)

    def of(self, events: Iterable[LaneEvent]) -> Iterator[LaneEvent]:
        for event in events:
            told, at = self._told[event.lane], self._at[event.lane]
            self._at[event.lane] = then = at.after(event)
            if isinstance(event, Frame):
                if then.steps > told.steps:
                    yield _from_step(event, told.steps + 1)
            elif (
                then == at or then.pushes > max(at.pushes, told.pushes) or then.moments > max(at.moments, told.moments)
            ):
                yield event


def _from_step(frame: Frame, step: int) -> Frame:
    """What is in it from this step on."""
    if (skipped := step - frame.first_step) <= 0:
        return frame
    columns = (column[skipped:] for column in (frame.loss, frame.accuracy, frame.seconds))
    return Frame(frame.lane, step, *columns)
