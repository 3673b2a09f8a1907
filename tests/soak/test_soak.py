"""A soak of some seconds, and the verdict on long ones."""

import pytest
from rich.console import Console

from tests.soak.measure import LEAST_MINUTES, Sample, Soaked, checks, growth
from tests.soak.soaking import soak
from tests.trials.server import Held
from tests.trials.verdict import verdict

STILL = Held(100.0, 60.0, 40, 12)


def samples(mb_a_minute: float, minutes: float = 10.0) -> list[Sample]:
    """A server that fills its caches in the first half, and grows by so much in the second."""
    times = [step * minutes / 100 for step in range(101)]
    filled = [min(time, minutes / 2) * 20 + max(0.0, time - minutes / 2) * mb_a_minute for time in times]
    return [Sample(time, STILL._replace(server_mb=100 + mb)) for time, mb in zip(times, filled, strict=True)]


def soaked(**changed) -> Soaked:
    whole = {"samples": samples(0.5), "rests": [STILL, STILL], "faults": [], "tracebacks": 0}
    return Soaked(**{**whole, **changed})


def test_growth_is_that_of_the_second_half():
    assert growth(samples(0.5), "server_mb") == pytest.approx(0.5)
    assert growth(samples(0.5), "workers_mb") == pytest.approx(0)


def test_a_soak_that_holds_every_bound_is_a_success():
    assert verdict(checks(soaked()), Console(quiet=True)) == 0


@pytest.mark.parametrize(
    ("broken", "changed"),
    {
        "memory of the server": {"samples": samples(1.1)},
        "descriptors at rest": {"rests": [STILL, STILL._replace(descriptors=60)]},
        "threads at rest": {"rests": [STILL, STILL._replace(threads=60)]},
        "errors of the server": {"faults": ["GET /: 500"]},
        "tracebacks in its log": {"tracebacks": 1},
    }.items(),
)
def test_one_broken_bound_is_reported_and_is_a_failure(broken, changed):
    found = checks(soaked(**changed))

    assert [check.what for check in found if not check.holds] == [broken]
    assert verdict(found, Console(quiet=True)) == 1


def test_memory_is_not_judged_by_what_is_on_its_way_in_a_few_seconds():
    short = checks(soaked(samples=samples(50.0, LEAST_MINUTES / 2)))

    assert all(check.holds for check in short)


@pytest.mark.slow
def test_a_server_is_soaked_for_some_seconds_without_an_error_or_anything_left(capsys):
    status = soak(minutes=0.05, seed=1, console=Console(width=120))

    assert status == 0, capsys.readouterr().out
