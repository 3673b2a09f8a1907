"""Columns as an Apache Parquet file, piece by piece: https://parquet.apache.org/docs/file-format/.

The plainest file there is: one row group for each piece, one page for each column, no nulls, PLAIN values, gzip.
PyArrow would write it as well, with 170 MB of libraries and 80 MB of memory in a server; those who read it have that.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.report.columns import BATCH_COLUMNS, EVALUATION_COLUMNS, PLACE, Piece
from app.report.thrift import Value, i32, i64, listed, struct, text

MAGIC = b"PAR1"
REQUIRED, PLAIN, RLE, GZIP, DATA_PAGE = 0, 0, 3, 2, 0
UTF8, INT_8 = 0, 15
# Levels above gain little on floats, and take several times as long.
LEVEL, GZIP_WINDOW = 1, 31


class _Kind(NamedTuple):
    """Parquet's number of a type, what it is converted to when it is read, and how its values are stored."""

    number: int
    converted: int | None
    dtype: str | None


_FLOAT, _DOUBLE = _Kind(4, None, "<f4"), _Kind(5, None, "<f8")
_TEXT, _INT64 = _Kind(6, UTF8, None), _Kind(2, None, "<i8")
KINDS = {"seed": _INT64, "lane": _Kind(1, INT_8, "<i4"), "name": _TEXT, "optimizer": _TEXT}
KINDS |= {"step": _Kind(1, None, "<i4"), "epoch": _DOUBLE, "examples": _INT64}


def parquet(pieces: Iterable[Piece], table: str) -> Iterator[bytes]:
    """The file of one table of a run, with the columns of its CSV: a part for each piece, and an end."""
    measured = BATCH_COLUMNS if table == "batches" else EVALUATION_COLUMNS
    kinds = {name: KINDS.get(name, _FLOAT) for name in (*PLACE, *measured)}
    return _file(((len(piece.columns["step"]), {**piece._asdict(), **piece.columns}) for piece in pieces), kinds)


def table_of(columns: Mapping[str, list[Any]]) -> Iterator[bytes]:
    """The file of a small table: numbers or texts of equal number; None among numbers is not a number."""
    kinds = {name: _kind_of(column) for name, column in columns.items()}
    return _file([(len(next(iter(columns.values()))), columns)], kinds)


def _kind_of(column: list[Any]) -> _Kind:
    value: Any = next((each for each in column if each is not None), 0.0)
    return _TEXT if isinstance(value, str) else _INT64 if isinstance(value, int) else _DOUBLE


def _file(groups: Iterable[tuple[int, Mapping[str, Any]]], kinds: dict[str, _Kind]) -> Iterator[bytes]:
    """Of so many rows each."""
    described: list[Value] = []
    written, rows = len(MAGIC), 0
    head = MAGIC
    for size, columns in groups:
        data, group = _row_group(size, columns, kinds, written)
        described.append(group)
        written += len(data)
        rows += size
        yield head + data
        head = b""
    _, metadata = _metadata(kinds, described, rows)
    yield head + metadata + len(metadata).to_bytes(4, "little") + MAGIC


def _row_group(rows: int, columns: Mapping[str, Any], kinds: dict[str, _Kind], at: int) -> tuple[bytes, Value]:
    """The pages, which begin `at` bytes into the file, and what describes them."""
    pages, chunks, sizes = [], [], 0
    for name, kind in kinds.items():
        values = _values(columns[name], kind, rows)
        packed = zlib.compress(values, LEVEL, GZIP_WINDOW)
        data = {1: i32(rows), 2: i32(PLAIN), 3: i32(RLE), 4: i32(RLE)}
        _, header = struct({1: i32(DATA_PAGE), 2: i32(len(values)), 3: i32(len(packed)), 5: struct(data)})
        whole, page = len(header) + len(values), header + packed
        column = {1: i32(kind.number), 2: listed([i32(PLAIN), i32(RLE)]), 3: listed([text(name)]), 4: i32(GZIP)}
        column |= {5: i64(rows), 6: i64(whole), 7: i64(len(page)), 9: i64(at)}
        chunks.append(struct({2: i64(at), 3: struct(column)}))
        pages.append(page)
        at += len(page)
        sizes += whole
    return b"".join(pages), struct({1: listed(chunks), 2: i64(sizes), 3: i64(rows)})


def _values(column: NDArray[Any] | list[Any] | str | int | None, kind: _Kind, rows: int) -> bytes:
    """As Parquet stores them plainly. One value stands for all rows."""
    if kind.dtype is None:
        if isinstance(column, list):
            return b"".join(map(_text, column))
        return _text(column) * rows
    # None becomes NaN.
    return np.broadcast_to(np.asarray(column), rows).astype(kind.dtype).tobytes()


def _text(value: object) -> bytes:
    data = str(value).encode()
    return len(data).to_bytes(4, "little") + data


def _metadata(kinds: dict[str, _Kind], groups: list[Value], rows: int) -> Value:
    schema = [struct({4: text("schema"), 5: i32(len(kinds))})]
    for name, kind in kinds.items():
        element = {1: i32(kind.number), 3: i32(REQUIRED), 4: text(name)}
        schema.append(struct(element if kind.converted is None else {**element, 6: i32(kind.converted)}))
    # A list of nothing has a type as well.
    row_groups = listed(groups) if groups else (9, b"\x0c")
    fields = {1: i32(1), 2: listed(schema), 3: i64(rows), 4: row_groups, 6: text("optimizer-playground")}
    return struct(fields)
