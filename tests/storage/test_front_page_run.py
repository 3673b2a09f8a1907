"""The recorded race that is shipped for the front page."""

from itertools import takewhile

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


@pytest.mark.slow
@pytest.mark.parametrize("lane", range(3))
def test_the_lit_share_of_the_wall_stays_within_3_points_of_the_accuracy_on_all_test_digits(digits, lane):
    table = recorded_race(digits).history.tables(Kind.EVALUATIONS)[lane]
    labels = digits.test_labels[wall_digits(digits.test_labels)]
    walls = table[[COLUMNS[Kind.EVALUATIONS].index(f"wall_{place}") for place in range(100)]].T
    recorded = dict(zip(table[0].astype(int).tolist(), (walls == labels).mean(axis=1), strict=True))
    quick = table[COLUMNS[Kind.EVALUATIONS].index("quick")] == 1
    whole = dict(zip(table[0, ~quick].astype(int).tolist(), table[2, ~quick].tolist(), strict=True))

    # What was measured quickly was not measured by all: this race begins again.
    again = train(digits, RunConfig(), lane, evaluator=OverAllDigits(digits), detail=Detail.CURVES)
    early = takewhile(lambda event: event.step <= QUICK_STEPS, (e for e in again if isinstance(e, Evaluation)))
    accuracy = {e.step: e.test_accuracy for e in early} | whole

    assert quick.sum() >= 15
    assert recorded.keys() <= accuracy.keys()
    assert max(abs(lit - accuracy[step]) for step, lit in recorded.items()) <= 0.03
