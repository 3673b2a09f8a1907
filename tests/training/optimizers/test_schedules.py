"""Learning-rate schedules: what is multiplied with at which step."""

import math
from typing import get_args

import pytest

from app.config import Schedule
from app.training.schedules import SCHEDULES


def factors(name: str, total: int) -> list[float]:
    return [SCHEDULES[name](step, total) for step in range(1, total + 1)]


def test_every_schedule_that_a_lane_can_have_is_there() -> None:
    assert tuple(SCHEDULES) == get_args(Schedule)


def test_constant_changes_nothing() -> None:
    assert factors("constant", 3) == [1, 1, 1]


def test_step_leaves_a_tenth_after_each_third() -> None:
    assert factors("step", 9) == pytest.approx([1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01])
    assert factors("step", 8) == pytest.approx([1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01])


def test_cosine_goes_down_along_half_a_wave() -> None:
    r = math.sqrt(0.5)
    assert factors("cosine", 4) == pytest.approx([1, (1 + r) / 2, 0.5, (1 - r) / 2])


def test_warm_up_takes_a_twentieth_of_the_steps_and_then_goes_down_along_half_a_wave() -> None:
    told = factors("warmup_cosine", 100)

    assert told[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert told[5:] == pytest.approx(factors("cosine", 95))


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("total", [1, 2, 3, 19, 100, 4685])
def test_no_step_is_longer_than_chosen_and_none_is_nothing(name: str, total: int) -> None:
    assert all(0 < factor <= 1 for factor in factors(name, total))
    assert max(factors(name, total)) == 1
