"""A run: the fold of its events. `apply` is its only writer, so it can be told live, again, or from elsewhere."""

import math
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.config import RunConfig
from app.errors import CursorMismatch, IllegalMove
from app.events import (
    TARGETS,
    Evaluation,
    Event,
    Frame,
    LaneEnded,
    LaneEvent,
    LaneStatus,
    Parameters,
    Push,
    RunStarted,
    StopRequested,
)
from app.runs import hard_digits
from app.runs.history import Cursor, History
from app.runs.pulse import Pulse


class RunStatus(StrEnum):
    """Where a run is; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        return self in (RunStatus.FINISHED, RunStatus.STOPPED, RunStatus.FAILED)


class Lane:
    """What is known of one lane so far, besides its curves."""

    def __init__(self) -> None:
        self.status = LaneStatus.WAITING
        self.reason: str | None = None
        self.ended_at: int | None = None
        self.seconds = 0.0
        self.evaluation: Evaluation | None = None
        self.parameters: Parameters | None = None
        self.reached: dict[float, Evaluation] = {}


class Run:
    """One race, while it lives and after.

    `version` changes with everything `describe` tells but steps and seconds, which viewers have from the history.
    """

    def __init__(self, run_id: str, config: RunConfig, test_labels: NDArray[np.uint8], per_epoch: int) -> None:
        self.id = run_id
        self.config = config
        self.created_at = datetime.now(UTC)
        self.batches_per_epoch = per_epoch
        self.status = RunStatus.QUEUED
        self.position: int | None = None
        self.form: str | None = None
        self.lanes = [Lane() for _ in config.lanes]
        self.history = History(len(config.lanes))
        self.hard_digits: list[int] = []
        self.version = 0
        self.pulse = Pulse()
        self._test_labels = test_labels

    def apply(self, event: Event) -> None:
        """Take in what happened. Raises IllegalMove for an event that can't happen now."""
        match event:
            case RunStarted():
                self._expect(event, RunStatus.QUEUED)
                self.form = event.form
                self.status, self.position = RunStatus.RUNNING, None
                for lane in self.lanes:
                    lane.status = LaneStatus.RUNNING
            case StopRequested():
                self._expect(event, RunStatus.QUEUED, RunStatus.RUNNING)
                self.status, self.position = RunStatus.STOPPING, None
            case Frame():
                self._training(event)
                if event.first_step != self.history.steps(event.lane) + 1:
                    raise IllegalMove(
                        f"Lane {event.lane} is at step {self.history.steps(event.lane)}, "
                        f"but a frame came from step {event.first_step} on."
                    )
                self.history.add_frame(event)
                self.lanes[event.lane].seconds = float(event.seconds[-1])
            case Evaluation():
                self._evaluated(self._training(event), event)
            case Push():
                self._training(event)
                self.history.add_push(event)
            case Parameters():
                self._training(event).parameters = event
            case LaneEnded():
                lane = self._training(event)
                lane.status, lane.reason, lane.ended_at = event.status, event.reason, event.step
                if all(lane.status.final for lane in self.lanes):
                    self.status = self._outcome()
                    # What was shown before depends on which lane was faster; the last choice does not.
                    self._choose_hard_digits(shown=[])
        if not isinstance(event, Frame | Push | Parameters):
            self.version += 1

    def move_to(self, position: int) -> None:
        """The run waits at this place in the queue; 1 is next."""
        if position != self.position:
            self.position = position
            self.version += 1

    def cursor(
        self, steps: list[int] | None = None, evaluations: list[int] | None = None, pushes: list[int] | None = None
    ) -> Cursor:
        """A viewer's cursor, None meaning from the start. Raises CursorMismatch if it can't be one of this run."""
        start, end = self.history.start(), self.history.end()
        given = steps, evaluations, pushes
        cursor = Cursor(*(tuple(none if have is None else have) for have, none in zip(given, start, strict=True)))
        for have, there in zip(cursor, end, strict=True):
            if len(have) != len(there) or any(not 0 <= h <= t for h, t in zip(have, there, strict=True)):
                raise CursorMismatch(
                    f"The cursor {list(have)} is not one of this run, which has {list(there)} rows; "
                    "leave it out to start from the beginning."
                )
        return cursor

    def describe(self) -> dict[str, Any]:
        """The run as JSON-ready values; docs/protocol.md names every field."""
        return {
            "id": self.id,
            "status": self.status,
            "position": self.position,
            "created_at": self.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "config": self.config.model_dump(),
            "batches_per_epoch": self.batches_per_epoch,
            "form": self.form,
            "total_steps": self.batches_per_epoch * self.config.epochs,
            "lanes": [self._describe_lane(number) for number in range(len(self.lanes))],
            "hard_digits": [self._describe_digit(index) for index in self.hard_digits],
        }

    def _describe_lane(self, number: int) -> dict[str, Any]:
        lane, evaluation = self.lanes[number], self.lanes[number].evaluation
        return {
            "lane": number,
            "optimizer": self.config.lanes[number].optimizer,
            "learning_rate": self.config.learning_rate_of(number),
            "status": lane.status,
            "reason": lane.reason,
            "ended_at": lane.ended_at,
            "steps": self.history.steps(number),
            "seconds": lane.seconds,
            "test_accuracy": evaluation and evaluation.test_accuracy,
            "test_loss": evaluation and _finite(evaluation.test_loss),
            "train_accuracy": evaluation and evaluation.train_accuracy,
            "train_loss": evaluation and _finite(evaluation.train_loss),
            "reached": [
                {"accuracy": target, "step": first.step, "seconds": first.seconds}
                for target, first in lane.reached.items()
            ],
        }

    def _describe_digit(self, index: int) -> dict[str, Any]:
        answers = [
            {"digit": int(e.answers[index]), "confidence": _finite(float(e.confidence[index]))} if e else None
            for e in (lane.evaluation for lane in self.lanes)
        ]
        return {"index": index, "label": int(self._test_labels[index]), "answers": answers}

    def _evaluated(self, lane: Lane, event: Evaluation) -> None:
        self.history.add_evaluation(event)
        lane.evaluation = event
        for target in TARGETS:
            if event.test_accuracy >= target:
                lane.reached.setdefault(target, event)
        self._choose_hard_digits(self.hard_digits)

    def _choose_hard_digits(self, shown: list[int]) -> None:
        told = [lane.evaluation for lane in self.lanes if lane.evaluation]
        if told:
            self.hard_digits = hard_digits.choose(
                self._test_labels, [e.answers for e in told], [e.confidence for e in told], shown
            )

    def _training(self, event: LaneEvent) -> Lane:
        self._expect(event, RunStatus.RUNNING, RunStatus.STOPPING)
        lane = self.lanes[event.lane]
        if lane.status.final:
            raise IllegalMove(f"Lane {event.lane} is {lane.status}, but a {type(event).__name__} came.")
        return lane

    def _expect(self, event: Event, *allowed: RunStatus) -> None:
        if self.status not in allowed:
            expected = " or ".join(allowed)
            raise IllegalMove(f"{type(event).__name__} needs a run that is {expected}; this one is {self.status}.")

    def _outcome(self) -> RunStatus:
        statuses = {lane.status for lane in self.lanes}
        if statuses == {LaneStatus.FAILED}:
            return RunStatus.FAILED
        return RunStatus.STOPPED if LaneStatus.STOPPED in statuses else RunStatus.FINISHED


def _finite(value: float) -> float | None:
    """JSON has no NaN and no infinity."""
    return value if math.isfinite(value) else None
