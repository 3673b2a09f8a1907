"""Events as they are stored: what was written is read again, also by a server with more to say of them."""

import numpy as np
import pytest

from app.events import (
    Evaluation,
    LaneEnded,
    LaneStatus,
    LearningRateChanged,
    PaceChanged,
    PartOfSweep,
    RunPaused,
    RunResumed,
    RunStarted,
)
from app.events import StopRequested as Stop
from app.storage.event_text import decode_event, encode_event


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
        PartOfSweep("b_8Daya-3OI"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_event_is_read_as_it_was_written(event):
    read = decode_event(encode_event(event))

    assert (type(read), read) == (type(event), event)


@pytest.mark.parametrize("sweep", ["", "é8Daya3OI", "../8Daya3OI", "b" * 65])
def test_a_training_of_a_sweep_whose_id_cannot_be_one_is_refused(sweep):
    with pytest.raises(ValueError, match="should match pattern"):
        decode_event(encode_event(PartOfSweep(sweep)))


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


NO_ANSWERS = np.empty(0, np.uint8), np.empty(0, np.float32)
MEASURED = (1, 100, 0.1, 0.5, 1.25, 0.75, 1.5)
OLD_EVALUATION = (
    '{"event":"Evaluation","lane":1,"step":100,"seconds":0.1,"test_accuracy":0.5,"test_loss":1.25,'
    '"train_accuracy":0.75,"train_loss":1.5}'
)


@pytest.mark.parametrize(
    ("text", "quick", "wall"),
    [
        (OLD_EVALUATION, False, ""),
        (encode_event(Evaluation(*MEASURED, *NO_ANSWERS, quick=True, wall="7039")), True, "7039"),
    ],
    ids=["from before quick evaluations", "of today"],
)
def test_an_evaluation_is_read_as_it_was_written(text, quick, wall):
    read = decode_event(text)

    assert isinstance(read, Evaluation)
    assert (read[:7], read.quick, read.wall) == (MEASURED, quick, wall)
