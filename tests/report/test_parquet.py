"""Parquet as others read it: every value, every kind of column, files of no and of many pieces."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.report.columns import Piece
from app.report.parquet import parquet
from app.report.thrift import i32, i64, listed, struct, text

HARD = [0.0, -0.0, 1.5, -3.4e38, 1e-40, float("nan"), float("inf"), -float("inf")]
TYPES = {
    "seed": "int64", "lane": "int8", "name": "string", "optimizer": "string", "step": "int32", "epoch": "double",
    "examples": "int64",
}  # fmt: skip


def piece(lane: int, name: str, rows: int, first: int = 1) -> Piece:
    """With values that are hard to keep, and a few rows or many."""
    steps = np.arange(first, first + rows, dtype=np.int32)
    floats = ("seconds", "learning_rate", "loss", "accuracy", "smoothed_loss", "smoothed_accuracy")
    columns = {each: np.roll(np.resize(np.float32(HARD), rows), place) for place, each in enumerate(floats)}
    return Piece(
        2**40 + lane,
        lane,
        name,
        "adam",
        {"step": steps, "epoch": steps / 3, "examples": steps.astype(np.int64) * 2**33, **columns},
    )


def read(pieces: list[Piece]) -> pa.Table:
    return pq.read_table(io.BytesIO(b"".join(parquet(pieces, "batches"))))


@pytest.mark.parametrize("pieces", [1, 2, 20])
def test_every_value_is_read_as_it_was(pieces):
    given = [
        piece(number % 3, ("Adam", "Größe ∞", "")[number % 3], 1 + 50 * number, number) for number in range(pieces)
    ]

    table = read(given)

    assert table.num_rows == sum(len(each.columns["step"]) for each in given)
    for name in table.column_names:
        for each, found in zip(given, split(table[name], given), strict=True):
            if name in each.columns:
                np.testing.assert_array_equal(found.to_numpy(zero_copy_only=False), each.columns[name])
            else:
                assert found.to_pylist() == [getattr(each, name)] * len(found)


def split(column: pa.ChunkedArray, pieces: list[Piece]) -> list[pa.Array]:
    whole, at, parts = column.combine_chunks(), 0, []
    for each in pieces:
        rows = len(each.columns["step"])
        parts.append(whole.slice(at, rows))
        at += rows
    return parts


def test_columns_have_the_narrowest_type_that_holds_them_and_are_never_null():
    for table in ("batches", "evaluations"):
        schema = pq.read_schema(io.BytesIO(b"".join(parquet([], table))))
        assert {field.name: str(field.type) for field in schema} == {
            field.name: TYPES.get(field.name, "float") for field in schema
        }
        assert not any(field.nullable for field in schema)


def test_a_race_without_a_batch_is_a_file_without_rows():
    assert (table := read([])).num_rows == 0
    assert table.column_names[:3] == ["seed", "lane", "name"]


def test_each_piece_is_sent_when_it_is_made():
    made = []

    def pieces():
        for number in range(3):
            made.append(number)
            yield piece(0, "SGD", 5)

    file = parquet(pieces(), "batches")

    assert next(file).startswith(b"PAR1")
    assert made == [0]
    assert list(file)[-1].endswith(b"PAR1")


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (i32(0), "00"),
        (i32(-1), "01"),
        (i32(64), "8001"),
        (i64(2**40), "808080808040"),
        (text("lane"), "046c616e65"),
        (listed([i32(1), i32(2)]), "250204"),
        (listed([i32(0)] * 15), "f50f" + "00" * 15),
        (struct({1: i32(1), 3: i64(2)}), "15022604" + "00"),
        (struct({2: struct({4: text("a")})}), "2c48016100" + "00"),
    ],
)
def test_bytes_are_those_of_the_compact_protocol(value, data):
    assert value[1].hex() == data
