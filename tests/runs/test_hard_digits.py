"""Which test digits are shown: those on which the lanes disagree, without frequent changes."""

import numpy as np
import pytest

from app.runs.hard_digits import SHOWN, choose

COUNT = 40
LABELS = np.arange(COUNT, dtype=np.uint8) % 10


class Answers:
    """Three lanes that are right about everything and rather sure, except as given."""

    def __init__(self) -> None:
        self.answers = [LABELS.copy() for _ in range(3)]
        self.confidence = [np.full(COUNT, 0.9, np.float32) for _ in range(3)]

    def wrong(self, digit: int, lanes: tuple[int, ...], confidence: float = 0.9) -> None:
        for lane in lanes:
            self.answers[lane][digit] = (LABELS[digit] + 1) % 10
            self.confidence[lane][digit] = confidence

    def unsure(self, digit: int, confidence: float) -> None:
        self.confidence[1][digit] = confidence

    def choose(self, shown: list[int]) -> list[int]:
        return choose(LABELS, self.answers, self.confidence, shown)


@pytest.fixture
def lanes() -> Answers:
    return Answers()


def test_digits_that_divide_the_lanes_come_first_the_surest_mistake_before_others(lanes: Answers) -> None:
    lanes.wrong(7, (0,), 0.5)
    lanes.wrong(31, (0, 2), 0.99)
    lanes.wrong(12, (1,), 0.8)

    assert lanes.choose([])[:3] == [31, 12, 7]


def test_where_all_agree_the_least_sure_are_shown(lanes: Answers) -> None:
    lanes.unsure(20, 0.3)
    lanes.unsure(5, 0.2)

    assert lanes.choose([])[:2] == [5, 20]


def test_a_digit_that_divides_comes_before_one_that_all_get_wrong(lanes: Answers) -> None:
    lanes.wrong(3, (0, 1, 2), 0.99)
    lanes.wrong(30, (2,), 0.4)

    assert lanes.choose([])[0] == 30
    assert 3 not in lanes.choose([])


def test_a_lane_that_has_evaluated_alone_shows_what_it_is_least_sure_of() -> None:
    confidence = np.linspace(1, 0.2, COUNT, dtype=np.float32)

    assert choose(LABELS, [LABELS], [confidence], []) == list(range(39, 29, -1))


def test_digits_that_still_divide_keep_their_places(lanes: Answers) -> None:
    shown = list(range(10, 20))
    for digit in shown:
        lanes.wrong(digit, (1,), 0.5)
    for digit in range(30, 40):
        lanes.wrong(digit, (0,), 0.99)

    assert lanes.choose(shown) == shown


def test_a_better_digit_takes_the_place_of_one_that_divides_no_longer(lanes: Answers) -> None:
    shown = list(range(10, 20))
    for digit in (10, 11, 13, 14, 15, 16, 17, 19):
        lanes.wrong(digit, (1,))
    lanes.wrong(35, (0,), 0.8)

    assert lanes.choose(shown) == [10, 11, 35, 13, 14, 15, 16, 17, 18, 19]


def test_nothing_moves_when_there_is_nothing_better(lanes: Answers) -> None:
    shown = [9, 3, 27, 1, 14, 30, 2, 8, 22, 39]

    assert lanes.choose(shown) == shown


@pytest.mark.parametrize("shown", [[], [4], [4, 39, 2]])
def test_ten_different_digits_are_shown(lanes: Answers, shown: list[int]) -> None:
    lanes.wrong(4, (0,))
    lanes.wrong(17, (0, 1))
    chosen = lanes.choose(shown)

    assert len(set(chosen)) == len(chosen) == SHOWN == 10
    assert set(chosen) <= set(range(COUNT))
    assert all(type(digit) is int for digit in chosen)


def test_fewer_than_ten_digits_are_all_shown() -> None:
    chosen = choose(LABELS[:4], [LABELS[:4]], [np.full(4, 0.5, np.float32)], [])

    assert sorted(chosen) == [0, 1, 2, 3]


def test_a_diverged_lane_does_not_hide_digits_on_which_the_others_disagree(lanes: Answers) -> None:
    """All its scores are NaN: it answers 0 to everything, with no confidence that can be compared."""
    lanes.wrong(8, (0,))
    lanes.answers[2][:] = 0
    lanes.confidence[2][:] = np.nan
    chosen = lanes.choose([])

    assert chosen[0] == 8
    assert len(set(chosen)) == 10
