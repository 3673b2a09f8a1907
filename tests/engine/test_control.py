"""What orders allow a lane."""

import pytest

from app.engine.commands import Command, Order, Pause, Resume, SetLearningRate, SetPace, Step, Stop
from app.engine.control import LaneControl
from app.training.control import ANY_STEP, Permit

NOW = 1_000.0


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.monotonic", lambda: NOW)


def control(*commands: Command, ago: float = 0.0) -> LaneControl:
    return LaneControl(Order(NOW - ago, command) for command in commands)


def test_without_orders_a_lane_is_free_and_has_no_news():
    free = control()

    assert not free.news
    assert free.ask(0) == free.ask(12) == Permit(ANY_STEP)


def test_an_order_is_news_until_it_is_asked_for():
    lane = control()
    lane.hear(Order(NOW, Pause()))

    assert lane.news
    lane.ask(3)
    assert not lane.news


def test_a_pause_holds_a_lane_where_it_is_until_it_is_resumed():
    lane = control(Pause())

    assert lane.ask(7) == lane.ask(7) == Permit(7)
    lane.hear(Order(NOW, Resume()))
    assert lane.ask(7) == Permit(ANY_STEP)


def test_each_step_asked_of_a_paused_lane_is_one_more():
    lane = control(Pause())
    lane.ask(7)
    for _ in range(3):
        lane.hear(Order(NOW, Step()))

    assert lane.ask(7) == Permit(10)


def test_a_step_asked_of_a_lane_that_trains_is_its_last():
    assert control(Step()).ask(41) == Permit(42)


def test_pausing_a_paused_lane_does_not_take_back_a_step():
    assert control(Pause(), Step(), Pause()).ask(0) == Permit(1)


def test_a_stop_is_known_at_once():
    lane = control(Pause())
    lane.ask(0)
    lane.hear(Order(NOW, Stop()))

    assert lane.stopped()
    assert lane.news


def test_a_pace_counts_from_the_order_on():
    lane = control(SetPace(2), ago=5.2)
    permit = lane.ask(100)

    assert permit.last_step == 100 + 10
    assert permit.until == pytest.approx(NOW + 0.3)
    assert lane.ask(103).last_step == 110, "wherever the lane is by now"


def test_the_first_step_does_not_wait_for_the_pace():
    assert control(SetPace(2)).ask(0).last_step == 1


def test_a_lane_resumes_at_once_and_goes_on_at_its_pace():
    assert control(SetPace(2), Pause(), Resume()).ask(100).last_step == 101
    assert control(SetPace(2), Pause(), Resume(), ago=1.1).ask(100).last_step == 103


def test_a_paused_lane_takes_no_steps_at_any_pace():
    assert control(Pause(), SetPace(1000), ago=10).ask(4) == Permit(4)


def test_no_pace_is_full_speed():
    assert control(SetPace(2), SetPace(None)).ask(4) == Permit(ANY_STEP)


def test_a_high_pace_comes_in_strides_of_equal_length():
    permits = [control(SetPace(200), ago=ago).ask(8) for ago in (0.001, 0.021, 0.041)]

    assert [permit.last_step for permit in permits] == [8, 12, 16]


def test_a_new_learning_rate_is_told_once():
    lane = control(SetLearningRate(0, 0.5), SetLearningRate(0, 0.25))

    assert lane.ask(3) == Permit(ANY_STEP, learning_rate=0.25)
    assert lane.ask(4) == Permit(ANY_STEP)


def test_a_new_learning_rate_waits_for_the_steps_asked_for_before_it():
    lane = control(Pause(), Step(), Step(), SetLearningRate(0, 0.5), Step())

    assert lane.ask(0) == Permit(2)
    assert lane.ask(1) == Permit(2)
    assert lane.ask(2) == Permit(3, learning_rate=0.5)


def test_a_learning_rate_concerns_its_lane_alone():
    order = Order(0.0, SetLearningRate(1, 0.5))

    assert [order.concerns(lane) for lane in range(3)] == [False, True, False]
    assert all(Order(0.0, Stop()).concerns(lane) for lane in range(3))
