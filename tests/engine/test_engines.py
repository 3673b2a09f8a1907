"""What holds for every engine: the in-process one and the one with worker processes."""

import numpy as np

from app.config import RunConfig
from app.engine.base import Engine
from app.engine.commands import CommandQueue, Stop
from app.events import Evaluation, Frame, LaneEnded, LaneEvent, LaneStatus
from app.training.kernels import Kernel
from app.training.trainer import train

SHORT = RunConfig(epochs=2, hidden=[16])
ENDLESS = RunConfig(epochs=100, batch_size=1, hidden=[16])


async def race(engine: Engine, config: RunConfig) -> list[LaneEvent]:
    events: list[LaneEvent] = []
    await engine.run(config, events.append, CommandQueue())
    return events


def of_lane(events: list[LaneEvent], lane: int) -> list[LaneEvent]:
    return [event for event in events if event.lane == lane]


async def test_every_lane_tells_all_its_steps_and_then_its_end(engine):
    events = await race(engine, SHORT)

    for lane in range(3):
        *told, end = of_lane(events, lane)
        steps = [
            step
            for frame in told
            if isinstance(frame, Frame)
            for step in range(frame.first_step, frame.first_step + len(frame.loss))
        ]
        assert steps == list(range(1, 63))
        assert end == LaneEnded(lane, LaneStatus.FINISHED, 62)
        assert not any(isinstance(event, LaneEnded) for event in told)


async def test_the_numbers_are_those_of_the_trainer_alone(engine, few_digits):
    events = await race(engine, SHORT)

    for lane in range(3):
        alone = list(train(few_digits, SHORT, lane, kernel=engine.kernel))
        np.testing.assert_array_equal(losses(of_lane(events, lane)), losses(alone))
        assert evaluations(of_lane(events, lane)) == evaluations(alone)


async def test_the_form_does_not_change_from_race_to_race(engine):
    first, second = [losses(await race(engine, SHORT)) for _ in range(2)]

    assert engine.kernel in {Kernel.WHOLE, Kernel.SPLIT}
    assert sorted(first.tolist()) == sorted(second.tolist())


async def test_stop_ends_every_lane_and_keeps_what_came_before(engine):
    events: list[LaneEvent] = []
    commands = CommandQueue()

    def emit(event: LaneEvent) -> None:
        events.append(event)
        if all(any(isinstance(e, Frame) for e in of_lane(events, lane)) for lane in range(3)):
            commands.put(Stop())

    await engine.run(ENDLESS, emit, commands)

    for lane in range(3):
        end = of_lane(events, lane)[-1]
        assert isinstance(end, LaneEnded)
        assert end.status is LaneStatus.STOPPED
        assert end.step == len(losses(of_lane(events, lane))) > 0


async def test_a_stop_asked_before_the_start_is_not_forgotten(engine):
    events: list[LaneEvent] = []

    await engine.run(ENDLESS, events.append, CommandQueue(Stop()))

    assert [event.status for event in events if isinstance(event, LaneEnded)] == [LaneStatus.STOPPED] * 3


async def test_a_race_can_follow_a_stopped_one(engine):
    await engine.run(ENDLESS, lambda event: None, CommandQueue(Stop()))

    ends = [event for event in await race(engine, SHORT) if isinstance(event, LaneEnded)]

    assert [end.status for end in ends] == [LaneStatus.FINISHED] * 3


async def test_a_diverging_lane_ends_alone(engine):
    config = RunConfig.of(
        {
            "epochs": 2,
            "hidden": [256, 256, 256],
            "lanes": [{"optimizer": "sgd", "learning_rate": 3.0}, {"optimizer": "adam"}],
        }
    )

    ends = {event.lane: event for event in await race(engine, config) if isinstance(event, LaneEnded)}

    assert ends[0].status is LaneStatus.DIVERGED
    assert f"batch {ends[0].step:,}" in ends[0].reason
    assert ends[1].status is LaneStatus.FINISHED


def losses(events: list[LaneEvent]) -> np.ndarray:
    return np.concatenate([event.loss for event in events if isinstance(event, Frame)])


def evaluations(events: list[LaneEvent]) -> list[tuple[float, ...]]:
    return [
        (e.step, e.test_accuracy, e.test_loss, e.train_accuracy, e.train_loss)
        for e in events
        if isinstance(e, Evaluation)
    ]
