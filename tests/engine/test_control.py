"""What orders allow a lane."""

import pytest

from app.engine.commands import Command, Pause, Resume, SentCommand, SetLearningRate, SetPace, Step, Stop
from app.engine.control import LaneControl
from app.training.control import ANY_STEP, Allowance

NOW = 1_000.0


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.monotonic", lambda: NOW)


def control(*commands: Command, ago: float = 0.0) -> LaneControl:
    return LaneControl(SentCommand(NOW - ago, command) for command in commands)


def test_without_orders_a_lane_is_free_and_has_no_news():
    free = control()

    assert not free.pending
    assert free.poll(0) == free.poll(12) == Allowance(ANY_STEP)


def test_a_command_is_pending_until_it_is_polled():
    lane = control()
    lane.deliver(SentCommand(NOW, Pause()))

    assert lane.pending
    lane.poll(3)
    assert not lane.pending


def test_a_pause_holds_a_lane_where_it_is_until_it_is_resumed():
    lane = control(Pause())

    assert lane.poll(7) == lane.poll(7) == Allowance(7)
    lane.deliver(SentCommand(NOW, Resume()))
    assert lane.poll(7) == Allowance(ANY_STEP)


def test_each_step_command_to_a_paused_lane_allows_one_more():
    lane = control(Pause())
    lane.poll(7)
    for _ in range(3):
        lane.deliver(SentCommand(NOW, Step()))

    assert lane.poll(7) == Allowance(10)


def test_a_step_command_to_a_training_lane_is_its_last_step():
    assert control(Step()).poll(41) == Allowance(42)


def test_pausing_a_paused_lane_does_not_take_back_a_step():
    assert control(Pause(), Step(), Pause()).poll(0) == Allowance(1)


def test_a_stop_is_known_at_once():
    lane = control(Pause())
    lane.poll(0)
    lane.deliver(SentCommand(NOW, Stop()))

    assert lane.stopped()
    assert lane.pending


def test_a_pace_counts_from_the_order_on():
    lane = control(SetPace(2), ago=5.2)
    allowance = lane.poll(100)

    assert allowance.last_step == 100 + 10
    assert allowance.until == pytest.approx(NOW + 0.3)
    assert lane.poll(103).last_step == 110, "wherever the lane is by now"


def test_the_first_step_does_not_wait_for_the_pace():
    assert control(SetPace(2)).poll(0).last_step == 1


def test_a_lane_resumes_at_once_and_goes_on_at_its_pace():
    assert control(SetPace(2), Pause(), Resume()).poll(100).last_step == 101
    assert control(SetPace(2), Pause(), Resume(), ago=1.1).poll(100).last_step == 103


def test_a_paused_lane_takes_no_steps_at_any_pace():
    assert control(Pause(), SetPace(1000), ago=10).poll(4) == Allowance(4)


def test_no_pace_is_full_speed():
    assert control(SetPace(2), SetPace(None)).poll(4) == Allowance(ANY_STEP)


def test_a_high_pace_comes_in_strides_of_equal_length():
    permits = [control(SetPace(200), ago=ago).poll(8) for ago in (0.001, 0.021, 0.041)]

    assert [allowance.last_step for allowance in permits] == [8, 12, 16]


def test_a_new_learning_rate_is_reported_once():
    lane = control(SetLearningRate(0, 0.5), SetLearningRate(0, 0.25))

    assert lane.poll(3) == Allowance(ANY_STEP, learning_rate=0.25)
    assert lane.poll(4) == Allowance(ANY_STEP)


def test_a_new_learning_rate_waits_for_earlier_step_commands():
    lane = control(Pause(), Step(), Step(), SetLearningRate(0, 0.5), Step())

    assert lane.poll(0) == Allowance(2)
    assert lane.poll(1) == Allowance(2)
    assert lane.poll(2) == Allowance(3, learning_rate=0.5)


def test_a_learning_rate_concerns_its_lane_alone():
    order = SentCommand(0.0, SetLearningRate(1, 0.5))

    assert [order.concerns(lane) for lane in range(3)] == [False, True, False]
    assert all(SentCommand(0.0, Stop()).concerns(lane) for lane in range(3))
