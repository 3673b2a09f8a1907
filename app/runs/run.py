"""A run: the fold of its events. `apply` is its only writer, so events can come live, from the store, or elsewhere."""

from datetime import UTC, datetime
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from app.config import RunConfig
from app.errors import CursorMismatch, IllegalMove
from app.events import (
    Circumstance,
    Evaluation,
    Event,
    Frame,
    LaneEnded,
    LaneEvent,
    LaneSilent,
    LaneStatus,
    LearningRateChanged,
    Mirrored,
    Moved,
    PaceChanged,
    Parameters,
    PartOfSweep,
    PlaceChanged,
    Push,
    RunPaused,
    RunResumed,
    RunStarted,
    RunStatus,
    SavedChanged,
    StopRequested,
    ViewersChanged,
    WatchedElsewhere,
)
from app.runs import hard_digits
from app.runs.description import ConfigDescription, Description, HardDigit, utc_text
from app.runs.history import Cursor, History
from app.runs.lane import Lane
from app.runs.notifier import Notifier

# In place of answers, of which only the newest are kept.
_NONE, _UNSURE = np.empty(0, np.uint8), np.empty(0, np.float32)


class Run:
    """One race, while it lives and after.

    `version` changes with everything in `describe` but steps and seconds, which viewers have from the history; while
    paused, with these as well.
    `owner` is the hex digest of a key that only its starter has, empty for none. `sweep` is the id of the sweep that it
    is a training of. `saved` is whether all of it that is not of the last seconds would survive this server; None where
    nothing is meant to. `log` has what was applied, in order, but for what the history has. `lane_events` is how many
    events of lanes were applied, and `saved_events` how many of these are saved for good.
    """

    def __init__(
        self,
        run_id: str,
        config: RunConfig,
        test_labels: NDArray[np.uint8],
        per_epoch: int,
        *,
        owner: str = "",
        created_at: datetime | None = None,
    ) -> None:
        self.id = run_id
        self.config = config
        self.owner = owner
        self.sweep: str | None = None
        self.created_at = created_at or datetime.now(UTC)
        self.saved: bool | None = None
        self.lane_events = self.saved_events = 0
        self.log: list[Event] = []
        self.batches_per_epoch = per_epoch
        self.status = RunStatus.QUEUED
        self.place = PlaceChanged()
        self.form: str | None = None
        self.pace: float | None = None
        self.paused_by: Literal["owner", "unwatched"] | None = None
        self.stopped_by: Literal["owner", "unwatched", "others"] | None = None
        # Through this server, and through others.
        self.own_viewers = self.viewers_elsewhere = 0
        self.moved = False
        self.lanes = [
            Lane(choice.optimizer, config.learning_rate_of(number)) for number, choice in enumerate(config.lanes)
        ]
        self.history = History(len(config.lanes))
        self.hard_digits: list[int] = []
        self.version = 0
        self._viewers_announced = 0
        self.notifier = Notifier()
        self._test_labels = test_labels

    def apply(self, event: Event | Circumstance) -> None:
        """Take in what happened, and wake the viewers. Raises IllegalMove for an event that can't happen now."""
        quiet = isinstance(event, WatchedElsewhere) or (isinstance(event, ViewersChanged) and not event.announced)
        if not quiet:
            # They are woken in a later turn of the event loop, when all of it is taken in.
            self.notifier.notify()
        match event:
            case RunStarted():
                self._expect(event, RunStatus.QUEUED)
                self.form = event.form
                self.status, self.place = RunStatus.PAUSED if event.paused else RunStatus.RUNNING, PlaceChanged()
                self.paused_by = "owner" if event.paused else None
                for lane in self.lanes:
                    lane.status = LaneStatus.RUNNING
            case PartOfSweep():
                self._expect(event, RunStatus.QUEUED)
                self.sweep = event.sweep
            case RunPaused():
                self._expect(event, RunStatus.RUNNING)
                self.status, self.paused_by = RunStatus.PAUSED, "unwatched" if event.unwatched else "owner"
            case RunResumed():
                self._expect(event, RunStatus.PAUSED)
                self.status, self.paused_by = RunStatus.RUNNING, None
            case PaceChanged():
                self._expect(event, RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.PAUSED)
                self.pace = event.batches_per_s
            case StopRequested():
                self._expect(event, RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.PAUSED)
                self.status, self.place = RunStatus.STOPPING, PlaceChanged()
                self.paused_by, self.stopped_by = None, event.by
            case Frame():
                self._training(event)
                if event.first_step != self.history.steps(event.lane) + 1:
                    raise IllegalMove(
                        f"Lane {event.lane} is at step {self.history.steps(event.lane)}, "
                        f"but a frame came from step {event.first_step} on."
                    )
                self.history.add_frame(event)
                self.lanes[event.lane].seconds = float(event.seconds[-1])
                # The story of a paused race names its batch, and no other event may come that would update it.
                self.version += self.status is RunStatus.PAUSED
            case Evaluation():
                self._training(event).evaluated(event)
                self.history.add_evaluation(event)
                self._choose_hard_digits(self.hard_digits)
            case Push():
                self._training(event)
                self.history.add_push(event)
            case Parameters():
                # When another server goes on with the race, it comes again, also of a lane that has ended.
                self._of_lane(event).parameters = event
            case LearningRateChanged():
                self._training(event).changed(event)
            case LaneSilent():
                self._training(event).silent_s = event.seconds or None
                # Viewers see it, but the race is not made of it.
                self.version += 1
            case LaneEnded():
                self._training(event).ended(event)
                if all(lane.status.final for lane in self.lanes):
                    self.status = self._outcome()
                    # What was shown before depends on which lane was faster; the last choice does not.
                    self._choose_hard_digits(shown=[])
            case PlaceChanged():
                self._expect(event, RunStatus.QUEUED)
                self.version += event != self.place
                self.place = event
            case ViewersChanged():
                self.own_viewers = event.viewers
                if event.announced:
                    self.version += self.viewers != self._viewers_announced
                    self._viewers_announced = self.viewers
            case WatchedElsewhere():
                self.viewers_elsewhere = event.viewers
            case Mirrored():
                self.version = event.version
            case Moved():
                self.moved = True
            case SavedChanged():
                self.version += event.saved != self.saved
                self.saved = event.saved
                self.saved_events = max(self.saved_events, event.events)
        if not isinstance(event, Frame | Push | Parameters | LaneSilent | Circumstance):
            self.log.append(
                event._replace(answers=_NONE, confidence=_UNSURE) if isinstance(event, Evaluation) else event
            )
            self.version += 1

    @property
    def viewers(self) -> int:
        """How many watch it now."""
        return self.own_viewers + self.viewers_elsewhere

    @property
    def network_bytes(self) -> int:
        """Memory for the lanes' newest parameters."""
        return sum(lane.parameters.theta.nbytes for lane in self.lanes if lane.parameters)

    def forget_networks(self) -> None:
        """Release that memory; the networks answer no more questions then."""
        for lane in self.lanes:
            lane.parameters = None

    def cursor(
        self,
        steps: list[int] | None = None,
        evaluations: list[int] | None = None,
        pushes: list[int] | None = None,
        ahead: bool = False,
    ) -> Cursor:
        """A viewer's cursor, None meaning from the start. Raises CursorMismatch if it can't be one of this run.

        `ahead`: while the run goes on, it may have rows that are not here yet.
        """
        start, end = self.history.start(), self.history.end()
        given = steps, evaluations, pushes
        cursor = Cursor(*(tuple(none if have is None else have) for have, none in zip(given, start, strict=True)))
        for have, there in zip(cursor, end, strict=True):
            beyond = any(h > t for h, t in zip(have, there, strict=False)) and (self.status.final or not ahead)
            if len(have) != len(there) or min(have) < 0 or beyond:
                raise CursorMismatch(
                    f"The cursor {list(have)} does not belong to this run, which has {list(there)} rows; "
                    "leave it out to start from the beginning."
                )
        return cursor

    def describe(self) -> Description:
        """The run as JSON-ready values; docs/protocol.md names every field."""
        return {
            "id": self.id,
            "status": self.status,
            "position": self.place.position,
            "created_at": utc_text(self.created_at),
            "config": cast(ConfigDescription, self.config.model_dump()),
            "batches_per_epoch": self.batches_per_epoch,
            "form": self.form,
            "total_steps": self.batches_per_epoch * self.config.epochs,
            "pace": self.pace,
            "paused_by": self.paused_by,
            "stopped_by": self.stopped_by,
            "wait_s": self.place.wait_s,
            "behind_paused": self.place.behind_paused,
            "meanwhile": self.place.meanwhile,
            # Of one that is over, viewers leave as soon as all was sent.
            "sweep": self.sweep,
            "viewers": 0 if self.status.final else self.viewers,
            "lanes": [lane.describe(number, self.history.steps(number)) for number, lane in enumerate(self.lanes)],
            "saved": self.saved,
            "hard_digits": [self._describe_digit(index) for index in self.hard_digits],
        }

    def _describe_digit(self, index: int) -> HardDigit:
        answers = [lane.answer(index) for lane in self.lanes]
        return {"index": index, "label": int(self._test_labels[index]), "answers": answers}

    def _choose_hard_digits(self, shown: list[int]) -> None:
        # Of a run from the store only the newest evaluations have answers.
        newest = [lane.whole_evaluation for lane in self.lanes]
        if evaluations := [evaluation for evaluation in newest if evaluation and len(evaluation.answers)]:
            self.hard_digits = hard_digits.choose(
                self._test_labels, [e.answers for e in evaluations], [e.confidence for e in evaluations], shown
            )

    def _of_lane(self, event: LaneEvent) -> Lane:
        self._expect(event, RunStatus.RUNNING, RunStatus.PAUSED, RunStatus.STOPPING)
        self.lane_events += 1
        return self.lanes[event.lane]

    def _training(self, event: LaneEvent) -> Lane:
        lane = self._of_lane(event)
        if lane.status.final:
            raise IllegalMove(f"Lane {event.lane} is {lane.status}, but a {type(event).__name__} came.")
        return lane

    def _expect(self, event: Event | Circumstance, *allowed: RunStatus) -> None:
        if self.status not in allowed:
            expected = " or ".join(allowed)
            raise IllegalMove(f"{type(event).__name__} needs a run that is {expected}; this one is {self.status}.")

    def _outcome(self) -> RunStatus:
        statuses = {lane.status for lane in self.lanes}
        if statuses == {LaneStatus.FAILED}:
            return RunStatus.FAILED
        if LaneStatus.INTERRUPTED in statuses:
            return RunStatus.INTERRUPTED
        return RunStatus.STOPPED if LaneStatus.STOPPED in statuses else RunStatus.FINISHED
