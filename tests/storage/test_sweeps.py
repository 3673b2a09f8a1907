"""Sweeps that last: found again with cells, curves and sentences, counted and deleted together with their runs."""

import json

import pytest
import sqlalchemy as sa

from app.errors import RunNotFound
from app.events import Detail, LaneStatus, RunStatus
from app.report.sweeps.description import describe_sweep
from app.runs.history import Kind
from app.storage.records import DamagedRun, Limits
from app.storage.run_file import read_run, read_sweep, write_sweep
from app.storage.sweep_records import CellRecord, StoredSweep, restore_sweep, sweep_changes_since
from app.storage.tables import cells, runs, sweeps
from app.sweeps.grid import Grid, grid
from app.sweeps.sweep import VERSIONS_PER_SERVER, Sweep, Training
from tests.storage.test_database import database
from tests.waiting import until_async

__all__ = ["database"]

SHORT = {"hidden": [4], "epochs": 1, "batch_size": 100}
ENDLESS = {"hidden": [4], "epochs": 100}
AXES = {"optimizer": ["sgd", "adam"], "learning_rate": [0.01, 0.1]}
NO_LIMITS = Limits(days=1_000, runs=1_000, megabytes=1_000)


def small() -> Grid:
    return grid(AXES, SHORT)


def short_then_endless() -> Grid:
    """Its first cell is soon over, the second never."""
    return grid({"learning_rate": [0.01, 0.1], "batch_size": [500, 1]}, ENDLESS)


async def over(sweep: Sweep) -> Sweep:
    await until_async(lambda: sweep.status.final, "the sweep is over")
    return sweep


async def first_cell_over(sweep: Sweep) -> None:
    await until_async(lambda: sweep.cells[0].over and sweep.cells[1].steps, "one is over and another trains")


def told(sweep: Sweep) -> dict:
    """Everything that visitors see of it."""
    return {**describe_sweep(sweep.state), "saved": True}


async def test_a_sweep_is_found_by_the_next_server_as_it_was_with_its_runs(serve, database_url) -> None:
    async with serve(database_url) as manager:
        sweep = await over(manager.start_sweep(small(), owner="whose"))

    async with serve(database_url) as manager:
        found = await manager.sweeps.find(sweep.id)
        run = await manager.find(found.fresh[-1].result.run)

    assert found is not sweep
    assert told(found) == told(sweep)
    assert (found.owner, found.saved) == ("whose", True)
    assert found.version - sweep.version in (0, 1)
    assert (run.sweep, run.status) == (sweep.id, RunStatus.FINISHED)
    assert run.lanes[0].describe(0, run.history.steps(0)) == found.fresh[-1].result.lane


async def test_an_unfinished_sweep_is_sent_again_with_higher_versions(serve, database) -> None:
    async with serve("") as manager:
        sweep = manager.start_sweep(short_then_endless())
        await first_cell_over(sweep)
        changed = [cell.changed for cell in sweep.cells]
        database.write([sweep_changes_since(sweep, None)[0]])

    database.open()
    found = restore_sweep(database.find_sweep(sweep.id)[0])

    assert found.status is RunStatus.INTERRUPTED
    assert found.cells[0].changed == changed[0]
    assert found.cells[1].result.lane["status"] is LaneStatus.INTERRUPTED
    assert found.version == found.cells[1].changed == VERSIONS_PER_SERVER
    database.open()
    assert restore_sweep(database.find_sweep(sweep.id)[0]).version == VERSIONS_PER_SERVER


async def test_a_sweep_and_its_runs_count_as_one_and_go_together(serve, database_url) -> None:
    async with serve(database_url, keep_runs=2) as manager:
        gone, kept = [await over(manager.start_sweep(small())) for _ in range(2)]
        config = small().cells[0].config
        run = manager.start(config)
        await manager.wait(run.id)
        await until_async(lambda: run.saved, "all is saved")

    async with serve(database_url, keep_runs=2) as manager:
        assert await manager.find(run.id)
        assert [await manager.find(cell.result.run) for cell in kept.trainings]
        for cell in gone.trainings:
            with pytest.raises(RunNotFound):
                await manager.find(cell.result.run)
        with pytest.raises(RunNotFound):
            await manager.sweeps.find(gone.id)


async def test_room_is_counted_with_all_runs_of_a_sweep_and_nothing_is_left_of_one_that_went(
    serve, database_url
) -> None:
    async with serve(database_url) as manager:
        sweep = await over(manager.start_sweep(small()))
        await until_async(lambda: not manager._store._checkpoints, "all is saved")
        database = manager._store._database

        with database._engine.connect() as connection:
            stored = int(connection.scalar(sa.select(sa.func.sum(runs.c.bytes))))
            own = connection.scalar(sa.select(sweeps.c.bytes))
            texts = connection.scalar(sa.select(sa.func.sum(sa.func.length(cells.c.result))))
        assert own > texts > 0
        assert database.prune(NO_LIMITS._replace(megabytes=(stored + own + 1) / 1e6)) == []
        gone = database.prune(NO_LIMITS._replace(megabytes=(stored + own - 1) / 1e6))
        with database._engine.connect() as connection:
            left = [connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in (runs, sweeps, cells)]

    assert set(gone) == {sweep.id, *(training.result.run for training in sweep.trainings)}
    assert left == [0, 0, 0]


async def test_a_sweep_that_goes_on_keeps_its_runs_however_little_is_kept(serve, database_url) -> None:
    async with serve(database_url) as manager:
        sweep = manager.start_sweep(short_then_endless())
        await first_cell_over(sweep)
        run_id = sweep.cells[0].result.run
        checkpoints = manager._store._checkpoints
        await until_async(lambda: sweep in checkpoints and manager.get(run_id) not in checkpoints, "it is saved")

        assert manager._store._database.prune(Limits(days=0, runs=0, megabytes=0)) == []


async def test_a_cell_takes_little_room(serve, tmp_path, few_digits) -> None:
    async with serve(f"sqlite:///{tmp_path / 'runs.db'}") as manager:
        sweep = await over(manager.start_sweep(small()))
        run = await manager.find(sweep.cells[0].result.run)
        assert run.history.tables(Kind.PUSH)[0].shape[1] == 0
        assert run.lanes[0].parameters is None
        await until_async(lambda: not manager._store._checkpoints, "all is saved")
        found = manager._store._database.find(run.id)[0]

    assert found.snapshots == []
    # The batches are what there is: three float32 each.
    assert sum(len(columns) for _, _, columns in found.pieces) < 12 * run.history.steps(0) + 200


async def test_a_recorded_sweep_is_read_as_it_was_without_its_runs(serve, few_digits, tmp_path) -> None:
    file = tmp_path / "recorded.db"
    async with serve("") as manager:
        sweep = await over(manager.start_sweep(small()))

    write_sweep(sweep, file, "recorded", few_digits)
    found = read_sweep(file, "recorded", few_digits)

    assert found is not None
    described, original = told(found), told(sweep)
    assert (described["id"], described["curves"], described["verdicts"], described["sentences"]) == (
        "recorded",
        original["curves"],
        original["verdicts"],
        original["sentences"],
    )
    assert [cell["run"] for cell in described["cells"]] == [None] * 4
    assert [cell["evaluations"] for cell in described["cells"]] == [cell["evaluations"] for cell in original["cells"]]
    assert read_sweep(file, "another", few_digits) is None
    assert read_run(file, "recorded", few_digits) is None
    others = few_digits._replace(test_labels=few_digits.test_labels[::-1])
    assert read_sweep(file, "recorded", others) is None
    assert file.stat().st_size < 120_000


def stored() -> StoredSweep:
    records, _ = sweep_changes_since(Sweep("a-sweep", small(), 1_000), None)
    return StoredSweep(records.sweep_id, digits="", cells=records.cells, **records.row)


def test_what_is_stored_of_a_sweep_that_has_yet_to_begin_is_that_sweep() -> None:
    assert restore_sweep(stored()._replace(status="finished")).state.cells == Sweep("other", small(), 1_000).state.cells


@pytest.mark.parametrize(
    "damage",
    [
        {"grid": "{"},
        {"grid": '{"axes": {"learning_rate": []}, "base": {}}'},
        {"grid": "[]"},
        {"fresh": '[{"optimizer": "none"}]'},
        {"fresh": '["", ""]'},
        {"fresh": '[{"optimizer": "lion", "learning_rate": 0.1, "seed": 3}]'},
        {"status": "well"},
        {"train_digits": "many"},
        {"result": "[]"},
        {"result": '["run", {"status": "finished"}, []]'},
        {"result": "1e999"},
    ],
)
def test_damaged_rows_are_reported(damage: dict) -> None:
    if "result" in damage:
        damage = {"cells": [CellRecord(0, "run", 1, damage["result"])]}

    with pytest.raises(DamagedRun):
        restore_sweep(stored()._replace(**damage))


@pytest.mark.parametrize("run_id", [b"\x93e", 5])
def test_a_training_whose_run_is_no_text_is_damaged(run_id: object) -> None:
    result = json.dumps(Training(small().cells[0], Detail.RESULT, 10).result)
    assert restore_sweep(stored()._replace(cells=[CellRecord(0, "run", 1, result)])).cells[0].result.run == "run"

    with pytest.raises(DamagedRun):
        restore_sweep(stored()._replace(cells=[CellRecord(0, run_id, 1, result)]))
