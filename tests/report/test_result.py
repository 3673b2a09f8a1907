"""Recorded runs have the ranks and reached targets of the fixtures."""

import pytest

from app.report.result import ranking, reach_table
from tests.runs.recorded import RECORDED, Recorded

EACH = pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded.name)


@EACH
def test_the_lanes_are_ranked(recorded: Recorded) -> None:
    assert ranking(recorded.run) == recorded.expected["ranking"]


@EACH
@pytest.mark.parametrize("unit", ["step", "seconds"])
def test_the_table_of_targets_has_its_cells(recorded: Recorded, unit: str) -> None:
    cells = [[[cell.text, cell.best] for cell in row] for row in reach_table(recorded.run, unit)]

    assert cells == recorded.expected["reach"][unit]


def test_a_race_to_a_target_is_won_by_the_first_there_and_not_by_the_best_accuracy() -> None:
    run = next(each.run for each in RECORDED if each.name == "target-tie")
    lanes = [run["lanes"][number] for number in ranking(run)]

    assert [lane["ended_at"] for lane in lanes] == sorted(lane["ended_at"] for lane in lanes)
    assert max(lanes, key=lambda lane: lane["test_accuracy"]) is not lanes[0]


def test_a_lane_that_fell_out_is_last_however_good_it_was() -> None:
    run = next(each.run for each in RECORDED if each.name == "one-failed-one-diverged")

    assert run["lanes"][ranking(run)[0]]["status"] == "running"
    assert max(run["lanes"], key=lambda lane: lane["test_accuracy"])["status"] == "diverged"
