"""What every engine promises of races that no one commands, and of its opening and closing."""

import asyncio
import time

import numpy as np

from app.config import RunConfig
from app.engine.base import Engine
from app.engine.commands import CommandQueue, Pause, Stop
from app.events import Detail, Evaluation, Frame, LaneEnded, LaneEvent, LaneStatus, Parameters, Push
from app.training.kernels import Kernel
from app.training.trainer import train
from tests.engine.racing import racing
from tests.held import held
from tests.waiting import until_async

SHORT = RunConfig(epochs=2, hidden=[16])
ENDLESS = RunConfig(epochs=100, batch_size=1, hidden=[16])


async def race(engine: Engine, config: RunConfig, detail: Detail = Detail.EVERYTHING) -> list[LaneEvent]:
    events: list[LaneEvent] = []
    await engine.run(config, events.append, CommandQueue(), detail)
    return events


def of_lane(events: list[LaneEvent], lane: int) -> list[LaneEvent]:
    return [event for event in events if event.lane == lane]


async def test_every_lane_reports_all_its_steps_and_then_its_end(engine):
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


async def test_a_stop_before_the_start_is_not_forgotten(engine):
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


async def test_each_lanes_events_arrive_in_order(engine):
    """Each event other than LaneEnded is about steps that were reported before it, or about none."""
    told = [0, 0, 0]
    for event in await race(engine, SHORT):
        if isinstance(event, Frame):
            assert event.first_step == told[event.lane] + 1
            told[event.lane] += len(event.loss)
        elif isinstance(event, Evaluation | Parameters | Push | LaneEnded):
            assert event.step in (0, told[event.lane])

    assert told == [62, 62, 62]


async def test_a_lane_reports_the_requested_detail(engine):
    everything, result = [await race(engine, SHORT, detail) for detail in (Detail.EVERYTHING, Detail.RESULT)]

    assert {type(event) for event in everything} == {Frame, Evaluation, Push, Parameters, LaneEnded}
    assert {type(event) for event in result} == {Frame, Evaluation, LaneEnded}
    assert len(evaluations(result)) < len(evaluations(everything))
    for lane in range(3):
        np.testing.assert_array_equal(losses(of_lane(result, lane)), losses(of_lane(everything, lane)))


async def test_of_races_at_once_each_has_its_own_events(engine, few_digits):
    configs = [RunConfig(epochs=1, hidden=[16], seed=seed) for seed in (1, 2)]
    told = await asyncio.gather(*(race(engine, config) for config in configs))

    for config, events in zip(configs, told, strict=True):
        for lane in range(3):
            alone = list(train(few_digits, config, lane, kernel=engine.kernel))
            np.testing.assert_array_equal(losses(of_lane(events, lane)), losses(alone))


async def test_a_reader_that_is_slow_misses_nothing(engine):
    """It takes longer for each event than a lane for all its steps."""
    events: list[LaneEvent] = []

    def take(event: LaneEvent) -> None:
        events.append(event)
        before = time.process_time()
        while len(events) <= 20 and time.process_time() - before < 0.05:
            pass

    await engine.run(SHORT, take, CommandQueue())

    assert [len(losses(of_lane(events, lane))) for lane in range(3)] == [62, 62, 62]
    assert [of_lane(events, lane)[-1] for lane in range(3)] == [
        LaneEnded(lane, LaneStatus.FINISHED, 62) for lane in range(3)
    ]


async def test_a_cancelled_race_sends_nothing_more_and_another_can_follow(engine):
    events: list[LaneEvent] = []
    running = asyncio.create_task(engine.run(ENDLESS, events.append, CommandQueue()))
    await until_async(lambda: events, "it has begun")
    running.cancel()
    await asyncio.wait([running])
    told = len(events)

    ends = [event for event in await race(engine, SHORT) if isinstance(event, LaneEnded)]

    assert running.cancelled()
    assert len(events) == told
    assert [end.status for end in ends] == [LaneStatus.FINISHED] * 3


async def test_an_engine_is_ready_while_it_is_open_and_opens_and_closes_twice_without_harm(closed_engine):
    ready, tasks = [closed_engine.ready], asyncio.all_tasks()
    for move in (closed_engine.open, closed_engine.open, closed_engine.close, closed_engine.close, closed_engine.open):
        await move()
        ready.append(closed_engine.ready)
    told = await race(closed_engine, SHORT)
    await closed_engine.close()

    assert ready == [False, True, True, False, False, True]
    assert asyncio.all_tasks() == tasks
    assert len(losses(told)) == 3 * 62


async def test_a_closed_engine_leaves_no_process_thread_or_descriptor(closed_engine):
    async def used() -> dict[str, int]:
        await closed_engine.open()
        async with racing(closed_engine, ENDLESS, Pause()) as ended:
            ended.commands.put(Stop())
        cut_off = asyncio.create_task(closed_engine.run(ENDLESS, lambda event: begun.set(), CommandQueue()))
        begun = asyncio.Event()
        await begun.wait()
        cut_off.cancel()
        await asyncio.wait([cut_off])
        await closed_engine.close()
        return held()

    # What the first time leaves is Python's own: imported modules, threads that wait for work.
    await used()
    before = await used()
    rounds = [await used() for _ in range(3)]

    # A library may hold one more for a while; what is left behind each time is there each time.
    assert {what: min(held[what] for held in rounds) for what in before} == before


def losses(events: list[LaneEvent]) -> np.ndarray:
    return np.concatenate([event.loss for event in events if isinstance(event, Frame)])


def evaluations(events: list[LaneEvent]) -> list[tuple[float, ...]]:
    return [
        (e.step, e.test_accuracy, e.test_loss, e.train_accuracy, e.train_loss)
        for e in events
        if isinstance(e, Evaluation)
    ]
