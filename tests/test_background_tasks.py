"""Work that has to go on is begun again after it has failed, and its failure is logged."""

import asyncio

import pytest

from app import background_tasks
from app.background_tasks import keep_going


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_tasks, "FIRST_PAUSE_S", 0.0)


async def test_what_fails_is_begun_again_and_each_failure_is_logged_once(caplog):
    failures = [OSError("no room"), OSError("no room"), ValueError("another"), None]

    async def work() -> None:
        if failure := failures.pop(0):
            raise failure

    await keep_going("housekeeping", work)

    assert failures == []
    assert [record.about for record in caplog.records] == [{"task": "housekeeping"}] * 2
    assert [str(record.exc_info[1]) for record in caplog.records] == ["no room", "another"]


async def test_it_ends_when_it_is_cancelled(caplog):
    going = asyncio.create_task(keep_going("housekeeping", asyncio.Event().wait))
    await asyncio.sleep(0)
    going.cancel()

    with pytest.raises(asyncio.CancelledError):
        await going
    assert not caplog.records
