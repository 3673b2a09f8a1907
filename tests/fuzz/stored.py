"""Rows of the database that say something else than what was stored."""

import json
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from itertools import count
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.kind import Kind
from tests.fuzz.requests import JSON
from tests.fuzz.target import Target
from tests.waiting import TIMEOUT_S

# Of each table the column by which rows belong to a run or a sweep, and the others.
Tables = dict[str, tuple[str, list[str]]]
RUN: Tables = {
    "runs": ("id", ["created_at", "status", "config", "owner", "per_epoch", "digits", "bytes"]),
    "log": ("run_id", ["number", "event"]),
    "pieces": ("run_id", ["lane", "kind", "first", "columns"]),
    "snapshots": ("run_id", ["lane", "kind", "step", "data"]),
}
SWEEP: Tables = {
    "sweeps": (
        "id",
        ["created_at", "status", "stopped_by", "grid", "fresh", "owner", "train_digits", "digits", "version", "bytes"],
    ),
    "cells": ("sweep_id", ["number", "run_id", "changed", "result"]),
}
# Where a run is read from, in every way, and a sweep.
READ = ["", "/export.csv", "/export.json", "/export.parquet", "/story", "/story/moments", "/command"]
READ += ["/weights", "/lanes/0/confusion"]
READ_SWEEP = ["", "/cells.csv", "/cells.parquet", "/sweep.json"]
Change = tuple[str, str, int, Any]


def stored(target: Target) -> Kind:
    """Of a copy of the run; it is looked at in some ways, and taken away."""

    def pages(copy: str) -> list[str]:
        return [f"/runs/{copy}", f"/runs/{copy}/card.png"]

    return _changed(target, "stored values", target.run_id, RUN, "/api/runs", READ, pages)


def stored_sweeps(target: Target) -> Kind:
    """The same of the sweep."""

    def pages(copy: str) -> list[str]:
        asked = f"/api/experiments/one-dial/answer?sweep={copy}"
        return [f"/sweeps/{copy}", f"/embed/sweeps/{copy}", f"/sweeps/{copy}/card.png", asked]

    return _changed(target, "stored sweeps", target.sweep_id, SWEEP, "/api/sweeps", READ_SWEEP, pages)


def _changed(
    target: Target,
    name: str,
    original: str,
    tables: Tables,
    api: str,
    ways: list[str],
    pages: Callable[[str], list[str]],
) -> Kind:
    values = st.one_of(
        JSON.map(json.dumps),
        st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=20) | st.binary(max_size=40),
        st.binary(max_size=80).map(zlib.compress),
        st.sampled_from([-1, 0, 1, 2, 3, 99, "", "finished", "running", "2026-01-31 12:00:00.000000"]),
    )
    places = [(table, column) for table, (_, columns) in tables.items() for column in columns]
    damage = st.sampled_from(places).flatmap(
        lambda place: st.tuples(
            st.just(place[0]), st.just(place[1]), st.integers(0, 200), values | _events(place) | _of_sweeps(place)
        )
    )
    inputs = st.tuples(st.lists(damage, min_size=1, max_size=3), st.lists(st.sampled_from(ways), max_size=2))
    numbers = count()

    def send(given_input: tuple[list[Change], list[str]]) -> list[int]:
        changes, reads = given_input
        copy = f"copy-{next(numbers)}"
        # As a text of the database has it; SQLite takes no lone surrogate.
        changes = [
            (table, column, row, value.encode(errors="replace").decode() if isinstance(value, str) else value)
            for table, column, row, value in changes
        ]
        first, *more = pages(copy)
        with closing(sqlite3.connect(target.database, timeout=TIMEOUT_S)) as connection:
            _copy(connection, tables, original, copy, changes)
            paths = [first, *(f"{api}/{copy}{read}" for read in ["", *reads]), *more[: len(reads)]]
            statuses = [target.http.get(path, headers={"Accept": "text/html"}).status_code for path in paths]
            _forget(connection, tables, copy)
        return statuses

    return Kind(name, inputs, send)


def _of_sweeps(place: tuple[str, str]) -> st.SearchStrategy[Any]:
    """Grids and results of the right sort with something else in one place."""
    axes = {"optimizer": ["sgd"], "learning_rate": [0.1]}
    lane = {"lane": 0, "optimizer": "sgd", "learning_rate": 0.1, "learning_rate_changes": [], "status": "finished"}
    lane |= {"reason": None, "silent_s": None, "ended_at": 4, "steps": 4, "seconds": 0.1, "quick": False}
    lane |= {"test_accuracy": 0.5, "test_loss": 1.0, "train_accuracy": 0.5, "train_loss": 1.0, "reached": []}
    match place:
        case ("sweeps", "grid"):
            return st.sampled_from([*axes, "batch_size", "seed"]).flatmap(
                lambda axis: JSON.map(lambda value: json.dumps({"axes": {**axes, axis: value}, "base": {}}))
            )
        case ("sweeps", "fresh"):
            return JSON.map(lambda value: json.dumps([{**axes, "optimizer": "sgd", "learning_rate": value}]))
        case ("cells", "result"):
            rows = JSON | st.lists(st.tuples(*[st.floats() | st.none()] * 5), max_size=3)
            return st.tuples(st.sampled_from(list(lane)), JSON, rows).map(
                lambda of: json.dumps(["run", {**lane, of[0]: of[1]}, of[2]])
            )
    return st.nothing()


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


def _copy(connection: sqlite3.Connection, tables: Tables, original: str, copy: str, changes: list[Change]) -> None:
    """One transaction: the server sees all of what was changed, or nothing."""
    with connection:
        for table, (key, columns) in tables.items():
            listed = ", ".join(f'"{column}"' for column in columns)
            connection.execute(
                f"INSERT INTO {table} ({key}, {listed}) SELECT ?, {listed} FROM {table} WHERE {key} = ?",
                [copy, original],
            )
        for table, column, row, value in changes:
            key = tables[table][0]
            rows = [each for (each,) in connection.execute(f"SELECT rowid FROM {table} WHERE {key} = ?", [copy])]
            # OR IGNORE: there may be a row of that number.
            connection.execute(
                f'UPDATE OR IGNORE {table} SET "{column}" = ? WHERE rowid = ?', [value, rows[row % len(rows)]]
            )


def _forget(connection: sqlite3.Connection, tables: Tables, copy: str) -> None:
    with connection:
        for table, (key, _) in tables.items():
            connection.execute(f"DELETE FROM {table} WHERE {key} = ?", [copy])
