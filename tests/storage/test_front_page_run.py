"""The recorded race that is shipped for the front page."""

import numpy as np
import pytest

from app.config import RunConfig
from app.runs.history import Kind
from app.storage.front_page_run import FILE, recorded_race


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
