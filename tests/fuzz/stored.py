"""Rows of the database that say something else than what was stored."""

import json
import sqlite3
import zlib
from contextlib import closing
from itertools import count
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.kind import Kind
from tests.fuzz.requests import JSON
from tests.fuzz.target import Target
from tests.waiting import TIMEOUT_S

COLUMNS = {
    "runs": ["created_at", "status", "config", "owner", "per_epoch", "digits", "bytes"],
    "log": ["number", "event"],
    "pieces": ["lane", "kind", "first", "columns"],
    "snapshots": ["lane", "kind", "step", "data"],
}
# Where a run is read from, in every way.
READ = ["", "/export.csv", "/export.json", "/export.parquet", "/story", "/story/moments", "/command"]
READ += ["/weights", "/lanes/0/confusion"]
Change = tuple[str, str, int, Any]


def stored(target: Target) -> Kind:
    """Of a copy of the run; it is looked at in some ways, and taken away."""
    values = st.one_of(
        JSON.map(json.dumps),
        st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=20) | st.binary(max_size=40),
        st.binary(max_size=80).map(zlib.compress),
        st.sampled_from([-1, 0, 1, 2, 3, 99, "", "finished", "running", "2026-01-31 12:00:00.000000"]),
    )
    damage = st.sampled_from([(table, column) for table, columns in COLUMNS.items() for column in columns]).flatmap(
        lambda place: st.tuples(st.just(place[0]), st.just(place[1]), st.integers(0, 200), values | _events(place))
    )
    inputs = st.tuples(st.lists(damage, min_size=1, max_size=3), st.lists(st.sampled_from(READ), max_size=2))
    numbers = count()

    def send(given_input: tuple[list[Change], list[str]]) -> list[int]:
        changes, reads = given_input
        copy = f"copy-{next(numbers)}"
        # As a text of the database has it; SQLite takes no lone surrogate.
        changes = [
            (table, column, row, value.encode(errors="replace").decode() if isinstance(value, str) else value)
            for table, column, row, value in changes
        ]
        with closing(sqlite3.connect(target.database, timeout=TIMEOUT_S)) as connection:
            _copy(connection, target.run_id, copy, changes)
            pages = [f"/runs/{copy}", f"/runs/{copy}/card.png"]
            paths = [pages[0], *(f"/api/runs/{copy}{read}" for read in ["", *reads]), *pages[1 : 1 + len(reads)]]
            statuses = [target.http.get(path, headers={"Accept": "text/html"}).status_code for path in paths]
            _forget(connection, copy)
        return statuses

    return Kind("stored values", inputs, send)


def _events(place: tuple[str, str]) -> st.SearchStrategy[Any]:
    """Of the log, events of the right sort with one field changed."""
    if place != ("log", "event"):
        return st.nothing()
    sorts: dict[str, list[str]] = {
        "Evaluation": ["lane", "step", "seconds", "test_accuracy", "test_loss", "train_accuracy", "train_loss"],
        "LaneEnded": ["lane", "status", "step", "reason"],
        "LearningRateChanged": ["lane", "step", "learning_rate"],
        "PaceChanged": ["batches_per_s"],
        "RunStarted": ["form", "paused"],
    }
    whole = {"lane": 0, "step": 1, "seconds": 0.1, "status": "finished", "reason": None, "learning_rate": 0.1}
    whole |= {"test_accuracy": 0.5, "test_loss": 1.0, "train_accuracy": 0.5, "train_loss": 1.0}
    whole |= {"batches_per_s": None, "form": "plain", "paused": False}
    return st.sampled_from([(sort, field) for sort, fields in sorts.items() for field in fields]).flatmap(
        lambda of: JSON.map(
            lambda value: json.dumps({"event": of[0], **{name: whole[name] for name in sorts[of[0]]}, of[1]: value})
        )
    )


def _copy(connection: sqlite3.Connection, run_id: str, copy: str, changes: list[Change]) -> None:
    """One transaction: the server sees all of the changed run, or nothing."""
    with connection:
        for table, columns in COLUMNS.items():
            key = "id" if table == "runs" else "run_id"
            listed = ", ".join(f'"{column}"' for column in columns)
            connection.execute(
                f"INSERT INTO {table} ({key}, {listed}) SELECT ?, {listed} FROM {table} WHERE {key} = ?", [copy, run_id]
            )
        for table, column, row, value in changes:
            key = "id" if table == "runs" else "run_id"
            rows = [each for (each,) in connection.execute(f"SELECT rowid FROM {table} WHERE {key} = ?", [copy])]
            # OR IGNORE: there may be a row of that number.
            connection.execute(
                f'UPDATE OR IGNORE {table} SET "{column}" = ? WHERE rowid = ?', [value, rows[row % len(rows)]]
            )


def _forget(connection: sqlite3.Connection, copy: str) -> None:
    with connection:
        for table in COLUMNS:
            connection.execute(f"DELETE FROM {table} WHERE {'id' if table == 'runs' else 'run_id'} = ?", [copy])
