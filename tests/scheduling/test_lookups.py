"""The number of lookups at once is limited for each visitor, and reaching it is not a failure of the database."""

import asyncio

import pytest

from app.config import RunConfig
from app.errors import Overloaded, RunNotFound, VisitorOverloaded
from app.scheduling.manager import Manager
from app.scheduling.run_registry import MOST_FINDING, SHARE, VISITOR


async def looked_for(manager: Manager, asker: str, ids: list[str]) -> list[Exception]:
    async def find(run_id: str) -> None:
        VISITOR.set(asker)
        await manager.find(run_id)

    return await asyncio.gather(*(find(run_id) for run_id in ids), return_exceptions=True)


def refused(problems: list[Exception]) -> list[Overloaded]:
    assert all(isinstance(problem, Overloaded | RunNotFound) for problem in problems)
    return [problem for problem in problems if isinstance(problem, Overloaded)]


async def test_only_a_visitor_with_too_many_lookups_is_refused(serve, sqlite_url):
    async with serve(sqlite_url) as manager:
        greedy, modest = await asyncio.gather(
            looked_for(manager, "greedy", [f"g{number}" for number in range(SHARE + 30)]),
            looked_for(manager, "modest", ["m1", "m2"]),
        )

        assert [type(problem) for problem in refused(greedy)] == [VisitorOverloaded] * 30
        assert not refused(modest)
        assert not refused(await looked_for(manager, "greedy", ["later"]))
        assert manager._store.errors == 0


async def test_there_is_a_bound_for_all_together(serve, sqlite_url):
    async with serve(sqlite_url) as manager:
        asked = [looked_for(manager, f"{number}", [f"r{number}"]) for number in range(MOST_FINDING + 10)]
        problems = [problem for (problem,) in await asyncio.gather(*asked)]

        assert [type(problem) for problem in refused(problems)] == [Overloaded] * 10
        assert manager._store.errors == 0


async def test_what_was_not_there_is_not_looked_for_again_at_once(serve, sqlite_url):
    async with serve(sqlite_url) as manager:
        with pytest.raises(RunNotFound):
            await manager.find("nosuch")
        before = set(asyncio.all_tasks())

        again = manager.find("nosuch")
        # Nothing to wait for: the answer is known.
        with pytest.raises(RunNotFound):
            again.send(None)

        assert set(asyncio.all_tasks()) == before


async def test_lookups_that_end_in_the_same_moment_all_find_their_runs(serve, sqlite_url):
    async with serve(sqlite_url) as manager:
        tiny = RunConfig.of({"hidden": [2], "epochs": 1, "batch_size": 500, "lanes": [{"optimizer": "sgd"}]})
        ids = [(await manager.wait(manager.start(tiny).id)).id for _ in range(6)]
    async with serve(sqlite_url, max_kept=1) as manager:
        for _ in range(3):
            found = await asyncio.gather(*(manager.find(run_id) for run_id in ids))
            assert [run.id for run in found] == ids
