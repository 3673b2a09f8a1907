"""Quotas: a maximum for each key, by a clock that cannot be set."""

import time

import pytest

from app import quotas
from app.quotas import Quota, Rate

THREE_A_MINUTE = Rate(3, 60)
AN_HOUR = 3600


class Clocks:
    """The time of day and the time since the machine started, both as the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.of_day, self.of_machine = time.time(), 1_000.0
        monkeypatch.setattr("time.time", lambda: self.of_day)
        monkeypatch.setattr("app.quotas.monotonic", lambda: self.of_machine)

    def pass_by(self, seconds: float) -> None:
        self.of_day += seconds
        self.of_machine += seconds


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(monkeypatch)


def test_no_more_than_the_rate_within_any_such_span(clocks):
    quota = Quota(THREE_A_MINUTE)
    assert [quota.hit("a") for _ in range(4)] == [True, True, True, False]
    assert quota.wait_s("a") == 60
    clocks.pass_by(59)
    assert (quota.test("a"), quota.wait_s("a")) == (False, 1)
    clocks.pass_by(1)
    assert (quota.hit("a"), quota.wait_s("a")) == (True, 0)


def test_what_is_refused_is_not_counted(clocks):
    quota = Quota(THREE_A_MINUTE)
    for _ in range(100):
        quota.hit("a")
        clocks.pass_by(0.1)
    clocks.pass_by(50.2)
    assert quota.hit("a")


def test_without_seconds_what_is_held_counts_until_it_is_given_back(clocks):
    quota = Quota(Rate(2))
    assert [quota.hit("a"), quota.hit("a"), quota.hit("a"), quota.hit("b")] == [True, True, False, True]
    clocks.pass_by(AN_HOUR)
    assert not quota.test("a")
    quota.release("a")
    assert [quota.hit("a"), quota.hit("a")] == [True, False]


def test_keys_do_not_share_and_are_forgotten(clocks, monkeypatch):
    monkeypatch.setattr(quotas, "MOST_KEYS", 5)
    quota = Quota(Rate(1, 60))
    assert all(quota.hit(key) for key in "abcdefg")
    assert [quota.test(key) for key in "abcdefg"] == [True, True, *[False] * 5]
    clocks.pass_by(60)
    assert all(quota.test(key) for key in "abcdefg")


@pytest.mark.parametrize("jump_s", [-AN_HOUR, AN_HOUR, 70 * 365 * 24 * AN_HOUR])
async def test_a_clock_that_is_set_keeps_no_one_out_and_lets_no_one_in(open_server, clocks, jump_s):
    async with open_server(starts_per_minute=2, max_queued=20) as (http, _):

        async def start() -> int:
            return (await http.post("/api/runs", json={"epochs": 1, "hidden": [16]})).status_code

        assert [await start() for _ in range(3)] == [201, 201, 429]
        clocks.of_day += jump_s
        assert await start() == 429
        clocks.pass_by(61)
        assert await start() == 201
