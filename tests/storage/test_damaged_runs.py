"""A run whose rows were changed is not there, with one line of log; all others are, and are pruned as ever."""

import json
import logging
import math
import sqlite3
import zlib
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from app.config import RunConfig
from app.events import Evaluation, Frame, LaneEnded, LaneStatus, Parameters, RunStarted
from app.runs.history import COLUMNS, Kind
from app.runs.run import Run
from app.storage.database import Database
from app.storage.event_text import encode_event
from app.storage.records import DamagedRun, Limits, changes_since, digits_of, pack
from app.storage.restore import StoredRun, restore
from app.storage.store import Store
from app.training.dataset import Dataset
from tests.waiting import until_async

CONFIG = RunConfig.of({"hidden": [4]})
LABELS = np.arange(20, dtype=np.uint8) % 10
WEIGHTS = 785 * 4 + 5 * 10
NO_LIMITS = Limits(days=1_000, runs=1_000, megabytes=1_000)
EVALUATION = {
    "event": "Evaluation", "lane": 0, "step": 1, "seconds": 0.1, "test_accuracy": 0.5, "test_loss": 1.0,
    "train_accuracy": 0.5, "train_loss": 1.0,
}  # fmt: skip


def kept(**changed) -> StoredRun:
    ends = [encode_event(LaneEnded(lane, LaneStatus.STOPPED, 1)) for lane in range(3)]
    whole = {
        "run_id": "one",
        "created_at": datetime.now(UTC),
        "config": CONFIG.model_dump_json(),
        "owner": "",
        "per_epoch": 3,
        "log": [encode_event(RunStarted("whole")), json.dumps(EVALUATION), *ends],
        "pieces": [(1, 0, pack(np.ones((3, 1), np.float32)))],
        "snapshots": [
            (0, "answers", 1, pack(LABELS)),
            (0, "confidence", 1, pack(np.ones(20, np.float32))),
            (0, "parameters", 1, pack(np.ones(WEIGHTS, np.float16))),
        ],
    }
    return StoredRun(**{**whole, **changed})


def evaluation(**changed) -> list[str]:
    return [encode_event(RunStarted("whole")), json.dumps({**EVALUATION, **changed})]


def metrics(*rows: float) -> list[tuple[int, int, bytes]]:
    return [(1, 0, pack(np.array(rows, np.float32)))]


def test_a_run_that_was_not_changed_is_read():
    run = restore(kept(), LABELS, same_digits=True)

    assert (run.status, run.history.steps(0), run.lanes[0].evaluation.test_accuracy) == ("stopped", 1, 0.5)
    assert len(run.lanes[0].parameters.theta) == WEIGHTS


def test_a_push_from_before_trends_and_examples_opens():
    old = np.arange(61 * 73, dtype=np.float32).reshape(61, 73)
    pushes = restore(kept(pieces=[(3, 0, pack(old))]), LABELS, same_digits=True).history.tables(Kind.PUSH)[0]

    assert pushes.shape == (75, 73)
    assert np.array_equal(pushes[:61], old)
    row = dict(zip(COLUMNS[Kind.PUSH], pushes[:, 0].tolist(), strict=True))
    assert np.isnan([row["slope"], row["weight_0"], row["gradient_3"]]).all()
    assert row["decades"] == 0


def test_a_run_from_before_quick_evaluations_and_walls_opens():
    row = restore(kept(), LABELS, same_digits=True).history.tables(Kind.EVALUATIONS)[0][:, 0]
    told = dict(zip(COLUMNS[Kind.EVALUATIONS], row.tolist(), strict=True))

    assert (told["step"], told["test_accuracy"], told["quick"]) == (1, 0.5, 0)
    assert all(math.isnan(told[f"wall_{place}"]) for place in range(100))


@pytest.mark.parametrize(
    ("answers", "same_digits", "known"),
    [
        ("00112233445566778899", True, True),
        ("99887766554433221100", True, False),
        ("00112233445566778899", False, False),
    ],
)
def test_answers_to_other_digits_than_the_wall_has_now_are_left_out(answers: str, same_digits: bool, known: bool):
    # Its newest answers are right, and so it has the wall right that is sorted by label.
    run = restore(kept(log=evaluation(wall=answers)), LABELS, same_digits)

    wall = run.history.tables(Kind.EVALUATIONS)[0][COLUMNS[Kind.EVALUATIONS].index("wall_0") :, 0]
    assert np.isfinite(wall[: len(answers)]).all() == known


@pytest.mark.parametrize(
    "changed",
    [
        {"config": "{}x"},
        {"config": None},
        {"per_epoch": "running"},
        {"per_epoch": -1},
        {"owner": b"\xff"},
        {"log": ["null"]},
        {"log": ['{"event":"np"}']},
        {"log": ['{"event":"LaneStatus","value":"finished"}']},
        {"log": ['{"event":"RunStarted","form":1}']},
        {"log": evaluation(lane=-1)},
        {"log": evaluation(lane=3)},
        {"log": evaluation(step=2**40)},
        {"log": evaluation(seconds=float("nan"))},
        {"log": evaluation(test_accuracy=float("inf"))},
        {"log": evaluation(test_accuracy="half")},
        {"log": evaluation(more=1)},
        {"log": evaluation(quick="sometimes")},
        {"log": evaluation(wall="7x")},
        {"log": evaluation(wall="7" * 101)},
        {"log": [encode_event(LaneEnded(0, LaneStatus.STOPPED, 1))]},
        {"pieces": [(1, 0, b"no zlib")]},
        {"pieces": [(9, 0, pack(np.ones(3, np.float32)))]},
        {"pieces": [(1, -1, pack(np.ones(3, np.float32)))]},
        {"pieces": metrics(1, 2)},
        {"pieces": metrics(1, 1, float("nan"))},
        {"pieces": [(3, 0, pack(np.full(61, np.nan, np.float32)))]},
        {"pieces": [(4, 0, pack(np.full(61, 1, np.float32)))]},
        {"snapshots": [(0, "answers", 1, pack(LABELS[:3]))]},
        {"snapshots": [(0, "answers", 1, pack(LABELS + 200))]},
        {"snapshots": [(0, "parameters", 1, pack(np.ones(3, np.float16)))]},
        {"snapshots": [(0, "unknown", 1, zlib.compress(b""))]},
        {"snapshots": [("0", "parameters", 1, pack(np.ones(WEIGHTS, np.float16)))]},
    ],
    ids=str,
)
def test_invalid_records_of_a_run_are_recognized(changed):
    with pytest.raises(DamagedRun, match=r"\w"):
        restore(kept(**changed), LABELS, same_digits=True)


def run_of(run_id: str, labels: np.ndarray = LABELS) -> Run:
    run = Run(run_id, CONFIG, labels, 3)
    run.apply(RunStarted("whole"))
    for lane in range(3):
        run.apply(Frame(lane, 1, *np.ones((3, 1), np.float32)))
        numbers = np.zeros(len(labels), np.uint8), np.ones(len(labels), np.float32)
        run.apply(Evaluation(lane, 1, 0.1, 0.5, 1.0, 0.5, 1.0, *numbers))
        run.apply(Parameters(lane, 1, np.ones(WEIGHTS, np.float32)))
        run.apply(LaneEnded(lane, LaneStatus.STOPPED, 1))
    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "runs.db"


def change(file: Path, column: str, value: object, run_id: str = "one") -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(f"UPDATE runs SET {column} = ? WHERE id = ?", [value, run_id])


@pytest.mark.parametrize(
    ("column", "value"),
    [("created_at", "yesterday"), ("created_at", b"\xff"), ("bytes", "many")],
)
def test_one_changed_row_keeps_no_other_from_being_pruned(file, column, value):
    database = Database(file, digits_of(LABELS))
    database.open()
    database.write([changes_since(run_of(run_id), None)[0] for run_id in ("one", "two")])
    change(file, column, value)
    change(file, "created_at", "2020-01-01 00:00:00.000000", "two")

    try:
        assert database.prune(NO_LIMITS) == ["two"]
        if column == "created_at":
            with pytest.raises(DamagedRun):
                database.find("one")
    finally:
        database.close()


async def test_a_changed_run_is_not_found_with_one_line_and_the_store_goes_on(few_digits: Dataset, file, caplog):
    store = Store(file, NO_LIMITS, few_digits)
    await store.open()
    try:
        for run_id in ("one", "two"):
            store.keep(run_of(run_id, few_digits.test_labels))
        await until_async(lambda: not store._checkpoints, "both are saved")
        change(file, "config", "{")
        found = [await store.find(run_id) for run_id in ("one", "two")]
    finally:
        await store.close()

    assert [run and run.id for run in found] == [None, "two"]
    assert found[1].history.tables(Kind.METRICS)[0].shape == (3, 1)
    lines = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [(line.getMessage(), line.exc_info) for line in lines] == [("saved run cannot be read", None)]
    assert store.errors == 0
