"""Which events are left when a part of them was received already."""

import itertools

import numpy as np

from app.engine.lane_progress import LaneProgress, OnlyNew, count
from app.events import (
    Evaluation,
    Frame,
    LaneEnded,
    LaneEvent,
    LaneStatus,
    LearningRateChanged,
    Parameters,
    Push,
)


def frame(lane: int, *steps: int) -> Frame:
    column = np.array(steps, np.float32)
    return Frame(lane, steps[0], column, column + 1, column + 2)


def evaluation(lane: int, step: int) -> Evaluation:
    return Evaluation(lane, step, 0.0, 0.5, 1.0, 0.5, 1.0, np.empty(0, np.uint8), np.empty(0, np.float32))


EVENTS: list[LaneEvent] = [
    evaluation(0, 0),
    evaluation(1, 0),
    frame(0, 1, 2, 3),
    frame(1, 1),
    Push(1, 1, np.empty((0, 3), np.float32)),
    frame(1, 2, 3, 4, 5),
    # Two in one step are two.
    LearningRateChanged(1, 6, 0.2),
    LearningRateChanged(1, 6, 0.1),
    frame(0, 4),
    evaluation(0, 4),
    LaneEnded(0, LaneStatus.FINISHED, 4),
    frame(1, 6, 7),
    Push(1, 7, np.empty((0, 3), np.float32)),
    LaneEnded(1, LaneStatus.STOPPED, 7),
]


def plain(events: list[LaneEvent]) -> list[object]:
    """Comparable, each step of a frame alone."""
    found: list[object] = []
    for event in events:
        if isinstance(event, Frame):
            found += [(event.lane, event.first_step + i, float(loss)) for i, loss in enumerate(event.loss)]
        else:
            found.append((type(event).__name__, event.lane, getattr(event, "step", None)))
    return found


def test_after_any_part_of_them_exactly_the_others_are_left() -> None:
    """Those before `kept` are not there any more."""
    start = [LaneProgress(), LaneProgress()]
    for kept, told in itertools.combinations_with_replacement(range(len(EVENTS) + 1), 2):
        new = OnlyNew(count(start, EVENTS[:told]), count(start, EVENTS[:kept]))

        assert plain(list(new.of(EVENTS[kept:]))) == plain(EVENTS[told:])


def test_of_a_frame_that_was_partly_seen_only_the_new_steps_remain() -> None:
    [left] = OnlyNew([LaneProgress(steps=2)], [LaneProgress()]).of([frame(0, 1, 2, 3, 4)])

    assert (left.first_step, left.loss.tolist(), left.seconds.tolist()) == (3, [3.0, 4.0], [5.0, 6.0])


def test_kinds_are_counted_apart_as_they_are_saved_apart() -> None:
    told = [LaneProgress(), LaneProgress(steps=4, moments=1)]

    assert plain(list(OnlyNew(told, [LaneProgress(), LaneProgress()]).of(EVENTS[3:8]))) == [
        ("Push", 1, 1),
        (1, 5, 5.0),
        ("LearningRateChanged", 1, 6),
    ]  # fmt: skip


def test_a_network_is_sent_again_even_if_everything_else_was_seen() -> None:
    network = Parameters(0, 4, np.zeros(3, np.float32))

    assert list(
        OnlyNew(count([LaneProgress()], [evaluation(0, 0)]), [LaneProgress()]).of([network, evaluation(0, 0)])
    ) == [network]
