"""A sweep that its server has left is gone on with by the next, with the numbers that it has without interruption."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.events import LaneStatus, RunStarted, RunStatus, StopRequested
from app.runs.run import Run
from app.storage.submissions import Submission, SubmissionRecord
from app.storage.sweep_records import sweep_changes_since
from app.storage.tables import cells, submissions
from app.sweeps.state import Result
from app.sweeps.sweep import VERSIONS_PER_SERVER, Sweep
from tests.storage.test_database import database
from tests.storage.test_sweeps import first_cell_over, over, short_then_endless, small
from tests.waiting import until_async

__all__ = ["database"]


def numbers(sweep: Sweep) -> list[list]:
    """Of each training where it was and what came out, but for the time that it took."""
    return [
        [each.cell.at, each.result.lane["status"], [[row[0], row[3], row[4]] for row in each.result.evaluations]]
        for each in sweep.trainings
    ]


def left(sweep: Sweep, grid: int, fresh: int | None = None) -> Sweep:
    """As a killed server leaves it: so many trainings of the grid are over, and of those on fresh seeds; the next of
    both was being trained, and no fresh seeds were chosen if that is None.
    """
    some = Sweep(sweep.id, sweep.grid, sweep.digits, owner="whose", created_at=sweep.created_at)
    some.apply(RunStarted("whole"))
    if fresh is not None:
        some.train_again(each.cell for each in sweep.fresh)
    done = [*sweep.cells[:grid], *sweep.fresh[: fresh or 0]]
    results = {number: (3, each.result) for number, each in enumerate(sweep.trainings) if each in done}
    if grid < len(sweep.cells):
        lane = {**sweep.cells[grid].untrained.lane, "status": LaneStatus.RUNNING, "steps": 5}
        results[grid] = (3, Result("lost", lane, []))
    some.restore(RunStatus.RUNNING, 3, results)
    return some


def stored(database, sweep: Sweep, seen_ago_s: float = 0) -> None:
    database.write([SubmissionRecord(sweep.id, Submission("whose")), sweep_changes_since(sweep, None)[0]])
    with database._engine.begin() as connection:
        seen_at = datetime.now(UTC) - timedelta(seconds=seen_ago_s)
        connection.execute(submissions.update().values(seen_at=seen_at))


@pytest.fixture
async def whole(serve) -> Sweep:
    """One that nothing has interrupted, with fresh seeds."""
    async with serve("") as manager:
        return await over(manager.start_sweep(small()))


@pytest.fixture
def digits_database(database_url, few_digits):
    """As a server has it that trains on these digits."""
    from app.storage.database import Database
    from app.storage.records import digits_of

    where = database_url.replace("postgresql://", "postgresql+psycopg://")
    database = Database(where, digits_of(few_digits.test_labels, few_digits.test_images))
    database.open()
    yield database
    database.close()


@pytest.mark.parametrize(("grid", "fresh"), [(0, None), (2, None), (4, None), (4, 0), (4, 1)])
async def test_what_was_not_over_is_trained_and_the_numbers_are_those_without_interruption(
    serve, digits_database, database_url, whole, grid, fresh
) -> None:
    stored(digits_database, left(whole, grid, fresh))
    finished = [*whole.cells[:grid], *whole.fresh[: fresh or 0]]

    async with serve(database_url) as manager:
        sweep = await over(await manager.sweeps.find(whole.id))
        runs = manager.metrics.started

    assert sweep.status is RunStatus.FINISHED
    assert numbers(sweep) == numbers(whole)
    assert (sweep.id, sweep.owner, sweep.created_at) == (whole.id, "whose", whole.created_at)
    same = [each.result.run for each in sweep.trainings if each.result.run in {old.result.run for old in finished}]
    assert len(same) == len(finished)
    assert "lost" not in [each.result.run for each in sweep.trainings]
    assert runs == 1


async def test_a_viewer_gets_unsaved_changes_again(serve, digits_database, database_url, whole) -> None:
    stored(digits_database, left(whole, 2))

    async with serve(database_url, max_running=1) as manager:
        sweep = await over(await manager.sweeps.find(whole.id))

    # A killed server had sent versions up to a few thousand, and before them those of the first two trainings.
    assert [each.changed > VERSIONS_PER_SERVER for each in sweep.cells] == [False, False, True, True]


@pytest.mark.parametrize(
    ("change", "seen_ago_s"),
    [("none", 1000), ("stopping", 0), ("forgotten", 0)],
    ids=["long ago", "stopping", "no one"],
)
async def test_one_that_no_server_has_had_for_long_or_that_was_to_stop_is_interrupted(
    serve, digits_database, database_url, whole, change, seen_ago_s
) -> None:
    some = left(whole, 2)
    if change == "stopping":
        some.apply(StopRequested("owner"))
    stored(digits_database, some, seen_ago_s)
    if change == "forgotten":
        with digits_database._engine.begin() as connection:
            connection.execute(submissions.delete())

    async with serve(database_url, unwatched_stop_s=900) as manager:
        sweep = await manager.sweeps.find(whole.id)
        assert (sweep.status, sweep.lanes[2]["status"]) == (RunStatus.INTERRUPTED, LaneStatus.INTERRUPTED)
        assert [each.over for each in sweep.cells] == [True, True, True, False]


async def test_one_that_ten_servers_have_not_brought_to_an_end_is_interrupted(digits_database, whole) -> None:
    stored(digits_database, left(whole, 2))

    goes_on = [digits_database.open(seen_since=datetime(2020, 1, 1, tzinfo=UTC)).sweeps for _ in range(11)]

    assert goes_on == [[whole.id]] * 10 + [[]]
    assert digits_database.find_sweep(whole.id)[0].status == "interrupted"


async def test_without_a_bound_none_is_too_old(serve, digits_database, database_url, whole) -> None:
    stored(digits_database, left(whole, 2), seen_ago_s=10_000_000)

    async with serve(database_url, unwatched_stop_s=0) as manager:
        assert (await over(await manager.sweeps.find(whole.id))).status is RunStatus.FINISHED


async def test_a_server_that_closes_leaves_what_it_trains_and_what_waits_to_the_next(serve, database_url) -> None:
    async with serve(database_url) as manager:
        sweep = manager.start_sweep(short_then_endless(), owner="whose")
        queued = manager.start_sweep(small())
        await first_cell_over(sweep)
        finished, cut = (cell.result.run for cell in sweep.cells[:2])

    async with serve(database_url) as manager:
        found, waits = await manager.sweeps.find(sweep.id), await manager.sweeps.find(queued.id)
        await until_async(lambda: found.cells[1].steps, "the second is trained again")
        assert (found.status, waits.status) == (RunStatus.RUNNING, RunStatus.QUEUED)
        assert (found.cells[0].result.run, found.owner) == (finished, "whose")
        again = found.cells[1].run
        assert isinstance(again, Run)
        assert again.id != cut
        assert (await manager.find(cut)).status is RunStatus.INTERRUPTED
        manager.give_way(found, by="owner")
        await until_async(lambda: found.status is RunStatus.STOPPED, "it is stopped")
        await over(waits)


async def test_one_that_trained_on_other_digits_is_interrupted_for_good(
    serve, database, database_url, digits_database, whole
) -> None:
    stored(database, left(whole, 2))

    async with serve(database_url):
        pass

    found, _ = digits_database.find_sweep(whole.id)
    assert found.status == "interrupted"


async def test_nothing_is_kept_of_who_has_submitted_what_is_over(serve, database_url) -> None:
    async with serve(database_url) as manager:
        await over(manager.start_sweep(small(), visitor="somebody"))
        endless = manager.start_sweep(short_then_endless(), visitor="another")
        await first_cell_over(endless)
        await until_async(lambda: endless.saved and len(manager._store._checkpoints) <= 2, "all is saved")
        with manager._store._database._engine.connect() as connection:
            kept = list(connection.execute(sa.select(submissions.c.job_id, submissions.c.visitor)).all())
            rows = connection.scalar(sa.select(sa.func.count()).select_from(cells))

    assert kept == [(endless.id, "another")]
    assert rows > 4
