"""Orders to a race that goes on, for every engine: pause, resume, step, pace, learning rate, stop."""

import asyncio
import math
import time

import numpy as np
import pytest

from app.config import RunConfig
from app.engine.commands import CommandQueue, Pause, Resume, SetLearningRate, SetPace, Step, Stop
from app.events import Evaluation, Frame, LaneEnded, LaneEvent, LaneStatus, LearningRateChanged
from app.training.trainer import train
from tests.engine.racing import Race, racing
from tests.waiting import TIMEOUT_S, until_async

SHORT = RunConfig(epochs=2, hidden=[16])
ENDLESS = RunConfig(epochs=100, batch_size=1, hidden=[16])
LANES = range(3)
# The next batch comes a quarter of an hour later: too long to wait for it.
SLOW = SetPace(0.001)


def alone(race: Race, engine, digits, lane: int) -> np.ndarray:
    """The losses of as many batches of the same lane without commands."""
    count, losses = race.steps[lane], np.empty(0, np.float32)
    events = train(digits, race.config, lane, kernel=engine.kernel)
    while len(losses) < count:
        event = next(events)
        if isinstance(event, Frame):
            losses = np.concatenate([losses, event.loss])
    return losses[:count]


async def test_a_pause_holds_every_lane_and_a_step_is_one_batch_of_each(engine):
    async with racing(engine, ENDLESS) as race:
        await race.until(20)
        race.commands.put(Pause())
        paused = await race.settled()
        for count in (1, 2, 3):
            race.commands.put(Step())
            assert await race.settled() == [steps + count for steps in paused]
        race.commands.put(Stop())


async def test_an_order_that_comes_between_an_answer_and_the_waiting_is_heard(engine):
    commands = CommandQueue(Pause(), *(SetLearningRate(lane, 0.02) for lane in LANES))
    answered: list[int] = []
    ended: list[int] = []

    def emit(event: LaneEvent) -> None:
        if isinstance(event, LearningRateChanged):
            answered.append(event.lane)
            if len(answered) == 3:
                commands.put(Stop())
        elif isinstance(event, LaneEnded):
            ended.append(event.lane)

    async with asyncio.timeout(TIMEOUT_S):
        await engine.run(ENDLESS, emit, commands)

    assert sorted(answered) == sorted(ended) == [0, 1, 2]


async def test_a_step_of_a_race_that_runs_pauses_it(engine):
    async with racing(engine, ENDLESS) as race:
        await race.until(20)
        race.commands.put(Step())
        paused = await race.settled()
        race.commands.put(Step())
        assert await race.settled() == [steps + 1 for steps in paused]
        race.commands.put(Stop())


async def test_after_a_pause_a_race_goes_on_without_a_gap_or_a_double(engine, few_digits):
    async with racing(engine, ENDLESS, Pause()) as race:
        race.commands.put(Step())
        for _ in range(5):
            race.commands.put(Step())
            paused = await race.settled()
            race.commands.put(Resume())
            await race.until(max(paused) + 1)
            race.commands.put(Pause())
            await race.settled()
        race.commands.put(Stop())

    for lane in LANES:
        steps = [f.first_step + i for f in race.of_lane(lane, Frame) for i in range(len(f.loss))]
        assert steps == list(range(1, race.ends[lane].step + 1))
        np.testing.assert_array_equal(race.losses(lane), alone(race, engine, few_digits, lane))


async def test_a_race_that_starts_paused_waits_before_its_first_batch_and_is_evaluated_untrained(engine):
    async with racing(engine, SHORT, Pause()) as race:
        assert await race.settled() == [0, 0, 0]
        assert [[e.step for e in race.of_lane(lane, Evaluation)] for lane in LANES] == [[0]] * 3
        race.commands.put(Step())
        assert await race.settled() == [1, 1, 1]
        race.commands.put(Resume())

    assert [end.step for end in race.ends] == [62, 62, 62]


@pytest.mark.parametrize("hold", [Pause(), SLOW, SetPace(1000)], ids=["paused", "slow", "fast"])
async def test_a_race_that_is_held_stops_at_once(engine, hold):
    async with asyncio.timeout(TIMEOUT_S), racing(engine, ENDLESS) as race:
        await race.until(1)
        race.commands.put(hold)
        held = await race.settled()
        race.commands.put(Stop())

    assert [end.status for end in race.ends] == [LaneStatus.STOPPED] * 3
    assert [end.step for end in race.ends] == race.steps
    if hold != SetPace(1000):
        assert race.steps == held


@pytest.mark.parametrize("pace", [20, 50, 200])
async def test_a_pace_is_kept_by_every_lane(engine, pace):
    began = time.monotonic()
    async with racing(engine, ENDLESS, SetPace(pace)) as race:
        seen = []

        def there() -> bool:
            steps = race.steps
            seen.append((time.monotonic() - began, steps))
            return min(steps) > pace

        await until_async(there, "all lanes make as many steps as in a second")
        race.commands.put(Stop())

    assert seen[-1][0] > 0.9
    for elapsed, steps in seen:
        assert max(steps) <= 1 + math.floor(pace * elapsed)


async def test_the_pace_changes_while_a_race_goes_on(engine):
    async with racing(engine, ENDLESS, SLOW) as race:
        await race.until(1)
        assert race.steps == [1, 1, 1]
        race.commands.put(SetPace(None))
        await race.until(200)
        slow, ordered = SetPace(0.5), time.monotonic()
        race.commands.put(slow)
        slowed = await race.settled()
        race.commands.put(Stop())

    assert all(
        then - now <= 0.5 * (time.monotonic() - ordered) for now, then in zip(slowed, race.steps, strict=True)
    )  # fmt: skip


async def test_a_race_that_is_resumed_goes_on_at_once_and_at_its_pace(engine):
    async with racing(engine, ENDLESS, SLOW) as race:
        await race.until(1)
        race.commands.put(Pause())
        paused = await race.settled()
        race.commands.put(Resume())
        await race.until(max(paused) + 1)

        assert await race.settled() == [steps + 1 for steps in paused]
        race.commands.put(Stop())


async def test_a_changed_learning_rate_is_reported_with_its_first_step_and_changes_nothing_before(engine, few_digits):
    told = []
    for _ in range(2):
        async with racing(engine, SHORT, Pause()) as race:
            for _ in range(10):
                race.commands.put(Step())
            race.commands.put(SetLearningRate(1, 0.2))
            race.commands.put(Resume())

        assert [tuple(change) for change in race.changes] == [(1, 11, 0.2)]
        told.append([race.losses(lane) for lane in LANES])

    unchanged = [alone(race, engine, few_digits, lane) for lane in LANES]
    for again in told:
        np.testing.assert_array_equal(again, [unchanged[0], told[0][1], unchanged[2]])
    # The loss of a step is measured before its update.
    np.testing.assert_array_equal(told[0][1][:11], unchanged[1][:11])
    assert (told[0][1][11:] != unchanged[1][11:]).all()


async def test_a_learning_rate_changes_at_full_speed_too(engine):
    async with racing(engine, ENDLESS) as race:
        await race.until(20)
        race.commands.put(SetLearningRate(2, 1e-6))
        await until_async(lambda: race.changes, "the lane tells the change")
        race.commands.put(Stop())

    (change,) = race.changes
    assert (change.lane, change.learning_rate) == (2, 1e-6)
    assert 20 < change.step <= race.steps[2] + 1


async def test_lanes_that_have_ended_hear_no_more(engine):
    """Lane 0 is at its target at once; the other has time to hear."""
    lanes = [{"optimizer": "adam", "learning_rate": 0.001}, {"optimizer": "sgd", "learning_rate": 1e-6}]
    config = RunConfig.of({"epochs": 100, "batch_size": 1, "hidden": [16], "target_accuracy": 0.7, "lanes": lanes})
    async with racing(engine, config) as race:
        await until_async(lambda: race.ends, "the first lane ends")
        race.commands.put(Pause())
        race.commands.put(SetLearningRate(0, 0.5))
        race.commands.put(SetLearningRate(1, 0.5))
        await until_async(lambda: race.changes, "the second lane answers")
        race.commands.put(Stop())

    assert [end.status for end in race.ends] == [LaneStatus.FINISHED, LaneStatus.STOPPED]
    assert [change.lane for change in race.changes] == [1]
