"""A few of the faults, done to a server in some seconds, and the verdict on all of them."""

import pytest
from rich.console import Console

from tests.faults.faults import cut_connections, cut_requests, kill_a_worker, kill_the_fork_server
from tests.faults.trial import Outcome, checks, trial
from tests.waiting import TIMEOUT_S

WELL = Outcome("a fault", "nothing", True, 1.0)


def test_faults_that_leave_nothing_are_a_success():
    assert all(check.holds for check in checks([WELL, WELL._replace(handles=-3)], 10))


@pytest.mark.parametrize(
    ("broken", "changed"),
    {
        "faults that did other than they should": {"held": False},
        "slowest recovery": {"recovered_s": 11.0},
        "answers 500": {"errors": 1},
        "tracebacks": {"tracebacks": 1},
        "leaked handles": {"handles": 1},
    }.items(),
)
def test_one_broken_bound_is_told(broken, changed):
    found = checks([WELL, WELL._replace(**changed)], 10)

    assert [check.what for check in found if not check.holds] == [broken]


@pytest.mark.slow
def test_a_server_that_is_killed_at_and_cut_off_recovers(capsys):
    done = [kill_a_worker, kill_the_fork_server, cut_connections, cut_requests]

    assert trial(done, TIMEOUT_S, Console(width=160)) == 0, capsys.readouterr().out
