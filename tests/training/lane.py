"""Trains one lane in this process, and looks at what it tells."""

from typing import Any

import numpy as np

from app.config import RunConfig
from app.events import Evaluation, Frame, LaneEvent
from app.training.dataset import Dataset
from app.training.forms import Form
from app.training.trainer import train

SMALL = {"hidden": [16], "epochs": 2}


def trained(dataset: Dataset, lane: int = 0, form: Form = Form.WHOLE, **choices: Any) -> list[LaneEvent]:
    return list(train(dataset, RunConfig.of({**SMALL, **choices}), lane, form=form))


def frames(events: list[LaneEvent]) -> list[Frame]:
    return [event for event in events if isinstance(event, Frame)]


def evaluations(events: list[LaneEvent]) -> list[Evaluation]:
    return [event for event in events if isinstance(event, Evaluation)]


def column(events: list[LaneEvent], name: str) -> np.ndarray:
    return np.concatenate([getattr(frame, name) for frame in frames(events)])


def numbers(events: list[LaneEvent]) -> bytes:
    """All that a lane tells, bit for bit, but for the seconds and how it is cut into frames."""
    told = [column(events, "loss").tobytes(), column(events, "accuracy").tobytes()]
    for e in evaluations(events):
        told += [repr(e._replace(seconds=0, answers=None, confidence=None)).encode()]
        told += [e.answers.tobytes(), e.confidence.tobytes()]
    return b"".join(told)
