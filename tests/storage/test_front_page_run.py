"""The recorded race that is shipped for the front page."""

from itertools import combinations, takewhile

import numpy as np
import pytest

from app.config import RunConfig
from app.events import Detail, Evaluation
from app.runs.history import COLUMNS, Kind
from app.storage.front_page_run import FILE, recorded_race
from app.training.evaluation import QUICK_STEPS, Evaluator
from app.training.trainer import train
from app.training.wall import wall_digits


def test_it_is_the_default_race_in_full_and_small(digits):
    run = recorded_race(digits)

    assert run.config == RunConfig()
    assert run.status == "finished"
    assert [run.history.steps(lane) for lane in range(3)] == [4685] * 3
    assert all(len(table.T) > 25 for table in run.history.tables(Kind.EVALUATIONS))
    assert len(run.hard_digits) == 10
    assert FILE.stat().st_size <= 1_000_000


def test_its_networks_answer_what_they_answered(digits):
    run = recorded_race(digits)

    for lane in run.lanes:
        right = np.mean(lane.evaluation.answers == digits.test_labels)
        assert right == pytest.approx(lane.evaluation.test_accuracy)
        assert lane.parameters.step == 4685


def test_a_server_that_races_on_other_digits_has_none(few_digits):
    assert recorded_race(few_digits) is None


def test_nor_has_one_that_races_on_the_same_digits_with_paper_and_ink_exchanged(digits):
    assert recorded_race(digits._replace(test_images=255 - digits.test_images)) is None


class OverAllDigits(Evaluator):
    """Measures everything where others measure quickly."""

    def evaluate_quickly(self, network, kernel, lane, step, seconds, stopped):
        return self.evaluate(network, kernel, lane, step, seconds, lambda _: False, stopped)


@pytest.fixture(scope="module")
def measured(digits):
    """Of each lane, by batch: how many of all 10,000 test digits are read right, and how many of the wall's 100."""
    return [walls_and_accuracies(digits, lane) for lane in range(3)]


def walls_and_accuracies(digits, lane):
    table = recorded_race(digits).history.tables(Kind.EVALUATIONS)[lane]
    labels = digits.test_labels[wall_digits(digits.test_labels)]
    walls = table[[COLUMNS[Kind.EVALUATIONS].index(f"wall_{place}") for place in range(100)]].T
    lit = dict(zip(table[0].astype(int).tolist(), (walls == labels).sum(axis=1).tolist(), strict=True))
    quick = table[COLUMNS[Kind.EVALUATIONS].index("quick")] == 1
    whole = dict(zip(table[0, ~quick].astype(int).tolist(), table[2, ~quick].tolist(), strict=True))

    # What was measured quickly was not measured by all: this race begins again.
    again = train(digits, RunConfig(), lane, evaluator=OverAllDigits(digits), detail=Detail.CURVES)
    early = takewhile(lambda event: event.step <= QUICK_STEPS, (e for e in again if isinstance(e, Evaluation)))
    accuracy = {e.step: e.test_accuracy for e in early} | whole

    assert quick.sum() >= 15
    assert lit.keys() <= accuracy.keys()
    return {step: (round(len(digits.test_labels) * accuracy[step]), lit[step]) for step in lit}


@pytest.mark.slow
def test_the_lit_share_of_the_wall_stays_within_3_points_of_the_accuracy_on_all_test_digits(measured):
    for lane in measured:
        assert max(abs(100 * lit - right) for right, lit in lane.values()) <= 300


@pytest.mark.slow
def test_walls_put_lanes_in_the_order_that_all_test_digits_put_them_in(measured):
    compared = 0
    for one, other in combinations(measured, 2):
        for step in one.keys() & other.keys():
            (worse, fewer), (better, more) = sorted([one[step], other[step]])
            # A digit of the wall is a point, or a hundred of all digits.
            expected = 1 if better - worse >= 100 else 0
            assert better == worse or more - fewer >= expected, (step, one[step], other[step])
            compared += 1
    assert compared > 100


@pytest.mark.slow
def test_at_the_end_walls_name_the_winner_and_are_within_a_point_and_a_half(measured):
    ends = sorted(lane[4685] for lane in measured)

    assert [lit for _, lit in ends] == sorted({lit for _, lit in ends})
    assert max(abs(100 * lit - right) for right, lit in ends) <= 150
