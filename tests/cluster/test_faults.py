"""The verdict on what is killed by `make cluster-faults`."""

import pytest

from tests.cluster.faults import Outcome, checks

WELL = Outcome("a part", 20, 1, True, 1.0, 0.5, 3, 10.0)


def test_faults_within_their_bounds_are_a_success():
    assert all(check.holds for check in checks([WELL, WELL._replace(lost_s=2.0, gone_s=60.0)]))


@pytest.mark.parametrize(
    ("broken", "changed"),
    {
        "killed, and other than expected": {"expected": False},
        "curve lost": {"lost_s": 2.1},
        "longest wait of a viewer": {"waited_s": 61.0},
        "orphans are gone within": {"gone_s": 61.0},
    }.items(),
)
def test_one_broken_bound_is_reported(broken, changed):
    assert [check.what for check in checks([WELL, WELL._replace(**changed)]) if not check.holds] == [broken]
