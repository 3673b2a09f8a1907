"""The faults of each kind, done to servers in some seconds, and the verdict on all of them."""

import pytest
from rich.console import Console

from tests.conftest import BOUNDS
from tests.faults import faults
from tests.faults.faults import Fault
from tests.faults.trial import Outcome, checks, trial
from tests.faults.victim import FAKETIME
from tests.waiting import TIMEOUT_S

# How often workers are looked after, and when one that does not respond is reported and, after a stop, ended.
SOON = {
    "app.engine.local.LOOK_EVERY_S": 0.2,
    "app.engine.worker_process.SILENT_REPORTED_S": 1.0,
    "app.engine.worker_process.STOP_TIMEOUT_S": 1.0,
}
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
def test_one_broken_bound_is_reported(broken, changed):
    found = checks([WELL, WELL._replace(**changed)], 10)

    assert [check.what for check in found if not check.holds] == [broken]


@pytest.fixture
def in_small(monkeypatch: pytest.MonkeyPatch) -> str:
    """What a server runs first to report a hung worker soon; all its other bounds are as long as the tests wait."""
    monkeypatch.setattr(faults, "VIEWERS", 10)
    monkeypatch.setattr(faults, "FLOOD", 20)
    bounds = dict.fromkeys(BOUNDS, TIMEOUT_S) | SOON
    return "\n".join(f"import {bound.rpartition('.')[0]}; {bound} = {seconds}" for bound, seconds in bounds.items())


@pytest.mark.slow
@pytest.mark.parametrize(
    "done",
    [
        pytest.param([faults.kill_a_worker, faults.kill_the_fork_server], id="kill"),
        pytest.param([faults.hang_a_worker, faults.fill_the_disk], id="hang and fill"),
        pytest.param([faults.cut_connections, faults.cut_requests, faults.flood], id="cut and flood"),
        pytest.param([faults.set_the_clock], id="clock"),
    ],
)
def test_a_server_recovers_from(done: list[Fault], in_small: str, capsys: pytest.CaptureFixture[str]):
    if faults.set_the_clock in done and not FAKETIME:
        pytest.skip("no libfaketime on this machine: install Debian's package libfaketime")

    assert trial(done, TIMEOUT_S, Console(width=160), in_small) == 0, capsys.readouterr().out
