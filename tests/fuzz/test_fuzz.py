"""Some inputs of every kind, and what a fuzzing that finds something says."""

import pytest
from hypothesis import strategies as st
from rich.console import Console

from tests.fuzz import kind as module
from tests.fuzz.addresses import addresses
from tests.fuzz.fuzzing import KINDS, checks, fuzz
from tests.fuzz.kept import kept
from tests.fuzz.kind import Kind, try_out
from tests.fuzz.page_reader import page_reader
from tests.fuzz.target import Target
from tests.trials.verdict import verdict


@pytest.mark.slow
def test_some_inputs_of_every_kind_break_nothing(capsys):
    status = fuzz(inputs=20 * len(KINDS), seed=1, console=Console(width=160))

    assert status == 0, capsys.readouterr().out


@pytest.mark.parametrize("make", [addresses, kept])
def test_the_page_reads_what_is_generated_as_the_server_does(make):
    with page_reader() as page:
        # No server is involved.
        target = Target(None, None, "abc", "abc", "abc", "key", None, [], [], page)  # type: ignore[arg-type]
        outcome = try_out(make(target), 100, 1, lambda: 0)

    assert outcome.broken == []


def raising(_: int) -> list[int]:
    raise KeyError("lane")


def wrong(_: int) -> list[int]:
    raise AssertionError("another value")


@pytest.mark.parametrize(
    ("broken", "send", "log"),
    [
        ("answers 5xx", lambda _: [200, 500], lambda: 0),
        ("tracebacks", raising, lambda: 0),
        ("wrong values", wrong, lambda: 0),
        ("tracebacks", lambda _: [200], iter(range(100)).__next__),
    ],
    ids=["answered 500", "raised", "wrong", "logged"],
)
def test_what_broke_a_bound_is_counted_and_shown(broken, send, log):
    outcome = try_out(Kind("numbers", st.integers(), send), 10, 1, log)

    assert [check.what for check in checks([outcome]) if not check.holds] == [broken]
    assert outcome.inputs == 10
    assert len(outcome.broken) == module.MOST_SHOWN
    assert verdict(checks([outcome]), Console(quiet=True)) == 1


def test_what_takes_too_long_is_a_hang(monkeypatch):
    times = iter(range(0, 1000, 11))
    monkeypatch.setattr("time.monotonic", lambda: next(times))
    outcome = try_out(Kind("numbers", st.integers(), lambda _: [503, 501]), 5, 1, lambda: 0)

    assert outcome.hangs == 5
    assert [check.what for check in checks([outcome]) if not check.holds] == ["hangs"]


def test_the_same_seed_gives_the_same_inputs():
    sent: list[int] = []
    kind = Kind("numbers", st.integers(), lambda number: sent.append(number) or [])
    for _ in range(2):
        try_out(kind, 20, 7, lambda: 0)

    assert sent[:20] == sent[20:]
