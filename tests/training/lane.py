"""Trains one lane in this process, and looks at its events."""

from typing import Any

import numpy as np

from app.config import RunConfig
from app.events import Evaluation, Frame, LaneEvent
from app.training.control import ANY_STEP, Allowance
from app.training.dataset import Dataset
from app.training.kernels import Kernel
from app.training.trainer import train

SMALL = {"hidden": [16], "epochs": 2}


def trained(dataset: Dataset, lane: int = 0, kernel: Kernel = Kernel.WHOLE, **choices: Any) -> list[LaneEvent]:
    return list(train(dataset, RunConfig.of({**SMALL, **choices}), lane, kernel=kernel))


def frames(events: list[LaneEvent]) -> list[Frame]:
    return [event for event in events if isinstance(event, Frame)]


def evaluations(events: list[LaneEvent]) -> list[Evaluation]:
    return [event for event in events if isinstance(event, Evaluation)]


def column(events: list[LaneEvent], name: str) -> np.ndarray:
    return np.concatenate([getattr(frame, name) for frame in frames(events)])


def numbers(events: list[LaneEvent]) -> bytes:
    """All events of a lane, bit for bit, except for the seconds and the division into frames."""
    told = [column(events, "loss").tobytes(), column(events, "accuracy").tobytes()]
    for e in evaluations(events):
        told += [repr(e._replace(seconds=0, answers=None, confidence=None)).encode()]
        told += [e.answers.tobytes(), e.confidence.tobytes()]
    return b"".join(told)


class Stops:
    """A control with a stop pending once it was looked at `steps` times, or polled so often as `questions` says."""

    def __init__(self, steps: int = ANY_STEP, questions: int = ANY_STEP) -> None:
        self.steps, self.questions = steps, questions

    @property
    def pending(self) -> bool:
        self.steps -= 1
        return self.steps < 0

    def poll(self, step: int) -> Allowance:
        return Allowance(ANY_STEP)

    def stopped(self) -> bool:
        self.questions -= 1
        return self.steps < 0 or self.questions < 0
