"""Events as they are stored: what was written is read again, also by a server with more to say of them."""

import pytest

from app.events import LaneEnded, LaneStatus, LearningRateChanged, PaceChanged, RunPaused, RunResumed, RunStarted
from app.events import StopRequested as Stop
from app.storage.records import decode_event, encode_event


@pytest.mark.parametrize(
    "event",
    [
        RunStarted("whole", paused=True),
        RunPaused(unwatched=True),
        RunResumed(),
        PaceChanged(None),
        PaceChanged(2.5),
        Stop("others"),
        LearningRateChanged(1, 7, 0.03),
        LaneEnded(2, LaneStatus.FAILED, 12, "killed by SIGKILL"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_event_is_read_as_it_was_written(event):
    read = decode_event(encode_event(event))

    assert (type(read), read) == (type(event), event)


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ('{"event":"RunStarted","form":"whole"}', RunStarted("whole", paused=False)),
        ('{"event":"RunPaused"}', RunPaused(unwatched=False)),
        ('{"event":"StopRequested"}', Stop(by=None)),
    ],
)
def test_an_event_from_before_its_newest_field_is_read(text, event):
    assert decode_event(text) == event
